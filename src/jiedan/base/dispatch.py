"""Who has due work: the only look across merchants, by a role that sees tenant ids and due times and nothing else."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import NamedTuple

import psycopg
import structlog

from jiedan.base import ids, sql
from jiedan.base.connections import SILENCE_SPARE_S, Patient
from jiedan.base.db import Database
from jiedan.base.recorder import StatementRecorder
from jiedan.base.runtime import Runtime

SQL = sql.load("jiedan.base", "dispatch.sql")

CHANNEL = "jiedan_outbox"
CONNECT_S_MAX = 10
STATEMENT_S_MAX = 30
RECONNECT_S = 1.0

RING_GAP_S = 1.0
"""Least time between two hints of one process: in a quiet shop the drain wakes at once, in a busy one it polls."""

log = structlog.get_logger()


class Due(NamedTuple):
    """A tenant with due work, and since when."""

    tenant: ids.TenantId
    since: datetime


class Dispatch:
    """One connection as the dispatch role, opened again when it breaks; for one task at a time."""

    def __init__(self, url: str, *, recorder: StatementRecorder | None = None) -> None:
        self._url = url
        self._recorder = recorder
        self._connection: Patient | None = None

    async def due(self, now: datetime) -> list[Due]:
        """Return who has events or retries that are due, the longest waiting first. Raises psycopg.Error."""
        statement = SQL["due_tenants"]
        if self._recorder is not None:
            self._recorder.record(statement.text.decode())
        cursor = await (await self._connected()).execute(statement.text, {"now": now})
        return [Due(ids.TenantId(tenant), since) for tenant, since in await cursor.fetchall()]

    async def listen(self, woken: Callable[[], None]) -> None:
        """Call `woken` at each hint, for ever, on a connection of its own. Hints may be lost; the poll is the truth."""
        while True:
            try:
                async with await self._connect() as connection:
                    await connection.execute(f"LISTEN {CHANNEL}".encode())
                    async for _ in connection.notifies():
                        woken()
            except psycopg.Error as error:
                log.warning("dispatch.listen_lost", reason=type(error).__name__)
            await asyncio.sleep(RECONNECT_S)

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _connected(self) -> Patient:
        if self._connection is None or self._connection.closed:
            self._connection = await self._connect()
        return self._connection

    async def _connect(self) -> Patient:
        connection = await Patient.connect(
            self._url,
            autocommit=True,
            application_name="jiedan dispatch",
            connect_timeout=CONNECT_S_MAX,
            options=f"-c TimeZone=UTC -c statement_timeout={STATEMENT_S_MAX * 1000}",
        )
        connection.silence_s_max = STATEMENT_S_MAX + SILENCE_SPARE_S
        return connection


class Bell:
    """Send the hint that events wait, after the commit and outside it, at most once per `RING_GAP_S`.

    A NOTIFY inside a business transaction would queue every commit behind one lock, and cost a statement.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rung_at: float | None = None
        self._ringing: asyncio.Task[None] | None = None

    def ring(self) -> None:
        """Send a hint soon, unless one was sent just now; never raises, never waits."""
        loop = asyncio.get_running_loop()
        if self._rung_at is not None and loop.time() - self._rung_at < RING_GAP_S:
            return
        self._rung_at = loop.time()
        self._ringing = loop.create_task(self._send())

    async def _send(self) -> None:
        try:
            async with self._database.connect() as (_, driver):
                await driver.execute(
                    f"BEGIN; SET LOCAL synchronous_commit = off; NOTIFY {CHANNEL}; COMMIT", prepare=False
                )
        except Exception as error:  # noqa: BLE001 - a hint; the poll finds the events
            log.debug("dispatch.hint_lost", reason=type(error).__name__)


@contextlib.asynccontextmanager
async def bell(runtime: Runtime) -> AsyncIterator[Bell]:
    """Ring whenever this process has committed events; a part of the process."""
    made = Bell(runtime.database)
    runtime.database.on_events = made.ring
    try:
        yield made
    finally:
        runtime.database.on_events = None
