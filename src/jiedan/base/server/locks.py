"""Two file locks in the home folder, which the kernel frees however a process ends.

`server.lock` is held while somebody starts or stops the server, so two commands never do it at once.
`server.users` is held shared by everybody who uses the server: whoever can take it alone is the last one.
"""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Self

from jiedan.base import home as homes
from jiedan.base.server import errors

CHANGE_WAIT_S = 120.0

_POLL_S = 0.02
_MODE = 0o600


class FileLock:
    """An open lock file; closing it frees the lock."""

    def __init__(self, path: Path) -> None:
        with homes.explained(path.parent):
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def share(self) -> None:
        """Hold the lock together with others; call it only while nobody can hold it alone."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def take(self) -> bool:
        """Hold the lock alone if nobody else holds it; say whether it is held."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Free the lock; closing twice does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def users(home: Path) -> FileLock:
    """Return the lock of those who use the server, not yet held."""
    return FileLock(home / "server.users")


@contextlib.asynccontextmanager
async def changing(home: Path) -> AsyncIterator[None]:
    """Be the only one that starts or stops the server of `home`.

    Raises StillBusy when another command holds it longer than CHANGE_WAIT_S.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + CHANGE_WAIT_S
    with FileLock(home / "server.lock") as lock:
        while not lock.take():
            if loop.time() > deadline:
                raise errors.StillBusy(home=str(home))
            await asyncio.sleep(_POLL_S)
        yield
