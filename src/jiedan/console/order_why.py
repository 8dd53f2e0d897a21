"""Why an order costs what it costs: every step to each price and every rule, by the version that priced it."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get

from jiedan.accounts import queries as accounts
from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.events import Actor
from jiedan.base.web import pages
from jiedan.base.web.unit import Unit
from jiedan.console import order_prices
from jiedan.console.order import address
from jiedan.console.prices import links, names
from jiedan.console.prices import why as why_of
from jiedan.console.prices.why import Why
from jiedan.orders import service
from jiedan.orders.service import Explained
from jiedan.orders.values import OrderId
from jiedan.orders.values.prices import PriceChange


class Since(NamedTuple):
    """What somebody has set by hand since the order was placed, and who."""

    change: PriceChange
    by: str


@get("/orders/{order_id:uuid}/why", permission="orders:read")
async def why_page(unit: Unit, order_id: UUID) -> Response[str]:
    """Show how each price of an order came about, and what became of every rule that it met."""
    async with unit.read() as tx:
        told = await service.explain_prices(tx, order_id=OrderId(order_id), locale=unit.locale)
        why = await _why(tx, unit, told)
        kept = None
        order, lines = told.found
        if not told.is_same:
            tax_included = any(line.tax_included for line in lines)
            kept = await order_prices.told(tx, unit, told.story, currency=order.currency, tax_included=tax_included)
        since = await _since(tx, told.since)
    return pages.render(
        unit,
        "console/order_why.html",
        order=order,
        back=address(unit, order_id),
        version=told.story.rules_version,
        why=why,
        is_same=told.is_same,
        placed_minor=order.ordered_minor,
        kept=kept,
        since=since,
        reasons=[i18n.say(unit.locale, reason) for reason in told.reasons],
    )


async def _why(tx: ReadTx, unit: Unit, told: Explained) -> Why | None:
    """Return every step, with things called by their names; None where nothing can be computed. Five statements."""
    if told.quote is None:
        return None
    priced, trace = told.quote.priced, told.quote.trace
    ids = {one.promotion for one in (*trace.outcomes, *trace.near_misses)}
    ids |= {one.promotion for one in priced.gifts} | {one.by for one in trace.outcomes if one.by}
    version = told.story.rules_version
    known = await service.promotions_of(tx, version=version, promotions=ids, prices_include_tax=priced.tax_included)
    reader = await names.reader(tx, unit, list(known.values()))
    codes = {line.code for line in priced.lines} | {gift.sku for gift in priced.gifts}
    reader = await names.with_skus(tx, reader, codes)
    return why_of.why(priced, trace, reader, links.in_version(unit, version))


async def _since(tx: ReadTx, changes: Sequence[PriceChange]) -> list[Since]:
    if not changes:
        return []
    actors = {Actor(one.by_kind, one.by_id) for one in changes}
    found = await tx.load_one(accounts.actor_names(actors))
    return [Since(one, found[Actor(one.by_kind, one.by_id)]) for one in changes]


HANDLERS: tuple[Any, ...] = (why_page,)
