"""What goods cost whoever looks at them, each by itself: what a shelf and the page of a product tell. Pure.

Who looks is asked about once, and each price is that of the engine: an order of these units alone costs so much.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from jiedan.base.errors import Refusal
from jiedan.customers.values import CustomerId
from jiedan.orders import errors
from jiedan.orders.rules import askable, gifting, placing, quoting, stepping
from jiedan.orders.rules.planning import Circumstances
from jiedan.orders.values import NewOrder
from jiedan.pricing import errors as pricing_errors
from jiedan.pricing import rules as pricing
from jiedan.pricing.values import Place, SkuPrices, Wanted
from jiedan.pricing.values.lists import Buyer, PriceStep
from jiedan.pricing.values.promoted import Facts
from jiedan.pricing.values.quotes import Basket, PricedLine, PricedTrace

_OF_LISTS = frozenset({"list", "contract"})


class Alone(NamedTuple):
    """What one unit costs now, and what it costs otherwise where that is more; minor units before tax on top.

    Otherwise is without promotions, and by the catalog where a list goes before it. Neither is known where `reasons`
    say why there is no price. `steps` are the prices by quantity, before promotions: told where they are asked for, and
    where so few units have no price.
    """

    now_minor: int | None
    before_minor: int | None = None
    steps: tuple[PriceStep, ...] = ()
    reasons: tuple[Refusal, ...] = ()
    has_offers: bool = False
    """Whether promotions make it less than the prices by quantity say."""


class _Looking(NamedTuple):
    """Who looks: what rules may ask about them, and about taxes."""

    terms: askable.Terms
    facts: Facts
    buyer: Buyer


def alone(bodies: Sequence[NewOrder], c: Circumstances, *, has_steps: bool) -> Iterator[Alone]:
    """Yield what the one line of each body costs; they are of one channel, currency and customer.

    Whether there is stock makes no difference, but for gifts. Goods that are not known have a reason.
    """
    if not bodies:
        return
    known = c.prices
    looking = _looking(bodies[0], c)
    status = askable.status(looking.terms, known, known.at)
    looking = looking._replace(facts=looking.facts._replace(is_business=status.is_business))
    locations = placing.locations_by_sku(c.stock) if known.gifts else {}
    given = quoting.gift_goods(known)
    for body in bodies:
        line = body.lines[0]
        sku = c.skus.get(line.sku)
        if sku is None:
            yield Alone(None, reasons=(errors.UnknownSku(line.sku, field="lines[0].sku"),))
            continue
        facts = looking.facts
        if known.gifts:
            there = gifting.there(body, c, c.stock, locations)
            gifts = askable.facts(body, looking.terms._replace(gifts=there), known).gifts
            facts = facts._replace(gifts=gifts)
        basket = Basket(
            facts,
            (quoting.line_of(quoting.Ordered(0, line, sku), known),),
            tax_status=status,
            shipping_minor=0,
            gifts=given,
        )
        try:
            priced, trace = pricing.quote(basket, known.skus, known.rules)
        except pricing_errors.CannotPrice as refusal:
            yield Alone(None, steps=_steps(body, c), reasons=refusal.reasons)
            continue
        told = priced.lines[0]
        now, before = _now_and_before(told, trace, known, looking.buyer)
        steps = _steps(body, c) if has_steps else ()
        yield Alone(now, before, steps, has_offers=any(off.minor for off in told.reductions))


def _looking(body: NewOrder, c: Circumstances) -> _Looking:
    known, settings = c.prices, c.settings
    customer = None if body.customer_id is None else c.customers.get(body.customer_id)
    customer_id: CustomerId | None = None if customer is None else customer.customer_id
    terms = askable.Terms(
        body.currency or settings.currency,
        Place(settings.country),
        customer_id,
        body.payment_terms or settings.payment_terms,
        body.payment_method or "",
        home=settings.country,
    )
    facts = askable.facts(body, terms, known)
    buyer = Buyer(facts.currency, facts.at, facts.channel, facts.customer, facts.groups, facts.known_as)
    return _Looking(terms, facts, buyer)


def _steps(body: NewOrder, c: Circumstances) -> tuple[PriceStep, ...]:
    return stepping.steps_of(body, c).get(body.lines[0].sku, ())


def _now_and_before(line: PricedLine, trace: PricedTrace, known: askable.Known, buyer: Buyer) -> tuple[int, int | None]:
    """Return what one unit of a line costs now, rounded up, and otherwise where that is more.

    Of tax that is not asked for, the price before bears the same share as the price now.
    """
    quantity = line.quantity
    now = line.unit_minor - line.discount_minor // quantity
    otherwise = line.unit_minor
    if trace.units[0].source in _OF_LISTS:
        otherwise = max(otherwise, _by_catalog(line, known.skus, known.rules.units, buyer) or 0)
    left = line.unit_minor * quantity - line.discount_minor + line.relief_minor
    before = -(-otherwise * (left - line.relief_minor) // left) if left else otherwise
    return now, before if now < before else None


def _by_catalog(line: PricedLine, skus: Mapping[str, SkuPrices], rules: pricing.UnitRules, buyer: Buyer) -> int | None:
    """Return what a unit costs where no list says so: by the catalog, converted where it must be."""
    bare = {line.code: skus[line.code]._replace(entries=(), quantities=None)}
    try:
        return pricing.unit_prices([Wanted(1, line.code, line.quantity)], bare, rules, buyer).lines[0].unit_minor
    except pricing_errors.CannotPrice:
        return None
