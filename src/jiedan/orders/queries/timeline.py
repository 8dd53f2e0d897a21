"""What happened to an order and what belongs to it, from the log of events."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import ids, paging, sql
from jiedan.base.db import ReadTx
from jiedan.base.events import Actor
from jiedan.base.tables import EventLog, EventPrivate
from jiedan.orders import events

SQL = sql.load("jiedan.orders.queries", "timeline.sql")

KEYSET = paging.Keyset(columns=(EventLog.occurred_at, EventLog.event_id), descending=True)

Who = Literal["people", "system"]
"""Whose doings are shown: people's, or those of Jiedan and other programs."""

PEOPLE = ("staff", "customer", "guest")
NEWS_MAX = 20


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


async def timeline(
    tx: ReadTx, subject_ids: Collection[UUID], *, request: paging.Request, who: Who | None = None
) -> paging.Page[Happening]:
    """Return a page of what happened to the given subjects (an order, its payments), newest first."""
    if request.position is None and not request.backwards:
        return await _newest(tx, subject_ids, request, who)
    statement = _told(tx, subject_ids)
    if who is not None:
        is_person = EventLog.actor_kind.in_(PEOPLE)
        statement = statement.where(is_person if who == "people" else sa.not_(is_person))
    return await _page(tx, statement, request)


async def _newest(
    tx: ReadTx, subject_ids: Collection[UUID], request: paging.Request, who: Who | None
) -> paging.Page[Happening]:
    """Return the first page, which each look at an order begins with; to build its statement took a third of it."""
    rows = await tx.sql(
        SQL["newest"],
        subject_ids=ids.in_order(subject_ids),
        unshown=events.WaitingLinesLeft.kind,
        is_person=None if who is None else who == "people",
        people=list(PEOPLE),
        limit=request.limit + 1,
    )
    told = [_happened(*row[:5], Actor(*row[5:7]), *row[7:]) for row in rows]
    return KEYSET.page(told, request, make=lambda x: x, position=lambda x: (x.occurred_at, x.event_id))


async def comments(tx: ReadTx, order_id: UUID, *, request: paging.Request) -> paging.Page[Happening]:
    """Return a page of what staff said about an order, newest first."""
    statement = _told(tx, [order_id]).where(EventLog.kind == events.OrderCommented.kind)
    return await _page(tx, statement, request)


async def news(tx: ReadTx, subject_ids: Collection[UUID], *, after: UUID) -> list[Happening]:
    """Return what was recorded of the given subjects after the event `after`, newest first, at most `NEWS_MAX`."""
    statement = _told(tx, subject_ids).where(EventLog.event_id > after)
    rows = await tx.execute(statement.order_by(EventLog.event_id.desc()).limit(NEWS_MAX))
    return [_happening(row) for row in rows]


def _told(tx: ReadTx, subject_ids: Collection[UUID]) -> Any:
    return (
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


async def _page(tx: ReadTx, statement: Any, request: paging.Request) -> paging.Page[Happening]:
    rows = (await tx.execute(KEYSET.apply(statement, request))).all()
    return KEYSET.page(rows, request, make=_happening, position=lambda row: (row.occurred_at, row.event_id))


def _happened(*values: Any) -> Happening:
    return Happening(*values)


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
