"""What the desk does when a batch fails, the process stops or the database goes away."""

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from jiedan.base import db as databases
from jiedan.base import desk as desks
from jiedan.base import errors, queueing
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.desk import Desk
from jiedan.base.queueing import Item
from jiedan.base.sql import Statement
from tests.base import severing
from tests.base.wishes import Answer, Boom, Counter, TestDesk, make, wishes
from tests.conftest import Urls
from tests.patience import until

# Culprits -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [0, 3, 6])
async def test_a_failing_batch_is_halved_until_the_culprit_stands_alone(
    desk: TestDesk, counter: Counter, db: Database, scope: Scope, at: int
) -> None:
    texts = [f"{i}" for i in range(7)]
    texts[at] = "boom"
    answers = await asyncio.gather(*(desk.submit(scope, text) for text in texts), return_exceptions=True)
    assert isinstance(answers[at], Boom)
    assert [a.text for a in answers if isinstance(a, Answer)] == [text for text in texts if text != "boom"]
    assert await wishes(db, scope) == [text for text in texts if text != "boom"]
    assert ["boom"] in counter.batches


async def test_one_character_that_postgresql_refuses_sinks_nobody_else(
    desk: TestDesk, counter: Counter, scope: Scope
) -> None:
    async def store(tx: Tx, items: Sequence[Item[str]]) -> None:
        await tx.sql(Statement("t", b"SELECT unnest(%(texts)s::text[])"), texts=[item.work for item in items])

    counter.before = store
    answers = await asyncio.gather(*(desk.submit(scope, t) for t in ("a", "b\u0000", "c")), return_exceptions=True)
    assert [isinstance(answer, Answer) for answer in answers] == [True, False, True]
    assert isinstance(answers[1], psycopg.DataError)


async def test_a_wrong_number_of_results_commits_nothing(db: Database, scope: Scope) -> None:
    counter = Counter()

    async def run(tx: Tx, prepared: None, items: Sequence[Item[str]]) -> list[Answer]:
        return (await counter.run(tx, prepared, items))[1:]

    desk: TestDesk = Desk("short", database=db, prepare=desks.nothing_to_prepare, run=run)
    with pytest.raises(RuntimeError, match="0 results for 1 items"):
        await desk.submit(scope, "x")
    assert await wishes(db, scope) == []


@pytest.mark.parametrize("lost", [psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure])
async def test_a_batch_that_lost_to_another_is_run_again_whole(
    desk: TestDesk, counter: Counter, scope: Scope, lost: type[psycopg.Error]
) -> None:
    async def lose_twice(_tx: Tx, _items: Sequence[Item[str]]) -> None:
        if len(counter.batches) <= 2:
            raise lost

    counter.before = lose_twice
    answers = await asyncio.gather(*(desk.submit(scope, f"{i}") for i in range(5)))
    assert all(answer.first for answer in answers)
    assert [len(batch) for batch in counter.batches] == [5, 5, 5]


async def test_a_batch_that_always_loses_is_told_to_come_again_and_not_halved(
    desk: TestDesk, counter: Counter, scope: Scope
) -> None:
    async def lose(_tx: Tx, _items: Sequence[Item[str]]) -> None:
        raise psycopg.errors.DeadlockDetected

    counter.before = lose
    answers = await asyncio.gather(*(desk.submit(scope, f"{i}") for i in range(2)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [errors.Overtaken, errors.Overtaken]
    assert [len(batch) for batch in counter.batches] == [2] * databases.TRIES_MAX


async def test_whoever_waits_too_long_for_a_lock_is_told_to_come_again_and_holds_nobody_up(
    desk: TestDesk, counter: Counter, scope: Scope
) -> None:
    async def wait(_tx: Tx, items: Sequence[Item[str]]) -> None:
        if any(item.work == "locked" for item in items):
            raise psycopg.errors.LockNotAvailable

    counter.before = wait
    answers = await asyncio.gather(*(desk.submit(scope, t) for t in ("a", "locked", "b")), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Answer, errors.Unavailable, Answer]


@pytest.mark.parametrize("trouble", [psycopg.errors.DiskFull, psycopg.errors.ReadOnlySqlTransaction])
async def test_a_database_that_is_full_or_read_only_is_nobodys_fault(
    desk: TestDesk, counter: Counter, scope: Scope, trouble: type[psycopg.Error], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "RECONNECT_S_MAX", 0.2)

    async def fail(_tx: Tx, _items: Sequence[Item[str]]) -> None:
        raise trouble

    counter.before = fail
    answers = await asyncio.gather(*(desk.submit(scope, t) for t in ("a", "b")), return_exceptions=True)
    assert {type(answer) for answer in answers} == {databases.DatabaseUnavailable}
    assert {len(batch) for batch in counter.batches} == {2}
    counter.before = None
    assert (await desk.submit(scope, "later")).first


# Stops and broken connections -----------------------------------------------------------------------------------------


async def test_closing_lets_nobody_in_and_drains(desk: TestDesk, counter: Counter, scope: Scope) -> None:
    counter.gate.clear()
    first = asyncio.create_task(desk.submit(scope, "first"))
    await counter.entered.wait()
    second = asyncio.create_task(desk.submit(scope, "second"))
    await until(lambda: desk.waiting == 1)
    closing = asyncio.create_task(desk.close())
    await asyncio.sleep(0.01)
    with pytest.raises(queueing.ShuttingDown):
        await desk.submit(scope, "too late")
    assert not closing.done()
    counter.gate.set()
    await closing
    assert [(await task).text for task in (first, second)] == ["first", "second"]


async def test_closing_gives_up_after_its_time_and_says_so(desk: TestDesk, counter: Counter, scope: Scope) -> None:
    counter.gate.clear()
    stuck = asyncio.create_task(desk.submit(scope, "stuck"))
    await counter.entered.wait()
    await desk.close(timeout_s=0.05)
    with pytest.raises(databases.OutcomeUnknown):
        await stuck


async def test_a_batch_that_never_ends_is_rolled_back(
    desk: TestDesk, counter: Counter, db: Database, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as short:
        short.setattr(desks, "BATCH_S_MAX", 0.05)
        counter.gate.clear()
        with pytest.raises(databases.OutcomeUnknown):
            await desk.submit(scope, "stuck")
    counter.gate.set()
    assert await wishes(db, scope) == []
    assert (await desk.submit(scope, "next")).first


async def test_a_connection_lost_before_the_commit_is_taken_up_again(
    desk: TestDesk, counter: Counter, db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    async def cut_once(tx: Tx, _items: Sequence[Item[str]]) -> None:
        if len(counter.batches) == 1:
            owner.execute("SELECT pg_terminate_backend(%s, 2000)", [tx._driver.info.backend_pid])

    counter.before = cut_once
    answers = await asyncio.gather(*(desk.submit(scope, f"{i}") for i in range(3)))
    assert all(answer.first for answer in answers)
    assert counter.batches == [["0", "1", "2"], ["0", "1", "2"]]
    assert await wishes(db, scope) == ["0", "1", "2"]


async def test_after_a_lost_commit_reply_the_batch_is_loaded_again_by_its_keys(
    urls: Urls, db: Database, counter: Counter, scope: Scope
) -> None:
    async with severing.proxy(urls.app) as (url, proxy):
        database = Database(url, clock=db.clock, pool_size=2)
        desk = make(database, counter)
        await desk.submit(scope, "before")
        proxy.times = 2
        answers = await asyncio.gather(*(desk.submit(scope, f"{i}") for i in range(3)))
        await desk.close()
        await database.close()
    assert proxy.cut == 2
    assert [answer.text for answer in answers] == ["0", "1", "2"]
    assert [answer.first for answer in answers] == [False, False, False]
    assert counter.batches[1:] == [["0", "1", "2"]] * 3
    assert await wishes(db, scope) == ["before", "0", "1", "2"]


async def test_a_lost_transaction_that_still_holds_its_keys_is_waited_for(
    desk: TestDesk, counter: Counter, db: Database, scope: Scope
) -> None:
    tries = 0

    async def unlucky(_tx: Tx, _items: Sequence[Item[str]]) -> None:
        nonlocal tries
        tries += 1
        if tries <= 2:
            raise [databases.OutcomeUnknown, psycopg.errors.LockNotAvailable][tries - 1]

    counter.before = unlucky
    answers = await asyncio.gather(*(desk.submit(scope, t) for t in ("a", "b")))
    assert [answer.text for answer in answers] == ["a", "b"]
    assert counter.batches == [["a", "b"]] * 3
    assert await wishes(db, scope) == ["a", "b"]


async def test_a_database_that_stays_away_is_named(
    scope: Scope, db: Database, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "RECONNECT_S_MAX", 0.2)
    database = Database("postgresql://nobody@127.0.0.1:1/nowhere", clock=db.clock, pool_size=1)
    desk = make(database, counter)
    with pytest.raises(databases.DatabaseUnavailable):
        await desk.submit(scope, "x")
    await desk.close()
