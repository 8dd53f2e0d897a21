"""Orders whose goods nobody was told to pick, or not all of them."""

from typing import Any
from uuid import UUID

from jiedan.base import paging, sql
from jiedan.base.db import ReadTx
from jiedan.orders.values import OrderId

SQL = sql.load("jiedan.fulfillment.queries", "unreleased.sql")

LOOKED_AT_MAX = 1_000
"""Orders that one page looks at; when few of them wait, it is short and has a next page."""

_FIRST = ("0001-01-01T00:00:00+00:00", UUID(int=0))


async def unreleased_page(tx: ReadTx, *, request: paging.Request) -> paging.Page[OrderId]:
    """Return open orders that locations were not told to pick whole, oldest first. One statement.

    Pages go forwards; from one whose rows went meanwhile a way leads back to the first.
    """
    placed_at, order_id = request.position or _FIRST
    rows: list[tuple[Any, ...]] = await tx.sql(
        SQL["unreleased"], placed_at=placed_at, order_id=order_id, looked_at_max=LOOKED_AT_MAX
    )
    waiting = [row for row in rows if row[2]]
    kept = waiting[: request.limit]
    has_more = len(waiting) > request.limit or len(rows) == LOOKED_AT_MAX
    last = kept[-1] if len(waiting) > request.limit else rows[-1] if rows else None
    following = request.sealed((last[0], last[1]), backwards=False) if has_more and last is not None else None
    is_past_the_end = request.position is not None and not kept and following is None
    first = request.sealed((), backwards=False) if is_past_the_end else None
    return paging.Page([OrderId(row[1]) for row in kept], following, first)
