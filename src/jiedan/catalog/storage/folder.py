"""Pictures in a folder of this machine."""

import asyncio
import contextlib
import dataclasses
import os
import re
import weakref
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar, ParamSpec, TypeVar

from jiedan.base import errors, files, home, reasons
from jiedan.base.db import Database
from jiedan.base.i18n import N_
from jiedan.base.runtime import Runtime
from jiedan.catalog.storage import KEYS_PER_PAGE_MAX

P = ParamSpec("P")
T = TypeVar("T")

FOLDER = "images"

_TENANT = re.compile(r"[0-9a-f-]{36}")
_NAME = re.compile(r"[0-9a-f]{32,64}\.[a-z]{3,4}")
_KEY = re.compile(rf"{_TENANT.pattern}/[0-9a-f]{{2}}/{_NAME.pattern}")


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
        """Write a new file and sync it; a crash leaves all of it or none. One that is there becomes young again."""
        await _explained(_write, self._path(key), content)

    async def get(self, key: str) -> bytes | None:
        """Return the content of a file, or None."""
        return await _explained(_read, self._path(key))

    async def remove(self, key: str, *, before: datetime) -> None:
        """Delete a file if it is there and was written or touched last before then."""
        await _explained(_unlink, self._path(key), before.timestamp())

    async def aged(self, tenant: object, *, before: datetime) -> AsyncIterator[Sequence[str]]:
        """Yield the keys of files written or touched last before then; drafts that a crash left behind are deleted."""
        if not _TENANT.fullmatch(str(tenant)):
            message = f"{tenant!r} is no merchant's id"
            raise ValueError(message)
        for shelf in await _explained(_shelves, self._folder / str(tenant)):
            names = await _explained(_old_names, shelf, before.timestamp())
            for start in range(0, len(names), KEYS_PER_PAGE_MAX):
                some = names[start : start + KEYS_PER_PAGE_MAX]
                yield [f"{tenant}/{shelf.name}/{name}" for name in some]

    def _path(self, key: str) -> Path:
        """Return where a key lies. Raises ValueError for a text that `key_of` does not make, like `../secret`."""
        if not _KEY.fullmatch(key):
            message = f"{key!r} is no storage key"
            raise ValueError(message)
        return self._folder / key


async def _explained(work: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Do file work in a thread, and say what is wrong when the machine refuses."""
    try:
        return await asyncio.to_thread(work, *arguments, **options)
    except OSError as error:
        raise StorageUnavailable(reason=reasons.of_system(error)) from error


def _write(path: Path, content: bytes) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.utime(path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.drafted(path, overwrite=True, mode=files.SHARED) as file:
        file.write(content)


def _read(path: Path) -> bytes | None:
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    return None


def _unlink(path: Path, before_s: float) -> None:
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_mtime < before_s:
            path.unlink()


def _shelves(folder: Path) -> list[Path]:
    return sorted(shelf for shelf in folder.iterdir() if shelf.is_dir()) if folder.is_dir() else []


def _old_names(shelf: Path, before_s: float) -> list[str]:
    """Return the names of old pictures on a shelf, and delete old drafts: nobody is writing them any more."""
    names = []
    for entry in os.scandir(shelf):
        with contextlib.suppress(FileNotFoundError):
            if entry.stat().st_mtime < before_s and _NAME.fullmatch(entry.name):
                names.append(entry.name)
            elif entry.stat().st_mtime < before_s and entry.name.startswith("."):
                Path(entry).unlink()
    return names


_OF_DATABASE: "weakref.WeakKeyDictionary[Database, FolderStorage]" = weakref.WeakKeyDictionary()


def of(database: Database) -> FolderStorage:
    """Return the storage opened on a database: jobs are given nothing else. Raises LookupError without any."""
    try:
        return _OF_DATABASE[database]
    except KeyError as error:
        message = "no pictures are kept for this database: is `open_image_storage` in wiring.PARTS?"
        raise LookupError(message) from error


@contextlib.asynccontextmanager
async def open_image_storage(runtime: Runtime) -> AsyncIterator[FolderStorage]:
    """Keep pictures below the home folder while the process lives."""
    storage = FolderStorage(home.prepare(runtime.settings.home) / FOLDER)
    _OF_DATABASE[runtime.database] = storage
    try:
        yield storage
    finally:
        _OF_DATABASE.pop(runtime.database, None)
