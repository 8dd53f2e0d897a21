"""Where pictures lie: a protocol, and a folder of this machine that keeps it.

An object store is another class with the same three methods. Keys are random, so a key tells nothing and is never
written twice.
"""

import secrets
from typing import Protocol

KEY_BYTES = 16


class ImageStorage(Protocol):
    """Keep bytes under a key."""

    async def put(self, key: str, content: bytes) -> None:
        """Keep `content` under a new `key`; when this returns, it survives a crash. Raises StorageUnavailable."""
        ...

    async def get(self, key: str) -> bytes | None:
        """Return what lies under `key`, or None. Raises StorageUnavailable."""
        ...

    async def remove(self, key: str) -> None:
        """Forget `key`; forgetting what is not there is no error. Raises StorageUnavailable."""
        ...


def new_key(tenant: object, extension: str) -> str:
    """Return a fresh key inside the merchant's part of the storage, like `<tenant>/3f/3fa9….jpg`."""
    name = secrets.token_hex(KEY_BYTES)
    return f"{tenant}/{name[:2]}/{name}.{extension}"
