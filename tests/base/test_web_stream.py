import asyncio
import contextlib
from typing import Any, ClassVar
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa

from jiedan.base import events, tables
from jiedan.base.db import Database, Scope
from jiedan.base.ids import TenantId
from jiedan.base.web import limits, stream
from tests.base import web_client
from tests.patience import PATIENCE_S


class ThingMade(events.Event, frozen=True):
    kind: ClassVar[str] = "things.made"
    subject_kind: ClassVar[str] = "thing"
    subject: ClassVar[str] = "thing_id"

    thing_id: UUID
    number: int


async def hand_out(db: Database, scope: Scope, numbers: range) -> None:
    """Record one event per number and give it the position of that number, as the drain does."""
    thing_ids = db.uuids.new_many(db.clock.now(), len(numbers))
    async with db.begin(scope) as tx:
        tx.emit(*(ThingMade(thing_id=i, number=n) for i, n in zip(thing_ids, numbers, strict=True)))
    async with db.begin(scope) as tx:
        log = tables.EventLog
        rows = await tx.execute(
            sa.select(log.event_id, log.data["number"].astext.cast(sa.Integer).label("number")).where(
                log.tenant_id == tx.tenant
            )
        )
        await tx.execute(
            sa.insert(tables.EventStream),
            [
                {"tenant_id": tx.tenant, "position": row.number, "event_id": row.event_id}
                for row in rows
                if row.number in numbers
            ],
        )


async def listen(
    client: web_client.Client,
    query: str,
    count: int,
    headers: dict[str, str] | None = None,
    begun: asyncio.Event | None = None,
) -> list[tuple[int, dict[str, Any]]]:
    """Read `count` events of the stream over ASGI, then leave; `begun` is set when it answers."""
    given = {"authorization": client.headers["authorization"], **(headers or {})}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/api/v1/events", "raw_path": b"/api/v1/events", "root_path": "", "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000), "state": {},
    }  # fmt: skip
    text = bytearray()
    enough = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await enough.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        text.extend(message.get("body", b""))
        if text and begun is not None:
            begun.set()
        if text.count(b"\ndata: ") >= count:
            enough.set()

    serving = asyncio.create_task(client.frame(scope, receive, send))  # type: ignore[arg-type]  # an ASGI application by hand
    try:
        await asyncio.wait_for(enough.wait(), PATIENCE_S)
    finally:
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving
    pieces = [piece for piece in text.decode().split("\n\n") if "data: " in piece]
    found = []
    for piece in pieces:
        fields = dict(line.split(": ", 1) for line in piece.splitlines())
        assert fields["event"] == "things.made"
        found.append((int(fields["id"]), msgspec.json.decode(fields["data"])))
    return found


@pytest.fixture
def caller(tenant: TenantId) -> Any:
    return web_client.principal(tenant=tenant, permissions={"events:read"})


async def test_the_stream_is_resumed_by_position(db: Database, scope: Scope, caller: Any) -> None:
    await hand_out(db, scope, range(1, 8))
    async with web_client.open_client(principal=caller, database=db) as client:
        everything = await listen(client, "after=0", 7)
        rest = await listen(client, "", 3, {"last-event-id": "4"})
    assert [position for position, _ in everything] == [1, 2, 3, 4, 5, 6, 7]
    assert [view["data"]["number"] for _, view in everything] == [1, 2, 3, 4, 5, 6, 7]
    assert [position for position, _ in rest] == [5, 6, 7]
    assert everything[0][1]["kind"] == "things.made"


async def test_the_stream_follows_what_happens_next(db: Database, scope: Scope, caller: Any) -> None:
    await hand_out(db, scope, range(1, 3))
    async with web_client.open_client(principal=caller, database=db) as client:
        begun = asyncio.Event()
        listening = asyncio.create_task(listen(client, "", 2, begun=begun))
        await asyncio.wait_for(begun.wait(), PATIENCE_S)
        await hand_out(db, scope, range(3, 5))
        assert [position for position, _ in await listening] == [3, 4]


async def test_another_merchants_events_never_show(
    db: Database, scope: Scope, other_tenant: TenantId, caller: Any
) -> None:
    await hand_out(db, Scope(other_tenant), range(1, 6))
    await hand_out(db, scope, range(1, 2))
    async with db.read(scope) as tx:
        found = await stream.events_after(tx, 0)
        assert await stream.last_position(tx) == 1
    assert [event.position for event in found] == [1]


async def test_a_read_is_bounded(db: Database, scope: Scope) -> None:
    await hand_out(db, scope, range(1, 6))
    async with db.read(scope) as tx:
        assert [e.position for e in await stream.events_after(tx, 1, limit=2)] == [2, 3]


@pytest.mark.parametrize("position", ["abc", "-1", "9" * 30])
async def test_a_position_that_is_none_is_refused(position: str) -> None:
    async with web_client.open_client(principal=web_client.principal(permissions={"events:read"})) as client:
        response = await client.get("/api/v1/events", headers={"last-event-id": position})
    assert response.status_code == 422
    assert response.json()["field"] == "Last-Event-ID"


async def test_a_credential_keeps_so_many_streams_open_and_no_more(db: Database, scope: Scope, caller: Any) -> None:
    await hand_out(db, scope, range(1, 3))
    async with web_client.open_client(principal=caller, database=db) as client:
        streams = client.frame.site.limits.streams
        streams.streams_max = 2
        begun = [asyncio.Event() for _ in range(2)]
        listening = [asyncio.create_task(listen(client, "after=2", 1, begun=each)) for each in begun]
        for each in begun:
            await asyncio.wait_for(each.wait(), PATIENCE_S)
        refused = await client.get("/api/v1/events", params={"after": 0})
        await hand_out(db, scope, range(3, 4))
        await asyncio.gather(*listening)
        assert len(await listen(client, "after=0", 3)) == 3
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_streams")
    assert refused.headers["retry-after"] == str(stream.RETRY_FULL_S)


def test_what_nobody_holds_any_more_is_not_open() -> None:
    streams = limits.OpenStreams(1)
    held = streams.opened("a")
    assert streams.is_full("a")
    assert not streams.is_full("b")
    held.close()
    assert not streams.is_full("a")
    held = streams.opened("a")
    assert streams.is_full("a")
    del held
    assert not streams.is_full("a")


async def test_the_stream_needs_its_permission() -> None:
    async with web_client.open_client(principal=web_client.principal()) as client:
        assert (await client.get("/api/v1/events")).status_code == 403
