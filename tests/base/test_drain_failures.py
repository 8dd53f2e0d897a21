"""What the drain does with events that a handler cannot digest."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import psycopg
import pytest
import sqlalchemy as sa

from jiedan.base import dead_letters, drain, errors, ids, leases, paging
from jiedan.base.db import Database, ReadTx, Scope, Tx
from jiedan.base.dead_letters import DeadLetter, Letter
from jiedan.base.drain import Drain, Handler
from jiedan.base.events import StoredEvent
from jiedan.base.tables import OutboxRetry
from jiedan.base.web.letters import ROUTER
from tests.base import web_client
from tests.base.happenings import Happened, Ignored, Reader, Unheard, emit, rows, subscribed
from tests.conftest import FakeClock
from tests.patience import PATIENCE_S

CURSORS = paging.Cursors("a secret of these tests")

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
    clock.advance(leases.backoff(1))
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
    clock.advance(leases.LEASE)  # from now on another worker may take over
    await Drain(db, None, subscribed(reader.handler())).drain_tenant(tenant)
    assert (reader.numbers, reader.positions) == ([0, 1], [1, 2])


async def test_back_off_grows_and_ends_in_a_dead_letter_that_can_be_tried_again(
    db: Database, tenant: ids.TenantId, reader: Reader, clock: FakeClock
) -> None:
    told: list[StoredEvent] = []

    async def hear(_tx: Tx, given: Sequence[StoredEvent]) -> None:
        told.extend(given)

    ends = {dead_letters.DeadLetterLeft.kind: (Handler("test.hear", hear),), dead_letters.DeadLetterRequeued.kind: ()}
    draining = Drain(db, None, {**subscribed(reader.handler()), **ends})
    reader.poison = {0}
    await emit(db, tenant, 1)
    await draining.drain_tenant(tenant)
    for attempts in range(1, leases.ATTEMPTS_MAX):
        clock.advance(leases.backoff(attempts))
        assert await draining.drain_tenant(tenant) == 1
    clock.advance(timedelta(days=1))
    assert await draining.drain_tenant(tenant) == 1  # that it was given up
    assert await draining.drain_tenant(tenant) == 0
    async with db.begin(Scope(tenant)) as tx:
        (letter,) = await given_up(tx)
        assert (letter.handler, letter.kind, letter.attempts) == ("test.read", Happened.kind, leases.ATTEMPTS_MAX)
        assert [event.data for event in told] == [{"event_id": str(letter.event_id), "handler": "test.read"}]
        assert await dead_letters.requeue(tx, letters=[letter.letter] * 2) == [letter.letter] * 2
        (late,) = await dead_letters.requeue(tx, letters=[letter.letter])
        assert isinstance(late, dead_letters.DeadLetterNotFound)
    reader.poison = set()
    assert await draining.drain_tenant(tenant) == 2
    assert reader.numbers == [0]
    assert await rows(db, tenant, "outbox_retry") == []


async def test_a_dead_letter_is_given_up_with_a_reason(db: Database, tenant: ids.TenantId) -> None:
    letter = await one_dead_letter(db, tenant)
    async with db.begin(Scope(tenant)) as tx:
        with pytest.raises(dead_letters.DiscardReasonMissing):
            await dead_letters.discard(tx, letters=[letter], reason=" ")
        assert (await dead_letters.count(tx)).value == 1
        other = letter._replace(handler="test.other")
        done, refused = await dead_letters.discard(tx, letters=[letter, other], reason="A test.")
    assert (done, type(refused)) == (letter, dead_letters.DeadLetterNotFound)
    assert await rows(db, tenant, "outbox_retry") == []
    ((data,),) = [row for row in await rows(db, tenant, "event_private", "data") if "reason" in row[0]]
    assert data == {"reason": "A test."}


async def test_dead_letters_are_seen_and_tried_again_over_http(db: Database, tenant: ids.TenantId) -> None:
    letter = await one_dead_letter(db, tenant)
    named = {"handler": letter.handler, "event_id": str(letter.event_id)}
    rights = {"events:read", "events:retry"}
    for permissions, wanted in (({"events:read"}, 403), (rights, 200)):
        caller = web_client.principal(permissions=permissions, tenant=tenant)
        async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
            listed = (await client.get("/api/v1/dead-letters")).json()["items"]
            assert [(x["handler"], x["event_id"]) for x in listed] == [tuple(named.values())]
            answer = await client.post("/api/v1/dead-letters/requeue", json={"letters": [named]})
            assert answer.status_code == wanted
    assert answer.json() == [{**named, "done": True}]
    async with web_client.open_client(routers=[ROUTER], principal=caller, database=db) as client:
        refused = await client.post("/api/v1/dead-letters/discard", json={"letters": [named], "reason": "Late."})
    assert refused.json()[0]["error"]["code"] == "dead_letter_not_found"
    assert await rows(db, tenant, "outbox_retry", "attempts, dead_at") == [(0, None)]


async def one_dead_letter(db: Database, tenant: ids.TenantId) -> Letter:
    """Let a handler give up on one event."""
    await emit(db, tenant, 1)
    poisoned = Reader("test.read")
    poisoned.poison = {0}
    await Drain(db, None, subscribed(poisoned.handler())).drain_tenant(tenant)
    async with db.begin(Scope(tenant)) as tx:
        retry = OutboxRetry
        await tx.execute(sa.update(retry).where(retry.tenant_id == tenant).values(dead_at=tx.now))
        (found,) = await given_up(tx)
    return found.letter


async def given_up(tx: ReadTx) -> list[DeadLetter]:
    request = paging.Request.of(CURSORS, tenant=tx.tenant, name=dead_letters.LIST_NAME, filters={})
    return (await dead_letters.dead_letters(tx, request=request)).items


async def test_no_event_dies_of_its_neighbour(
    db: Database, tenant: ids.TenantId, reader: Reader, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "SPLITS_MAX", 0)
    draining = Drain(db, None, subscribed(reader.handler()))
    reader.poison = {3}
    await emit(db, tenant, 6)
    await draining.drain_tenant(tenant)
    for attempts in range(1, leases.ATTEMPTS_MAX):
        clock.advance(leases.backoff(attempts))
        await draining.drain_tenant(tenant)
    assert sorted(reader.numbers) == [0, 1, 2, 4, 5]
    async with db.read(Scope(tenant)) as tx:
        assert len(await given_up(tx)) == 1


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
    monkeypatch.setattr(drain, "HANDLER_S_MAX", 2.0)
    calls = 0

    async def hangs(tx: Tx, given: Sequence[StoredEvent]) -> None:
        nonlocal calls
        calls += 1
        monkeypatch.setattr(drain, "HANDLER_S_MAX", PATIENCE_S)  # for those who come after it
        await asyncio.Event().wait()  # for good

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
    clock.advance(leases.backoff(1))
    assert await Drain(db, None, {Unheard.kind: (reader.handler(),)}).drain_tenant(tenant) == 1
    assert reader.positions == [1]
    assert await rows(db, tenant, "outbox_retry") == []


async def test_a_retry_of_a_handler_that_is_gone_says_so(
    db: Database, tenant: ids.TenantId, reader: Reader, clock: FakeClock
) -> None:
    reader.poison = {0}
    await emit(db, tenant, 1)
    await Drain(db, None, subscribed(reader.handler())).drain_tenant(tenant)
    clock.advance(leases.backoff(1))
    await Drain(db, None, subscribed()).drain_tenant(tenant)
    assert await rows(db, tenant, "outbox_retry", "attempts, reason") == [(2, "no handler of this name")]
