"""Each sentence about the desk in ARCHITECTURE.md has its test here.

The work is a `Wish`: `run` claims its key, then acts on its `text`, so the desk is tried on real transactions.
"""

import asyncio
import collections
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, ClassVar
from uuid import UUID

import msgspec
import psycopg
import pytest
import pytest_asyncio

from jiedan.base import db as databases
from jiedan.base import desk as desks
from jiedan.base import errors, events, idempotency, ids
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.desk import Desk, Item, Submission
from jiedan.base.idempotency import Claim, Fresh
from jiedan.base.sql import Statement
from tests.base import severing
from tests.conftest import Urls

OPERATION = "desk.test"


class Wished(events.Event, frozen=True, kw_only=True):
    kind: ClassVar[str] = "desk.wished"
    subject_kind: ClassVar[str] = "wish"
    subject: ClassVar[str] = "wish_id"

    wish_id: UUID
    text: str


class Boom(Exception):
    """What a poisonous wish raises."""


class Answer(msgspec.Struct, frozen=True):
    text: str
    first: bool
    wish_id: UUID


class Counter:
    """A desk's `run` with its memory: which batches came, and a gate that keeps a batch from ending."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()
        self.in_flight: collections.Counter[ids.TenantId] = collections.Counter()
        self.in_flight_max: collections.Counter[ids.TenantId] = collections.Counter()
        self.together_max = 0
        self.before: Callable[[Tx, Sequence[Item[str]]], Awaitable[None]] | None = None

    async def run(self, tx: Tx, _prepared: None, items: Sequence[Item[str]]) -> list[Answer]:
        self.batches.append([item.work for item in items])
        self.in_flight[tx.tenant] += 1
        self.in_flight_max |= self.in_flight
        self.together_max = max(self.together_max, self.in_flight.total())
        self.entered.set()
        try:
            await self.gate.wait()
            if self.before is not None:
                await self.before(tx, items)
            return await self._grant(tx, items)
        finally:
            self.in_flight[tx.tenant] -= 1

    async def _grant(self, tx: Tx, items: Sequence[Item[str]]) -> list[Answer]:
        claims = [Claim(i.caller, i.key, idempotency.fingerprint(i.work), tx.new_id()) for i in items]
        verdicts = await idempotency.claim_many(tx, operation=OPERATION, claims=claims)
        answers = []
        for item, verdict in zip(items, verdicts, strict=True):
            if item.work == "boom":
                raise Boom
            assert not isinstance(verdict, idempotency.Reused)
            fresh = isinstance(verdict, Fresh)
            if fresh:
                wished = Wished(wish_id=verdict.subject_id, text=item.work)
                tx.emit(wished, actor=item.scope.actor, request_id=item.scope.request_id)
            answers.append(Answer(item.work, fresh, verdict.subject_id))
        return answers


TestDesk = Desk[str, None, Answer]


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(db: Database, counter: Counter) -> AsyncIterator[TestDesk]:
    made = make(db, counter)
    yield made
    counter.gate.set()
    await made.close()


def make(db: Database, counter: Counter, **options: Any) -> TestDesk:
    return Desk("test", database=db, prepare=desks.nothing_to_prepare, run=counter.run, **options)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - looks at the desk's queue from outside
            await asyncio.sleep(0.005)


async def wishes(db: Database, scope: Scope) -> list[str]:
    async with db.read(scope) as tx:
        statement = Statement("t", b"SELECT data FROM event_log WHERE tenant_id = %(tenant_id)s ORDER BY event_id")
        return [row[0]["text"] for row in await tx.sql(statement)]


# One batch at a time, gathering while one commits ---------------------------------------------------------------------


async def test_a_lone_item_waits_for_nothing(desk: TestDesk, counter: Counter, scope: Scope) -> None:
    assert (await desk.submit(scope, "one")).text == "one"
    assert counter.batches == [["one"]]
    assert desk.waiting == 0


async def test_while_one_batch_commits_the_next_gathers(desk: TestDesk, counter: Counter, scope: Scope) -> None:
    counter.gate.clear()
    first = asyncio.create_task(desk.submit(scope, "first"))
    await counter.entered.wait()
    rest = [asyncio.create_task(desk.submit(scope, f"{i}")) for i in range(50)]
    await until(lambda: desk.waiting == 50)
    counter.gate.set()
    assert [answer.text for answer in await asyncio.gather(first, *rest)] == ["first", *(f"{i}" for i in range(50))]
    assert counter.batches == [["first"], [f"{i}" for i in range(50)]]


async def test_a_batch_is_bounded_and_keeps_the_order_of_arrival(db: Database, counter: Counter, scope: Scope) -> None:
    desk = make(db, counter, batch_max=4)
    await asyncio.gather(*(desk.submit(scope, f"{i}") for i in range(10)))
    assert counter.batches == [["0", "1", "2", "3"], ["4", "5", "6", "7"], ["8", "9"]]


async def test_one_batch_is_in_flight_per_merchant_and_merchants_take_turns(
    db: Database, counter: Counter, tenant: ids.TenantId, other_tenant: ids.TenantId
) -> None:
    desk = make(db, counter, batch_max=2, batches_at_once_max=1)
    order: list[ids.TenantId] = []

    async def submit(which: ids.TenantId, text: str) -> None:
        await desk.submit(Scope(which), text)
        order.append(which)

    big = [asyncio.create_task(submit(tenant, f"{i}")) for i in range(20)]
    await counter.entered.wait()
    small = asyncio.create_task(submit(other_tenant, "small"))
    await asyncio.gather(*big, small)
    assert order.index(other_tenant) <= 6
    assert counter.in_flight_max == {tenant: 1, other_tenant: 1}
    assert counter.together_max == 1


async def test_merchants_do_not_wait_for_each_other_while_there_is_room(
    desk: TestDesk, counter: Counter, tenant: ids.TenantId, other_tenant: ids.TenantId
) -> None:
    counter.gate.clear()
    both = [asyncio.create_task(desk.submit(Scope(which), "x")) for which in (tenant, other_tenant)]
    await until(lambda: counter.together_max == 2)
    counter.gate.set()
    await asyncio.gather(*both)


async def test_an_item_carries_its_own_actor_request_and_caller(
    desk: TestDesk, counter: Counter, db: Database, tenant: ids.TenantId
) -> None:
    seen: list[Item[str]] = []

    async def remember(_tx: Tx, items: Sequence[Item[str]]) -> None:
        seen.extend(items)

    counter.before = remember
    actor = events.Actor("staff", "7")
    await desk.submit(Scope(tenant, actor, "req-1"), "x", caller="staff:7", key="k")
    assert (seen[0].scope.actor, seen[0].scope.request_id, seen[0].caller, seen[0].key) == (
        actor, "req-1", "staff:7", "k",
    )  # fmt: skip
    async with db.read(Scope(tenant)) as tx:
        statement = Statement("t", b"SELECT actor_id, request_id FROM event_log WHERE tenant_id = %(tenant_id)s")
        assert await tx.sql(statement) == [("7", "req-1")]


async def test_an_item_without_a_key_gets_one_of_its_own(desk: TestDesk, counter: Counter, scope: Scope) -> None:
    answers = await asyncio.gather(desk.submit(scope, "same"), desk.submit(scope, "same"))
    assert all(answer.first for answer in answers)


# Refusals -------------------------------------------------------------------------------------------------------------


async def test_a_full_queue_answers_come_again(db: Database, counter: Counter, scope: Scope) -> None:
    desk = make(db, counter, queue_max=3)
    counter.gate.clear()
    tasks = [asyncio.create_task(desk.submit(scope, "taken"))]
    await counter.entered.wait()
    tasks += [asyncio.create_task(desk.submit(scope, f"{i}")) for i in range(3)]
    await until(lambda: desk.waiting == 3)
    with pytest.raises(desks.QueueFull) as refused:
        await desk.submit(scope, "too much")
    assert refused.value.retry_after_s >= 1
    counter.gate.set()
    await asyncio.gather(*tasks)
    assert (await desk.submit(scope, "again")).first


async def test_the_process_as_a_whole_has_a_bound_too(
    db: Database, counter: Counter, tenant: ids.TenantId, other_tenant: ids.TenantId
) -> None:
    desk = make(db, counter, waiting_max=2)
    counter.gate.clear()
    tasks = [asyncio.create_task(desk.submit(Scope(tenant), "taken"))]
    await counter.entered.wait()
    tasks += [asyncio.create_task(desk.submit(Scope(tenant), f"{i}")) for i in range(2)]
    await until(lambda: desk.waiting == 2)
    with pytest.raises(desks.QueueFull):
        await desk.submit(Scope(other_tenant), "too much")
    counter.gate.set()
    await asyncio.gather(*tasks)
    assert desk.waiting == 0


async def test_what_needs_no_database_is_refused_before_the_queue(db: Database, counter: Counter, scope: Scope) -> None:
    def check(_scope: Scope, work: str) -> None:
        if "\u0000" in work:
            raise errors.Invalid(field="text")

    desk = make(db, counter, check=check)
    with pytest.raises(errors.Invalid):
        await desk.submit(scope, "a\u0000b")
    assert counter.batches == []
    results = await desk.submit_many(scope, [Submission("good"), Submission("\u0000"), Submission("fine")])
    assert [getattr(result, "text", None) for result in results] == ["good", None, "fine"]
    assert isinstance(results[1], errors.Invalid)


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
    assert [type(answer) for answer in answers] == [errors.Unavailable, errors.Unavailable]
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


# Who leaves -----------------------------------------------------------------------------------------------------------


async def test_whoever_times_out_in_the_queue_leaves_it(
    desk: TestDesk, counter: Counter, db: Database, scope: Scope
) -> None:
    counter.gate.clear()
    first = asyncio.create_task(desk.submit(scope, "first"))
    await counter.entered.wait()
    with pytest.raises(desks.DeadlinePassed):
        await desk.submit(scope, "late", deadline_s=0.02)
    assert desk.waiting == 0
    counter.gate.set()
    await first
    assert await wishes(db, scope) == ["first"]


async def test_whoever_disconnects_in_the_queue_leaves_it(
    desk: TestDesk, counter: Counter, db: Database, scope: Scope
) -> None:
    counter.gate.clear()
    first = asyncio.create_task(desk.submit(scope, "first"))
    await counter.entered.wait()
    gone = asyncio.create_task(desk.submit(scope, "gone"))
    many = asyncio.create_task(desk.submit_many(scope, [Submission("gone too"), Submission("and so")]))
    await until(lambda: desk.waiting == 3)
    for task in (gone, many):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert desk.waiting == 0
    counter.gate.set()
    await first
    assert await wishes(db, scope) == ["first"]


async def test_once_taken_work_commits_and_its_answer_waits_under_the_key(
    desk: TestDesk, counter: Counter, db: Database, scope: Scope
) -> None:
    counter.gate.clear()
    late = asyncio.create_task(desk.submit(scope, "late", caller="c", key="late", deadline_s=0.02))
    gone = asyncio.create_task(desk.submit(scope, "gone", caller="c", key="gone"))
    await counter.entered.wait()
    with pytest.raises(desks.AnswerPending):
        await late
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    counter.gate.set()
    again = await asyncio.gather(*(desk.submit(scope, text, caller="c", key=text) for text in ("late", "gone")))
    assert [answer.first for answer in again] == [False, False]
    assert await wishes(db, scope) == ["late", "gone"]


async def test_abandoned_futures_never_stop_the_loop(desk: TestDesk, counter: Counter, scope: Scope) -> None:
    for _ in range(3):
        counter.gate.clear()
        counter.entered.clear()
        tasks = [asyncio.create_task(desk.submit(scope, "boom" if i % 3 else "x")) for i in range(6)]
        await counter.entered.wait()
        for task in tasks:
            task.cancel()
        counter.gate.set()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert (await desk.submit(scope, "alive")).text == "alive"


async def test_when_the_loop_dies_the_waiting_are_told_and_it_starts_again(
    desk: TestDesk, counter: Counter, db: Database, scope: Scope
) -> None:
    counter.gate.clear()
    taken = asyncio.create_task(desk.submit(scope, "taken"))
    await counter.entered.wait()
    waiting = asyncio.create_task(desk.submit(scope, "waiting"))
    await until(lambda: desk.waiting == 1)
    loop_of_the_tenant = desk._counters[scope.tenant].task
    assert loop_of_the_tenant is not None
    loop_of_the_tenant.cancel()
    answers = await asyncio.gather(taken, waiting, return_exceptions=True)
    assert [type(answer) for answer in answers] == [databases.OutcomeUnknown, errors.Unavailable]
    counter.gate.set()
    assert (await desk.submit(scope, "next")).first
    assert await wishes(db, scope) == ["next"]
    assert desk.waiting == 0


# Stops and broken connections -----------------------------------------------------------------------------------------


async def test_closing_lets_nobody_in_and_drains(desk: TestDesk, counter: Counter, scope: Scope) -> None:
    counter.gate.clear()
    first = asyncio.create_task(desk.submit(scope, "first"))
    await counter.entered.wait()
    second = asyncio.create_task(desk.submit(scope, "second"))
    await until(lambda: desk.waiting == 1)
    closing = asyncio.create_task(desk.close())
    await asyncio.sleep(0.01)
    with pytest.raises(desks.ShuttingDown):
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
    monkeypatch.setattr(desks, "BATCH_S_MAX", 0.05)
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


# Several at once ------------------------------------------------------------------------------------------------------


async def test_several_come_in_together_or_not_at_all(db: Database, counter: Counter, scope: Scope) -> None:
    desk = make(db, counter, queue_max=3)
    with pytest.raises(desks.QueueFull):
        await desk.submit_many(scope, [Submission(f"{i}") for i in range(4)])
    assert counter.batches == []
    results = await desk.submit_many(scope, [Submission("a", "k"), Submission("b")], caller="c")
    assert [result.text for result in results if isinstance(result, Answer)] == ["a", "b"]
    again = await desk.submit(scope, "a", caller="c", key="k")
    assert not again.first


async def test_a_bug_in_one_of_several_is_raised_after_the_others_committed(
    desk: TestDesk, db: Database, scope: Scope
) -> None:
    with pytest.raises(Boom):
        await desk.submit_many(scope, [Submission("a"), Submission("boom"), Submission("b")])
    assert await wishes(db, scope) == ["a", "b"]
