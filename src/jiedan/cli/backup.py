"""`jiedan backup` and `jiedan restore`: the whole installation in one file, and back again."""

from collections.abc import Sequence
from pathlib import Path

import psycopg

from jiedan.base import backup as backups
from jiedan.base import clock, home, revisions
from jiedan.base.backup import errors
from jiedan.base.backup.values import Difference, Manifest
from jiedan.base.backup.writing import secret_id
from jiedan.base.i18n import N_
from jiedan.catalog.storage import folder as pictures
from jiedan.cli import grounds, migrate, output, verify
from jiedan.cli.grounds import Ground

EXIT_DIVERGING = 1

_FOLDERS = (pictures.FOLDER,)
_WRITTEN = N_("{path} holds {tables} tables with {rows} rows, at revision {revision}.")
_SECRET_INSIDE = N_("It holds the signing secret: keep the file where nobody else can read it.")
_SECRET_OUTSIDE = N_("It does not hold JIEDAN_SECRET: keep that beside it, or nothing sealed can be read.")
_EQUAL = N_("All {tables} tables with {rows} rows are as they were when the backup was made.")
_DIFFERENT = N_("Not all tables are as they were when the backup was made.")
_HEADINGS = {
    "table": N_("Table"),
    "rows_wanted": N_("Rows in the backup"),
    "rows_found": N_("Rows restored"),
}


async def backup(file: Path) -> None:
    """Write the whole installation to one file: database, secret, pictures. Serving goes on meanwhile.

    Parameters
    ----------
    file
        The file to write, like `jiedan-2026-11-22.backup`; it must not exist.

    """
    async with grounds.ground() as ground:
        if ground.backup_url is None:
            raise errors.NoBackupUrl
        source = backups.Source(
            url=ground.backup_url,
            home=ground.settings.home,
            secret=ground.settings.signing_secret(),
            keeps_secret=ground.settings.secret is None,
            folders=_FOLDERS,
        )
        tables = await _table_count(ground.backup_url)
        with output.progress(N_("Writing the backup"), total=tables) as advance:
            made = await backups.write(source, file, made_at=clock.SystemClock().now(), advance=advance)
    output.result({"path": str(file), "manifest": made}, _WRITTEN, path=file, revision=made.revision, **_size(made))
    output.tell(_SECRET_INSIDE if source.keeps_secret else _SECRET_OUTSIDE)


async def restore(file: Path) -> int:
    """Fill an empty installation from a backup, compare it table by table, and check the books.

    Exits with 1 when a table differs or the books do not balance.

    Parameters
    ----------
    file
        What `jiedan backup` wrote.

    """
    with backups.Archive.opened(file) as archive:
        async with grounds.ground() as ground:
            owner_url, backup_url = ground.needed_owner_url(), ground.backup_url
            if backup_url is None:
                raise errors.NoBackupUrl
            _check_secret(archive, ground)
            with output.progress(N_("Restoring the database"), total=archive.dump_bytes) as poured:
                await backups.restore(archive, owner_url, poured=poured)
            _keep_secret(archive, ground)
            archive.unpack_files(ground.settings.home)
            differences = await _differences(archive.manifest, backup_url)
            _tell(archive.manifest, differences)
            if differences:
                return EXIT_DIVERGING
            await migrate.bring_up(owner_url)
    return await verify.check()


async def _table_count(url: str) -> int:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        if await revisions.current(connection) is None:
            raise errors.NothingToBackUp
        return len(await backups.tables(connection))


async def _differences(manifest: Manifest, url: str) -> list[Difference]:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        with output.progress(N_("Comparing the tables"), total=len(manifest.tables)) as advance:
            found = await backups.measured(connection, advance=advance)
    return list(backups.differences(manifest.tables, found))


def _check_secret(archive: backups.Archive, ground: Ground) -> None:
    """Raise OtherSecret unless the secret in force, if there is one, is that of the backup."""
    chosen = ground.settings
    if chosen.secret is None and not home.has_secret(chosen.home):
        if archive.secret is None:
            raise errors.OtherSecret
        return
    if secret_id(chosen.signing_secret()) != archive.manifest.secret_id:
        raise errors.OtherSecret


def _keep_secret(archive: backups.Archive, ground: Ground) -> None:
    if ground.settings.secret is None and archive.secret is not None:
        home.keep_secret(ground.settings.home, archive.secret)


def _tell(manifest: Manifest, differences: Sequence[Difference]) -> None:
    if not differences:
        output.result({"tables": manifest.tables, "differences": []}, _EQUAL, **_size(manifest))
        return
    output.tell(_DIFFERENT)
    output.table(
        [
            {
                "table": each.table,
                "rows_wanted": each.wanted and each.wanted.rows,
                "rows_found": each.found and each.found.rows,
            }
            for each in differences
        ],
        _HEADINGS,
    )


def _size(manifest: Manifest) -> dict[str, int]:
    return {"tables": len(manifest.tables), "rows": sum(table.rows for table in manifest.tables.values())}
