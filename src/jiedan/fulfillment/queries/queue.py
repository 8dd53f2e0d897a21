"""The queue of work, what is late first, and what a scanner's text leads to."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import paging, sql
from jiedan.base.db import ReadTx
from jiedan.catalog import queries as catalog
from jiedan.fulfillment import tables
from jiedan.fulfillment.queries import loads
from jiedan.fulfillment.values import Fulfillment, FulfillmentId, Method, Status
from jiedan.orders.tables import Order

SQL = sql.load("jiedan.fulfillment.queries", "queue.sql")

_HEAD = tables.Fulfillment
_EPOCH = date(2000, 1, 1)
_NEVER = date(9999, 12, 31)
_DUE: Any = sa.type_coerce(
    sa.func.coalesce(Order.promised_p90_on, sa.literal(_NEVER, sa.Date())) - sa.literal(_EPOCH, sa.Date()), sa.Integer()
)
"""The day promised as a number, so that a cursor can hold it; what nobody promised comes last."""

_LATE_FIRST = paging.Keyset((_DUE, _HEAD.released_at, _HEAD.fulfillment_id), descending=False)

LOOKED_AT_MAX = 200
"""How much of a queue is looked through for an item that was scanned."""


class Queued(NamedTuple):
    """Which part of the queue is asked for; `late_on` leaves only what was promised before that day.

    `shipping_method` leaves what goes by one method, by its code.
    """

    statuses: Sequence[Status]
    location_id: UUID | None = None
    method: Method | None = None
    late_on: date | None = None
    shipping_method: str | None = None


async def queue_page(tx: ReadTx, *, request: paging.Request, queued: Queued) -> paging.Page[Fulfillment]:
    """List fulfillments whole, what was promised first at the top. Seven statements, whatever their number."""
    rows = (await tx.execute(_LATE_FIRST.apply(_select(tx, queued), request))).all()
    found = await loads.fulfillments(tx, [row.fulfillment_id for row in rows])
    return _LATE_FIRST.page(
        rows,
        request,
        make=lambda row: found[row.fulfillment_id],
        position=lambda row: (row.due, row.released_at, row.fulfillment_id),
    )


async def next_up(tx: ReadTx, queued: Queued, *, limit: int, but: UUID | None = None) -> list[Fulfillment]:
    """Return the first of the queue, whole; `but` one that is at work already."""
    statement = _select(tx, queued).order_by(*_LATE_FIRST.columns).limit(limit)
    if but is not None:
        statement = statement.where(_HEAD.fulfillment_id != but)
    rows = (await tx.execute(statement)).all()
    found = await loads.fulfillments(tx, [row.fulfillment_id for row in rows])
    return [found[row.fulfillment_id] for row in rows]


def _select(tx: ReadTx, queued: Queued) -> Any:
    statement = (
        sa.select(_HEAD.fulfillment_id, _HEAD.released_at, _DUE.label("due"))
        .join(Order, sa.and_(Order.tenant_id == _HEAD.tenant_id, Order.order_id == _HEAD.order_id))
        .where(_HEAD.tenant_id == tx.tenant, Order.tenant_id == tx.tenant, _HEAD.status.in_(queued.statuses))
    )
    if queued.location_id is not None:
        statement = statement.where(_HEAD.location_id == queued.location_id)
    if queued.method is not None:
        statement = statement.where(_HEAD.method == queued.method)
    if queued.late_on is not None:
        statement = statement.where(Order.promised_p90_on < queued.late_on)
    if queued.shipping_method is not None:
        statement = statement.where(Order.shipping_method == queued.shipping_method)
    return statement


async def find_number(tx: ReadTx, text: str) -> FulfillmentId | None:
    """Return the fulfillment whose number a text is, or that of its parcel, or of its order; None without one."""
    rows = await tx.sql(SQL["numbered"], numbers=sorted({text.strip(), text.strip().upper()}))
    return FulfillmentId(rows[0][0]) if rows else None


async def find_scanned(
    tx: ReadTx, text: str, *, statuses: Sequence[Status], location_id: UUID | None
) -> FulfillmentId | None:
    """Return the fulfillment that a scanned text leads to: by its number, else the first that still wants that item."""
    numbered = await find_number(tx, text)
    if numbered is not None:
        return numbered
    by_code, by_barcode = await tx.load(*catalog.scanned([text]))
    skus = {*by_code, *by_barcode}
    if not skus:
        return None
    waiting = await next_up(tx, Queued(statuses, location_id), limit=LOOKED_AT_MAX)
    return next(
        (x.fulfillment_id for x in waiting if any(y.sku_id in skus and y.wanted > y.packed for y in x.lines)), None
    )
