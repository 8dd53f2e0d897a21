"""What changes while somebody looks: names of things, from the position that the tab saw last."""

import asyncio
import contextlib
from typing import Any

import sqlalchemy as sa

from jiedan.base import tables
from jiedan.base.db import Database, Scope
from jiedan.base.web import live
from tests.base import web_client
from tests.base.test_web_stream import hand_out
from tests.patience import PATIENCE_S


async def told(db: Database, scope: Scope, count: int, query: str = "", seen: str = "") -> list[tuple[int, str]]:
    """Return the first `count` messages that a tab hears: position and name."""
    caller = web_client.principal(permissions={"account:self"}, tenant=scope.tenant)
    text = bytearray()
    enough = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await enough.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        text.extend(message.get("body", b""))
        if text.count(b"\nevent: ") >= count:
            enough.set()

    async with web_client.open_client(principal=caller, database=db) as client:
        headers = {"authorization": client.headers["authorization"], "last-event-id": seen}
        asked = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": "/c/acme/live", "raw_path": b"/c/acme/live", "root_path": "", "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000), "state": {},
        }  # fmt: skip
        serving = asyncio.create_task(client.frame(asked, receive, send))  # type: ignore[arg-type]  # an ASGI application by hand
        try:
            await asyncio.wait_for(enough.wait(), PATIENCE_S)
        finally:
            serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await serving
    found = []
    for piece in text.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in piece.splitlines())
        if "event" in fields:
            found.append((int(fields["id"]), fields["event"]))
    return found[:count]


async def subjects(db: Database, scope: Scope) -> list[str]:
    """Return the ids of the things that events are about, in order."""
    async with db.read(scope) as tx:
        rows = await tx.execute(
            sa.select(tables.EventLog.subject_id)
            .join(
                tables.EventStream,
                sa.and_(
                    tables.EventStream.tenant_id == tables.EventLog.tenant_id,
                    tables.EventStream.event_id == tables.EventLog.event_id,
                ),
            )
            .where(tables.EventLog.tenant_id == tx.tenant)
            .order_by(tables.EventStream.position)
        )
    return [str(each) for each in rows.scalars()]


async def test_a_tab_hears_what_changed_behind_the_position_it_saw(db: Database, scope: Scope) -> None:
    await hand_out(db, scope, range(1, 4))
    _, second, third = await subjects(db, scope)
    expected = [
        (1, "live-open"),
        (2, f"thing-changed-{second}"),
        (3, "thing-changed"),
        (3, f"thing-changed-{third}"),
    ]
    assert await told(db, scope, 4, query="after=1") == expected
    assert await told(db, scope, 4, query="after=3", seen="1") == expected, (
        "where the stream broke off, not where the page began"
    )


async def test_a_new_tab_begins_with_what_happens_next(db: Database, scope: Scope) -> None:
    await hand_out(db, scope, range(1, 4))
    assert await told(db, scope, 1) == [(3, "live-open")]
    assert await told(db, scope, 1, query="after=99") == [(3, "live-open")], "as after a restore from a backup"


async def test_a_tab_that_was_away_too_long_is_told_to_look_at_everything(db: Database, scope: Scope) -> None:
    await hand_out(db, scope, range(1, live.BEHIND_MAX + 3))
    assert await told(db, scope, 1, query="after=1") == [(live.BEHIND_MAX + 2, "live-reset")]
