"""Where pictures lie: a protocol, and a folder of this machine that keeps it.

An object store is another class with the same methods. A key is made of the content, so nothing is ever overwritten and
the same picture lies there once. Bytes are stored before their row is written and are never removed with it: a sweep
removes what no row has named for a day, so neither a crash nor a refusal leaves a row without its picture.
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

KEYS_PER_PAGE_MAX = 500


class ImageStorage(Protocol):
    """Keep bytes under a key."""

    async def put(self, key: str, content: bytes) -> None:
        """Keep `content` under its `key`; when this returns, it survives a crash. Raises StorageUnavailable.

        What lies there already counts as stored now.
        """
        ...

    async def get(self, key: str) -> bytes | None:
        """Return what lies under `key`, or None. Raises StorageUnavailable."""
        ...

    async def remove(self, key: str, *, before: datetime) -> None:
        """Forget `key`, if it is there and was stored before then. Raises StorageUnavailable."""
        ...

    def aged(self, tenant: object, *, before: datetime) -> AsyncIterator[Sequence[str]]:
        """Yield a merchant's keys that were stored last before then, `KEYS_PER_PAGE_MAX` at a time, in no order.

        Raises StorageUnavailable.
        """
        ...


def key_of(tenant: object, content: bytes, extension: str) -> str:
    """Return the key of `content` inside the merchant's part of the storage, like `<tenant>/3f/3fa9….jpg`."""
    name = hashlib.sha256(content).hexdigest()
    return f"{tenant}/{name[:2]}/{name}.{extension}"
