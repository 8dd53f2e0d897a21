import asyncio
import collections
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from jiedan.base import db as databases
from jiedan.base import drain, ids, leases
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.dispatch import Dispatch
from jiedan.base.drain import Drain, Handler, Joint
from jiedan.base.events import StoredEvent
from jiedan.base.recorder import StatementRecorder
from tests.base import severing
from tests.base.happenings import Happened, Ignored, Reader, emit, rows, subscribed
from tests.conftest import FakeClock, Urls, new_tenant
from tests.patience import PATIENCE_S


async def test_a_handler_gets_its_events_as_a_set_with_gapless_positions(
    db: Database, tenant: ids.TenantId, reader: Reader
) -> None:
    draining = Drain(db, None, subscribed(reader.handler()))
    await emit(db, tenant, 3)
    assert await draining.drain_tenant(tenant) == 3
    await emit(db, tenant, 2, first=3)
    assert await draining.drain_tenant(tenant) == 2
    assert await draining.drain_tenant(tenant) == 0
    assert [len(given) for given in reader.sets] == [3, 2]
    assert reader.numbers == [0, 1, 2, 3, 4]
    assert reader.positions == [1, 2, 3, 4, 5]
    assert Happened.of(reader.sets[0][0]).number == 0
    assert await rows(db, tenant, "outbox") == []
    assert [row[0] for row in await rows(db, tenant, "event_stream", "position")] == [1, 2, 3, 4, 5]


async def test_events_nobody_listens_to_get_a_position_and_leave(
    db: Database, tenant: ids.TenantId, reader: Reader
) -> None:
    async with db.begin(Scope(tenant)) as tx:
        tx.emit(Ignored(thing_id=tx.new_id(), number=1))
    assert await Drain(db, None, subscribed(reader.handler())).drain_tenant(tenant) == 1
    assert reader.sets == []
    assert await rows(db, tenant, "outbox") == []
    assert len(await rows(db, tenant, "event_stream")) == 1


async def test_positions_count_events_nobody_listens_to_in_their_place(
    db: Database, tenant: ids.TenantId, reader: Reader
) -> None:
    for number in range(3):
        async with db.begin(Scope(tenant)) as tx:
            tx.emit(Happened(thing_id=tx.new_id(), number=number), Ignored(thing_id=tx.new_id(), number=number))
    assert await Drain(db, None, subscribed(reader.handler())).drain_tenant(tenant) == 6
    assert (reader.numbers, reader.positions) == ([0, 1, 2], [1, 3, 5])
    assert await rows(db, tenant, "outbox") == []
    assert sorted(row[0] for row in await rows(db, tenant, "event_stream", "position")) == [1, 2, 3, 4, 5, 6]


async def test_each_handler_gets_what_it_subscribed_to(db: Database, tenant: ids.TenantId) -> None:
    one, two = Reader("test.one"), Reader("test.two")
    await emit(db, tenant, 2)
    await Drain(db, None, subscribed(one.handler(), two.handler())).drain_tenant(tenant)
    assert one.numbers == two.numbers == [0, 1]


async def test_imported_history_reaches_only_handlers_that_ask(db: Database, tenant: ids.TenantId) -> None:
    live, both = Reader("test.live"), Reader("test.both")
    await emit(db, tenant, 2, history=True)
    await emit(db, tenant, 1, first=2)
    await Drain(db, None, subscribed(live.handler(), both.handler(history=True))).drain_tenant(tenant)
    assert live.numbers == [2]
    assert both.numbers == [0, 1, 2]


async def test_a_handler_that_emits_is_followed_up(db: Database, tenant: ids.TenantId, reader: Reader) -> None:
    async def echo(tx: Tx, given: Sequence[StoredEvent]) -> None:
        tx.emit(*(Ignored(thing_id=event.subject_id, number=0) for event in given))

    draining = Drain(db, None, subscribed(Handler("test.echo", echo)))
    await emit(db, tenant, 2)
    assert [await draining.drain_tenant(tenant) for _ in range(3)] == [2, 2, 0]


async def test_the_statement_count_does_not_grow_with_the_set(
    db: Database, tenant: ids.TenantId, reader: Reader, recorder: StatementRecorder
) -> None:
    draining = Drain(db, None, subscribed(reader.handler()))
    counts = []
    for count in (1, 200):
        await emit(db, tenant, count)
        with recorder.watching() as sent:
            assert await draining.drain_tenant(tenant) == count
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 12


async def test_a_backlog_is_drained_in_full_sets(
    db: Database, tenant: ids.TenantId, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "EVENTS_PER_SET_MAX", 10)
    await emit(db, tenant, 25)
    assert await Drain(db, None, subscribed(reader.handler())).drain_tenant(tenant) == 25
    assert [len(given) for given in reader.sets] == [10, 10, 5]
    assert reader.positions == list(range(1, 26))


async def test_a_turn_is_bounded(
    db: Database, tenant: ids.TenantId, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "EVENTS_PER_SET_MAX", 10)
    monkeypatch.setattr(drain, "EVENTS_PER_TURN_MAX", 20)
    await emit(db, tenant, 25)
    draining = Drain(db, None, subscribed(reader.handler()))
    assert [await draining.drain_tenant(tenant) for _ in range(3)] == [20, 5, 0]


async def test_handlers_beside_the_others_run_at_the_same_time_as_them(db: Database, tenant: ids.TenantId) -> None:
    begun: dict[str, asyncio.Event] = {name: asyncio.Event() for name in ("test.acts", "test.indexes")}
    running: set[str] = set()
    order: list[str] = []

    def meeting(name: str, other: str, *, beside: bool) -> Handler:
        async def meet(_tx: Tx, _given: Sequence[StoredEvent]) -> None:
            begun[name].set()
            await begun[other].wait()

        return Handler(name, meet, beside=beside)

    def following(name: str) -> Handler:
        async def follow(_tx: Tx, _given: Sequence[StoredEvent]) -> None:
            running.add(name)
            assert running == {name}, "handlers that are beside no other run one after the other"
            order.append(name)
            await asyncio.sleep(0.01)
            running.remove(name)

        return Handler(name, follow)

    handlers = (
        meeting("test.acts", "test.indexes", beside=False),
        following("test.then"),
        meeting("test.indexes", "test.acts", beside=True),
        following("test.at_last"),
    )
    await emit(db, tenant, 3)
    async with asyncio.timeout(PATIENCE_S):
        assert await Drain(db, None, subscribed(*handlers), in_two=True).drain_tenant(tenant) == 3
    assert order == ["test.then", "test.at_last"]
    assert await rows(db, tenant, "outbox") == []


async def test_what_fails_beside_the_others_is_kept_as_what_fails_before_them(
    db: Database, tenant: ids.TenantId
) -> None:
    acts, indexes = Reader("test.acts"), Reader("test.indexes")
    acts.poison, indexes.poison = {1}, {2}
    await emit(db, tenant, 4)
    handlers = subscribed(acts.handler(), Handler("test.indexes", indexes.read, beside=True))
    await Drain(db, None, handlers, in_two=True).drain_tenant(tenant)
    assert sorted(acts.numbers) == [0, 2, 3]
    assert sorted(indexes.numbers) == [0, 1, 3]
    assert [row[0] for row in await rows(db, tenant, "outbox_retry", "handler")] == ["test.acts", "test.indexes"]
    assert await rows(db, tenant, "outbox") == []


async def test_an_outage_beside_the_others_ends_the_turn_and_hands_out_again(
    db: Database, tenant: ids.TenantId
) -> None:
    begun = asyncio.Event()
    ended: list[str] = []

    async def goes_on(_tx: Tx, _given: Sequence[StoredEvent]) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()  # for good
        finally:
            ended.append("test.goes_on")

    async def loses_it(_tx: Tx, _given: Sequence[StoredEvent]) -> None:
        await begun.wait()
        raise psycopg.OperationalError("gone")

    await emit(db, tenant, 2)
    handlers = subscribed(Handler("test.goes_on", goes_on), Handler("test.loses_it", loses_it, beside=True))
    with pytest.raises(databases.DatabaseUnavailable):
        await Drain(db, None, handlers, holder="me", in_two=True).drain_tenant(tenant)
    assert ended == ["test.goes_on"]
    reader = Reader("test.goes_on")
    await Drain(db, None, subscribed(reader.handler()), holder="me", in_two=True).drain_tenant(tenant)
    assert reader.numbers == [0, 1]


# Handlers of one joint ------------------------------------------------------------------------------------------------


async def test_handlers_of_one_joint_get_their_sets_at_once_in_one_transaction(
    db: Database, tenant: ids.TenantId
) -> None:
    one, two, between = Reader("test.one"), Reader("test.two"), Reader("test.between")
    given: list[dict[str, list[int]]] = []

    async def both(_tx: Tx, sets: Mapping[str, Sequence[StoredEvent]]) -> None:
        given.append({name: [event.data["number"] for event in events] for name, events in sets.items()})

    joint = Joint(both)
    handlers = (
        Handler("test.one", one.read, joint=joint),
        between.handler(),
        Handler("test.two", two.read, history=True, joint=joint),
    )
    draining = Drain(db, None, subscribed(*handlers))
    await emit(db, tenant, 2)
    await emit(db, tenant, 1, first=2, history=True)
    assert await draining.drain_tenant(tenant) == 3
    assert given == [{"test.one": [0, 1], "test.two": [0, 1, 2]}]
    assert one.sets == two.sets == []
    assert between.numbers == [0, 1]
    await emit(db, tenant, 1, first=3, history=True)
    assert await draining.drain_tenant(tenant) == 1
    assert two.numbers == [3], "one that has nothing to share it with gets its set as any other"
    assert len(given) == 1


async def test_what_one_of_a_joint_cannot_digest_holds_up_none_of_the_others(
    db: Database, tenant: ids.TenantId
) -> None:
    one, two = Reader("test.one"), Reader("test.two")
    two.poison = {1}

    async def both(tx: Tx, sets: Mapping[str, Sequence[StoredEvent]]) -> None:
        tx.emit(*(Ignored(thing_id=event.subject_id, number=0) for event in sets["test.one"]))
        await two.read(tx, sets["test.two"])

    joint = Joint(both)
    handlers = [Handler(reader.name, reader.read, joint=joint) for reader in (one, two)]
    await emit(db, tenant, 3)
    draining = Drain(db, None, subscribed(*handlers))
    assert await draining.drain_tenant(tenant) == 3
    assert one.numbers == [0, 1, 2]
    assert sorted(two.numbers) == [0, 2]
    assert await rows(db, tenant, "outbox_retry", "handler") == [("test.two",)]
    assert await draining.drain_tenant(tenant) == 0, "nothing is left of what was done at once"


async def test_an_outage_of_a_joint_hands_out_again(db: Database, tenant: ids.TenantId) -> None:
    one, two = Reader("test.one"), Reader("test.two")

    async def loses_it(_tx: Tx, _sets: Mapping[str, Sequence[StoredEvent]]) -> None:
        raise psycopg.OperationalError("gone")

    handlers = [Handler(reader.name, reader.read, joint=Joint(loses_it)) for reader in (one, two)]
    assert handlers[0].joint == handlers[1].joint
    await emit(db, tenant, 2)
    with pytest.raises(databases.DatabaseUnavailable):
        await Drain(db, None, subscribed(*handlers), holder="me").drain_tenant(tenant)
    assert one.calls == two.calls == 0
    await Drain(db, None, subscribed(one.handler(), two.handler()), holder="me").drain_tenant(tenant)
    assert one.numbers == two.numbers == [0, 1]


# Leases and crashes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_two", [False, True])
async def test_two_workers_cannot_drain_a_merchant_at_once(
    db: Database, tenant: ids.TenantId, monkeypatch: pytest.MonkeyPatch, *, in_two: bool
) -> None:
    monkeypatch.setattr(drain, "EVENTS_PER_SET_MAX", 5)
    at_once: list[int] = []
    running = 0
    seen: list[UUID] = []

    async def slow(tx: Tx, given: Sequence[StoredEvent]) -> None:
        nonlocal running
        running += 1
        at_once.append(running)
        await asyncio.sleep(0.005)
        seen.extend(event.event_id for event in given)
        running -= 1

    workers = [Drain(db, None, subscribed(Handler("test.slow", slow)), in_two=in_two) for _ in range(4)]
    await emit(db, tenant, 60)
    while await rows(db, tenant, "outbox"):
        await asyncio.gather(*(worker.drain_tenant(tenant) for worker in workers))
    assert set(at_once) == {1}
    assert len(seen) == len(set(seen)) == 60
    assert [row[0] for row in await rows(db, tenant, "event_stream", "position")] == list(range(1, 61))


async def test_what_a_killed_worker_held_is_handed_out_again_under_the_same_positions(
    db: Database, tenant: ids.TenantId, clock: FakeClock
) -> None:
    first, second = Reader("test.first"), Reader("test.second")

    async def killed(tx: Tx, given: Sequence[StoredEvent]) -> None:
        raise asyncio.CancelledError  # what a kill looks like from inside: nothing more is written

    await emit(db, tenant, 3)
    dying = Drain(db, None, subscribed(first.handler(), Handler("test.second", killed)))
    with pytest.raises(asyncio.CancelledError):
        await dying.drain_tenant(tenant)
    survivor = Drain(db, None, subscribed(first.handler(), second.handler()))
    assert await survivor.drain_tenant(tenant) == 0, "the lease still runs"
    clock.advance(leases.LEASE)
    await emit(db, tenant, 1, first=3)
    assert await survivor.drain_tenant(tenant) == 4
    assert first.positions == [1, 2, 3, 1, 2, 3, 4], "a handler may see an event again: it is idempotent by event id"
    assert second.positions == [1, 2, 3, 4]
    assert await rows(db, tenant, "outbox") == []


async def test_nobody_waits_for_the_lease_of_a_clock_that_was_hours_ahead(
    db: Database, tenant: ids.TenantId, clock: FakeClock
) -> None:
    reader = Reader("test.reader")
    clock.advance(timedelta(hours=3))
    await emit(db, tenant, 1)
    assert await Drain(db, None, subscribed(reader.handler())).drain_tenant(tenant) == 1
    clock.advance(-timedelta(hours=3))
    await emit(db, tenant, 1, first=1)
    assert await Drain(db, None, subscribed(reader.handler())).drain_tenant(tenant) == 1


async def test_a_worker_whose_lease_was_taken_stops_without_harm(
    db: Database, tenant: ids.TenantId, clock: FakeClock
) -> None:
    thief_reader = Reader()
    thief = Drain(db, None, subscribed(thief_reader.handler()))
    slept = Reader("test.slept")

    async def oversleeps(tx: Tx, given: Sequence[StoredEvent]) -> None:
        slept.calls += 1
        raise databases.OutcomeUnknown

    await emit(db, tenant, 2)
    sleeper = Drain(db, None, subscribed(Handler("test.oversleeps", oversleeps)))
    with pytest.raises(databases.OutcomeUnknown):
        await sleeper.drain_tenant(tenant)
    clock.advance(leases.LEASE)
    assert await thief.drain_tenant(tenant) == 2
    done = leases.Done(event_ids=[event.event_id for event in thief_reader.sets[0]])
    await emit(db, tenant, 1)
    with pytest.raises(leases.LeaseLost):
        await sleeper._leases.give_back(tenant, done)
    with pytest.raises(leases.LeaseLost):
        await sleeper._call(tenant, Handler("test.late", slept.read), thief_reader.sets[0], retried=False)
    assert slept.sets == []
    assert len(await rows(db, tenant, "outbox")) == 1


@pytest.mark.parametrize("commit", range(1, 5))
async def test_a_lost_reply_at_any_commit_loses_no_event_and_no_position(
    db: Database, urls: Urls, tenant: ids.TenantId, clock: FakeClock, commit: int
) -> None:
    await emit(db, tenant, 4)
    one, two = Reader("test.one"), Reader("test.two")
    subscriptions = subscribed(one.handler(), two.handler())
    async with severing.proxy(urls.app) as (url, proxy):
        shaky = Database(url, clock=clock, pool_size=1)
        async with shaky.read(Scope(tenant)):
            pass
        proxy.skip, proxy.times = commit - 1, 1
        with pytest.raises(databases.OutcomeUnknown):
            await Drain(shaky, None, subscriptions).drain_tenant(tenant)
        await shaky.close()
    clock.advance(leases.LEASE)
    await Drain(db, None, subscriptions).drain_tenant(tenant)
    for reader in (one, two):
        assert set(reader.positions) == {1, 2, 3, 4}
        assert {(e.position, e.event_id) for given in reader.sets for e in given} == set(
            await rows(db, tenant, "event_stream", "position, event_id")
        )
    assert await rows(db, tenant, "outbox") == []


# The worker's loop ----------------------------------------------------------------------------------------------------


async def until_empty(db: Database, *tenants: ids.TenantId) -> None:
    async with asyncio.timeout(PATIENCE_S):
        for tenant in tenants:
            while await rows(db, tenant, "outbox"):  # noqa: ASYNC110 - looks at the database from outside
                await asyncio.sleep(0.02)


async def test_workers_drain_every_merchant_until_told_to_stop(db: Database, urls: Urls, reader: Reader) -> None:
    tenants = [await new_tenant(db) for _ in range(9)]
    subscriptions = subscribed(reader.handler())
    workers = [Drain(db, Dispatch(urls.dispatch), subscriptions) for _ in range(2)]
    running = [asyncio.create_task(worker.run()) for worker in workers]
    for turn in range(3):
        for tenant in tenants:
            await emit(db, tenant, 4, first=4 * turn)
    await until_empty(db, *tenants)
    for worker in workers:
        worker.stop()
    await asyncio.wait_for(asyncio.gather(*running), PATIENCE_S)
    counts = collections.Counter(event.event_id for given in reader.sets for event in given if event.data)
    assert set(counts.values()) == {1}
    for tenant in tenants:
        assert [row[0] for row in await rows(db, tenant, "event_stream", "position")] == list(range(1, 13))


async def test_a_merchant_that_fails_does_not_stop_the_worker(
    db: Database, urls: Urls, tenant: ids.TenantId, other_tenant: ids.TenantId, reader: Reader
) -> None:
    async def breaks(tx: Tx, given: Sequence[StoredEvent]) -> None:
        if tx.tenant == other_tenant:
            raise databases.OutcomeUnknown
        await reader.read(tx, given)

    worker = Drain(db, Dispatch(urls.dispatch), subscribed(Handler("test.breaks", breaks)))
    running = asyncio.create_task(worker.run())
    await emit(db, other_tenant, 1)
    await emit(db, tenant, 2)
    await until_empty(db, tenant)
    worker.stop()
    await asyncio.wait_for(running, PATIENCE_S)
    assert len(await rows(db, other_tenant, "outbox")) == 1
