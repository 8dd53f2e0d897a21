"""The key that names this installation to services that push to browsers, and what it signs (VAPID, RFC 8292)."""

import base64
import functools
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from jiedan.base import home as homes
from jiedan.base import lazy
from jiedan.base.settings import Settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric import utils as signatures
else:  # loaded when the first browser subscribes
    serialization = lazy.Deferred("cryptography.hazmat.primitives.serialization")
    ec = lazy.Deferred("cryptography.hazmat.primitives.asymmetric.ec")
    hashes = lazy.Deferred("cryptography.hazmat.primitives.hashes")
    signatures = lazy.Deferred("cryptography.hazmat.primitives.asymmetric.utils")

KEY_BYTES = 32
SIGNED_FOR = timedelta(hours=12)
"""Services refuse what is signed for more than a day."""

_HEAD = {"typ": "JWT", "alg": "ES256"}


def private_key(settings: Settings) -> str:
    """Return the private key, the setting's or one made once for the home folder: a P-256 scalar as base64url."""
    if settings.push_key is not None:
        return settings.push_key.get_secret_value()
    return homes.push_key(homes.prepare(settings.home), _new)


def public_key(settings: Settings) -> str:
    """Return the public key that belongs to it: a point, uncompressed, as base64url."""
    return _public(private_key(settings))


def authorization(settings: Settings, *, audience: str, now: datetime) -> str:
    """Return the `Authorization` of a push to the service `audience` (an origin): who we are, for half a day."""
    mail = settings.mail_from
    address = settings.base_url()
    if mail is not None or not address.startswith("https:"):
        address = f"mailto:{mail or 'nobody@localhost.localdomain'}"
    told = {"aud": audience, "exp": int((now + SIGNED_FOR).timestamp()), "sub": address}
    content = f"{_text(msgspec.json.encode(_HEAD))}.{_text(msgspec.json.encode(told))}"
    private = private_key(settings)
    r, s = signatures.decode_dss_signature(_key(private).sign(content.encode(), ec.ECDSA(hashes.SHA256())))
    signature = _text(r.to_bytes(KEY_BYTES, "big") + s.to_bytes(KEY_BYTES, "big"))
    return f"vapid t={content}.{signature}, k={_public(private)}"


def _key(private: str) -> "ec.EllipticCurvePrivateKey":
    number = int.from_bytes(base64.urlsafe_b64decode(private + "=" * (-len(private) % 4)), "big")
    return ec.derive_private_key(number, ec.SECP256R1())


@functools.cache
def _public(private: str) -> str:
    point = _key(private).public_key()
    return _text(point.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint))


def _new() -> str:
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return _text(number.to_bytes(KEY_BYTES, "big"))


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
