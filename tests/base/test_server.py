"""The embedded server: start, adopt, share, recover and stop, with real processes."""

import asyncio
import contextlib
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from jiedan.base import failures, guards, server
from jiedan.base import home as homes
from jiedan.base.server import binaries, errors, locks, places, processes
from tests.patience import until

START_AND_DIE = """
import asyncio, os, signal, sys
from pathlib import Path
from jiedan.base import server
async def main():
    await server.start(Path(sys.argv[1]), testing=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may run the server as another user")


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="jiedan-server-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder, "home")


@pytest.fixture(scope="module")
def finished() -> Iterator[Path]:
    """Return a home whose server was made, used and stopped; made once, as that takes most of a test's time."""
    with tempfile.TemporaryDirectory(prefix="jiedan-server-") as folder:
        Path(folder).chmod(0o711)

        async def use() -> None:
            async with server.running(Path(folder, "home"), testing=True):
                pass

        asyncio.run(use())
        yield Path(folder, "home")


@pytest.fixture
def made(finished: Path, home: Path) -> Path:
    """Return a home of the test's own whose server was made, used and stopped."""
    subprocess.run(["/bin/cp", "-a", str(finished), str(home)], check=True)
    return home


@pytest_asyncio.fixture
async def running(made: Path) -> AsyncIterator[server.RunningServer]:
    async with server.running(made, testing=True) as started:
        yield started


async def one(url: str, query: Any, *parameters: object) -> Any:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        row: Any = await (await connection.execute(query, parameters or None)).fetchone()
        return row[0]


async def run(url: str, statement: Any) -> None:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(statement)


async def ended(pid: int, data: Path) -> None:
    await until(lambda: not processes.is_server(pid, data))


@pytest_asyncio.fixture
async def serving(home: Path) -> AsyncIterator[server.RunningServer]:
    """Return a server as `jiedan serve` starts it; the others give up durability for the speed of the suite."""
    async with server.running(home) as started:
        yield started


async def test_it_is_durable_private_and_reached_by_socket_only(serving: server.RunningServer) -> None:
    running = serving
    url = running.app_url
    on = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
    assert [await one(url, "SELECT current_setting(%s)", name) for name in on] == ["on"] * 4
    assert await one(url, "SHOW listen_addresses") == ""
    assert await one(url, "SHOW server_encoding") == "UTF8"
    assert await one(url, "SELECT datlocale FROM pg_database WHERE datname = current_database()") == "C.UTF-8"
    assert stat.S_IMODE(running.place.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE(running.place.passwords.stat().st_mode) == 0o600
    with pytest.raises(psycopg.OperationalError, match="password"):
        await psycopg.AsyncConnection.connect(url.replace(running.passwords["jiedan_app"], "guess"))


async def test_each_role_may_do_its_work_and_no_more(running: server.RunningServer) -> None:
    await run(running.owner_url, "CREATE TABLE thing (id int)")
    rights = (
        "SELECT (rolsuper, rolcreatedb, rolcreaterole, rolbypassrls)::text FROM pg_roles WHERE rolname = current_user"
    )
    assert await one(running.app_url, rights) == "(f,f,f,f)"
    assert await one(running.owner_url, rights) == "(f,f,f,f)"
    assert await one(running.dispatch_url, rights) == "(f,f,f,f)"
    assert await one(running.backup_url, rights) == "(f,f,f,t)"
    for url in (running.app_url, running.dispatch_url, running.backup_url):
        async with await psycopg.AsyncConnection.connect(url, options="-c default_transaction_read_only=off") as other:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await other.execute("CREATE TABLE mine (id int)")
    assert await one(running.backup_url, "SELECT count(*) FROM thing") == 0


async def test_databases_are_made_from_a_template_and_dropped(running: server.RunningServer) -> None:
    await server.create_database(running.superuser_url, "first")
    await run(running.url("jiedan_owner", "first"), "CREATE TABLE thing AS SELECT 7 AS n")
    await server.create_database(running.superuser_url, "second", template="first")
    assert await one(running.url("jiedan_owner", "second"), "SELECT n FROM thing") == 7
    await server.drop_database(running.superuser_url, "second")
    await server.drop_database(running.superuser_url, "second")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        await psycopg.AsyncConnection.connect(running.url("jiedan_owner", "second"))


async def test_commands_at_the_same_time_share_one_server_and_the_last_stops_it(home: Path) -> None:
    first, second, third = await asyncio.gather(*(server.start(home, testing=True) for _ in range(3)))
    assert first.pid == second.pid == third.pid
    assert sum(each.adopted for each in (first, second, third)) == 2
    for leaving in (first, second):
        await leaving.stop()
        assert server.status(home).state == "running"
    await third.stop()
    assert server.status(home) == server.Status("stopped", home / "postgres")
    await third.stop()


async def test_a_server_left_by_kill_9_is_adopted_and_then_stopped(made: Path) -> None:
    left = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", START_AND_DIE, str(made)], check=False)
    assert left.returncode == -signal.SIGKILL
    pid = server.status(made).pid
    assert pid is not None
    async with server.running(made, testing=True) as adopted:
        assert adopted.adopted
        assert adopted.pid == pid
        assert await one(adopted.app_url, "SELECT 1") == 1
    assert server.status(made).state == "stopped"


async def test_a_crashed_server_recovers_and_keeps_what_was_committed(made: Path) -> None:
    async with server.running(made) as running:
        await run(running.owner_url, "CREATE TABLE thing AS SELECT 7 AS n")
        crashed = running.pid
        os.kill(crashed, signal.SIGKILL)
        await ended(crashed, made / "postgres")
        assert (made / "postgres" / "postmaster.pid").exists()
        assert await running.revive()
        assert running.pid != crashed
        assert await one(running.owner_url, "SELECT n FROM thing") == 7
        assert not await running.revive()


async def test_a_stale_pid_file_that_names_a_living_stranger_is_no_obstacle(made: Path) -> None:
    stale = made / "postgres" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{made / 'postgres'}\n0\n5432\n{made / 'run'}\n\n0 0\nready\n")
    assert server.status(made).state == "stopped"
    async with server.running(made, testing=True) as running:
        assert running.pid != os.getpid()


async def test_recovery_may_take_its_time_and_is_heard_of(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    def hear(message: str, /, **values: object) -> None:
        heard.append(message.format(**values))

    monkeypatch.setattr("jiedan.base.server.lifecycle._PROGRESS_EVERY_S", 0.0)
    async with server.running(home, progress=hear, testing=True):
        pass
    assert any("Making the database" in said for said in heard)
    assert any("is recovering" in said for said in heard)


async def test_a_database_of_another_major_version_is_refused(made: Path) -> None:
    (made / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(errors.OtherMajorVersion, match="made by PostgreSQL 17"):
        await server.start(made, testing=True)


async def test_a_server_that_cannot_start_says_why(made: Path) -> None:
    (made / "postgres" / "postgresql.auto.conf").write_text("shared_buffers = 'a lot'\n")
    with pytest.raises(errors.StartFailed, match="shared_buffers") as caught:
        await server.start(made, testing=True)
    assert "\n" not in str(caught.value)


async def test_lost_passwords_are_named(home: Path) -> None:
    async with server.running(home, testing=True) as running:
        pass
    running.place.passwords.unlink()
    with pytest.raises(errors.PasswordsLost, match=r"passwords\.json"):
        await server.start(home, testing=True)


async def test_a_test_server_is_not_served_from(made: Path) -> None:
    async with server.running(made, testing=True) as running:
        with pytest.raises(guards.NotDurable, match="fsync"):
            await guards.check(running.app_url)


async def test_a_long_or_odd_path_gets_a_short_socket_folder(home: Path) -> None:
    far = home / ("a" * 60) / 'b, "c"' / ("d" * 40)
    async with server.running(far, testing=True) as running:
        assert len(str(running.place.sockets)) < 90
        assert stat.S_IMODE(running.place.sockets.stat().st_mode) == 0o700
        assert await one(running.app_url, "SELECT 1") == 1
    running.place.sockets.rmdir()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_called_that(home: Path) -> None:
    with pytest.raises(failures.DiskFull, match="free some space"), homes.explained(home):
        Path("/dev/full").write_text("more than fits")


def test_a_home_that_cannot_be_written_is_called_that(home: Path) -> None:
    home.write_text("a file where a folder should be")
    with pytest.raises(failures.HomeNotWritable, match="JIEDAN_HOME"):
        asyncio.run(server.start(home / "below"))


def test_without_a_wheel_the_way_out_is_named() -> None:
    with pytest.raises(errors.NoBinaries, match="JIEDAN_DATABASE_URL"):
        binaries.find("no_wheel_of_this_name")


async def test_a_command_waits_for_its_turn_but_not_for_ever(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "CHANGE_WAIT_S", 0.05)
    homes.prepare(home)
    async with locks.changing(home):
        with pytest.raises(errors.StillBusy, match="Another Jiedan command"):
            await server.start(home, testing=True)


@pytest.fixture
def closed_home(home: Path) -> Path:
    """Return a home that only its owner can enter."""
    home.mkdir(mode=0o700)
    return home


@needs_root
async def test_root_keeps_the_database_where_its_user_can_enter_and_changes_no_mode(closed_home: Path) -> None:
    home = closed_home
    heard: list[str] = []

    def hear(message: str, /, **values: object) -> None:
        heard.append(message.format(**values))

    async with server.running(home, progress=hear, testing=True) as running:
        root = running.place.root
        assert root.parent == places.SYSTEM_ROOT
        assert running.place.data.owner() == places.SYSTEM_USER
        assert heard[0] == f"The user jiedan cannot enter {home}, so the database lives in {root}."
        assert await one(running.app_url, "SELECT 1") == 1
    assert os.stat(home).st_mode & 0o777 == 0o700  # noqa: PTH116 - pathlib is refused in coroutines
    assert server.status(home).state == "stopped"
    await asyncio.to_thread(subprocess.run, ["/bin/cp", "-a", str(home), str(home.parent / "copy")], check=True)
    with pytest.raises(errors.CopiedHome):
        await server.start(home.parent / "copy")
    await asyncio.to_thread(subprocess.run, ["/bin/rm", "-rf", str(root)], check=True)


@needs_root
def test_binaries_that_the_system_user_cannot_read_are_copied_once(home: Path) -> None:
    aside = home / "aside"
    aside.mkdir(parents=True)
    copy = binaries.copied(binaries.find(), aside)
    with contextlib.ExitStack() as stack:
        stack.callback(os.umask, os.umask(0o077))
        assert binaries.copied(binaries.find(), aside) == copy
    said = subprocess.run([copy.program("postgres"), "--version"], check=True, capture_output=True, text=True)
    assert copy.version.rsplit(".", 1)[0] in said.stdout
    assert all(path.stat().st_mode & 0o004 for path in copy.needed())
