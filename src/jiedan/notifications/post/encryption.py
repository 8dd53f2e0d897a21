"""What is pushed is read by the browser alone: encryption of web pushes (RFC 8291, over RFC 8188)."""

import base64
import os
import struct
from typing import TYPE_CHECKING

from jiedan.base import lazy

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.ciphers import aead
    from cryptography.hazmat.primitives.kdf import hkdf
else:  # loaded when the first notice is pushed
    hashes = lazy.Deferred("cryptography.hazmat.primitives.hashes")
    serialization = lazy.Deferred("cryptography.hazmat.primitives.serialization")
    ec = lazy.Deferred("cryptography.hazmat.primitives.asymmetric.ec")
    aead = lazy.Deferred("cryptography.hazmat.primitives.ciphers.aead")
    hkdf = lazy.Deferred("cryptography.hazmat.primitives.kdf.hkdf")

RECORD_BYTES = 4_096
"""The whole of a push is one record; services take no longer ones (RFC 8030, 7.2)."""

SALT_BYTES = 16
_KEY_BYTES, _NONCE_BYTES, _SECRET_BYTES, _TAG_BYTES = 16, 12, 32, 16
_LAST = b"\x02"
"""Ends the last record (RFC 8188, 2)."""

CONTENT_BYTES_MAX = RECORD_BYTES - SALT_BYTES - 5 - 65 - _TAG_BYTES - len(_LAST)


def encrypted(
    content: bytes,
    *,
    public_key: bytes,
    secret: bytes,
    key: "ec.EllipticCurvePrivateKey | None" = None,
    salt: bytes | None = None,
) -> bytes:
    """Return the body of a push of `content`, of `CONTENT_BYTES_MAX` at most, for the browser's key and secret.

    `key` and `salt` are new for each push; a test gives those of the RFC's example. Raises ValueError for a key that is
    no point of P-256.
    """
    browser = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
    ours = key or ec.generate_private_key(ec.SECP256R1())
    salt = salt or os.urandom(SALT_BYTES)
    point = ours.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    shared = ours.exchange(ec.ECDH(), browser)
    material = _derived(shared, salt=secret, info=b"WebPush: info\0" + public_key + point, length=_SECRET_BYTES)
    content_key = _derived(material, salt=salt, info=b"Content-Encoding: aes128gcm\0", length=_KEY_BYTES)
    nonce = _derived(material, salt=salt, info=b"Content-Encoding: nonce\0", length=_NONCE_BYTES)
    head = salt + struct.pack(">IB", RECORD_BYTES, len(point)) + point
    return head + aead.AESGCM(content_key).encrypt(nonce, content + _LAST, None)


def unpadded(text: str) -> bytes:
    """Return what base64url without its padding stands for."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _derived(material: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return hkdf.HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(material)
