"""What becomes of connections that fall silent: who might wait for an hour is answered once the line is good.

No test says how soon, for that depends on the machine; but nothing else than a look around ends any of these waits.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import psycopg
import psycopg.conninfo
import pytest

from jiedan.base import db as databases
from jiedan.base import ids, runtime
from jiedan.base.clock import SystemClock
from jiedan.base.db import Database, Scope
from jiedan.base.settings import Settings
from jiedan.base.sql import Statement
from jiedan.base.web import health
from jiedan.torture import database_line
from jiedan.torture.database_line import DatabaseLine
from tests.conftest import Urls
from tests.patience import until_asked

HOUR_S = 3600
PATIENCE_S = 60.0
SCOPE = Scope(ids.TenantId(UUID(int=0)))
ONE = Statement("one", b"SELECT 1")
LOCK = 4_711
WAIT_FOR_LOCK = Statement("wait_for_lock", b"SELECT pg_advisory_xact_lock_shared(%(lock)s)")


@contextlib.asynccontextmanager
async def _opened(urls: Urls) -> AsyncIterator[tuple[DatabaseLine, Database]]:
    """Open a database over a line; it would wait for an hour for a connection, and for an answer."""
    sockets = psycopg.conninfo.conninfo_to_dict(urls.app)["host"]
    async with database_line.opened(Path(str(sockets), ".s.PGSQL.5432")) as line:
        database = Database(
            line.url(urls.app),
            clock=SystemClock(),
            pool_size=3,
            statement_timeout_ms=HOUR_S * 1000,
            lock_timeout_ms=HOUR_S * 1000,
            idle_transaction_timeout_ms=HOUR_S * 1000,
            pool_timeout_s=HOUR_S,
            connect_timeout_s=HOUR_S,
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                yield line, database
        finally:
            line.reset_all()
            await database.close()


async def _ask(database: Database) -> None:
    async with database.read(SCOPE) as tx:
        assert await tx.sql(ONE) == [(1,)]


async def _fill(database: Database) -> None:
    """Let the pool have all its connections."""
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(database.read(SCOPE))


async def test_a_pool_of_silent_connections_is_replaced_by_good_ones(urls: Urls) -> None:
    async with _opened(urls) as (line, database):
        await _fill(database)
        assert line.mute_all() == 3
        await _ask(database)
        await _fill(database)


async def test_whoever_waits_for_an_answer_hears_that_none_will_come(urls: Urls) -> None:
    async with _opened(urls) as (line, database):

        async def read() -> None:
            async with database.read(SCOPE) as tx:
                line.mute_all()
                await tx.sql(ONE)

        async def commit() -> None:
            async with database.begin(SCOPE):
                line.mute_all()

        with pytest.raises(databases.DatabaseUnavailable):
            await read()
        with pytest.raises(databases.OutcomeUnknown):
            await commit()
        await _ask(database)


async def test_who_dialed_while_nobody_answered_dials_again(urls: Urls) -> None:
    async with _opened(urls) as (line, database):
        line.condition.is_deaf = True
        asking = asyncio.create_task(_ask(database))
        while not line.seen.connections:  # noqa: ASYNC110 - looks from outside
            await asyncio.sleep(0.01)
        line.heal()
        await asking


async def test_a_statement_that_takes_long_is_left_to_the_server(urls: Urls) -> None:
    async with _opened(urls) as (line, database), await psycopg.AsyncConnection.connect(urls.app) as other:
        await other.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])

        async def wait() -> None:
            async with database.read(SCOPE) as tx:
                await tx.sql(WAIT_FOR_LOCK, lock=LOCK)
                assert await tx.sql(ONE) == [(1,)]

        waiting = asyncio.create_task(wait())
        while database._lookout.looks < 2:
            assert not waiting.done()
            await asyncio.sleep(0.01)
        await other.rollback()
        await waiting
        assert line.seen.muted == 0


async def test_readiness_is_told_in_time_while_the_database_is_silent_and_when_it_is_back(
    urls: Urls, tmp_path: Path
) -> None:
    async with _opened(urls) as (line, database):
        process = runtime.Runtime(Settings(home=tmp_path), database, database.clock)
        await _fill(database)
        line.condition.is_deaf = True
        line.mute_all()
        await health.look(process)
        assert health._LATE, "a probe was waited for that could not end"
        for _ in range(2):  # more than the pool has connections for
            checks = await health.look(process)
            assert {name: check.ok for name, check in checks.items()} == {
                "database": False, "migrations": False, "clock": False, "outbox": True, "disk": True,
            }  # fmt: skip
        line.heal()

        async def is_ready() -> bool:
            return all(check.ok for check in (await health.look(process)).values())

        await until_asked(is_ready)
