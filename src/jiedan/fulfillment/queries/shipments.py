"""Lists of parcels: by state, carrier and number; what is handed to a carrier; what waits to be collected."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import paging, terms
from jiedan.base.db import ReadTx
from jiedan.fulfillment import tables
from jiedan.fulfillment.queries import loads
from jiedan.fulfillment.values import Fulfillment, Parcel, ParcelId, ParcelState
from jiedan.orders.tables import Order

_PARCEL = tables.Parcel
_HEAD = tables.Fulfillment

GROUPS: Mapping[str, tuple[ParcelState, ...]] = {
    "packed": ("packed",),
    "under_way": ("shipped", "in_transit", "out_for_delivery"),
    "failed": ("failed",),
    "returned": ("returned",),
    "delivered": ("delivered",),
}
"""The tabs of the list, and the states that each shows."""

COUNTED_MAX = 1_000
FOUND_MAX = 50
HANDED_MAX = 1_000
"""Parcels on one hand-over list."""

Shipment = tuple[Fulfillment, Parcel]

_OLDEST = paging.Keyset((_PARCEL.packed_at, _PARCEL.parcel_id), descending=False)
_NEWEST = paging.Keyset((_PARCEL.packed_at, _PARCEL.parcel_id), descending=True)


class Sought(NamedTuple):
    """Which parcels are asked for; `late_on` leaves those promised before that day, `carrier` one carrier's.

    `shipping_method` leaves what goes by one method, by its code.
    """

    states: Sequence[ParcelState]
    carrier: str | None = None
    late_on: date | None = None
    shipping_method: str | None = None


async def shipment_page(tx: ReadTx, *, request: paging.Request, sought: Sought) -> paging.Page[Shipment]:
    """List parcels by when they were packed: what has arrived newest first, everything else oldest first."""
    keyset = _NEWEST if tuple(sought.states) == GROUPS["delivered"] else _OLDEST
    statement = sa.select(_PARCEL.parcel_id, _PARCEL.packed_at).where(*_conditions(tx, sought))
    if sought.late_on is not None or sought.shipping_method is not None:
        statement = _of_orders(tx, statement, sought)
    rows = (await tx.execute(keyset.apply(statement, request))).all()
    found = await loads.parcels(tx, [row.parcel_id for row in rows])
    return keyset.page(
        rows,
        request,
        make=lambda row: found[row.parcel_id],
        position=lambda row: (row.packed_at, row.parcel_id),
    )


def _conditions(tx: ReadTx, sought: Sought) -> list[sa.ColumnElement[bool]]:
    found = [_PARCEL.tenant_id == tx.tenant, _PARCEL.state.in_(sought.states)]
    return found if sought.carrier is None else [*found, _PARCEL.carrier == sought.carrier]


def _of_orders(tx: ReadTx, statement: Any, sought: Sought) -> Any:
    """Return the parcels of orders that were promised before a day, or go by a method."""
    conditions = [_HEAD.tenant_id == tx.tenant, Order.tenant_id == tx.tenant]
    if sought.late_on is not None:
        conditions.append(Order.promised_p90_on < sought.late_on)
    if sought.shipping_method is not None:
        conditions.append(Order.shipping_method == sought.shipping_method)
    return (
        statement.join(
            _HEAD, sa.and_(_HEAD.tenant_id == _PARCEL.tenant_id, _HEAD.fulfillment_id == _PARCEL.fulfillment_id)
        )
        .join(Order, sa.and_(Order.tenant_id == _HEAD.tenant_id, Order.order_id == _HEAD.order_id))
        .where(*conditions)
    )


async def group_counts(tx: ReadTx) -> dict[str, int]:
    """Return how many parcels stand under each tab that is not ended, counted up to `COUNTED_MAX`."""
    counts = []
    for name, states in GROUPS.items():
        if name == "delivered":
            continue
        part = sa.select(_PARCEL.parcel_id).where(*_conditions(tx, Sought(states))).limit(COUNTED_MAX).subquery()
        counts.append(sa.select(sa.literal(name).label("name"), sa.func.count().label("number")).select_from(part))
    rows = (await tx.execute(sa.union_all(*counts))).all()
    return {row.name: row.number for row in rows}


async def find_parcels(tx: ReadTx, text: str) -> list[Shipment]:
    """Return the parcels whose tracking number, or own number, begins with a text: the number of an order does, too."""
    start, end = terms.prefix_range(text)
    numbered = [
        sa.select(_PARCEL.parcel_id)
        .where(_PARCEL.tenant_id == tx.tenant, column.is_not(None), column >= start, column < end)
        .limit(FOUND_MAX)
        .subquery()
        for column in (_PARCEL.tracking_number, _PARCEL.number)
    ]
    rows = (await tx.execute(sa.union(*(sa.select(x.c.parcel_id) for x in numbered)).limit(FOUND_MAX))).all()
    found = await loads.parcels(tx, [row.parcel_id for row in rows])
    return sorted(found.values(), key=lambda x: (x[1].packed_at, x[1].number), reverse=True)


async def handed_over(
    tx: ReadTx, *, carrier: str, since: datetime, until: datetime, location_id: UUID | None
) -> list[Shipment]:
    """Return the parcels that left with a carrier in a time, and those with its label that wait to leave."""
    p = _PARCEL
    gone = sa.select(p.parcel_id).where(
        p.tenant_id == tx.tenant, p.shipped_at >= since, p.shipped_at < until, p.carrier == carrier
    )
    waiting = sa.select(p.parcel_id).where(p.tenant_id == tx.tenant, p.carrier == carrier, p.state == "packed")
    rows = (await tx.execute(sa.union(gone, waiting).limit(HANDED_MAX))).all()
    found = await loads.parcels(tx, [ParcelId(row.parcel_id) for row in rows])
    kept = [x for x in found.values() if location_id in {None, x[0].location_id}]
    return sorted(kept, key=lambda x: x[1].number)


async def to_collect(tx: ReadTx, *, location_id: UUID | None, limit: int) -> list[Fulfillment]:
    """Return what waits to be collected, or is packed to be, longest waiting first."""
    statement = (
        sa.select(_HEAD.fulfillment_id, _HEAD.released_at)
        .where(
            _HEAD.tenant_id == tx.tenant,
            sa.or_(_HEAD.status == "ready", sa.and_(_HEAD.status == "packed", _HEAD.method == "collect")),
        )
        .order_by(_HEAD.released_at, _HEAD.fulfillment_id)
        .limit(limit)
    )
    if location_id is not None:
        statement = statement.where(_HEAD.location_id == location_id)
    rows = (await tx.execute(statement)).all()
    found = await loads.fulfillments(tx, [row.fulfillment_id for row in rows])
    return [found[row.fulfillment_id] for row in rows]
