"""Orders with their lines by id, locked or not; the lock of an order guards its lines, holds, notes and money facts."""

import itertools
from collections.abc import Collection
from typing import Any
from uuid import UUID

import msgspec

from jiedan.base import ids, sql
from jiedan.base.db import LockRank, ReadTx, Tx
from jiedan.base.events import Actor
from jiedan.orders import errors
from jiedan.orders.values import Contact, Line, Order, OrderId, OrderTax, OrderWithLines
from jiedan.pricing.values import Said, TaxPart

SQL = sql.load("jiedan.orders.queries", "orders.sql")

Rows = list[tuple[Any, ...]]

_CONTACT_AT = 5
_ACTOR_AT = 38


async def order(tx: ReadTx, order_id: UUID) -> OrderWithLines:
    """Return an order with its lines. Raises OrderNotFound."""
    found = await orders(tx, [order_id])
    if not found:
        raise errors.OrderNotFound(str(order_id))
    return found[OrderId(order_id)]


async def orders(tx: ReadTx, order_ids: Collection[UUID]) -> dict[OrderId, OrderWithLines]:
    """Return orders with their lines by id; unknown ids are absent. Two statements, one round trip."""
    return await _read(tx, "orders", order_ids)


async def orders_for_update(tx: Tx, order_ids: Collection[UUID]) -> dict[OrderId, OrderWithLines]:
    """Lock orders in key order and return them with their lines by id; unknown ids are absent."""
    tx.will_lock(LockRank.ORDER)
    return await _read(tx, "orders_for_update", order_ids)


async def _read(tx: ReadTx, statement: str, order_ids: Collection[UUID]) -> dict[OrderId, OrderWithLines]:
    parameters = {"order_ids": ids.in_order(order_ids)}
    heads, rows = await tx.sql_many([(SQL[statement], parameters), (SQL["lines_of"], parameters)])
    lines = {order_id: tuple(map(_line, of)) for order_id, of in itertools.groupby(rows, lambda row: row[1])}
    return {head[0]: OrderWithLines(_order(head), lines.get(head[0], ())) for head in heads}


def _line(row: tuple[Any, ...]) -> Line:
    *plain, said, placed, relief, formula, taxes = row
    told = [() if x is None else msgspec.convert(x, tuple[Said, ...]) for x in (said, placed)]
    parts = None if taxes is None else tuple([TaxPart(*part) for part in taxes])
    values: Any = (*plain, *told, relief, formula, parts)
    return Line(*values)


def _order(row: tuple[Any, ...]) -> Order:
    full_name, phone, email = row[_CONTACT_AT : _CONTACT_AT + 3]
    contact = Contact(name=full_name, phone=phone, email=email)
    actor = Actor(*row[_ACTOR_AT : _ACTOR_AT + 2])
    *plain, shown, method, name = row[_ACTOR_AT + 2 :]
    tax = None if shown is None else msgspec.convert(shown, OrderTax)
    before = row[_CONTACT_AT + 3 : _ACTOR_AT]
    values: Any = (*row[:_CONTACT_AT], contact, *before, actor, *plain, tax, method, name)
    return Order(*values)
