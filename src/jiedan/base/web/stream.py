"""The merchant's events as they happen: server-sent events, resumed by position.

`GET /api/v1/events` reads `event_stream`, the gapless order the drain gave, and follows it. `Last-Event-ID` (or
`after`) is the last position seen; a client that reconnects misses nothing and sees nothing twice.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from litestar import Response, get
from litestar.params import Parameter
from litestar.response import Stream

from jiedan.base import draining, events, tables
from jiedan.base.db import ReadTx
from jiedan.base.events import StoredEvent
from jiedan.base.i18n import Phrase
from jiedan.base.web import routing
from jiedan.base.web.bodies import INT64_MAX
from jiedan.base.web.errors import HeaderRefused, TooManyStreams
from jiedan.base.web.limits import OpenStream
from jiedan.base.web.unit import Unit

EVENTS_PER_READ_MAX = 500
POLL_S = 0.5
"""How often the stream looks for new events; the drain hands them out about as often."""

HEARTBEAT_S = 15.0
STREAM_S_MAX = 3_600.0
"""After this the stream ends and the client reconnects: its permissions are then looked at again."""

RETRY_MS = 2_000
RETRY_FULL_S = 30
"""When to come back who has as many streams open as one may: one that was lost is noticed by its next heartbeat."""

POSITION_DIGITS_MAX = 18


class EventView(msgspec.Struct, frozen=True):
    """An event as the API shows it."""

    event_id: UUID
    position: int
    occurred_at: datetime
    recorded_at: datetime
    actor_kind: str
    actor_id: str
    kind: str
    subject_kind: str
    subject_id: UUID
    request_id: str
    data: dict[str, Any]


async def events_after(tx: ReadTx, position: int, *, limit: int = EVENTS_PER_READ_MAX) -> list[StoredEvent]:
    """Return the merchant's events behind `position`, in order."""
    stream, log = tables.EventStream, tables.EventLog
    rows = await tx.execute(
        sa.select(
            log.event_id,
            stream.position,
            log.occurred_at,
            log.recorded_at,
            log.actor_kind,
            log.actor_id,
            log.kind,
            log.subject_kind,
            log.subject_id,
            log.request_id,
            log.data,
            log.history,
        )
        .join_from(stream, log, sa.and_(log.tenant_id == stream.tenant_id, log.event_id == stream.event_id))
        .where(stream.tenant_id == tx.tenant, stream.position > position)
        .order_by(stream.position)
        .limit(limit)
    )
    return [
        StoredEvent(
            event_id=row.event_id,
            position=row.position,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
            actor=events.Actor(row.actor_kind, row.actor_id),
            kind=row.kind,
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            request_id=row.request_id,
            data=row.data,
            history=row.history,
        )
        for row in rows
    ]


async def last_position(tx: ReadTx) -> int:
    """Return the position of the merchant's newest event, 0 when there is none."""
    found = await tx.execute(
        sa.select(sa.func.coalesce(sa.func.max(tables.EventStream.position), 0)).where(
            tables.EventStream.tenant_id == tx.tenant
        )
    )
    position: int = found.scalar_one()
    return position


@get("/events", permission="events:read", summary="Follow the merchant's events", media_type="text/event-stream")
async def follow_events(
    unit: Unit,
    after: Annotated[int | None, Parameter(ge=0, le=INT64_MAX, description="Position of the last event seen.")] = None,
    kinds: Annotated[str | None, Parameter(description="Kinds wanted, separated by commas; all without it.")] = None,
) -> Response[Any]:
    """Send each event as `id: <position>`, `event: <kind>`, `data: <JSON>`.

    Without `Last-Event-ID` and `after` the stream begins with what happens next; `after=0` sends everything.
    """
    counted = opened(unit)
    position = last_seen(unit, after)
    if position is None:
        async with unit.read() as tx:
            position = await last_position(tx)
    wanted = frozenset(kinds.split(",")) if kinds else None

    def framed(found: list[StoredEvent]) -> bytes:
        return b"".join(frame(event) for event in found if wanted is None or event.kind in wanted)

    return answer(unit, position, framed, counted)


def opened(unit: Unit) -> OpenStream:
    """Count one more open stream of this caller. Raises TooManyStreams."""
    open_streams = unit.exchange.site.limits.streams
    key = (unit.tenant, unit.principal.credential_id or unit.principal.caller)
    if open_streams.is_full(key):
        raise TooManyStreams(streams_max=open_streams.streams_max, retry_after_s=RETRY_FULL_S)
    return open_streams.opened(key)


def last_seen(unit: Unit, after: int | None) -> int | None:
    """Return the position that a client saw last: of `Last-Event-ID`, else `after`. Raises HeaderRefused."""
    header = unit.exchange.header(b"last-event-id")
    return _position(header) if header else after


def answer(
    unit: Unit, position: int, framed: Callable[[list[StoredEvent]], bytes], counted: OpenStream, *, first: bytes = b""
) -> Response[Any]:
    """Answer `first`, then what `framed` makes of the events behind `position` as they come; it may make nothing."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    frames = _frames(unit, position, framed, counted, first)
    return Stream(frames, media_type="text/event-stream", headers=headers)


def _position(header: str) -> int:
    if not (header.isascii() and header.isdigit()) or len(header) > POSITION_DIGITS_MAX:
        raise HeaderRefused(name="Last-Event-ID", problem=Phrase("it is not a position"), field="Last-Event-ID")
    return int(header)


async def _frames(
    unit: Unit, position: int, framed: Callable[[list[StoredEvent]], bytes], counted: OpenStream, first: bytes
) -> AsyncGenerator[bytes]:
    """Yield the stream, piece by piece, until the client leaves, the time is over or the process is to end."""
    try:
        yield f"retry: {RETRY_MS}\n\n".encode() + first
        async with contextlib.aclosing(_pieces(unit, position, framed)) as pieces:
            async for piece in pieces:
                yield piece
    finally:
        counted.close()


async def _pieces(unit: Unit, position: int, framed: Callable[[list[StoredEvent]], bytes]) -> AsyncGenerator[bytes]:
    loop = asyncio.get_running_loop()
    ends_s = loop.time() + STREAM_S_MAX
    silent_s = loop.time()
    while loop.time() < ends_s and not draining.is_on():
        async with unit.read() as tx:
            found = await events_after(tx, position)
        piece = framed(found)
        if found:
            position = found[-1].position
        if piece:
            silent_s = loop.time()
            yield piece
        elif loop.time() - silent_s > HEARTBEAT_S:
            silent_s = loop.time()
            yield f"id: {position}\n: still here\n\n".encode()
        if len(found) < EVENTS_PER_READ_MAX:
            await asyncio.sleep(POLL_S)


def frame(event: StoredEvent) -> bytes:
    """Return one event in the form of server-sent events."""
    view = EventView(
        event_id=event.event_id,
        position=event.position,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        actor_kind=event.actor.kind,
        actor_id=event.actor.id,
        kind=event.kind,
        subject_kind=event.subject_kind,
        subject_id=event.subject_id,
        request_id=event.request_id,
        data=event.data,
    )
    head = f"id: {event.position}\nevent: {event.kind}\ndata: ".encode()
    return head + msgspec.json.encode(view) + b"\n\n"


ROUTER = routing.api("Events", [follow_events])
