"""Sets of statements in one piece: what they answer, and what is left of a connection after an error."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import psycopg.conninfo
import pytest
import pytest_asyncio

from jiedan.base.connections import Connection, is_connection_lost
from jiedan.torture import database_line
from tests.conftest import Urls
from tests.patience import PATIENCE_S

CONNECT_S = int(PATIENCE_S)
MANY = 40_000
"""Rows that fit into no socket's buffer."""


@pytest_asyncio.fixture
async def connection(urls: Urls) -> AsyncIterator[Connection]:
    """Open a connection as the application."""
    opened = await Connection.open(urls.app, options="", connect_timeout_s=CONNECT_S)
    yield opened
    await opened.close()


async def _one(connection: Connection, text: bytes, **parameters: object) -> list[tuple[object, ...]]:
    (answer,) = await connection.ask([(text, parameters)])
    return answer.rows


async def test_a_set_answers_in_order(connection: Connection) -> None:
    first, second = await connection.ask(
        [
            (b"SELECT %(a)s::int + %(b)s::int, %(a)s::int %% 2", {"a": 5, "b": 2}),
            (b"SELECT x FROM unnest(%(xs)s::text[]) AS x", {"xs": ["b", "a"]}),
        ]
    )
    assert first.rows == [(7, 1)]
    assert second.rows == [("b",), ("a",)]
    assert second.touched == 2


async def test_a_statement_is_prepared_once_for_each_combination_of_types(connection: Connection) -> None:
    for value in (1, 2, "3"):
        await _one(connection, b"SELECT %(x)s::int", x=value)
    names = await _one(connection, b"SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::int'")
    assert names == [(2,)]


async def test_the_first_error_is_raised_and_nothing_after_it_is_done(connection: Connection) -> None:
    await connection.execute(b"BEGIN", prepare=False)
    with pytest.raises(psycopg.errors.DivisionByZero):
        await connection.ask([(b"SELECT 1", {}), (b"SELECT 1 / %(x)s::int", {"x": 0}), (b"SELECT no_such", {})])
    assert connection.pgconn.transaction_status == psycopg.pq.TransactionStatus.INERROR
    await connection.discard()
    assert await _one(connection, b"SELECT 1 / %(x)s::int", x=1) == [(1,)]


async def test_what_cannot_be_sent_leaves_the_connection_as_it_was(connection: Connection) -> None:
    with pytest.raises(psycopg.DataError):
        await connection.ask([(b"SELECT 1", {}), (b"SELECT %(x)s::text[]", {"x": ["\0"]})])
    assert await _one(connection, b"SELECT 2") == [(2,)]


async def test_a_set_larger_than_what_the_server_takes_at_once(connection: Connection) -> None:
    texts = ["x" * 50] * MANY
    asked = [(b"SELECT x FROM unnest(%(xs)s::text[]) AS x", {"xs": texts})] * 3
    assert [answer.touched for answer in await connection.ask(asked)] == [MANY] * 3


async def test_a_broken_connection_says_so(connection: Connection, urls: Urls) -> None:
    with psycopg.connect(urls.superuser, autocommit=True) as owner:
        owner.execute("SELECT pg_terminate_backend(%s, 2000)", [connection.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        await connection.ask([(b"SELECT 1", {})])
    assert connection.closed


@pytest.mark.parametrize("is_named", [True, False])
async def test_a_server_that_has_vanished_is_not_waited_for(urls: Urls, *, is_named: bool) -> None:
    sockets = psycopg.conninfo.conninfo_to_dict(urls.app)["host"]
    async with database_line.opened(Path(str(sockets), ".s.PGSQL.5432")) as line:
        opened = await Connection.open(line.url(urls.app), options="", connect_timeout_s=CONNECT_S)
        assert await _one(opened, b"SELECT 1") == [(1,)]
        opened.silence_s_max = 0.3
        line.condition.is_deaf = True
        assert line.mute_all() == 1
        asking = _one(opened, b"SELECT 1") if is_named else opened.execute(b"SELECT 1", prepare=False)
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(psycopg.OperationalError) as caught:
                await asking
        assert is_connection_lost(caught.value)
        assert opened.closed
        assert line.seen.connections == 1, "the silent server was asked to cancel, which is waited for twice"
        with pytest.raises(psycopg.OperationalError):
            await Connection.open(line.url(urls.app), options="", connect_timeout_s=2)


async def test_hints_are_waited_for_longer_than_answers(connection: Connection, urls: Urls) -> None:
    await connection.execute("LISTEN jiedan_test", prepare=False)
    connection.silence_s_max = 0.2

    async def ring() -> None:
        await asyncio.sleep(0.6)
        async with await psycopg.AsyncConnection.connect(urls.app, autocommit=True) as other:
            await other.execute("NOTIFY jiedan_test")

    ringing = asyncio.create_task(ring())
    heard = [hint.channel async for hint in connection.notifies(timeout=PATIENCE_S, stop_after=1)]
    await ringing
    assert heard == ["jiedan_test"]
    with pytest.raises(psycopg.OperationalError) as caught:
        await connection.ask([(b"SELECT pg_sleep(30)", {})])
    assert is_connection_lost(caught.value)


async def test_one_that_is_canceled_stops_at_the_server_too(connection: Connection) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await connection.ask([(b"SELECT pg_sleep(30)", {})])
    assert await _one(connection, b"SELECT 1") == [(1,)]
