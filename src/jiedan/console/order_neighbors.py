"""The order before and after another one in a filtered list, from the list's own query."""

from typing import Any, Literal
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec

from jiedan.base import money, paging
from jiedan.base.db import ReadTx
from jiedan.base.web.unit import Unit
from jiedan.orders import queries
from jiedan.orders.rules import assigning
from jiedan.orders.values import OrderId
from jiedan.orders.values.lists import BUILT_IN_VIEWS, EVERYTHING, OrderFilter, given

Direction = Literal["next", "previous"]

PAGES_MAX = 5
"""Pages of the list that are looked at: of a filter that few orders fit, a page may be empty."""

_AMOUNTS = frozenset({"total_min", "total_max"})
_SEVERAL = frozenset({"lifecycle", "payment", "fulfillment"})
_FIELDS = frozenset(OrderFilter.__struct_fields__)


async def neighbor(tx: ReadTx, unit: Unit, order_id: UUID, listing: str, direction: Direction) -> OrderId | None:
    """Return the order beside another in the list that the query `listing` asks for, None at its end.

    Raises OrderNotFound.
    """
    order = (await queries.order(tx, order_id)).order
    filters = await _filters(tx, unit, listing)
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
        page = await queries.order_rows(tx, request=request, criteria=criteria)
        if page.items:
            return page.items[0].order_id
        cursor = page.next if direction == "next" else page.previous
        if cursor is None:
            return None
        position, backwards = unit.exchange.site.cursors.open(cursor, scope=b"")
        request = paging.Request(1, position, backwards, b"", unit.exchange.site.cursors)
    return None


async def _filters(tx: ReadTx, unit: Unit, listing: str) -> OrderFilter:
    """Return what a list's query asks for; what cannot be asked for is left out, as the list leaves it out."""
    asked = dict(parse_qsl(listing))
    view = BUILT_IN_VIEWS[asked["view"]].filters if asked.get("view") in BUILT_IN_VIEWS else EVERYTHING
    if asked.get("view") and asked["view"] not in BUILT_IN_VIEWS:
        saved = await queries.views(tx, owner_id=UUID(unit.principal.actor.id))
        view = next((x.filters for x in saved if str(x.view_id) == asked["view"]), view)
    own: dict[str, Any] = {}
    for name in _FIELDS & asked.keys():
        try:
            own |= given(_filter(name, asked[name].strip(), unit.principal.currency))
        except (msgspec.ValidationError, ValueError):
            continue
    return msgspec.convert({**given(view), **own}, OrderFilter)


def _filter(name: str, text: str, currency: str) -> OrderFilter:
    """Return the filter that one field makes. Raises ValidationError or ValueError."""
    value: Any = money.parse_amount(text, currency) if name in _AMOUNTS else text
    return msgspec.convert({name: [value] if name in _SEVERAL else value}, OrderFilter, strict=False)
