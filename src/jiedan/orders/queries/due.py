"""What falls due by the clock."""

from datetime import datetime

from jiedan.base import sql
from jiedan.base.db import ReadTx
from jiedan.orders.values import OrderId

SQL = sql.load("jiedan.orders.queries", "due.sql")


async def expired_order_ids(tx: ReadTx, *, at: datetime, limit: int) -> list[OrderId]:
    """Return at most `limit` unpaid orders whose time is over, longest over first; none with a payment under way."""
    return [OrderId(row[0]) for row in await tx.sql(SQL["expired_orders"], at=at, limit=limit)]
