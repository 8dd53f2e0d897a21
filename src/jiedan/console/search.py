"""Search for everything: orders, customers, goods, pages and actions; a page, and what the command palette shows.

A leading `#` means orders alone, `@` customers, `>` pages and actions. Each module is asked once, for what the reader
may see; what nobody may read is not looked for.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from litestar import Response, get

from jiedan.accounts.values import SELF
from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.web import pages
from jiedan.base.web.site import NavigationEntry
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import SkuRow
from jiedan.console import words
from jiedan.customers import queries as customers
from jiedan.customers.values import CustomerRow
from jiedan.orders import queries as orders
from jiedan.orders.values.lists import SEARCH_CHARS_MAX, OrderFilter, OrderRow

HITS_MAX = 6
"""How many of each kind are shown."""

PLACES_MAX = 8

ORDERS, CUSTOMERS, PLACES = "#", "@", ">"
EVERYTHING = ""


class Asked(NamedTuple):
    """What is looked for, and among what: a prefix, or everything."""

    scope: str
    text: str

    def wants(self, scope: str) -> bool:
        """Tell whether hits of a kind are wanted."""
        return self.scope in {EVERYTHING, scope}


class Found(NamedTuple):
    """What fits, best first."""

    places: list[NavigationEntry]
    orders: list[OrderRow]
    customers: list[CustomerRow]
    skus: list[SkuRow]


@get("/search", permission=SELF)
async def search_page(unit: Unit) -> Response[str]:
    """Show what fits the words typed; without any, where one may go and what one may do."""
    typed = unit.request.query_params.get("q", "").strip()[:SEARCH_CHARS_MAX]
    asked = _asked(typed)
    found = Found(_places(unit, asked), [], [], [])
    if asked.text and asked.scope != PLACES:
        async with unit.read() as tx:
            found = await _found(tx, unit, asked, found.places)
    return pages.render(
        unit, "console/search.html", part="console/_found.html", typed=typed, found=found, asked=asked, words=words
    )


def _asked(typed: str) -> Asked:
    if typed[:1] in {ORDERS, CUSTOMERS, PLACES}:
        return Asked(typed[0], typed[1:].strip())
    return Asked(EVERYTHING, typed)


async def _found(tx: ReadTx, unit: Unit, asked: Asked, places: list[NavigationEntry]) -> Found:
    """Ask each module once. Eleven statements at most."""
    rows: Sequence[OrderRow] = ()
    if asked.wants(ORDERS) and unit.may("orders:read"):
        [criteria] = await orders.criteria_of(tx, [OrderFilter(q=asked.text)], time_zone=unit.principal.time_zone)
        request = unit.page("search-orders", filters={"q": asked.text}, limit=HITS_MAX)
        rows = (await orders.order_rows(tx, request=request, criteria=criteria)).items
    people: Sequence[CustomerRow] = ()
    if asked.wants(CUSTOMERS) and unit.may("customers:read"):
        matches = await customers.matching_customers(tx, text=asked.text)
        if matches.customer_ids:
            request = unit.page("search-customers", filters={"q": asked.text}, limit=HITS_MAX)
            people = (await customers.customer_rows(tx, request=request, among=matches.customer_ids)).items
    goods: Sequence[SkuRow] = ()
    if asked.scope == EVERYTHING and unit.may("catalog:read"):
        fitting = await catalog.matching_skus(tx, text=asked.text)
        if fitting.sku_ids:
            request = unit.page("search-skus", filters={"q": asked.text}, limit=HITS_MAX)
            goods = (await catalog.sku_rows(tx, request=request, among=fitting.sku_ids)).items
    return Found(places, list(rows), list(people), list(goods))


def _places(unit: Unit, asked: Asked) -> list[NavigationEntry]:
    """Return the pages and actions whose name has every word, those that begin with the first word first."""
    if not asked.wants(PLACES):
        return []
    site = unit.exchange.site
    wanted = asked.text.casefold().split()
    fitting: list[tuple[bool, NavigationEntry]] = []
    for entry in {x.path: x for x in (*site.settings, *site.actions, *site.navigation)}.values():
        names = {entry.label.casefold(), i18n.gettext(unit.locale, entry.label).casefold()}
        if unit.may(entry.permission) and any(all(word in name for word in wanted) for name in names):
            begins = any(name.startswith(tuple(wanted[:1])) for name in names)
            fitting.append((not begins, entry))
    return [entry for _, entry in sorted(fitting, key=lambda pair: pair[0])][: PLACES_MAX if wanted else None]


HANDLERS: tuple[Any, ...] = (search_page,)
