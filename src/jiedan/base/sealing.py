"""Secrets at rest: sealed in an envelope, so that the database alone tells nobody anything.

Each secret is encrypted by AES-256-GCM under a random key of its own, and that key under the installation's key, which
is derived from the signing secret by HKDF-SHA256. What is sealed names its place (tenant, table, column, id) as
additional data: moved to another row it does not open. The key id in front says which of several secrets sealed it, so
a secret is changed without a pause: the former one keeps opening until everything is sealed anew.
"""

import dataclasses
import hashlib
import os
from collections.abc import Sequence
from typing import ClassVar, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jiedan.base import errors
from jiedan.base.i18n import N_

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
        keys = [_derive(text) for text in (secret, *former)]
        self._key_id = _key_id(keys[0])
        self._keys = {_key_id(key): AESGCM(key) for key in keys}

    def seal(self, plain: bytes, *, place: Place) -> bytes:
        """Return `plain` sealed for `place`."""
        key = AESGCM.generate_key(bit_length=KEY_BYTES * 8)
        wrapping_nonce, nonce = os.urandom(NONCE_BYTES), os.urandom(NONCE_BYTES)
        wrapped = self._keys[self._key_id].encrypt(wrapping_nonce, key, place.encoded())
        sealed = AESGCM(key).encrypt(nonce, plain, place.encoded())
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
            return AESGCM(key).decrypt(nonce, content, place.encoded())
        except InvalidTag as error:
            raise SealBroken from error

    def is_current(self, sealed: bytes) -> bool:
        """Tell whether the present secret sealed this; what a former one sealed is to be sealed anew."""
        return sealed[len(FORMAT) : len(FORMAT) + KEY_ID_BYTES] == self._key_id


def _derive(secret: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=PURPOSE).derive(secret.encode())


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key id:" + key).digest()[:KEY_ID_BYTES]
