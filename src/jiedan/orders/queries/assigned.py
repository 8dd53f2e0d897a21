"""Orders by who looks after them."""

from collections.abc import Collection
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import ReadTx
from jiedan.orders.values import OrderId

SQL = sql.load("jiedan.orders.queries", "assigned.sql")


async def open_orders_of(tx: ReadTx, staff_ids: Collection[UUID], *, limit: int) -> list[OrderId]:
    """Return the oldest open orders of some of the staff. One statement."""
    rows = await tx.sql(SQL["open_orders_of"], staff_ids=sorted(staff_ids), orders_max=limit)
    return [OrderId(row[0]) for row in rows]
