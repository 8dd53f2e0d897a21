"""What the drain does with events that a handler cannot digest."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import psycopg
import pytest

from jiedan.base import dead_letters, drain, errors, ids
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.drain import Drain, Handler
from jiedan.base.events import StoredEvent
from tests.base.happenings import Happened, Ignored, Reader, Unheard, emit, rows, subscribed
from tests.conftest import FakeClock

# Failures -------------------------------------------------------------------------------------------------------------


async def test_a_poisonous_event_stands_alone_and_holds_nobody_up(
    db: Database, tenant: ids.TenantId, reader: Reader
) -> None:
    well = Reader("test.well")
    reader.poison = {5}
    await emit(db, tenant, 20)
    await Drain(db, None, subscribed(reader.handler(), well.handler())).drain_tenant(tenant)
    assert reader.numbers == [i for i in range(20) if i != 5]
    assert well.numbers == list(range(20))
    assert await rows(db, tenant, "outbox") == []
    ((handler, attempts, reason, dead_at),) = await rows(
        db, tenant, "outbox_retry", "handler, attempts, reason, dead_at"
    )
    assert (handler, attempts, dead_at) == ("test.read", 1, None)
    assert reason.startswith("ValueError in read")
    assert "secret" not in reason


async def test_a_retry_succeeds_after_its_pause_and_leaves_nothing(
    db: Database, tenant: ids.TenantId, reader: Reader, clock: FakeClock
) -> None:
    draining = Drain(db, None, subscribed(reader.handler()))
    reader.poison = {1}
    await emit(db, tenant, 3)
    await draining.drain_tenant(tenant)
    reader.poison = set()
    assert await draining.drain_tenant(tenant) == 0
    clock.advance(drain.backoff(1))
    assert await draining.drain_tenant(tenant) == 1
    assert reader.numbers == [0, 2, 1]
    assert reader.positions == [1, 3, 2]
    assert await rows(db, tenant, "outbox_retry") == []


@pytest.mark.parametrize("fault", [psycopg.errors.DiskFull, psycopg.errors.ReadOnlySqlTransaction])
async def test_a_full_disk_is_no_attempt_of_the_handler(
    db: Database, tenant: ids.TenantId, reader: Reader, clock: FakeClock, fault: type[psycopg.Error]
) -> None:
    async def no_room(_tx: Tx, _given: Sequence[StoredEvent]) -> None:
        raise fault

    await emit(db, tenant, 2)
    with pytest.raises(fault):
        await Drain(db, None, subscribed(Handler("test.read", no_room))).drain_tenant(tenant)
    assert await rows(db, tenant, "outbox_retry") == []
    clock.advance(drain.LEASE)  # from now on another worker may take over
    await Drain(db, None, subscribed(reader.handler())).drain_tenant(tenant)
    assert (reader.numbers, reader.positions) == ([0, 1], [1, 2])


async def test_back_off_grows_and_ends_in_a_dead_letter_that_can_be_tried_again(
    db: Database, tenant: ids.TenantId, reader: Reader, clock: FakeClock
) -> None:
    draining = Drain(db, None, subscribed(reader.handler()))
    reader.poison = {0}
    await emit(db, tenant, 1)
    await draining.drain_tenant(tenant)
    for attempts in range(1, drain.ATTEMPTS_MAX):
        clock.advance(drain.backoff(attempts))
        assert await draining.drain_tenant(tenant) == 1
    clock.advance(timedelta(days=1))
    assert await draining.drain_tenant(tenant) == 0
    async with db.begin(Scope(tenant)) as tx:
        (letter,) = await dead_letters.dead_letters(tx)
        assert (letter.handler, letter.kind, letter.attempts) == ("test.read", Happened.kind, drain.ATTEMPTS_MAX)
        assert await dead_letters.requeue(tx, [letter]) == 1
        assert await dead_letters.requeue(tx, [letter]) == 0
    reader.poison = set()
    assert await draining.drain_tenant(tenant) == 1
    assert reader.numbers == [0]
    assert await rows(db, tenant, "outbox_retry") == []


async def test_no_event_dies_of_its_neighbour(
    db: Database, tenant: ids.TenantId, reader: Reader, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "SPLITS_MAX", 0)
    draining = Drain(db, None, subscribed(reader.handler()))
    reader.poison = {3}
    await emit(db, tenant, 6)
    await draining.drain_tenant(tenant)
    for attempts in range(1, drain.ATTEMPTS_MAX):
        clock.advance(drain.backoff(attempts))
        await draining.drain_tenant(tenant)
    assert sorted(reader.numbers) == [0, 1, 2, 4, 5]
    async with db.read(Scope(tenant)) as tx:
        assert len(await dead_letters.dead_letters(tx)) == 1


async def test_a_handler_that_always_fails_costs_a_bounded_number_of_tries(
    db: Database, tenant: ids.TenantId, reader: Reader
) -> None:
    well = Reader("test.well")
    reader.poison = set(range(300))
    await emit(db, tenant, 300)
    await Drain(db, None, subscribed(reader.handler(), well.handler())).drain_tenant(tenant)
    assert reader.calls <= 2 * drain.SPLITS_MAX + 1
    assert well.numbers == list(range(300))
    assert len(await rows(db, tenant, "outbox_retry")) == 300


async def test_a_handler_that_hangs_is_given_up_and_tried_later(
    db: Database, tenant: ids.TenantId, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "HANDLER_S_MAX", 0.05)
    calls = 0

    async def hangs(tx: Tx, given: Sequence[StoredEvent]) -> None:
        nonlocal calls
        calls += 1
        await asyncio.sleep(60)

    await emit(db, tenant, 4)
    await Drain(db, None, subscribed(Handler("test.hangs", hangs), reader.handler())).drain_tenant(tenant)
    assert calls == 1
    assert reader.numbers == [0, 1, 2, 3]
    assert len(await rows(db, tenant, "outbox_retry")) == 4


async def test_what_failed_leaves_no_half_work(db: Database, tenant: ids.TenantId) -> None:
    async def half(tx: Tx, given: Sequence[StoredEvent]) -> None:
        tx.emit(Ignored(thing_id=given[0].subject_id, number=0))
        raise errors.Conflict

    await emit(db, tenant, 1)
    await Drain(db, None, subscribed(Handler("test.half", half))).drain_tenant(tenant)
    assert len(await rows(db, tenant, "event_log")) == 1
    assert await rows(db, tenant, "outbox_retry", "reason") == [("conflict",)]


async def test_an_event_of_an_unknown_kind_waits_for_a_version_that_knows_it(
    db: Database, tenant: ids.TenantId, reader: Reader, clock: FakeClock
) -> None:
    async with db.begin(Scope(tenant)) as tx:
        tx.emit(Unheard(thing_id=tx.new_id(), number=1))
    await Drain(db, None, subscribed(reader.handler())).drain_tenant(tenant)
    assert reader.sets == []
    assert await rows(db, tenant, "outbox_retry", "handler, reason") == [("?", "unknown kind test.unheard")]
    clock.advance(drain.backoff(1))
    assert await Drain(db, None, {Unheard.kind: (reader.handler(),)}).drain_tenant(tenant) == 1
    assert reader.positions == [1]
    assert await rows(db, tenant, "outbox_retry") == []


async def test_a_retry_of_a_handler_that_is_gone_says_so(
    db: Database, tenant: ids.TenantId, reader: Reader, clock: FakeClock
) -> None:
    reader.poison = {0}
    await emit(db, tenant, 1)
    await Drain(db, None, subscribed(reader.handler())).drain_tenant(tenant)
    clock.advance(drain.backoff(1))
    await Drain(db, None, subscribed()).drain_tenant(tenant)
    assert await rows(db, tenant, "outbox_retry", "attempts, reason") == [(2, "no handler of this name")]
