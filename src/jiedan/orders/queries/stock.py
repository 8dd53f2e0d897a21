"""What orders want of SKUs, for pages about stock."""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import Load
from jiedan.catalog.values import SkuId
from jiedan.orders.values import OrderId

SQL = sql.load("jiedan.orders.queries", "stock.sql")

WAITING_LINES_MAX = 1_000
"""Lines of one SKU that are looked at to say how much is waited for."""


class WaitingLine(NamedTuple):
    """An open order that waits for `units` of a SKU."""

    order_id: OrderId
    number: str
    contact_name: str
    units: int
    placed_at: datetime
    promised_p90_on: date | None


class OrderOfLine(NamedTuple):
    """The order that a line belongs to."""

    order_id: OrderId
    number: str


def waiting_units(sku_ids: Collection[SkuId]) -> Load[dict[SkuId, int]]:
    """Load how many units open orders wait for, by SKU, in their first `WAITING_LINES_MAX` lines; 0 is absent."""
    return Load(
        SQL["waiting_units"],
        {"sku_ids": sorted(set(sku_ids)), "lines_max": WAITING_LINES_MAX},
        lambda rows: {SkuId(row[0]): int(row[1]) for row in rows if row[1]},
    )


def lines_waiting_for(sku_id: SkuId, *, limit: int) -> Load[list[WaitingLine]]:
    """Load at most `limit` lines of open orders that wait for a SKU, oldest order first."""
    return Load(
        SQL["lines_waiting_for"],
        {"sku_id": sku_id, "limit": limit},
        lambda rows: [WaitingLine(OrderId(row[0]), *row[1:]) for row in rows],
    )


def orders_of_lines(line_ids: Collection[UUID]) -> Load[dict[UUID, OrderOfLine]]:
    """Load the orders of lines, by the line's id; unknown ones are absent."""
    return Load(
        SQL["orders_of_lines"],
        {"line_ids": sorted(set(line_ids))},
        lambda rows: {row[0]: OrderOfLine(OrderId(row[1]), row[2]) for row in rows},
    )
