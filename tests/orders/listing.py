"""Lists of orders as tests read them: after the drain, by filters, page by page."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from jiedan import wiring
from jiedan.base import paging
from jiedan.base.db import Database, ReadTx, Scope
from jiedan.base.drain import Drain
from jiedan.orders import queries
from jiedan.orders.values.lists import OrderFilter, OrderRow

CURSORS = paging.Cursors("a secret of the tests")
TIME_ZONE = "Asia/Shanghai"


async def drain(db: Database, scope: Scope) -> int:
    """Hand out everything that happened."""
    return await Drain(db, None, wiring.SUBSCRIPTIONS).drain_tenant(scope.tenant)


def request(tx: ReadTx, *, limit: int = 50, cursor: str | None = None) -> paging.Request:
    """Return which page is asked for."""
    return paging.Request.of(CURSORS, tenant=tx.tenant, name="orders", filters={}, limit=limit, cursor=cursor)


async def page_of(
    tx: ReadTx, filters: OrderFilter, *, limit: int = 50, cursor: str | None = None, me: UUID | None = None
) -> paging.Page[OrderRow]:
    """Read one page."""
    (criteria,) = await queries.criteria_of(tx, [filters], time_zone=TIME_ZONE, me=me)
    return await queries.order_rows(tx, request=request(tx, limit=limit, cursor=cursor), criteria=criteria)


async def found(db: Database, scope: Scope, **filters: Any) -> list[UUID]:
    """Return the ids of the orders on the first page."""
    async with db.read(scope) as tx:
        page = await page_of(tx, OrderFilter(**filters))
    return [row.order_id for row in page.items]


async def counted(db: Database, scope: Scope, *filters: OrderFilter) -> Sequence[paging.Count]:
    """Count the orders that fit each of `filters`."""
    async with db.read(scope) as tx:
        criteria = await queries.criteria_of(tx, list(filters), time_zone=TIME_ZONE)
        return await queries.order_counts(tx, criteria)
