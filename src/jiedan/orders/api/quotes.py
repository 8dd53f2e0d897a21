"""REST of quotes: what carts cost at any moment, and why, to the cent what an order would cost."""

from typing import Any, Literal

import msgspec
from litestar import post

from jiedan.base.web import problems
from jiedan.base.web.unit import Unit
from jiedan.orders import service
from jiedan.orders.api import tries
from jiedan.orders.api.placement import require_rights
from jiedan.orders.api.shapes import MethodOffer, OrderedLine, method_offers, reason_of
from jiedan.orders.rules import drafts as checking
from jiedan.orders.rules.rows import PlannedLine
from jiedan.orders.rules.stepping import Steps
from jiedan.orders.values import Rejected
from jiedan.orders.values.prices import Explanation
from jiedan.orders.values.quotes import QuoteCarts
from jiedan.pricing.values import TaxRow
from jiedan.pricing.values.lists import PriceStep
from jiedan.pricing.values.quotes import PricedTrace

_MADE = frozenset({"component", "fee"})
"""Kinds of lines that nobody asks for."""


class QuotedLine(OrderedLine, frozen=True):
    """One line as an order would have it: goods, what kits are made of, fees.

    `tiers` are what a unit of the SKU costs by quantity for this buyer, before promotions; empty for what nobody asked
    for (gifts, parts of kits, fees) and for prices by formula.
    """

    tiers: tuple[PriceStep, ...]


class QuoteView(msgspec.Struct, frozen=True):
    """What a cart costs: as an order would, why as the engine tells it (`trace`), and the same in words.

    `taxes` is the tax table, whose rows sum to `tax_minor`. `shipping` are the methods to choose from: any of them may
    be named as `shipping_method`.
    """

    currency: str
    total_minor: int
    tax_minor: int
    taxes: tuple[TaxRow, ...]
    tax_included: bool
    lines: list[QuotedLine]
    shipping: list[MethodOffer]
    trace: PricedTrace
    explanation: Explanation


class QuoteOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one cart, in the order they were sent."""

    status: Literal["priced", "refused"]
    quote: QuoteView | None = None
    errors: list[problems.Reason] | None = None


@post("/pricing/quote", permission="prices:read", status_code=200, summary="Price up to 100 carts")
async def quote_carts(unit: Unit, data: QuoteCarts) -> list[QuoteOutcome]:
    """Say what carts cost, each by itself, and why; the same as orders would, whether or not there is stock."""
    bodies = [checking.order_of(cart) for cart in data.carts]
    for body in bodies:
        require_rights(unit, body)
    await tries.of(unit).admit(bodies)
    async with unit.read() as tx:
        outcomes = await service.quote_carts(tx, data.carts, locale=unit.locale, at=data.at)
    await tries.of(unit).count_wrong([reason for x in outcomes if isinstance(x, Rejected) for reason in x.reasons])
    return [_outcome(outcome, f"carts[{i}]", unit.locale) for i, outcome in enumerate(outcomes)]


def _outcome(outcome: service.Quote | Rejected, place: str, locale: str) -> QuoteOutcome:
    if isinstance(outcome, Rejected):
        return QuoteOutcome("refused", errors=[reason_of(reason, place, locale) for reason in outcome.reasons])
    plan = outcome.plan
    return QuoteOutcome(
        "priced",
        QuoteView(
            currency=plan.header.currency,
            total_minor=plan.total_minor,
            tax_minor=plan.tax_minor,
            taxes=plan.taxes,
            tax_included=plan.tax_included,
            lines=[_line(line, outcome.steps) for line in plan.lines],
            shipping=method_offers(plan.offers, None if plan.method is None else plan.method.code),
            trace=outcome.quote.trace,
            explanation=outcome.explanation,
        ),
    )


def _line(line: PlannedLine, steps: Steps) -> QuotedLine:
    is_asked = line.kind not in _MADE and line.price_source != "gift"
    return QuotedLine(
        line=line.line,
        kind=line.kind,
        parent_line=line.parent_line,
        code=line.code,
        name=line.name,
        quantity=line.ordered,
        unit_minor=line.unit_minor,
        discount_minor=line.discount_minor,
        relief_minor=line.relief_minor,
        tax_minor=line.tax_minor,
        total_minor=line.total_minor,
        price_source=line.price_source,
        attributes=line.attributes,
        tiers=steps.get(line.code, ()) if is_asked else (),
    )


HANDLERS: list[Any] = [quote_carts]
