"""Make a backup: one snapshot of the database, dumped and measured at the same time."""

import asyncio
import hashlib
import zipfile
from collections.abc import Callable
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from jiedan.base import files
from jiedan.base.backup import contents, tools, values
from jiedan.base.backup.values import Manifest, Source

_ONE_MOMENT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_FACTS = """
SELECT pg_export_snapshot(), current_setting('server_version'), (SELECT version_num FROM alembic_version)
"""


def secret_id(secret: str) -> str:
    """Return a name of a signing secret that does not tell it."""
    return hashlib.sha256(b"backup of secret:" + secret.encode()).hexdigest()[:16]


async def write(source: Source, path: Path, *, made_at: datetime, advance: Callable[[int], None]) -> Manifest:
    """Write a backup of `source` to `path`, which only its owner can read.

    `advance` hears of tables that are measured. The file gets its name when it is whole; until then nothing is there.
    Serving goes on meanwhile. Raises a `failures.Failure`.
    """
    with files.explained(path), files.drafted(path, overwrite=False) as file:
        async with await psycopg.AsyncConnection.connect(source.url, autocommit=True) as connection:
            await connection.execute(_ONE_MOMENT)
            snapshot, server, revision = await _facts(connection)
            with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
                dumping = asyncio.create_task(asyncio.to_thread(_dump, archive, source.url, snapshot))
                try:
                    tables = await contents.measured(connection, advance=advance)
                finally:  # the dump reads the snapshot, which lives as long as this transaction
                    await dumping
                manifest = Manifest(
                    made_at=made_at,
                    jiedan=metadata.version("jiedan"),
                    revision=revision,
                    server=server,
                    secret_id=secret_id(source.secret),
                    tables=tables,
                )
                await asyncio.to_thread(_rest, archive, source, manifest)
    return manifest


async def _facts(connection: psycopg.AsyncConnection[Any]) -> tuple[str, str, str]:
    row = await (await connection.execute(_FACTS)).fetchone()
    snapshot, server, revision = row or ("", "", "")
    return str(snapshot), str(server), str(revision)


def _dump(archive: zipfile.ZipFile, url: str, snapshot: str) -> None:
    """Stream the dump into the archive; the dump compresses itself."""
    arguments = ["--format=custom", "--no-owner", f"--snapshot={snapshot}"]
    with (
        tools.Running("pg_dump", arguments, url=url) as program,
        archive.open(values.DUMP, "w", force_zip64=True) as entry,
    ):
        tools.pour(program.output, entry)
        program.finish()


def _rest(archive: zipfile.ZipFile, source: Source, manifest: Manifest) -> None:
    if source.keeps_secret:
        archive.writestr(values.SECRET, source.secret)
    for folder in source.folders:
        for path in sorted((source.home / folder).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                archive.write(path, values.FILES + path.relative_to(source.home).as_posix())
    archive.writestr(values.MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
