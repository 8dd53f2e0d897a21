"""Start, adopt, use and stop the embedded server.

The server is a process of its own session: a Ctrl-C at the terminal does not reach it, and it survives a `kill -9` of
whoever started it. Who comes next finds it through `postmaster.pid` and adopts it. Who uses it holds a shared lock; the
last to let go stops it.
"""

import asyncio
import contextlib
import dataclasses
import os
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

from psycopg import pq

from jiedan.base import home as homes
from jiedan.base.i18n import N_
from jiedan.base.server import cluster, errors, locks, places, processes, roles

STOP_WAIT_S = 60.0

NICENESS = 5
"""The server gives way to whoever answers requests: on busy cores, who is sent away hears so at once. Who is served
waits for both anyway."""

_POLL_S = 0.02
_POLL_MAX_S = 0.5
_PROGRESS_EVERY_S = 5.0
_PID_FILE = "postmaster.pid"
_STATE = slice(7, 8)
"""Its eighth line says whether the server is ready."""

_REASON_CHARACTERS_MAX = 300
_LOG_CHARACTERS_MAX = 4096
_COLLECTED = "logging collector process"
_COMPLAINT = re.compile(r"(?:(?:FATAL|PANIC): +|LOG: +(?=invalid|could not|unrecognized|syntax))(.*)")


def silent(message: str, /, **values: object) -> None:
    """Tell nobody: the progress of those who do not wait at a terminal."""


@dataclasses.dataclass
class RunningServer:
    """A server in use by this process; `stop()` gives it back."""

    place: places.Place
    passwords: dict[str, str]
    pid: int
    adopted: bool
    _use: locks.FileLock
    _progress: places.Progress
    _child: subprocess.Popen[bytes] | None
    _testing: bool

    def url(self, role: str, database: str = roles.DATABASE) -> str:
        """Return the libpq URL of `database` for one of `roles.LOGINS`."""
        return roles.url(role=role, password=self.passwords[role], sockets=self.place.sockets, database=database)

    @property
    def superuser_url(self) -> str:
        """Return the URL of the database `postgres` as superuser: for making databases, never for serving."""
        return self.url(roles.SUPERUSER, "postgres")

    @property
    def owner_url(self) -> str:
        """Return the URL of the role that owns the tables."""
        return self.url(roles.OWNER)

    @property
    def app_url(self) -> str:
        """Return the URL of the role that serves."""
        return self.url(roles.APP)

    @property
    def dispatch_url(self) -> str:
        """Return the URL of the role that looks for due work."""
        return self.url(roles.DISPATCH)

    @property
    def backup_url(self) -> str:
        """Return the URL of the role that reads everything."""
        return self.url(roles.BACKUP)

    async def revive(self) -> bool:
        """Start the server again if its process has ended; say whether it had."""
        if _lives(self.place, self.pid):
            return False
        async with locks.changing(self.place.home):
            if self._child is not None:
                self._child.poll()
            self.pid, self._child = await _running(self.place, progress=self._progress, testing=self._testing)
        return True

    async def stop(self) -> None:
        """Give the server back; the last of its users stops it. A second call does nothing."""
        async with locks.changing(self.place.home):
            self._use.close()
            with locks.users(self.place.home) as use:
                if use.take():
                    await _stop(self.place, self.pid, child=self._child, progress=self._progress)


@dataclasses.dataclass(frozen=True)
class Status:
    """What is known about the server of a home without starting it."""

    state: Literal["absent", "stopped", "starting", "running"]
    data: Path | None = None
    pid: int | None = None


async def start(home: Path, *, progress: places.Progress = silent, testing: bool = False) -> RunningServer:
    """Start the server of the folder `home`, or adopt the one that runs there; return when it takes connections.

    Recovery after a crash takes the time it needs, and `progress` hears of it. With `testing` a newly started server
    gives up durability for speed and the start-up checks of every serving command refuse it.
    Raises a `failures.Failure` that says what to do.
    """
    home = homes.prepare(home)
    async with locks.changing(home):
        place = places.find(home, progress=progress)
        await cluster.ensure(place, progress=progress, testing=testing)
        passwords = cluster.passwords(place)
        pid, child = await _running(place, progress=progress, testing=testing)
        use = locks.users(home)
        use.share()
        server = RunningServer(place, passwords, pid, child is None, use, progress, child, testing)
        try:
            await roles.provision(server.superuser_url, passwords)
        except BaseException:
            use.close()
            with locks.users(home) as last:
                if last.take():
                    await _stop(place, pid, child=child, progress=progress)
            raise
        return server


@contextlib.asynccontextmanager
async def running(
    home: Path, *, progress: places.Progress = silent, testing: bool = False
) -> AsyncIterator[RunningServer]:
    """Use the server of `home` inside the block."""
    server = await start(home, progress=progress, testing=testing)
    try:
        yield server
    finally:
        await server.stop()


def status(home: Path) -> Status:
    """Look at the server of `home` without changing anything."""
    root = places.existing_root(home.resolve())
    if root is None:
        return Status("absent")
    data = root / "postgres"
    pid, ready = _pid_file(data)
    if pid is None or not processes.is_server(pid, data):
        return Status("stopped", data)
    return Status("running" if ready else "starting", data, pid)


async def _running(
    place: places.Place, *, progress: places.Progress, testing: bool
) -> tuple[int, subprocess.Popen[bytes] | None]:
    """Return the process id of a server that takes connections, and the process if it was started here."""
    pid, _ = _pid_file(place.data)
    if pid is not None and processes.is_server(pid, place.data) and await _is_ready(place, pid, progress=progress):
        return pid, None
    _remove_stale(place)
    cluster.configure(place, testing=testing)
    child = _spawn(place)
    try:
        ready = await _is_ready(place, child.pid, progress=progress)
    except BaseException:
        await _stop(place, child.pid, child=child, progress=progress)
        raise
    if not ready:
        child.wait()
        _raise_start_failed(place)
    return child.pid, child


def _spawn(place: places.Place) -> subprocess.Popen[bytes]:
    with homes.explained(place.root), place.start_log.open("wb") as log:
        child = subprocess.Popen(
            [place.programs.program("postgres"), "-D", place.data],
            cwd=place.root,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **place.account.start_arguments(),
        )
    with contextlib.suppress(OSError):  # it may have ended already, which is told by whoever waits for it
        os.setpriority(os.PRIO_PROCESS, child.pid, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)
    return child


async def _is_ready(place: places.Place, pid: int, *, progress: places.Progress) -> bool:
    """Wait until the server takes connections; say False when its process has ended instead."""
    loop = asyncio.get_running_loop()
    began = told = loop.time()
    pause = _POLL_S
    target = f"host='{_escaped(place.sockets)}' port=5432 dbname=postgres user={roles.SUPERUSER} connect_timeout=2"
    while True:
        if await asyncio.to_thread(pq.PGconn.ping, target.encode()) == pq.Ping.OK:
            return True
        if not _lives(place, pid):
            return False
        if loop.time() - told >= _PROGRESS_EVERY_S:
            told = loop.time()
            progress(N_("The database is recovering from its log ({seconds} s) …"), seconds=round(told - began))
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, _POLL_MAX_S)


def _lives(place: places.Place, pid: int) -> bool:
    return processes.is_server(pid, place.data)


def _escaped(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace("'", "\\'")


async def _stop(
    place: places.Place, pid: int, *, child: subprocess.Popen[bytes] | None, progress: places.Progress
) -> None:
    if _lives(place, pid):
        processes.stop_fast(pid)
    loop = asyncio.get_running_loop()
    began = told = loop.time()
    while _lives(place, pid):
        await asyncio.sleep(_POLL_S)
        if loop.time() - told >= _PROGRESS_EVERY_S:
            told = loop.time()
            progress(N_("The database is writing its checkpoint ({seconds} s) …"), seconds=round(told - began))
        if loop.time() - began > STOP_WAIT_S:
            processes.stop_now(pid)
            progress(N_("The database did not stop in time; its next start recovers from its log."))
            break
    if child is not None:
        await asyncio.to_thread(child.wait)


def _pid_file(data: Path) -> tuple[int | None, bool]:
    """Return the process id in `postmaster.pid` and whether it says that the server is ready."""
    try:
        lines = (data / _PID_FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None, False
    ready = "".join(lines[_STATE]).strip() == "ready"
    return (int(lines[0]) if lines and lines[0].strip().isdecimal() else None), ready


def _remove_stale(place: places.Place) -> None:
    """Remove what a crashed machine left: PostgreSQL would take a foreign process with the old number for itself."""
    for path in (place.data / _PID_FILE, *place.sockets.glob(".s.PGSQL.5432*")):
        path.unlink(missing_ok=True)


def _raise_start_failed(place: places.Place) -> None:
    log, said = place.start_log, place.start_log.read_text(encoding="utf-8", errors="replace")
    if _COLLECTED in said:  # the server got as far as its own log
        log = max((place.data / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
        said += log.read_text(encoding="utf-8", errors="replace")[-_LOG_CHARACTERS_MAX:]
    if "No space left on device" in said:
        raise homes.no_room(place.root)
    complaints = [found.group(1) for found in _COMPLAINT.finditer(said)]
    reason = "; ".join(complaints[-2:]) or (said.strip().splitlines() or ["?"])[-1]
    raise errors.StartFailed(reason=reason[:_REASON_CHARACTERS_MAX], log=str(log))
