"""Each sentence about the desk in ARCHITECTURE.md has its test here or in `test_desk_failures.py`."""

import asyncio
import collections
from collections.abc import Sequence

import pytest

from jiedan.base import db as databases
from jiedan.base import desk as desks
from jiedan.base import errors, events, ids, queueing
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.queueing import Item, Submission
from jiedan.base.sql import Statement
from tests.base.wishes import Answer, Boom, Counter, TestDesk, make, wishes
from tests.patience import until

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


async def test_those_who_were_just_answered_come_back_together(
    desk: TestDesk, counter: Counter, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "GATHER_S_MAX", 1.0)  # the pause is a share of a batch that takes long

    async def take_long(_tx: Tx, _items: Sequence[Item[str]]) -> None:
        await asyncio.sleep(1.0)

    async def twice(i: int) -> None:
        await desk.submit(scope, f"{i}")
        for _ in range(i):  # one after the other, not all in one step of the loop
            await asyncio.sleep(0)
        await desk.submit(scope, f"again {i}")

    counter.before = take_long
    await asyncio.gather(*(twice(i) for i in range(20)))
    assert [len(batch) for batch in counter.batches] == [20, 20]


async def test_a_batch_is_bounded_and_keeps_the_order_of_arrival(db: Database, counter: Counter, scope: Scope) -> None:
    desk = make(db, counter, batch_max=4)
    await asyncio.gather(*(desk.submit(scope, f"{i}") for i in range(10)))
    assert counter.batches == [["0", "1", "2", "3"], ["4", "5", "6", "7"], ["8", "9"]]


async def test_a_batch_is_answered_some_at_a_time(desk: TestDesk, counter: Counter, scope: Scope) -> None:
    """Else whoever comes then, and be it to hear that there is no room, would wait for the work of all of them."""
    step = 0
    answered_at: list[int] = []

    async def ask(i: int) -> None:
        await desk.submit(scope, f"{i}")
        answered_at.append(step)

    counter.gate.clear()
    asked = [asyncio.create_task(ask(i)) for i in range(101)]
    await counter.entered.wait()
    counter.gate.set()
    while not all(task.done() for task in asked):
        await asyncio.sleep(0)
        step += 1
    assert [len(batch) for batch in counter.batches] == [101]
    assert max(collections.Counter(answered_at).values()) <= desks.ANSWERS_AT_ONCE_MAX


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
    with pytest.raises(queueing.QueueFull) as refused:
        await desk.submit(scope, "too much")
    assert refused.value.retry_after_s >= 1
    counter.gate.set()
    await asyncio.gather(*tasks)
    assert (await desk.submit(scope, "again")).first


async def test_a_queue_is_no_longer_than_it_is_worth_waiting_for(db: Database, counter: Counter, scope: Scope) -> None:
    desk = make(db, counter, batch_max=2, wait_s_max=1e-9)
    await asyncio.gather(*(desk.submit(scope, f"full {i}") for i in range(4)))  # full batches, so the pace is known
    counter.gate.clear()
    counter.entered.clear()
    tasks = [asyncio.create_task(desk.submit(scope, "taken"))]
    await counter.entered.wait()
    tasks += [asyncio.create_task(desk.submit(scope, f"{i}")) for i in range(2)]
    await until(lambda: desk.waiting == 2)  # a batch may always wait
    with pytest.raises(queueing.QueueFull):
        desk.check_room(scope.tenant)
    with pytest.raises(queueing.QueueFull):
        await desk.submit(scope, "later than is worth it")
    many = asyncio.create_task(desk.submit_many(scope, [queueing.Submission(f"of many {i}") for i in range(5)]))
    await until(lambda: desk.waiting == 7)  # who brings many may wait longer
    counter.gate.set()
    assert all(isinstance(answer, Answer) and answer.first for answer in await many)
    assert all(answer.first for answer in await asyncio.gather(*tasks))
    desk.check_room(scope.tenant)


async def test_before_a_batch_was_full_nobody_knows_the_pace(db: Database, counter: Counter, scope: Scope) -> None:
    desk = make(db, counter, batch_max=3, wait_s_max=1e-9)
    await desk.submit(scope, "alone")
    desk.check_room(scope.tenant, 100)


async def test_the_process_as_a_whole_has_a_bound_too(
    db: Database, counter: Counter, tenant: ids.TenantId, other_tenant: ids.TenantId
) -> None:
    desk = make(db, counter, waiting_max=2)
    counter.gate.clear()
    tasks = [asyncio.create_task(desk.submit(Scope(tenant), "taken"))]
    await counter.entered.wait()
    tasks += [asyncio.create_task(desk.submit(Scope(tenant), f"{i}")) for i in range(2)]
    await until(lambda: desk.waiting == 2)
    with pytest.raises(queueing.QueueFull):
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


# Who leaves -----------------------------------------------------------------------------------------------------------


async def test_whoever_times_out_in_the_queue_leaves_it(
    desk: TestDesk, counter: Counter, db: Database, scope: Scope
) -> None:
    counter.gate.clear()
    first = asyncio.create_task(desk.submit(scope, "first"))
    await counter.entered.wait()
    with pytest.raises(queueing.DeadlinePassed):
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
    with pytest.raises(queueing.AnswerPending):
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


# Several at once ------------------------------------------------------------------------------------------------------


async def test_several_come_in_together_or_not_at_all(db: Database, counter: Counter, scope: Scope) -> None:
    desk = make(db, counter, queue_max=3)
    with pytest.raises(queueing.QueueFull):
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
