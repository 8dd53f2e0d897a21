"""Which orders wait for goods that there are."""

from collections.abc import Collection
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import ReadTx
from jiedan.orders.values import OrderId

SQL = sql.load("jiedan.orders.queries", "waiting.sql")


async def waiting_orders(tx: ReadTx, sku_ids: Collection[UUID], *, limit: int) -> tuple[list[OrderId], bool]:
    """Return the open orders with lines that can use what is free of these SKUs, and whether there are more.

    Oldest promise first. `limit` counts lines. Orders that claim no stock wait for nothing.
    """
    rows = await tx.sql(SQL["waiting_lines"], sku_ids=sorted(set(sku_ids)), limit=limit)
    return list(dict.fromkeys(OrderId(row[0]) for row in rows)), len(rows) == limit


async def skus_to_fill(tx: ReadTx, *, after: UUID, limit: int) -> list[UUID]:
    """Return at most `limit` SKUs beyond `after` that lines wait for although some are free."""
    return [row[0] for row in await tx.sql(SQL["skus_to_fill"], after=after, limit=limit)]
