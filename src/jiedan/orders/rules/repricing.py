"""Price an order once more as it was priced when it was placed: by its own rules, prices and uses. Pure.

The order comes as `at_placement` has it: what was set by hand since is no matter of the rules.
What lies in rows, and may have changed since, is taken from the order: unit prices, codes, what it used. What nobody
kept is as it is now: what goods weigh, the groups of the customer, how far the limits are of what was not given.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from jiedan.base.errors import Refusal
from jiedan.customers.values import Address, CustomerBrief
from jiedan.orders.rules import askable, at_placement, bespoke, drafts, homes, planning
from jiedan.orders.rules.askable import Known
from jiedan.orders.rules.planning import Circumstances
from jiedan.orders.rules.quoting import GIVEN, Quoted
from jiedan.orders.rules.rows import PlannedLine
from jiedan.orders.values import GiftChoice, History, Line, NewLine, NewOrder, OrderWithLines, Rejected
from jiedan.orders.values.prices import PriceStory
from jiedan.pricing import errors as pricing_errors
from jiedan.pricing import rules as pricing
from jiedan.pricing.values import NO_STATUS, AsSold, OrderDiscount, SkuPrices, TaxStatus, Tier, UnitTrace, Wanted
from jiedan.pricing.values.coupons import CouponTerms
from jiedan.pricing.values.lists import Buyer
from jiedan.pricing.values.promotions import AttributeValue
from jiedan.pricing.values.redemptions import FoundUses

_SOLD_KINDS = frozenset({"goods", "service", "kit"})
_ASKED_SOURCES = frozenset({"list", "manual", "as_sold", "rule"})

_NOT_TOLD = "—"
"""The reason of a price or a discount by hand whose words are gone."""


class Repriced(NamedTuple):
    """An order priced again: the quote, or why there is none; whether it comes to what the order was charged."""

    quote: Quoted | None
    reasons: tuple[Refusal, ...]
    is_same: bool


def asked(found: OrderWithLines) -> list[Line]:
    """Return the lines that somebody asked for: no parts of kits, no fees, nothing that was added for nothing."""
    return [
        x for x in found.lines
        if x.kind in _SOLD_KINDS and x.parent_line is None and x.price_source in _ASKED_SOURCES
    ]  # fmt: skip


def body_of(
    found: OrderWithLines,
    story: PriceStory,
    ship_to: Address | None,
    location: str | None,
    attributes: Mapping[str, AttributeValue],
) -> NewOrder:
    """Return what was ordered, as far as prices ask for it; of the address the place alone."""
    order, lines = found
    sold = asked(found)
    history = None
    if order.history:
        included = sold[0].tax_included if sold else None
        history = History(placed_at=order.placed_at, claims_stock=order.claims_stock, tax_included=included)
    fee = next((x for x in lines if x.kind == "fee"), None)
    is_given = story.shipping == GIVEN
    return NewOrder(
        lines=tuple([_line(x) for x in sold]),
        channel=order.channel,
        currency=order.currency,
        locale=order.locale,
        customer_id=order.customer_id,
        ship_to=_place(ship_to),
        location=location,
        payment_terms=order.payment_terms,
        payment_method=story.payment_method or None,
        discount=_discount(sold, story),
        shipping_method=story.method or None,
        shipping_minor=(fee.unit_minor if fee is not None else 0) if is_given else None,
        shipping_tax_minor=fee.tax_minor if is_given and order.history and fee is not None else None,
        coupons=tuple([coupon.code for coupon in story.coupons]),
        gifts=_chosen(found, story),
        attributes=dict(attributes),
        history=history,
    )


def _line(line: Line) -> NewLine:
    said: dict[str, float | int | str] = {one.name: one.measure for one in line.attributes}
    if line.price_source == "as_sold":
        sold = AsSold(line.unit_minor, line.discount_minor, line.tax_minor)
        return NewLine(sku=line.code, quantity=line.ordered, as_sold=sold, attributes=said)
    if line.price_source == "manual":
        reason, minor = line.price_reason or _NOT_TOLD, line.unit_minor
        return NewLine(
            sku=line.code, quantity=line.ordered, unit_price_minor=minor, price_reason=reason, attributes=said
        )  # fmt: skip
    return NewLine(sku=line.code, quantity=line.ordered, attributes=said)


def _place(ship_to: Address | None) -> Address | None:
    if ship_to is None:
        return None
    return Address(
        country=ship_to.country, region=ship_to.region, city=ship_to.city, postal_code=ship_to.postal_code
    )  # fmt: skip


def _discount(sold: Sequence[Line], story: PriceStory) -> OrderDiscount | None:
    """Return the discount by hand: its rate, or what of it came off the lines.

    Of orders older than what lines keep of it that is what came off beside tiers and promotions.
    """
    if story.discount_ppm is not None:
        return OrderDiscount(story.discount or _NOT_TOLD, rate_ppm=story.discount_ppm)
    by_hand = sum(x.by_hand_minor for x in sold)
    if by_hand:
        return OrderDiscount(story.discount or _NOT_TOLD, amount_minor=by_hand)
    if not story.discount:
        return None
    off = sum(x.discount_minor - x.relief_minor for x in sold)
    off -= sum(one.amount_minor - one.fee_minor for one in story.applied)
    off -= sum(unit.tier_off_minor for unit in story.lines)
    return OrderDiscount(story.discount, amount_minor=max(off, 0))


def as_placed(c: Circumstances, found: OrderWithLines, story: PriceStory, earlier_orders: int | None) -> Circumstances:
    """Return circumstances as they were when the order was placed, as far as the order tells them."""
    order = found.order
    sold = asked(found)
    known = c.prices
    rules = known.rules
    if sold:
        rules = rules.including_tax(included=sold[0].tax_included)
    rules = rules.at_home(homes.home_of(found, c.settings.country))
    customer_id = order.customer_id
    earlier = {} if customer_id is None or earlier_orders is None else {UUID(str(customer_id)): earlier_orders}
    known = known._replace(
        rules=rules,
        at=order.placed_at,
        local_at=order.placed_at.astimezone(known.local_at.tzinfo),
        earlier_orders=earlier,
        uses=_uses(known.uses, story),
        shown=_shown(found, c),
    )
    customers = dict(c.customers)
    if customer_id is not None and customer_id not in customers:
        customers[customer_id] = CustomerBrief(customer_id, "person", "", "", "")
    settings = dataclasses.replace(c.settings, currencies=(order.currency,), locales=(order.locale,))
    return c._replace(
        settings=settings,
        customers=customers,
        skus={code: sku._replace(is_active=True) for code, sku in c.skus.items()},
        prices=known._replace(skus=_skus(found, known)),
    )


def with_formulas(c: Circumstances, moved: Mapping[str, str]) -> Circumstances:
    """Return circumstances in which goods that `moved` stay with the formulas that priced them."""
    rules = c.prices.rules
    units = bespoke.staying(rules.units, moved)
    return c if units is rules.units else c._replace(prices=c.prices._replace(rules=rules._replace(units=units)))


def _shown(found: OrderWithLines, c: Circumstances) -> TaxStatus:
    """Return what the customer had to show to pay no tax; nothing where the order is older than what is kept of it."""
    order = found.order
    if order.tax is not None or order.customer_id is None:
        return NO_STATUS if order.tax is None else order.tax.status
    buyer = c.customers.get(order.customer_id)
    return TaxStatus(is_business=buyer is not None and buyer.is_business)


def _uses(uses: FoundUses, story: PriceStory) -> FoundUses:
    """Return uses as the order found them: its codes were good, and what it was given was left."""
    codes = good(uses)
    counted = {one.promotion for one in story.applied} | {str(terms.coupon_id) for terms in codes.values()}
    return FoundUses(codes, {key: n for key, n in uses.used.items() if key.subject not in counted})


def good(uses: FoundUses) -> dict[str, CouponTerms]:
    """Return codes as they were for an order that was placed with them: good for something, and free."""
    return {
        code: terms._replace(valid_from=None, valid_until=None, is_blocked=False, used=0)
        for code, terms in uses.coupons.items()
    }


def _skus(found: OrderWithLines, known: Known) -> Mapping[str, SkuPrices]:
    """Return what is known of prices; a SKU that no longer costs what it did has the price of the order alone.

    What a formula priced is reckoned again from what its lines say.
    """
    order = found.order
    of_code: dict[str, list[Line]] = {}
    for line in asked(found):
        if line.price_source == "list":
            of_code.setdefault(line.code, []).append(line)
    groups = known.groups.get(order.customer_id, frozenset()) if order.customer_id is not None else frozenset()
    buyer = Buyer(
        order.currency,
        known.at,
        order.channel,
        "" if order.customer_id is None else str(order.customer_id),
        groups,
        askable.known_as(known.buyers.get(order.customer_id) if order.customer_id is not None else None),
    )
    counted = {code: sum(x.ordered for x in asked(found) if x.code == code) for code in of_code}
    skus = dict(known.skus)
    for code, lines in of_code.items():
        unit_minor = lines[0].unit_minor
        if code in skus and _unit_minor(code, counted[code], known, buyer) != unit_minor:
            charged = {order.currency: (Tier(1, unit_minor),)}
            skus[code] = SkuPrices(skus[code].traits, catalog=charged, surcharged=True)
    return skus


def _unit_minor(code: str, quantity: int, known: Known, buyer: Buyer) -> int | None:
    """Return what a unit of a SKU costs by the rules; None where they have no price for it."""
    try:
        priced = pricing.unit_prices([Wanted(1, code, quantity)], known.skus, known.rules.units, buyer)
    except pricing_errors.CannotPrice:
        return None
    return priced.lines[0].unit_minor


def repriced(body: NewOrder, found: OrderWithLines, story: PriceStory, c: Circumstances) -> Repriced:
    """Price what was ordered in circumstances `as_placed`, and tell whether each line comes to what it was charged."""
    outcome = planning.explained(drafts.unsent(body), c, given(found))
    if isinstance(outcome, Rejected):
        return Repriced(None, outcome.reasons, is_same=False)
    plan, quote = outcome
    trace = msgspec.structs.replace(quote.trace, units=_units(quote.trace.units, story.lines))
    return Repriced(quote._replace(trace=trace), (), is_same=_comes_to(plan.lines, found))


def _comes_to(lines: Iterable[PlannedLine], found: OrderWithLines) -> bool:
    """Tell whether lines cost what an order was charged; where prices were set by hand since, before tax."""
    if at_placement.is_touched(found):
        return nets_of(lines) == nets_of(found.lines)
    return rows_of(lines) == rows_of(found.lines)


def given(found: OrderWithLines) -> dict[str, int]:
    """Return how many of each gift the order was given: so many there were."""
    counts: dict[str, int] = {}
    for line in found.lines:
        if line.price_source == "gift" and line.parent_line is None:
            counts[line.code] = counts.get(line.code, 0) + line.ordered
    return counts


def _chosen(found: OrderWithLines, story: PriceStory) -> tuple[str | GiftChoice, ...]:
    """Return what each promotion with a choice gave, in the order they acted; of an erased order all that it got."""
    told = [(one.promotion, one.gift) for one in story.applied if one.gift is not None]
    if not told:
        return tuple(given(found))
    return tuple([GiftChoice(promotion=of, sku=gift.sku) for of, gift in told if len(gift.choices) > 1])


def _units(now: Sequence[UnitTrace], kept: Sequence[UnitTrace]) -> tuple[UnitTrace, ...]:
    """Return why units cost what they cost, in the words kept with the order where there are any."""
    by_line = {unit.line: unit for unit in kept}
    return tuple([by_line.get(unit.line, unit) for unit in now])


def nets_of(lines: Iterable[Line | PlannedLine]) -> list[tuple[str, int, int, int]]:
    """Return what lines cost before tax and what is freed of it, whatever their order."""
    return sorted((x.code, x.ordered, x.unit_minor, x.discount_minor - x.relief_minor) for x in lines)


def rows_of(lines: Iterable[Line | PlannedLine]) -> list[tuple[str, int, int, int, int, int]]:
    """Return what lines cost, whatever their order: two orders with the same rows cost the same, line by line."""
    return sorted((x.code, x.ordered, x.unit_minor, x.discount_minor, x.tax_minor, x.total_minor) for x in lines)
