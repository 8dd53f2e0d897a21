"""The first page: what needs attention, in numbers."""

from typing import Any, NamedTuple

from litestar import Response, get

from jiedan.base import dead_letters, paging
from jiedan.base.db import ReadTx
from jiedan.base.web import pages
from jiedan.base.web.unit import Unit
from jiedan.cases import queries as cases
from jiedan.cases.values import KIND_LABELS, Case
from jiedan.console import words
from jiedan.inventory import queries as stock
from jiedan.orders import queries
from jiedan.orders.values.lists import BUILT_IN_VIEWS, EVERYTHING, LIST_NAME, OrderRow

CARDS = ("open", "unpaid", "late", "waiting", "held", "to_ship", "today")
ROWS = 8


class Attention(NamedTuple):
    """What there is to do; lists are None where the reader may not see them."""

    numbers: dict[str, paging.Count]
    latest: list[OrderRow]
    open_cases: list[Case] | None
    low_stock: list[Any] | None
    given_up: paging.Count | None
    """Events that handlers gave up on."""


@get("/home", permission="orders:read")
async def home_page(unit: Unit) -> Response[str]:
    """Show what needs attention."""
    async with unit.read() as tx:
        attention = await _attention(tx, unit)
    cards = [(key, BUILT_IN_VIEWS[key].label, attention.numbers[key]) for key in CARDS]
    return pages.render(
        unit, "console/home.html", cards=cards, attention=attention, words=words, case_labels=KIND_LABELS
    )


async def _attention(tx: ReadTx, unit: Unit) -> Attention:
    filters = [EVERYTHING, *(BUILT_IN_VIEWS[key].filters for key in CARDS)]
    everything, *wanted = await queries.criteria_of(tx, filters, time_zone=unit.principal.time_zone)
    counts = await queries.order_counts(tx, wanted)
    request = unit.page(LIST_NAME, filters={}, limit=ROWS)
    latest = await queries.order_rows(tx, request=request, criteria=everything)
    open_cases = low_stock = given_up = None
    if unit.may("cases:read"):
        open_cases = (await cases.cases(tx, request=unit.page("cases", filters={}, limit=ROWS))).items
    if unit.may("inventory:read"):
        low_stock = (await stock.low_stock(tx, request=unit.page("low-stock", filters={}, limit=ROWS))).items
    if unit.may("events:read"):
        given_up = await dead_letters.count(tx)
    return Attention(dict(zip(CARDS, counts, strict=True)), latest.items, open_cases, low_stock, given_up)


HANDLERS: tuple[Any, ...] = (home_page,)
