"""The key that names this installation to services that push to browsers (VAPID, RFC 8292)."""

import base64
import functools
from typing import TYPE_CHECKING

from jiedan.base import home as homes
from jiedan.base import lazy
from jiedan.base.settings import Settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec
else:  # loaded when the first browser subscribes
    serialization = lazy.Deferred("cryptography.hazmat.primitives.serialization")
    ec = lazy.Deferred("cryptography.hazmat.primitives.asymmetric.ec")

KEY_BYTES = 32


def private_key(settings: Settings) -> str:
    """Return the private key, the setting's or one made once for the home folder: a P-256 scalar as base64url."""
    if settings.push_key is not None:
        return settings.push_key.get_secret_value()
    return homes.push_key(homes.prepare(settings.home), _new)


def public_key(settings: Settings) -> str:
    """Return the public key that belongs to it: a point, uncompressed, as base64url."""
    return _public(private_key(settings))


@functools.cache
def _public(private: str) -> str:
    number = int.from_bytes(base64.urlsafe_b64decode(private + "=" * (-len(private) % 4)), "big")
    point = ec.derive_private_key(number, ec.SECP256R1()).public_key()
    return _text(point.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint))


def _new() -> str:
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return _text(number.to_bytes(KEY_BYTES, "big"))


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
