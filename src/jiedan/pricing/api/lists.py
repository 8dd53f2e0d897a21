"""REST of what price lists say of SKUs: list it page by page, set and remove it in sets."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from litestar import Response, get, post, put

from jiedan.base import paging
from jiedan.base.errors import Refusal
from jiedan.base.web import answers, bodies
from jiedan.base.web.problems import Problem, problem_of
from jiedan.base.web.unit import Unit
from jiedan.pricing import queries, service
from jiedan.pricing.errors.drafts import PriceListUnknown
from jiedan.pricing.queries import ListedPrice
from jiedan.pricing.service import ListPriceRow
from jiedan.pricing.values import drafts
from jiedan.pricing.values.carts import Tier
from jiedan.pricing.values.lists import TIERS_MAX, TierMode

PRICES = "/list-prices"

ListCode = Annotated[str, msgspec.Meta(min_length=1, max_length=drafts.RULE_CODE_CHARACTERS_MAX, pattern=r"\S")]


class TierBody(bodies.Body):
    """From `min_quantity` units on, one costs `unit_minor`, in the currency of the list."""

    min_quantity: bodies.Quantity
    unit_minor: bodies.AmountMinor


class ListPriceBody(bodies.Body):
    """What a list is to say of a SKU: with `volume` all units cost what the tier says, with `graduated` those in it."""

    price_list: ListCode
    sku: bodies.Code
    tiers: Annotated[list[TierBody], msgspec.Meta(min_length=1, max_length=TIERS_MAX)]
    mode: TierMode = "volume"


class ListPricesBody(bodies.Body):
    """Prices to set; what is not named stays."""

    __example__: ClassVar[dict[str, Any]] = {
        "prices": [
            {
                "price_list": "wholesale",
                "sku": "TEA-250",
                "tiers": [{"min_quantity": 1, "unit_minor": 9_000}, {"min_quantity": 10, "unit_minor": 8_000}],
            }
        ]
    }

    prices: Annotated[list[ListPriceBody], msgspec.Meta(min_length=1, max_length=service.ENTRIES_PER_CALL_MAX)]


class ListedSkuBody(bodies.Body):
    """A SKU in a list."""

    price_list: ListCode
    sku: bodies.Code


class RemovalsBody(bodies.Body):
    """SKUs to take out of lists: the next list, or the catalog, has their price then."""

    __example__: ClassVar[dict[str, Any]] = {"prices": [{"price_list": "wholesale", "sku": "TEA-250"}]}

    prices: Annotated[list[ListedSkuBody], msgspec.Meta(min_length=1, max_length=service.ENTRIES_PER_CALL_MAX)]


class TierView(msgspec.Struct, frozen=True):
    """From `min_quantity` units on, one costs `unit_minor`."""

    min_quantity: int
    unit_minor: int


class ListPriceView(msgspec.Struct, frozen=True):
    """What a price list says of a SKU, in minor units of its currency."""

    price_list: str
    sku: str
    currency: str
    mode: TierMode
    tiers: list[TierView]


class ListPriceOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one row, in the order they were sent; refused, and why."""

    price_list: str
    sku: str
    became: Literal["set", "removed", "unchanged"] | None = None
    problem: Problem | None = None


def _view(listed: ListedPrice) -> ListPriceView:
    entry = listed.entry
    tiers = [TierView(*tier) for tier in entry.tiers]
    return ListPriceView(entry.list_code, listed.sku, listed.currency, entry.mode, tiers)


@get(PRICES, permission="prices:read", summary="List the prices of a price list")
async def list_list_prices(
    unit: Unit, price_list: str, *, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[ListPriceView]]:
    """Return what a price list says, by SKU."""
    request = unit.page("list-prices", filters={"price_list": price_list}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.entry_rows(tx, request=request, list_code=price_list)
        if not page.items and price_list not in await queries.price_lists(tx):
            raise PriceListUnknown(price_list, field="price_list")
    return answers.listing(unit, paging.Page([_view(x) for x in page.items], page.next, page.previous))


@put(PRICES, permission="prices:write", summary="Set prices of price lists")
async def set_list_prices(unit: Unit, data: ListPricesBody) -> list[ListPriceOutcome]:
    """Set prices of lists of the draft or of the newest version; they hold at once where their list is in force."""
    rows = [
        ListPriceRow(x.price_list, x.sku, tuple([Tier(t.min_quantity, t.unit_minor) for t in x.tiers]), x.mode)
        for x in data.prices
    ]
    return await _set(unit, rows)


@post(f"{PRICES}/removals", permission="prices:write", status_code=200, summary="Take SKUs out of price lists")
async def remove_list_prices(unit: Unit, data: RemovalsBody) -> list[ListPriceOutcome]:
    """Take SKUs out of lists; what is not in its list is `unchanged`."""
    return await _set(unit, [ListPriceRow(x.price_list, x.sku, ()) for x in data.prices])


async def _set(unit: Unit, rows: list[ListPriceRow]) -> list[ListPriceOutcome]:
    outcomes = await unit.write(lambda tx: service.set_list_prices(tx, rows=rows))
    return [
        ListPriceOutcome(row.price_list, row.sku, problem=problem_of(outcome, locale=unit.locale))
        if isinstance(outcome, Refusal)
        else ListPriceOutcome(row.price_list, row.sku, outcome.became)
        for row, outcome in zip(rows, outcomes, strict=True)
    ]


HANDLERS = (list_list_prices, set_list_prices, remove_list_prices)
