"""What orders were before they ended, as their events tell."""

from collections.abc import Collection, Mapping
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import ReadTx
from jiedan.orders.values import LineId

SQL = sql.load("jiedan.orders.queries", "ended.sql")


async def last_cancellations(tx: ReadTx, order_ids: Collection[UUID]) -> dict[UUID, Mapping[LineId, int]]:
    """Return what the cancellation that ended each order gave up: units by line. Orders not canceled are absent."""
    found: dict[UUID, Mapping[LineId, int]] = {}
    for order_id, data in await tx.sql(SQL["last_cancellations"], order_ids=sorted(set(order_ids))):
        found[order_id] = {LineId(UUID(line["line_id"])): line["quantity"] for line in data["lines"]}
    return found
