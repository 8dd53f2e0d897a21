"""Pictures in a folder of this machine."""

import asyncio
import contextlib
import dataclasses
import os
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import ClassVar, ParamSpec, TypeVar

from jiedan.base import errors, home
from jiedan.base.i18n import N_
from jiedan.base.runtime import Runtime

P = ParamSpec("P")
T = TypeVar("T")

FOLDER = "images"

_KEY = re.compile(r"[0-9a-f-]{36}/[0-9a-f]{2}/[0-9a-f]{32}\.[a-z]{3,4}")


@dataclasses.dataclass(eq=False)
class StorageUnavailable(errors.Unavailable):
    """The folder cannot be written or read."""

    code: ClassVar[str] = "storage_unavailable"
    message: ClassVar[str] = N_("Pictures cannot be stored right now: {reason}.")
    remedy: ClassVar[str] = N_("Check that the disk of the image folder is writable and not full, then try again.")

    reason: str


class FolderStorage:
    """Keep pictures as files below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, content: bytes) -> None:
        """Write a new file and sync it; a crash leaves the whole file or none."""
        await _explained(_write, self._path(key), content)

    async def get(self, key: str) -> bytes | None:
        """Return the content of a file, or None."""
        return await _explained(_read, self._path(key))

    async def remove(self, key: str) -> None:
        """Delete a file if it is there."""
        await _explained(_unlink, self._path(key))

    def _path(self, key: str) -> Path:
        """Return where a key lies. Raises ValueError for a text that `new_key` does not make, like `../secret`."""
        if not _KEY.fullmatch(key):
            message = f"{key!r} is no storage key"
            raise ValueError(message)
        return self._folder / key


async def _explained(work: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Do file work in a thread, and say what is wrong when the machine refuses."""
    try:
        return await asyncio.to_thread(work, *arguments, **options)
    except OSError as error:
        raise StorageUnavailable(reason=error.strerror or type(error).__name__) from error


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> bytes | None:
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    return None


def _unlink(path: Path) -> None:
    path.unlink(missing_ok=True)


@contextlib.asynccontextmanager
async def open_image_storage(runtime: Runtime) -> AsyncIterator[FolderStorage]:
    """Keep pictures below the home folder while the process lives."""
    yield FolderStorage(home.prepare(runtime.settings.home) / FOLDER)
