"""What happened to an order and what belongs to it, from the log of events."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import paging
from jiedan.base.db import ReadTx
from jiedan.base.events import Actor
from jiedan.base.tables import EventLog, EventPrivate
from jiedan.orders import events

KEYSET = paging.Keyset(columns=(EventLog.occurred_at, EventLog.event_id), descending=True)


class Happening(NamedTuple):
    """One entry of a timeline; `private` is the erasable part, if any. Imported `history` happened elsewhere."""

    event_id: UUID
    kind: str
    subject_kind: str
    subject_id: UUID
    occurred_at: datetime
    actor: Actor
    is_history: bool
    data: dict[str, Any]
    private: dict[str, Any] | None


async def timeline(tx: ReadTx, subject_ids: Collection[UUID], *, request: paging.Request) -> paging.Page[Happening]:
    """Return a page of what happened to the given subjects (an order, its payments), newest first."""
    statement = (
        sa.select(
            EventLog.event_id,
            EventLog.kind,
            EventLog.subject_kind,
            EventLog.subject_id,
            EventLog.occurred_at,
            EventLog.actor_kind,
            EventLog.actor_id,
            EventLog.history,
            EventLog.data,
            EventPrivate.data.label("private"),
        )
        .outerjoin(
            EventPrivate,
            sa.and_(EventPrivate.tenant_id == EventLog.tenant_id, EventPrivate.event_id == EventLog.event_id),
        )
        .where(
            EventLog.tenant_id == tx.tenant,
            EventLog.subject_id.in_(sorted(set(subject_ids))),
            EventLog.kind != events.WaitingLinesLeft.kind,  # is about goods; it names an order, as each event must
        )
    )
    rows = (await tx.execute(KEYSET.apply(statement, request))).all()
    return KEYSET.page(rows, request, make=_happening, position=lambda row: (row.occurred_at, row.event_id))


def _happening(row: Any) -> Happening:
    return Happening(
        row.event_id,
        row.kind,
        row.subject_kind,
        row.subject_id,
        row.occurred_at,
        Actor(row.actor_kind, row.actor_id),
        row.history,
        row.data,
        row.private,
    )
