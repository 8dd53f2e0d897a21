"""The list of orders: views as tabs, filters by address, columns by choice; and one order of it at a glance."""

from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get

from jiedan.base import i18n, paging
from jiedan.base.db import ReadTx
from jiedan.base.web import pages
from jiedan.base.web.unit import Unit
from jiedan.bulk.values import DEEDS
from jiedan.console import figures, orders_asked, orders_counts, orders_rows, words
from jiedan.console.figures import Kpi
from jiedan.console.orders_asked import Asked
from jiedan.console.orders_rows import ShownRow
from jiedan.console.people import People
from jiedan.console.people import people as known_people
from jiedan.customers import rules as customer_rules
from jiedan.inventory import queries as stock
from jiedan.inventory.values import Location
from jiedan.orders import queries
from jiedan.orders.rules import assigning
from jiedan.orders.service import SHARE_PERMISSION
from jiedan.orders.values.lists import AS_EVERYWHERE, BUILT_IN_VIEWS, LIST_NAME, OrderFilter, SavedView, given

ROWS = 50


class Tab(NamedTuple):
    """A view above the list."""

    key: str
    label: str
    number: paging.Count
    is_current: bool
    saved: SavedView | None


class Listed(NamedTuple):
    """Everything the list shows; `kpis` is None where only the list itself is asked for."""

    tabs: list[Tab]
    page: paging.Page[ShownRow]
    number: paging.Count
    locations: tuple[Location, ...]
    filters: OrderFilter
    asked: Asked
    people: People
    kpis: list[Kpi] | None


@get("/orders", permission="orders:read")
async def orders_page(unit: Unit) -> Response[str]:
    """Show the orders that fit."""
    asked = orders_asked.of(unit)
    async with unit.read() as tx:
        listed = await _listed(tx, unit, asked)
    asked = listed.asked
    columns, at = orders_asked.columns_of(unit, asked), pages.url(unit.exchange, "/orders")
    kept = f"?{urlencode({'from': asked.listing})}" if asked.listing else ""
    current = next((tab for tab in listed.tabs if tab.is_current), None)
    own_view = current.saved if current is not None else None
    is_mine = own_view is not None and (not own_view.is_shared or unit.may(SHARE_PERMISSION))
    return pages.render(
        unit,
        "console/orders.html",
        part="console/_orders.html",
        status=422 if asked.problems else 200,
        words=words,
        listed=listed,
        asked=asked,
        chips=orders_asked.chips_of(unit, asked, listed.people.names),
        yes_no=orders_asked.YES_NO,
        whose=orders_asked.WHOSE,
        own_view=own_view if is_mine else None,
        columns=orders_asked.COLUMNS,
        chosen=columns,
        densities=orders_asked.DENSITIES,
        layout_json=msgspec.json.encode(orders_asked.layout_of(unit, asked)).decode(),
        is_arranging=unit.request.query_params.get("arrange") == "1",
        kept_rows=orders_rows.KeptRows((unit.locale, at, kept, columns)),
        deeds={key: deed for key, deed in DEEDS.items() if unit.may(deed.permission)},
        at=at,
        listing=asked.listing,
        kept=kept,
        filters_json=msgspec.json.encode(listed.filters).decode(),
        currency=unit.principal.currency,
    )


async def _listed(tx: ReadTx, unit: Unit, asked: Asked) -> Listed:
    """Read the list: six statements, whatever is asked and however many views there are.

    Figures, and the names of those who work here, are kept a while.
    """
    saved = await queries.views(tx, owner_id=owner_of(unit))
    saved.sort(key=lambda view: not view.is_shared)
    by_key: dict[str, OrderFilter] = {key: view.filters for key, view in BUILT_IN_VIEWS.items()}
    by_key |= {str(view.view_id): view.filters for view in saved}
    key = asked.view if asked.view in by_key else orders_asked.DEFAULT_VIEW
    filters = orders_asked.filters_of(unit, by_key[key], asked)
    own = next((view for view in saved if str(view.view_id) == key), None)
    asked = asked._replace(layout=AS_EVERYWHERE if own is None else own.layout)
    locations = await tx.load_one(stock.locations())
    criteria = await queries.criteria_of(
        tx,
        [filters, *by_key.values()],
        time_zone=unit.principal.time_zone,
        locations=locations,
        me=assigning.own(unit.principal.actor),
    )
    count, counts = await orders_counts.counts(tx, criteria[0], criteria[1:])
    cursor = unit.request.query_params.get("cursor") or None
    place = {**given(filters), "sort": "oldest"} if asked.oldest_first else given(filters)
    request = unit.page(LIST_NAME, filters=place, limit=ROWS, cursor=cursor)
    page = await queries.order_rows(tx, request=request, criteria=criteria[0], oldest_first=asked.oldest_first)
    people = await known_people(tx)
    rows = paging.Page(orders_rows.shown(unit, page.items, now=tx.now, people=people), page.next, page.previous)
    saved_by_key = {str(view.view_id): view for view in saved}
    tabs = [
        Tab(x, _label(unit, x, saved_by_key.get(x)), number, x == key, saved_by_key.get(x))
        for x, number in zip(by_key, counts, strict=True)
    ]
    kpis = None if pages.wants_part(unit) else await figures.strip(tx, unit)
    return Listed(tabs, rows, count, locations, filters, asked, people, kpis)


def _label(unit: Unit, key: str, saved: SavedView | None) -> str:
    return saved.name if saved is not None else i18n.gettext(unit.locale, BUILT_IN_VIEWS[key].label)


def owner_of(unit: Unit) -> UUID:
    """Return whose views are one's own."""
    return UUID(unit.principal.actor.id)


@get("/orders/{order_id:uuid}/peek", permission="orders:read")
async def peek(unit: Unit, order_id: UUID) -> Response[str]:
    """Show an order at a glance, beside its list."""
    async with unit.read() as tx:
        found = await queries.order(tx, order_id)
        details = (await queries.details(tx, [order_id]))[found.order.order_id]
        people = await known_people(tx)
    listing = unit.request.query_params.get("from", "")
    return pages.render(
        unit,
        "console/orders_peek.html",
        part="console/_orders_peek.html",
        words=words,
        order=found.order,
        lines=[line for line in found.lines if line.kind not in {"component", "fee"}],
        details=details,
        assignee=people.called(found.order.assignee_id),
        address=customer_rules.written(details.addresses["ship_to"]) if "ship_to" in details.addresses else [],
        listing=listing,
        kept=f"?{urlencode({'from': listing})}" if listing else "",
    )


HANDLERS: tuple[Any, ...] = (orders_page, peek)
