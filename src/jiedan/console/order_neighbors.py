"""The order before and after another one in a filtered list, from the list's own query."""

from typing import Literal
from urllib.parse import parse_qsl
from uuid import UUID

from jiedan.base import paging
from jiedan.base.db import ReadTx
from jiedan.base.web.unit import Unit
from jiedan.console import orders_asked
from jiedan.console.orders_asked import Asked
from jiedan.orders import queries
from jiedan.orders.rules import assigning
from jiedan.orders.values import OrderId
from jiedan.orders.values.lists import BUILT_IN_VIEWS, EVERYTHING, OrderFilter

Direction = Literal["next", "previous"]

PAGES_MAX = 5
"""Pages of the list that are looked at: of a filter that few orders fit, a page may be empty."""


async def neighbor(tx: ReadTx, unit: Unit, order_id: UUID, listing: str, direction: Direction) -> OrderId | None:
    """Return the order beside another in the list that the query `listing` asks for, None at its end.

    Raises OrderNotFound.
    """
    order = (await queries.order(tx, order_id)).order
    asked = orders_asked.read(unit, parse_qsl(listing))
    filters = orders_asked.filters_of(unit, await _view(tx, unit, asked), asked)
    whose = assigning.own(unit.principal.actor)
    (criteria,) = await queries.criteria_of(tx, [filters], time_zone=unit.principal.time_zone, me=whose)
    request = paging.Request(
        limit=1,
        position=(order.placed_at, order.order_id),
        backwards=direction == "previous",
        scope=b"",
        cursors=unit.exchange.site.cursors,
    )
    for _ in range(PAGES_MAX):
        page = await queries.order_rows(tx, request=request, criteria=criteria, oldest_first=asked.oldest_first)
        if page.items:
            return page.items[0].order_id
        cursor = page.next if direction == "next" else page.previous
        if cursor is None:
            return None
        position, backwards = unit.exchange.site.cursors.open(cursor, scope=b"")
        request = paging.Request(1, position, backwards, b"", unit.exchange.site.cursors)
    return None


async def _view(tx: ReadTx, unit: Unit, asked: Asked) -> OrderFilter:
    """Return what a list's view filters by; one that there is not shows everything, as the list does."""
    if asked.view in BUILT_IN_VIEWS:
        return BUILT_IN_VIEWS[asked.view].filters
    saved = await queries.views(tx, owner_id=UUID(unit.principal.actor.id))
    return next((x.filters for x in saved if str(x.view_id) == asked.view), EVERYTHING)
