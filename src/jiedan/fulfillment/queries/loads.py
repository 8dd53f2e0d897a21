"""Fulfillments whole, by their orders: locked for those who decide, and not for those who look."""

import itertools
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from jiedan.base import ids, sql
from jiedan.base.db import LockRank, ReadTx, Tx
from jiedan.base.events import Actor
from jiedan.fulfillment import errors
from jiedan.fulfillment.values import Fulfillment, FulfillmentId, FulfillmentLine, Parcel, ParcelId, ParcelLine
from jiedan.inventory.queries import key_columns
from jiedan.inventory.values import StockKey
from jiedan.orders.values import NoteId, OrderId

SQL = sql.load("jiedan.fulfillment.queries", "loads.sql")

Rows = list[tuple[Any, ...]]


class Acknowledged(NamedTuple):
    """Who has read a note at a fulfillment, and when."""

    fulfillment_id: FulfillmentId
    note_id: NoteId
    at: datetime
    actor: Actor


class Loaded(NamedTuple):
    """Fulfillments of some orders with all that belongs to them."""

    fulfillments: Mapping[FulfillmentId, Fulfillment]
    acknowledged: tuple[Acknowledged, ...]


async def orders_of(
    tx: ReadTx, *, fulfillment_ids: Collection[UUID] = (), parcel_ids: Collection[UUID] = ()
) -> dict[UUID, OrderId]:
    """Return the order of each fulfillment and parcel; unknown ids are absent. An order is never another's."""
    batch: list[tuple[sql.Statement, Mapping[str, Any]]] = []
    if fulfillment_ids:
        batch.append((SQL["orders_of_fulfillments"], {"fulfillment_ids": ids.in_order(fulfillment_ids)}))
    if parcel_ids:
        batch.append((SQL["orders_of_parcels"], {"parcel_ids": ids.in_order(parcel_ids)}))
    return {row[0]: OrderId(row[1]) for rows in await tx.sql_many(batch) for row in rows} if batch else {}


async def of_orders_for_update(tx: Tx, order_ids: Collection[UUID]) -> Loaded:
    """Lock every fulfillment of these orders in key order and return them whole; the orders are locked already."""
    tx.will_lock(LockRank.FULFILLMENT)
    return await _load(tx, "fulfillments_for_update", order_ids)


async def of_orders(tx: ReadTx, order_ids: Collection[UUID]) -> Loaded:
    """Return every fulfillment of these orders whole, in their order. Five statements, one round trip."""
    return await _load(tx, "fulfillments_of_orders", order_ids)


async def fulfillment(tx: ReadTx, fulfillment_id: UUID) -> Fulfillment:
    """Return one fulfillment whole. Raises FulfillmentNotFound."""
    found = await fulfillments(tx, [fulfillment_id])
    if not found:
        raise errors.FulfillmentNotFound(str(fulfillment_id))
    return found[FulfillmentId(fulfillment_id)]


async def fulfillments(tx: ReadTx, fulfillment_ids: Collection[UUID]) -> dict[FulfillmentId, Fulfillment]:
    """Return fulfillments whole, by id; unknown ids are absent."""
    orders = await orders_of(tx, fulfillment_ids=fulfillment_ids)
    loaded = await of_orders(tx, set(orders.values()))
    return {key: x for key, x in loaded.fulfillments.items() if key in orders}


async def parcels(tx: ReadTx, parcel_ids: Collection[UUID]) -> dict[ParcelId, tuple[Fulfillment, Parcel]]:
    """Return parcels with their fulfillments, by id; unknown ids are absent."""
    orders = await orders_of(tx, parcel_ids=parcel_ids)
    loaded = await of_orders(tx, set(orders.values()))
    return {p.parcel_id: (f, p) for f in loaded.fulfillments.values() for p in f.parcels if p.parcel_id in orders}


async def parcels_under_way(tx: ReadTx, order_ids: Collection[UUID]) -> list[ParcelId]:
    """Return the parcels of these orders that have left and have not arrived, in key order."""
    return [ParcelId(row[0]) for row in await tx.sql(SQL["parcels_under_way"], order_ids=ids.in_order(order_ids))]


async def parcels_by_number(
    tx: ReadTx, numbers: Collection[tuple[str, str]]
) -> dict[tuple[str, str], tuple[ParcelId, ...]]:
    """Return the parcels that have these (carrier, tracking number) pairs."""
    wanted = sorted(set(numbers))
    rows = await tx.sql(
        SQL["parcels_by_number"], carriers=[carrier for carrier, _ in wanted], numbers=[number for _, number in wanted]
    )
    found: dict[tuple[str, str], tuple[ParcelId, ...]] = {}
    for parcel_id, carrier, number in rows:
        found[carrier, number] = (*found.get((carrier, number), ()), ParcelId(parcel_id))
    return found


async def label(tx: ReadTx, parcel_id: UUID) -> tuple[str, bytes]:
    """Return the media type and the document of a parcel's label. Raises ParcelNotFound, NoLabel."""
    rows = await tx.sql(SQL["label"], parcel_id=parcel_id)
    if rows:
        return rows[0][0], bytes(rows[0][1])
    found = (await parcels(tx, [parcel_id])).get(ParcelId(parcel_id))
    if found is None:
        raise errors.ParcelNotFound(str(parcel_id))
    raise errors.NoLabel(found[1].number)


async def latest_promised(tx: ReadTx, shortfalls: Mapping[StockKey, int]) -> set[OrderId]:
    """Return the orders that would have to yield if so much were missing at these counters: latest promised first.

    Only units that are not picked count. It takes no lock, so it is a guess at whom to lock.
    """
    keys = sorted(shortfalls)
    rows = await tx.sql(SQL["latest_promised"], **key_columns(keys), shortfalls=[shortfalls[key] for key in keys])
    return {OrderId(row[2]) for row in rows}


async def _load(tx: ReadTx, statement: str, order_ids: Collection[UUID]) -> Loaded:
    wanted = {"order_ids": ids.in_order(order_ids)}
    names = (statement, "lines_of_orders", "parcels_of_orders", "parcel_lines_of_orders", "acknowledged")
    heads, lines, parcel_rows, contents, acknowledged = await tx.sql_many([(SQL[name], wanted) for name in names])
    contents_by_parcel = _grouped(contents, 0)
    lines_by_id, parcels_by_id = _grouped(lines, 0), _grouped(parcel_rows, 1)
    found = {
        head[0]: _fulfillment(head, lines_by_id.get(head[0], ()), parcels_by_id.get(head[0], ()), contents_by_parcel)
        for head in heads
    }
    read = tuple(Acknowledged(row[0], row[1], row[2], Actor(row[3], row[4])) for row in acknowledged)
    return Loaded(found, read)


def _fulfillment(
    head: tuple[Any, ...], lines: Iterable[Any], parcels: Iterable[Any], contents: Mapping[UUID, Rows]
) -> Fulfillment:
    values: Any = (
        *head,
        tuple(FulfillmentLine(*row) for row in lines),
        tuple(_parcel(row, contents) for row in parcels),
    )
    return Fulfillment(*values)


def _parcel(row: tuple[Any, ...], contents: Mapping[UUID, Rows]) -> Parcel:
    values: Any = (*row, tuple(ParcelLine(*x[1:]) for x in contents.get(row[0], ())))
    return Parcel(*values)


def _grouped(rows: Rows, column: int) -> dict[UUID, Rows]:
    return {key: list(of) for key, of in itertools.groupby(rows, key=lambda row: row[column])}
