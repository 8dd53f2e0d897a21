"""The audit log: who did what and when, latest first, read from the events themselves.

Any filter may be asked for without an index of its own: a page looks at no more than `LOOKED_AT_MAX` events and says
behind which one it stopped, so a page costs the same whatever it finds among however many.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from jiedan.base.db import ReadTx
from jiedan.base.events import Actor
from jiedan.base.tables import EventLog, EventPrivate

LOOKED_AT_MAX = 5_000
"""Events that one page looks at; what it does not find among them, the next page looks for."""


class Wanted(NamedTuple):
    """What is looked for: by whom (`actor_id` empty: anybody of the kind), in which module, about which thing."""

    actor_kind: str = ""
    actor_id: str = ""
    area: str = ""
    subject_id: UUID | None = None
    until: datetime | None = None


class Entry(NamedTuple):
    """What happened: ids, codes and amounts in `data`; texts and names in `private`, unless they were erased."""

    event_id: UUID
    occurred_at: datetime
    recorded_at: datetime
    actor: Actor
    kind: str
    subject_kind: str
    subject_id: UUID
    request_id: str
    data: Mapping[str, Any]
    private: Mapping[str, Any] | None
    is_history: bool


class Found(NamedTuple):
    """A page of entries, and the event behind which to go on looking; None: there are no older ones."""

    entries: list[Entry]
    next: UUID | None


async def entries(
    tx: ReadTx, *, wanted: Wanted, before: UUID | None = None, limit: int, looked_at_max: int = LOOKED_AT_MAX
) -> Found:
    """Return what is `wanted` of the events older than `before`, latest first: two statements."""
    log = EventLog
    older = sa.select(log.event_id).where(log.tenant_id == tx.tenant).order_by(log.event_id.desc())
    if before is not None:
        older = older.where(log.event_id < before)
    if wanted.until is not None:
        older = older.where(log.event_id < _first_at(wanted.until))
    if wanted.subject_id is not None:
        older = older.where(log.subject_id == wanted.subject_id)
    bound = (await tx.execute(older.offset(looked_at_max - 1).limit(1))).scalar_one_or_none()
    rows = (await tx.execute(_matching(tx, older, wanted, bound).limit(limit + 1))).all()
    found = [_entry(row) for row in rows[:limit]]
    return Found(found, found[-1].event_id if len(rows) > limit else bound)


def _matching(tx: ReadTx, older: Any, wanted: Wanted, bound: UUID | None) -> Any:
    log, private = EventLog, EventPrivate
    statement = older.with_only_columns(
        log.event_id,
        log.occurred_at,
        log.recorded_at,
        log.actor_kind,
        log.actor_id,
        log.kind,
        log.subject_kind,
        log.subject_id,
        log.request_id,
        log.data,
        private.data,
        log.history,
    ).outerjoin(private, sa.and_(private.tenant_id == tx.tenant, private.event_id == log.event_id))
    if bound is not None:
        statement = statement.where(log.event_id >= bound)
    if wanted.actor_kind:
        statement = statement.where(log.actor_kind == wanted.actor_kind)
    if wanted.actor_id:
        statement = statement.where(log.actor_id == wanted.actor_id)
    if wanted.area:
        statement = statement.where(log.kind >= f"{wanted.area}.", log.kind < f"{wanted.area}/")
    return statement


def _first_at(moment: datetime) -> UUID:
    """Return what the id of no earlier event reaches: ids begin with the milliseconds since 1970 of their moment."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def _entry(row: Any) -> Entry:
    event_id, occurred_at, recorded_at, actor_kind, actor_id, kind, *about, data, private, is_history = row
    subject_kind, subject_id, request_id = about
    actor = Actor(actor_kind, actor_id)
    return Entry(
        event_id,
        occurred_at,
        recorded_at,
        actor,
        kind,
        subject_kind,
        subject_id,
        request_id,
        data,
        private,
        is_history,
    )
