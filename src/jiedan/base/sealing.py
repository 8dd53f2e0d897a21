"""Secrets at rest: sealed in an envelope, so that the database alone tells nobody anything.

Each secret is encrypted by AES-256-GCM under a random key of its own, and that key under the installation's key, which
is derived from the signing secret by HKDF-SHA256. What is sealed names its place (tenant, table, column, id) as
additional data: moved to another row it does not open. The key id in front says which of several secrets sealed it, so
a secret is changed without a pause: the former one keeps opening until everything is sealed anew.
"""

import dataclasses
import functools
import hashlib
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple
from uuid import UUID

from jiedan.base import errors, lazy
from jiedan.base.i18n import N_

if TYPE_CHECKING:
    from cryptography import exceptions
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.ciphers import aead
    from cryptography.hazmat.primitives.kdf import hkdf
else:  # 10 MB, which a process needs from the first secret on that it seals or opens
    exceptions = lazy.Deferred("cryptography.exceptions")
    hashes = lazy.Deferred("cryptography.hazmat.primitives.hashes")
    aead = lazy.Deferred("cryptography.hazmat.primitives.ciphers.aead")
    hkdf = lazy.Deferred("cryptography.hazmat.primitives.kdf.hkdf")

FORMAT = b"\x01"
KEY_BYTES = 32
KEY_ID_BYTES = 8
NONCE_BYTES = 12
TAG_BYTES = 16
PURPOSE = b"jiedan sealing"

_WRAPPED_BYTES = KEY_BYTES + TAG_BYTES
_HEAD_BYTES = len(FORMAT) + KEY_ID_BYTES + NONCE_BYTES + _WRAPPED_BYTES + NONCE_BYTES


@dataclasses.dataclass(eq=False)
class SealBroken(errors.Unavailable):
    """A sealed secret does not open: another installation's secret sealed it, it was moved, or it was changed."""

    code: ClassVar[str] = "seal_broken"
    message: ClassVar[str] = N_("A stored secret cannot be read with this installation's JIEDAN_SECRET.")
    remedy: ClassVar[str] = N_("Start with the secret it was stored under, or enter it again.")


class Place(NamedTuple):
    """Where a sealed secret stands; it opens nowhere else."""

    tenant: UUID
    table: str
    column: str
    id: str

    def encoded(self) -> bytes:
        """Return the additional data: tenant|table|column|id."""
        return "|".join((str(self.tenant), self.table, self.column, self.id)).encode()


class Sealer:
    """Seal and open secrets with this installation's key; `former` secrets only open."""

    def __init__(self, secret: str, *, former: Sequence[str] = ()) -> None:
        self._secrets = (secret, *former)

    @functools.cached_property
    def _keys(self) -> dict[bytes, "aead.AESGCM"]:
        """The keys by key id, the present one first."""
        return {_key_id(key): aead.AESGCM(key) for key in map(_derive, self._secrets)}

    @functools.cached_property
    def _key_id(self) -> bytes:
        return next(iter(self._keys))

    def seal(self, plain: bytes, *, place: Place) -> bytes:
        """Return `plain` sealed for `place`."""
        key = aead.AESGCM.generate_key(bit_length=KEY_BYTES * 8)
        wrapping_nonce, nonce = os.urandom(NONCE_BYTES), os.urandom(NONCE_BYTES)
        wrapped = self._keys[self._key_id].encrypt(wrapping_nonce, key, place.encoded())
        sealed = aead.AESGCM(key).encrypt(nonce, plain, place.encoded())
        return FORMAT + self._key_id + wrapping_nonce + wrapped + nonce + sealed

    def open(self, sealed: bytes, *, place: Place) -> bytes:
        """Return what was sealed for `place`. Raises SealBroken."""
        if sealed[: len(FORMAT)] != FORMAT or len(sealed) < _HEAD_BYTES + TAG_BYTES:
            raise SealBroken
        parts = memoryview(sealed)[len(FORMAT) :]
        key_id, parts = bytes(parts[:KEY_ID_BYTES]), parts[KEY_ID_BYTES:]
        wrapping_nonce, parts = parts[:NONCE_BYTES], parts[NONCE_BYTES:]
        wrapped, parts = parts[:_WRAPPED_BYTES], parts[_WRAPPED_BYTES:]
        nonce, content = parts[:NONCE_BYTES], parts[NONCE_BYTES:]
        wrapping = self._keys.get(key_id)
        if wrapping is None:
            raise SealBroken
        try:
            key = wrapping.decrypt(wrapping_nonce, wrapped, place.encoded())
            return aead.AESGCM(key).decrypt(nonce, content, place.encoded())
        except exceptions.InvalidTag as error:
            raise SealBroken from error

    def is_current(self, sealed: bytes) -> bool:
        """Tell whether the present secret sealed this; what a former one sealed is to be sealed anew."""
        return sealed[len(FORMAT) : len(FORMAT) + KEY_ID_BYTES] == self._key_id


def _derive(secret: str) -> bytes:
    return hkdf.HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=PURPOSE).derive(secret.encode())


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key id:" + key).digest()[:KEY_ID_BYTES]
