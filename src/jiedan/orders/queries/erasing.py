"""Orders of customers who are to be forgotten: what stands in the way, and which come next."""

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from jiedan.base import ids, sql
from jiedan.base.db import ReadTx
from jiedan.orders.rules.forgetting import SaidOfLine
from jiedan.orders.values import OrderId
from jiedan.orders.values.erasing import Obstacle
from jiedan.pricing.values import Said

SQL = sql.load("jiedan.orders.queries", "erasing.sql")


async def obstacles(tx: ReadTx, customer_ids: Collection[UUID], *, limit: int) -> list[Obstacle]:
    """Return orders of customers that are not over yet, the oldest first."""
    rows = await tx.sql(SQL["obstacles"], customer_ids=ids.in_order(customer_ids), limit=limit)
    return [Obstacle(*row) for row in rows]


async def count(tx: ReadTx, customer_ids: Collection[UUID]) -> int:
    """Return how many orders customers have."""
    rows = await tx.sql(SQL["count_orders"], customer_ids=ids.in_order(customer_ids))
    return int(rows[0][0])


async def after(tx: ReadTx, customer_ids: Collection[UUID], *, after_id: UUID | None, limit: int) -> list[OrderId]:
    """Return the next orders of customers behind `after_id`, up to the first that is open.

    Ids rise with time, so an order that slipped in while the customer was closed comes last.
    """
    rows = await tx.sql(SQL["order_ids_after"], customer_ids=ids.in_order(customer_ids), after_id=after_id, limit=limit)
    found: list[OrderId] = []
    for order_id, is_open in rows:
        if is_open:
            break
        found.append(order_id)
    return found


async def all_of(tx: ReadTx, customer_ids: Collection[UUID]) -> list[OrderId]:
    """Return every order of customers: for the end of long work, once."""
    return [row[0] for row in await tx.sql(SQL["all_order_ids"], customer_ids=ids.in_order(customer_ids))]


async def said_in(tx: ReadTx, order_ids: Collection[UUID]) -> list[SaidOfLine]:
    """Return what the lines of orders say of pieces that were made for somebody, in the order of the lines."""
    rows = await tx.sql(SQL["said_in_orders"], order_ids=ids.in_order(order_ids))
    return [SaidOfLine(order_id, line_id, _said(said), _said(placed)) for order_id, line_id, said, placed in rows]


def _said(stored: Any) -> tuple[Said, ...]:
    return () if stored is None else msgspec.convert(stored, tuple[Said, ...])


async def drafts_of(tx: ReadTx, customer_ids: Collection[UUID]) -> list[UUID]:
    """Return the drafts that staff are writing for customers."""
    rows = await tx.sql(SQL["drafts_of_customers"], customers=[str(x) for x in ids.in_order(customer_ids)])
    return [row[0] for row in rows]


class Search(NamedTuple):
    """A saved view that looks for words."""

    view_id: UUID
    list_name: str
    text: str


async def searches(tx: ReadTx) -> list[Search]:
    """Return the saved views that look for words, of everybody; there are few."""
    return [Search(*row) for row in await tx.sql(SQL["views_that_search"])]
