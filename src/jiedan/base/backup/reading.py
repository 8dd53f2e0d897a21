"""Restore a backup into an empty database."""

import asyncio
import contextlib
import subprocess
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import msgspec
import psycopg

from jiedan.base import home as homes
from jiedan.base import reasons, revisions
from jiedan.base.backup import contents, errors, tools, values
from jiedan.base.backup.values import Manifest
from jiedan.base.i18n import Phrase

_NOT_EVERYWHERE = b"SET transaction_timeout = 0;\n"
_HEAD_BYTES = 64 * 1024


class Archive:
    """An opened backup whose manifest has been read."""

    def __init__(self, path: Path, file: zipfile.ZipFile, manifest: Manifest) -> None:
        self.path = path
        self.manifest = manifest
        self._file = file

    @classmethod
    @contextlib.contextmanager
    def opened(cls, path: Path) -> Iterator["Archive"]:
        """Open the backup at `path`. Raises BackupUnreadable or BackupOfNewerVersion."""
        try:
            with zipfile.ZipFile(path) as file:
                manifest = msgspec.json.decode(file.read(values.MANIFEST), type=Manifest)
                if manifest.format != values.FORMAT or not revisions.known(manifest.revision):
                    raise errors.BackupOfNewerVersion(jiedan=manifest.jiedan, revision=manifest.revision)
                yield cls(path, file, manifest)
        except (OSError, zipfile.BadZipFile, msgspec.DecodeError, KeyError) as error:
            raise errors.BackupUnreadable(path=str(path), reason=_reason(error)) from error

    @property
    def dump_bytes(self) -> int:
        """How large the dump is."""
        return self._file.getinfo(values.DUMP).file_size

    def dump(self) -> IO[bytes]:
        """Open the dump; its checksum is compared when its end is read."""
        return self._file.open(values.DUMP)

    @property
    def secret(self) -> str | None:
        """The signing secret, if the backup holds it."""
        return self._file.read(values.SECRET).decode() if values.SECRET in self._file.namelist() else None

    def unpack_files(self, home: Path) -> None:
        """Write the files kept beside the database into the folder `home`. Raises HomeNotWritable or DiskFull."""
        with homes.explained(home):
            for name in self._file.namelist():
                if not name.startswith(values.FILES):
                    continue
                target = home / name.removeprefix(values.FILES)
                if not target.resolve().is_relative_to(home.resolve()):
                    raise errors.BackupUnreadable(path=str(self.path), reason=name)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(self._file.read(name))


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return reasons.of_system(error)
    if isinstance(error, zipfile.BadZipFile) and "CRC" in str(error):
        return Phrase("a checksum is wrong")
    return Phrase("it is torn, or `jiedan backup` did not write it")


async def restore(archive: Archive, owner_url: str, *, poured: Callable[[int], None]) -> None:
    """Fill the empty database of `owner_url` in one transaction, as the role that owns the tables.

    `poured` hears how many bytes of the dump have been read. Raises DatabaseNotEmpty or ToolFailed.
    """
    async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as connection:
        if await contents.tables(connection):
            raise errors.DatabaseNotEmpty
    await asyncio.to_thread(_load, archive, owner_url, poured)


def for_any_server(head: bytes) -> bytes:
    """Return the head of a script without what servers before PostgreSQL 17 do not know."""
    return head.replace(_NOT_EVERYWHERE, b"", 1)


def _load(archive: Archive, owner_url: str, poured: Callable[[int], None]) -> None:
    """Let `pg_restore` turn the dump into a script and `psql` run it: so it is one transaction, on any server."""
    script = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    with (
        tools.Running("pg_restore", ["--no-owner", "--file=-"], stdin=subprocess.PIPE) as reader,
        tools.Running("psql", [*script, "--file=-"], url=owner_url, stdin=subprocess.PIPE) as loader,
    ):
        torn: list[Exception] = []
        feeding = threading.Thread(target=_feed, args=(archive, reader, poured, torn))
        feeding.start()
        with contextlib.suppress(BrokenPipeError), loader.input as pipe:  # psql says itself why it ended
            pipe.write(for_any_server(reader.output.read(_HEAD_BYTES)))
            tools.pour(reader.output, pipe)
            if reader.process.wait() != 0 or torn:
                loader.process.kill()  # before it sees the end of a script that is not whole, and commits
        loader.process.wait()
        reader.output.close()
        feeding.join()
        if torn:
            raise torn[0]
        for program in (reader, loader) if loader.was_killed else (loader, reader):
            program.finish()


def _feed(archive: Archive, reader: tools.Running, poured: Callable[[int], None], torn: list[Exception]) -> None:
    try:
        with archive.dump() as dump, reader.input as pipe:
            tools.pour(dump, pipe, poured=poured)
    except BrokenPipeError:
        return  # the reader has ended; why is in its exit code
    except (OSError, zipfile.BadZipFile, EOFError) as error:
        torn.append(error)
