"""Orders that came from elsewhere, by the ids they have there, and what of them can still be canceled."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from jiedan.base import sql
from jiedan.base.db import ReadTx
from jiedan.customers.values import CustomerId
from jiedan.orders.values import OrderId

SQL = sql.load("jiedan.orders.queries", "imported.sql")


class Cancelable(NamedTuple):
    """A line of an open order with `left` stock units that have not gone yet; the price is one unit's."""

    order_id: OrderId
    customer_id: CustomerId
    line: int
    code: str
    unit_minor: int
    placed_at: datetime
    left: int


class Totals(NamedTuple):
    """What orders come to: as placed, and what was canceled since. Units are stock units."""

    orders: int
    lines: int
    units: int
    amount_minor: int
    canceled_units: int
    canceled_minor: int


async def external_fingerprints(tx: ReadTx, *, channel: str, external_ids: Collection[str]) -> dict[str, bytes]:
    """Return the fingerprint that each order was placed with, by its id in `channel`; unknown ids are absent."""
    rows = await tx.sql(SQL["fingerprints"], channel=channel, external_ids=sorted(set(external_ids)))
    return {row[0]: bytes(row[1]) for row in rows}


async def cancelable_lines(
    tx: ReadTx, *, customer_ids: Collection[CustomerId], codes: Collection[str]
) -> list[Cancelable]:
    """Return what these customers' open orders have left of these SKUs, oldest order first; nothing is locked."""
    rows = await tx.sql(SQL["cancelable_lines"], customer_ids=sorted(set(customer_ids)), codes=sorted(set(codes)))
    return [Cancelable(*row) for row in rows]


async def external_totals(tx: ReadTx, *, channel: str, external_ids: Collection[str]) -> Totals:
    """Return what the orders with these ids in `channel` come to; they must share one currency."""
    (row,) = await tx.sql(SQL["totals"], channel=channel, external_ids=sorted(set(external_ids)))
    return Totals(*row)
