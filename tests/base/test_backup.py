"""Backup and restore: what comes back is what went in, or nothing comes back at all."""

import stat
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from jiedan.base import backup, failures, server
from jiedan.base.backup import errors, reading, writing
from jiedan.base.backup.contents import silent
from jiedan.base.backup.values import DUMP, MANIFEST, Contents, Difference
from tests.conftest import Urls, urls_of

MADE_AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SECRET = "the signing secret of a test, long enough to be one"
ROWS = 1_000


@pytest.fixture
def filled(fresh_urls: Urls) -> Urls:
    """Return a database with rows of many kinds: texts that look like SQL, NULLs, times, JSON."""
    with psycopg.connect(fresh_urls.superuser, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO tenant (tenant_id, created_at) SELECT gen_random_uuid(), now() FROM generate_series(1, %s)",
            [ROWS],
        )
        connection.execute(
            "INSERT INTO directory (tenant_id, slug) SELECT tenant_id, E'\\\\.\\n;DROP TABLE x;--接单' || tenant_id"
            " FROM tenant"
        )
    return fresh_urls


@pytest.fixture
async def empty(server_urls: dict[str, str], worker_id_or_main: str) -> Any:
    """Return the URLs of an empty database."""
    name = f"jiedan_restored_{worker_id_or_main}"
    admin = urls_of(server_urls, "postgres").superuser
    await server.drop_database(admin, name)
    await server.create_database(admin, name)
    yield urls_of(server_urls, name)
    await server.drop_database(admin, name)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home folder with a picture and a draft of one."""
    folder = tmp_path / "home"
    (folder / "images" / "ab").mkdir(parents=True)
    (folder / "images" / "ab" / "cd.png").write_bytes(b"a picture")
    (folder / "images" / "ab" / ".ef.png").write_bytes(b"half a pict")
    return folder


async def made(urls: Urls, home: Path, path: Path, *, keeps_secret: bool = True) -> backup.Manifest:
    source = backup.Source(urls.backup, home, SECRET, keeps_secret, ("images",))
    return await backup.write(source, path, made_at=MADE_AT, advance=silent)


async def tables_of(url: str) -> dict[str, Contents]:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        return await backup.measured(connection)


async def test_what_is_restored_equals_what_was_backed_up(
    filled: Urls, empty: Urls, home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.backup"
    manifest = await made(filled, home, path)
    assert manifest.tables["tenant"].rows == manifest.tables["directory"].rows == ROWS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    poured: list[int] = []
    with backup.Archive.opened(path) as archive:
        assert archive.manifest == manifest
        assert archive.secret == SECRET
        await backup.restore(archive, empty.owner, poured=poured.append)
        archive.unpack_files(tmp_path / "new")
        assert sum(poured) == archive.dump_bytes
    found = await tables_of(empty.backup)
    assert list(backup.differences(manifest.tables, found)) == []
    files = [path.relative_to(tmp_path / "new") for path in (tmp_path / "new").rglob("*") if path.is_file()]
    assert files == [Path("images/ab/cd.png")]


async def test_the_restored_database_is_protected_as_the_first_was(
    filled: Urls, empty: Urls, home: Path, tmp_path: Path
) -> None:
    await made(filled, home, tmp_path / "a.backup")
    with backup.Archive.opened(tmp_path / "a.backup") as archive:
        await backup.restore(archive, empty.owner, poured=silent)
    protection = (
        "SELECT relname, relrowsecurity, relforcerowsecurity, relacl::text, reloptions::text FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace ORDER BY relname, relkind"
    )
    policies = "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2"
    for question in (protection, policies):
        with psycopg.connect(filled.superuser) as first, psycopg.connect(empty.superuser) as second:
            assert first.execute(question).fetchall() == second.execute(question).fetchall()


async def test_one_changed_value_is_found_and_named(filled: Urls, empty: Urls, home: Path, tmp_path: Path) -> None:
    manifest = await made(filled, home, tmp_path / "a.backup")
    with psycopg.connect(filled.superuser, autocommit=True) as connection:
        connection.execute(
            "UPDATE tenant SET created_at = created_at + interval '1 microsecond'"
            " WHERE tenant_id = (SELECT min(tenant_id::text)::uuid FROM tenant)"
        )
    (difference,) = backup.differences(manifest.tables, await tables_of(filled.backup))
    assert difference.table == "tenant"
    assert difference.wanted == manifest.tables["tenant"]
    assert difference.found is not None
    assert difference.found.rows == ROWS


def test_a_table_that_is_missing_or_new_is_a_difference() -> None:
    one, two = Contents(1, "5"), Contents(2, "7")
    assert list(backup.differences({"a": one, "b": two}, {"b": two, "c": one})) == [
        Difference("a", one, None),
        Difference("c", None, one),
    ]


async def test_rows_written_during_the_backup_are_not_half_in_it(
    filled: Urls, empty: Urls, home: Path, tmp_path: Path
) -> None:
    def write_more(_: int) -> None:
        with psycopg.connect(filled.superuser, autocommit=True) as connection:
            connection.execute("INSERT INTO tenant (tenant_id, created_at) VALUES (gen_random_uuid(), now())")

    source = backup.Source(filled.backup, home, SECRET, keeps_secret=True, folders=())
    manifest = await backup.write(source, tmp_path / "a.backup", made_at=MADE_AT, advance=write_more)
    with backup.Archive.opened(tmp_path / "a.backup") as archive:
        await backup.restore(archive, empty.owner, poured=silent)
    assert manifest.tables["tenant"].rows == ROWS
    assert list(backup.differences(manifest.tables, await tables_of(empty.backup))) == []


async def test_the_secret_stays_outside_when_the_environment_keeps_it(filled: Urls, home: Path, tmp_path: Path) -> None:
    manifest = await made(filled, home, tmp_path / "a.backup", keeps_secret=False)
    with backup.Archive.opened(tmp_path / "a.backup") as archive:
        assert archive.secret is None
    assert SECRET.encode() not in (tmp_path / "a.backup").read_bytes()
    assert manifest.secret_id == writing.secret_id(SECRET)


async def test_a_backup_overwrites_nothing(filled: Urls, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    path.write_text("precious")
    with pytest.raises(failures.FileExists, match=r"a\.backup exists already"):
        await made(filled, home, path)
    assert path.read_text() == "precious"


async def test_a_backup_that_fails_leaves_no_file(filled: Urls, home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    source = backup.Source(filled.app, home, SECRET, keeps_secret=True, folders=())
    with pytest.raises((errors.ToolFailed, psycopg.Error)):
        await backup.write(source, folder / "a.backup", made_at=MADE_AT, advance=silent)
    assert list(folder.iterdir()) == []


async def test_a_folder_that_is_not_there_is_named(filled: Urls, home: Path, tmp_path: Path) -> None:
    with pytest.raises(failures.FileNotWritten, match="there is no such file or folder"):
        await made(filled, home, tmp_path / "nowhere" / "a.backup")


async def test_a_restore_overwrites_nothing(filled: Urls, home: Path, tmp_path: Path) -> None:
    await made(filled, home, tmp_path / "a.backup")
    with backup.Archive.opened(tmp_path / "a.backup") as archive, pytest.raises(errors.DatabaseNotEmpty):
        await backup.restore(archive, filled.owner, poured=silent)


@pytest.mark.parametrize("place", [0.3, 0.5, 0.9])
async def test_a_damaged_dump_restores_nothing(
    filled: Urls, empty: Urls, home: Path, tmp_path: Path, place: float
) -> None:
    await made(filled, home, tmp_path / "a.backup")
    damaged = bytearray((tmp_path / "a.backup").read_bytes())
    with zipfile.ZipFile(tmp_path / "a.backup") as archive:
        size = archive.getinfo(DUMP).file_size
    damaged[int(size * place)] ^= 0xFF
    (tmp_path / "bad.backup").write_bytes(damaged)
    with (
        pytest.raises((errors.ToolFailed, errors.BackupUnreadable)),
        backup.Archive.opened(tmp_path / "bad.backup") as archive,
    ):
        await backup.restore(archive, empty.owner, poured=silent)
    assert await tables_of(empty.backup) == {}


@pytest.mark.parametrize("kept", [0, 100, 100_000])
async def test_a_torn_file_is_no_backup(filled: Urls, home: Path, tmp_path: Path, kept: int) -> None:
    await made(filled, home, tmp_path / "a.backup")
    (tmp_path / "torn.backup").write_bytes((tmp_path / "a.backup").read_bytes()[:kept])
    with (
        pytest.raises(errors.BackupUnreadable, match=r"torn\.backup is not a whole backup"),
        backup.Archive.opened(tmp_path / "torn.backup"),
    ):
        pytest.fail("a torn file was opened")


def test_the_backup_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "new.backup", "w") as archive:
        archive.writestr(
            MANIFEST,
            '{"made_at": "2030-01-01T00:00:00Z", "jiedan": "9.0", "revision": "9999", "server": "21",'
            ' "secret_id": "x", "tables": {}}',
        )
    with (
        pytest.raises(errors.BackupOfNewerVersion, match=r"newer Jiedan \(9\.0, revision 9999\)"),
        backup.Archive.opened(tmp_path / "new.backup"),
    ):
        pytest.fail("the backup of a newer version was opened")


async def test_a_file_that_wants_out_of_the_home_is_refused(filled: Urls, home: Path, tmp_path: Path) -> None:
    await made(filled, home, tmp_path / "a.backup")
    with zipfile.ZipFile(tmp_path / "a.backup", "a") as archive:
        archive.writestr("files/../../escaped", "!")
    with pytest.raises(errors.BackupUnreadable), backup.Archive.opened(tmp_path / "a.backup") as archive:
        archive.unpack_files(tmp_path / "deep" / "home")
    assert not (tmp_path / "escaped").exists()


def test_what_old_servers_do_not_know_is_left_out_of_the_script() -> None:
    assert reading.for_any_server(b"SET lock_timeout = 0;\nSET transaction_timeout = 0;\nSET x;\n") == (
        b"SET lock_timeout = 0;\nSET x;\n"
    )
