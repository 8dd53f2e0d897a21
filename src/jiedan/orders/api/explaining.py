"""REST of why: every rule that had a say in an order's price, computed again by the version that priced it."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import get

from jiedan.base.web import problems
from jiedan.base.web.unit import Unit
from jiedan.orders import service
from jiedan.orders.api.shapes import reason_of
from jiedan.orders.values import OrderId
from jiedan.orders.values.prices import Explanation, PriceChange, PriceStory
from jiedan.pricing.values.quotes import PricedTrace


class OrderPrices(msgspec.Struct, frozen=True):
    """Why an order costs what it costs.

    `kept` is what was stored when it was placed. `trace` and `explanation` are computed again by that version of the
    rules, from the unit prices that were charged; `is_same` tells whether that comes to what the order was charged,
    line by line. It may not where weights, groups or rows of price lists have changed since: then `kept` counts.
    Without an explanation `problems` say why.

    `set_since` is what somebody has set by hand since the order was placed, with who did it and why: no rules say that.
    All else is about the order as it was placed, when it was charged `placed_minor` (null where that is not kept).
    """

    order_id: UUID
    number: str
    currency: str
    charged_minor: int
    placed_minor: int | None
    set_since: list[PriceChange]
    rules_version: int
    kept: PriceStory
    is_same: bool
    recomputed_minor: int | None
    trace: PricedTrace | None
    explanation: Explanation | None
    problems: list[problems.Reason]


@get("/orders/{order_id:uuid}/prices", permission="orders:read", summary="Explain the prices of an order")
async def explain_prices(unit: Unit, order_id: UUID) -> OrderPrices:
    """Say of every rule what became of it for this order, and why, in the caller's language."""
    async with unit.read() as tx:
        told = await service.explain_prices(tx, order_id=OrderId(order_id), locale=unit.locale)
    order, lines = told.found
    return OrderPrices(
        order_id=order_id,
        number=order.number,
        currency=order.currency,
        charged_minor=sum(line.total_minor for line in lines),
        placed_minor=order.ordered_minor,
        set_since=list(told.since),
        rules_version=told.story.rules_version,
        kept=told.story,
        is_same=told.is_same,
        recomputed_minor=None if told.quote is None else told.quote.priced.total_minor,
        trace=None if told.quote is None else told.quote.trace,
        explanation=told.explanation,
        problems=[reason_of(reason, "order", unit.locale) for reason in told.reasons],
    )


HANDLERS: list[Any] = [explain_prices]
