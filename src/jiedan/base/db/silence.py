"""Silence: what became of connections on which nothing comes back.

A machine, a network or a firewall that vanishes says nothing, and a connection without another end looks like one whose
statement takes long. So when somebody has waited for a second, a fresh connection is opened, which nobody uses for
anything else, and the server is asked over it who is at work. A connection on whose other end nobody is, or sits idle,
will never answer: whoever waits there hears so. So do those who dial since then and reached nobody: they dial again.
Connections of the pool that are older than such a finding are thrown away instead of being tried one after the other.

While no fresh connection can be had, nothing is known, and nothing is given up before its time.
"""

import asyncio
import time
import weakref
from collections.abc import Awaitable, Callable, Collection

import psycopg
import structlog

from jiedan.base.connections import SUSPICIOUS_S, Connection

FRESH_S_MAX = 1.0
"""How long a fresh connection may take to be there, and then to answer."""

LOOK_EVERY_S = 1.0
RETRY_S = 0.1
GRACE_S = 0.2
"""How long an answer that was just sent may travel."""

_CONNECT_S_MIN = 2
"""The driver takes nothing shorter, but is interrupted before."""

_AT_WORK = b"""
    SELECT pg_backend_pid(), ARRAY(
        SELECT a.pid FROM pg_stat_activity a
        WHERE a.pid = ANY(%(pids)s::int[]) AND coalesce(left(a.state, 4), '') <> 'idle'
            AND a.wait_event IS DISTINCT FROM 'ClientRead'
    ) /* across tenants: what the server does on connections of this process */
"""

log = structlog.get_logger()


class Lookout:
    """Open the connections of one pool, and look into it when one of them, or one that is being opened, is silent."""

    def __init__(self, url: str, *, open_line: Callable[[], Awaitable[Connection]], dial_s_max: float) -> None:
        self._url = url
        self._open_line = open_line
        self._dial_s_max = dial_s_max
        self._lines: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._dials: dict[asyncio.Timeout, float] = {}
        self._trusted_since_s = 0.0
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False
        self.looks = 0
        """How often the server has said who is at work."""

    async def dial(self) -> Connection:
        """Return a new connection; what began while nobody answered is begun anew once somebody does.

        Raises psycopg.OperationalError.
        """
        loop = asyncio.get_running_loop()
        give_up_s = time.monotonic() + self._dial_s_max
        while True:
            timer = loop.call_later(SUSPICIOUS_S, self.suspect)
            bound = asyncio.timeout(None)
            try:
                async with bound:
                    self._dials[bound] = time.monotonic()
                    line = await self._open_line()
            except TimeoutError as error:
                if not bound.expired() or time.monotonic() > give_up_s:
                    raise psycopg.OperationalError from error
                continue
            finally:
                timer.cancel()
                self._dials.pop(bound, None)
            line.on_silence = self.suspect
            self._lines.add(line)
            return line

    def trusts(self, line: Connection) -> bool:
        """Tell whether a connection is younger than the last finding that others had no other end."""
        return line.opened_s >= self._trusted_since_s

    def suspect(self) -> None:
        """Begin to look, unless somebody does."""
        if not self._is_closed and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._look_around(), name="lookout")

    async def close(self) -> None:
        """Look no more."""
        self._is_closed = True
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _look_around(self) -> None:
        """Look until nothing is silent: every second, and sooner while the server cannot be reached."""
        while self._silent() or self._stuck():
            try:
                await self._look()
            except (psycopg.Error, OSError):
                await asyncio.sleep(RETRY_S)
            else:
                await asyncio.sleep(LOOK_EVERY_S)

    def _silent(self) -> dict[Connection, float]:
        """Return the connections on which nothing has moved for a while, and since when."""
        before_s = time.monotonic() - SUSPICIOUS_S
        return {line: line.heard_s for line in self._lines if line.is_waiting and line.heard_s <= before_s}

    def _stuck(self) -> list[asyncio.Timeout]:
        """Return the bounds of those who have dialed for a while."""
        before_s = time.monotonic() - SUSPICIOUS_S
        return [bound for bound, began_s in self._dials.items() if began_s <= before_s]

    async def _look(self) -> None:
        """Ask the server, over a fresh connection. Raises psycopg.Error or OSError, a TimeoutError among them."""
        async with asyncio.timeout(FRESH_S_MAX):
            fresh = await Connection.open(
                self._url, options="", connect_timeout_s=_CONNECT_S_MIN, silence_s_max=FRESH_S_MAX
            )
        try:
            now_s = asyncio.get_running_loop().time()
            for bound in self._stuck():
                del self._dials[bound]
                bound.reschedule(now_s)
            silent = self._silent()
            pids = {line: line.info.backend_pid for line in silent}
            looked_s = time.monotonic()
            at_work = await _at_work(fresh, pids.values())
            self.looks += 1
        finally:
            await fresh.close()
        idle = {line: heard_s for line, heard_s in silent.items() if pids[line] not in at_work}
        if idle:
            await asyncio.sleep(GRACE_S)
            self._give_up(idle, looked_s)

    def _give_up(self, idle: dict[Connection, float], looked_s: float) -> None:
        """Give up those on which still nothing has moved, and trust none that is older than the look."""
        lost = [line for line, heard_s in idle.items() if line.is_waiting and line.heard_s == heard_s]
        if lost:
            self._trusted_since_s = looked_s
            log.warning("database.silent", given_up=len(lost))
        for line in lost:
            line.give_up()


async def _at_work(fresh: Connection, pids: Collection[int]) -> set[int]:
    """Return which of these backends have something to answer, or all where they cannot be told. Raises psycopg.Error.

    Behind a pooler other backends work than those it has named.
    """
    cursor = await fresh.execute(_AT_WORK, {"pids": list(pids)}, prepare=False)
    row = await cursor.fetchone()
    if row is None or row[0] != fresh.info.backend_pid:
        return set(pids)
    return set(row[1])
