from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

import msgspec
import pytest

from jiedan.base import events, ids
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.events import Actor, StoredEvent
from jiedan.base.recorder import StatementRecorder
from jiedan.base.sql import Statement

LOG = Statement(
    "log",
    b"SELECT event_id, occurred_at, recorded_at, actor_kind, actor_id, kind, subject_kind, subject_id, request_id,"
    b" data, private_hash, history FROM event_log WHERE tenant_id = %(tenant_id)s ORDER BY event_id",
)
OUTBOX = Statement("outbox", b"SELECT event_id, available_at FROM outbox WHERE tenant_id = %(tenant_id)s ORDER BY 1")
PRIVATE = Statement("private", b"SELECT event_id, salt, data FROM event_private WHERE tenant_id = %(tenant_id)s")


class Renamed(events.Event, frozen=True, kw_only=True):
    kind: ClassVar[str] = "test.renamed"
    subject_kind: ClassVar[str] = "thing"
    subject: ClassVar[str] = "thing_id"

    thing_id: UUID
    version: int
    fields: tuple[str, ...] = ()


async def test_an_event_is_stored_at_commit_with_its_circumstances(db: Database, tenant: ids.TenantId) -> None:
    staff = Actor("staff", "7")
    async with db.begin(Scope(tenant, staff, "req-1")) as tx:
        thing_id = tx.new_id()
        tx.emit(Renamed(thing_id=thing_id, version=2, fields=("name",)))
        assert await tx.sql(LOG) == [], "nothing is written before the commit"
        now = tx.now
    async with db.read(Scope(tenant)) as read:
        ((event_id, *rest),) = await read.sql(LOG)
        assert rest == [
            now, now, "staff", "7", "test.renamed", "thing", thing_id, "req-1",
            {"thing_id": str(thing_id), "version": 2, "fields": ["name"]}, None, False,
        ]  # fmt: skip
        assert await read.sql(OUTBOX) == [(event_id, now)]
        assert await read.sql(PRIVATE) == []


async def test_events_of_others_keep_their_own_circumstances(db: Database, tenant: ids.TenantId) -> None:
    async with db.begin(Scope(tenant, Actor("staff", "7"), "req-1")) as tx:
        long_ago = tx.now - timedelta(days=400)
        event = Renamed(thing_id=tx.new_id(), version=1)
        tx.emit(event, actor=Actor("customer", "9"), request_id="req-2", occurred_at=long_ago, history=True)
        tx.emit(event)
        now = tx.now
    async with db.read(Scope(tenant)) as read:
        rows = await read.sql(LOG)
    assert [(row[1], row[2], row[3], row[4], row[8], row[11]) for row in rows] == [
        (long_ago, now, "customer", "9", "req-2", True),
        (now, now, "staff", "7", "req-1", False),
    ]


async def test_a_rollback_leaves_no_event(db: Database, tenant: ids.TenantId) -> None:
    async def fails(tx: Tx) -> None:
        tx.emit(Renamed(thing_id=tx.new_id(), version=1))
        raise LookupError

    with pytest.raises(LookupError):
        await db.write(Scope(tenant), fails)
    async with db.read(Scope(tenant)) as read:
        assert await read.sql(LOG) == []
        assert await read.sql(OUTBOX) == []


async def test_a_repeated_transaction_stores_its_events_once(db: Database, tenant: ids.TenantId) -> None:
    tries = 0

    async def work(tx: Tx) -> None:
        nonlocal tries
        tries += 1
        tx.emit(Renamed(thing_id=tx.new_id(), version=tries))
        if tries == 1:
            await tx.sql(Statement("lose", b"SELECT 1/0"))

    with pytest.raises(Exception, match="division by zero"):
        await db.write(Scope(tenant), work)
    await db.write(Scope(tenant), work)
    async with db.read(Scope(tenant)) as read:
        assert [row[9]["version"] for row in await read.sql(LOG)] == [2]


async def test_the_personal_part_is_apart_and_its_hash_stays(db: Database, tenant: ids.TenantId) -> None:
    private = {"before": {"name": "张三"}, "after": {"name": "李四", "phone": "13800138000"}}
    async with db.begin(Scope(tenant)) as tx:
        tx.emit(Renamed(thing_id=tx.new_id(), version=1), private=private)
        tx.emit(Renamed(thing_id=tx.new_id(), version=2), private=private)
        tx.emit(Renamed(thing_id=tx.new_id(), version=3))
    async with db.read(Scope(tenant)) as read:
        rows = await read.sql(LOG)
        stored = {event_id: (salt, data) for event_id, salt, data in await read.sql(PRIVATE)}
    assert [row[10] is not None for row in rows] == [True, True, False]
    assert rows[0][10] != rows[1][10], "equal content does not show as equal: each has its own salt"
    for event_id, private_hash in ((row[0], row[10]) for row in rows[:2]):
        salt, data = stored[event_id]
        assert data == private
        assert len(salt) == events.SALT_BYTES
        assert events.private_hash(salt, events.canonical(data)) == private_hash
    assert all("13800138000" not in str(row) for row in rows)


@pytest.mark.parametrize("count", [1, 200])
async def test_storing_events_takes_a_constant_number_of_statements(
    db: Database, tenant: ids.TenantId, recorder: StatementRecorder, count: int
) -> None:
    for private, expected in ((None, 2), ({"name": "x"}, 3)):
        with recorder.watching() as sent:
            async with db.begin(Scope(tenant)) as tx:
                for version in range(count):
                    tx.emit(Renamed(thing_id=tx.new_id(), version=version), private=private)
        assert len(sent) == expected


async def test_events_keep_the_order_in_which_they_were_emitted(db: Database, tenant: ids.TenantId) -> None:
    async with db.begin(Scope(tenant)) as tx:
        tx.emit(*(Renamed(thing_id=tx.new_id(), version=version) for version in range(50)))
    async with db.read(Scope(tenant)) as read:
        assert [row[9]["version"] for row in await read.sql(LOG)] == list(range(50))


async def test_whoever_listens_hears_of_commits_with_events_only(db: Database, tenant: ids.TenantId) -> None:
    heard: list[None] = []
    db.on_events = lambda: heard.append(None)
    try:
        async with db.begin(Scope(tenant)):
            pass
        assert heard == []
        async with db.begin(Scope(tenant)) as tx:
            tx.emit(Renamed(thing_id=tx.new_id(), version=1), Renamed(thing_id=tx.new_id(), version=2))
            assert heard == []
        assert len(heard) == 1
    finally:
        db.on_events = None


def test_a_stored_event_is_read_back_as_itself() -> None:
    thing_id = UUID(int=1)
    event = Renamed(thing_id=thing_id, version=3, fields=("name",))
    data = msgspec.json.decode(msgspec.json.encode(event))
    at = msgspec.json.decode(b'"2026-11-21T12:00:00Z"', type=datetime)
    stored = StoredEvent(UUID(int=2), 1, at, at, events.SYSTEM, event.kind, "thing", thing_id, "", data, history=False)
    assert Renamed.of(stored) == event
