"""The line to PostgreSQL: it forwards everything, and breaks where it is told to."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import psycopg.conninfo
import pytest
import pytest_asyncio
import sqlalchemy as sa

from jiedan.base import connections
from jiedan.base.clock import SystemClock
from jiedan.base.connections import Connection
from jiedan.base.db import Database, DatabaseUnavailable, OutcomeUnknown, Scope, Tx
from jiedan.base.ids import TenantId
from jiedan.torture import database_line
from jiedan.torture.database_line import Cut, DatabaseLine
from tests.base.happenings import Happened, rows
from tests.conftest import Urls
from tests.patience import PATIENCE_S

LARGE_BYTES = 3_000_000


@pytest_asyncio.fixture
async def line(urls: Urls) -> AsyncIterator[DatabaseLine]:
    folder = psycopg.conninfo.conninfo_to_dict(urls.app)["host"]
    async with database_line.opened(Path(str(folder), ".s.PGSQL.5432")) as opened:
        yield opened


async def open_over(line: DatabaseLine, urls: Urls) -> Connection:
    return await Connection.open(line.url(urls.app), options="", connect_timeout_s=int(PATIENCE_S))


async def test_everything_passes_as_it_is(line: DatabaseLine, urls: Urls) -> None:
    connection = await open_over(line, urls)
    text = "接单" * (LARGE_BYTES // 6)
    (answer,) = await connection.ask([(b"SELECT %(x)s::text, %(x)s::text", {"x": text})])
    assert answer.rows == [(text, text)]
    assert (line.seen.connections, line.seen.commits) == (1, 0)
    await connection.close()


@pytest.mark.parametrize(("cut", "is_done"), [("before", False), ("done", True)])
async def test_a_cut_commit_is_unknown_to_the_application_and_known_to_the_server(
    line: DatabaseLine, urls: Urls, db: Database, tenant: TenantId, cut: Cut, *, is_done: bool
) -> None:
    over = Database(line.url(urls.app), clock=SystemClock(), pool_size=1)
    line.condition.cut = lambda: cut

    async def work(tx: Tx) -> None:
        tx.emit(Happened(thing_id=tenant, number=7))

    with pytest.raises(OutcomeUnknown):
        await over.write(Scope(tenant), work)
    line.heal()
    assert len(await rows(db, tenant, "outbox")) == int(is_done)
    await over.write(Scope(tenant), work)
    await over.close()


async def test_a_reset_is_an_outage_and_the_next_connection_is_good(line: DatabaseLine, urls: Urls) -> None:
    connection = await open_over(line, urls)
    asking = asyncio.create_task(connection.ask([(b"SELECT pg_sleep(30)", {})]))
    await asyncio.sleep(0.1)
    assert line.reset_all() == 1
    with pytest.raises(psycopg.OperationalError) as caught:
        await asking
    assert connections.is_connection_lost(caught.value)
    line.condition.is_refusing = True
    with pytest.raises(psycopg.OperationalError):
        await open_over(line, urls)
    line.heal()
    await (await open_over(line, urls)).close()


async def test_a_reset_under_any_statement_is_an_outage_and_no_bug(
    line: DatabaseLine, urls: Urls, tenant: TenantId
) -> None:
    over = Database(line.url(urls.app), clock=SystemClock(), pool_size=1)

    async def read(text: str, *, reset_after_s: float | None) -> object:
        async with over.read(Scope(tenant)) as tx:
            await tx.execute(sa.text("SELECT 1"))
            if reset_after_s is not None:
                asyncio.get_running_loop().call_later(reset_after_s, line.reset_all)
                await asyncio.sleep(0.1)
            return (await tx.execute(sa.text(text))).scalar()

    with pytest.raises(DatabaseUnavailable):
        await read("SELECT 1", reset_after_s=0)
    with pytest.raises(DatabaseUnavailable):
        await read("SELECT pg_sleep(30)", reset_after_s=0.3)
    assert await read("SELECT 2", reset_after_s=None) == 2
    await over.close()


async def test_a_slow_line_is_slow_both_ways(line: DatabaseLine, urls: Urls) -> None:
    connection = await open_over(line, urls)
    line.condition.delay_s = 0.1
    loop = asyncio.get_running_loop()
    began = loop.time()
    await connection.ask([(b"SELECT 1", {})])
    assert loop.time() - began >= 0.2
    line.heal()
    await connection.close()
