"""Tell why an order costs what it costs: the whole trace is not kept, it is computed again from what is."""

from typing import NamedTuple

from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal
from jiedan.inventory import queries as stock
from jiedan.orders import queries
from jiedan.orders.rules import at_placement, explaining, repricing
from jiedan.orders.rules.quoting import Quoted
from jiedan.orders.service import again
from jiedan.orders.values import OrderId, OrderWithLines
from jiedan.orders.values.prices import Explanation, PriceChange, PriceStory
from jiedan.pricing.errors.drafts import PriceBookNotFound


class Explained(NamedTuple):
    """An order with what was kept of its price, and all of it computed again; `reasons` say why that cannot be.

    `since` is what somebody has set by hand since it was placed: no rules say that, so the order is explained as it
    was placed, and `is_same` tells whether that is what it was charged then.
    """

    found: OrderWithLines
    story: PriceStory
    quote: Quoted | None
    explanation: Explanation | None
    is_same: bool
    reasons: tuple[Refusal, ...] = ()
    since: tuple[PriceChange, ...] = ()


async def explain_prices(tx: ReadTx, *, order_id: OrderId, locale: str) -> Explained:
    """Return why an order costs what it costs, rule by rule, by the version that priced it.

    Raises OrderNotFound.
    """
    found = await queries.order(tx, order_id)
    order = found.order
    details = (await queries.details(tx, [order_id]))[order_id]
    kept, locations = await tx.load(queries.price_story(order_id), stock.locations())
    story = kept or PriceStory(order.price_rules_version)
    since: tuple[PriceChange, ...] = ()
    if at_placement.is_touched(found):
        since = await tx.load_one(queries.price_changes(order_id))
    placed = at_placement.order_of(found)
    code = again.code_of(locations, order.requested_location_id)
    body = repricing.body_of(placed, story, details.addresses.get("ship_to"), code, details.attributes)
    try:
        c = await again.circumstances(tx, placed, story, body, locations)
    except PriceBookNotFound as refusal:
        return Explained(found, story, None, None, is_same=False, reasons=(refusal,), since=since)
    priced = repricing.repriced(body, placed, story, c)
    if priced.quote is None:
        return Explained(found, story, None, None, is_same=False, reasons=priced.reasons, since=since)
    told_to = explaining.reader(locale, c.settings.time_zone, c.prices.rules, c.skus)
    words = explaining.in_words(priced.quote, told_to)
    return Explained(found, story, priced.quote, words, priced.is_same, since=since)
