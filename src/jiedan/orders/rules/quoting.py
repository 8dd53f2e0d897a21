"""Put a draft into a basket, have it priced, and keep of the explanation what the order is kept with. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, cast
from uuid import UUID

from jiedan.base.errors import Refusal
from jiedan.catalog.values import Component, SellableSku, SkuId, SkuKind
from jiedan.customers.values import CustomerBrief
from jiedan.orders import errors
from jiedan.orders.rules import askable, bespoke, homes, ruled
from jiedan.orders.rules.askable import Known, Terms
from jiedan.orders.values import NewLine, NewOrder, OrderTax, PriceSource
from jiedan.orders.values.prices import AppliedRule, GivenGift, LineReduction, PriceStory
from jiedan.pricing import errors as pricing_errors
from jiedan.pricing import rules as pricing
from jiedan.pricing.rules import gifts, promotions
from jiedan.pricing.rules.coupons import canonical
from jiedan.pricing.rules.needs import Needs
from jiedan.pricing.rules.quoting import BY_HAND
from jiedan.pricing.values import AttributeValue, Piece, TaxPart, UnitTrace, Wanted
from jiedan.pricing.values.promoted import Facts
from jiedan.pricing.values.quotes import Basket, BasketLine, GiftGoods, Priced, PricedLine, PricedTrace
from jiedan.pricing.values.redemptions import NO_CAPS, Use, UseOutcome

APPLIED_PARTS_MAX = 400
"""Reductions of single lines that are kept with an order; their sums are kept whatever their number."""

STORY_LINES_MAX = 20
"""Lines whose price needs explaining, kept with the order; the whole is recomputed on demand."""

LEFT_OUT_MAX = 20
"""Promotions kept with the order that it met and was not given."""

LEFT_OUT = frozenset({
    "cap_reached", "customer_cap_reached", "sold_out", "gift_sold_out", "excluded_by", "nothing_to_reduce",
})  # fmt: skip

STANDARD = "standard"
GIVEN = "given"
"""What a story says of a shipping fee by hand."""

_SOURCES: Mapping[str, PriceSource] = {"manual": "manual", "as_sold": "as_sold", "formula": "rule"}


class Ordered(NamedTuple):
    """A line of a draft whose SKU is known; `place` counts from 0."""

    place: int
    line: NewLine
    sku: SellableSku


class Quoted(NamedTuple):
    """The price of a draft and its explanation; the SKUs that may be given, and promotions that give, by name.

    `ruled` is what lines cost by the rules before promotions, by place, where that is not price times quantity; `said`
    what is said of pieces made to measure; `tax` what the customer has to show, and what came of it.
    """

    priced: Priced
    trace: PricedTrace
    gifts: Mapping[str, SellableSku] = MappingProxyType({})
    names: Mapping[str, str] = MappingProxyType({})
    ruled: Mapping[int, int] = MappingProxyType({})
    said: Mapping[int, bespoke.Spoken] = MappingProxyType({})
    tax: OrderTax | None = None


def quoted(
    body: NewOrder,
    lines: Sequence[Ordered],
    terms: Terms,
    known: Known,
    reasons: list[Refusal],
) -> Quoted | None:
    """Price the lines whose SKU is known, so that every reason is named at once; None where there are any.

    What happened elsewhere is priced as of that day, without promotions, in whatever quantity. A discount on the order
    is judged once all of its goods are known.
    """
    rules, at, local_at = known.rules, known.at, known.local_at
    if body.history is not None:
        at = body.history.placed_at
        local_at = at.astimezone(known.local_at.tzinfo)
        if body.history.tax_included is not None:
            rules = rules.including_tax(included=body.history.tax_included)
        rules = rules.without_promotions()
        known = askable.unjudged(known)
    status = askable.status(terms, known, at)
    facts = askable.facts(body, terms, known)._replace(at=at, local_at=local_at, is_business=status.is_business)
    reasons.extend(_refused_coupons(body, facts, rules))
    reasons.extend(_refused_gifts(body, rules))
    basket = Basket(
        facts,
        tuple([line_of(one, known) for one in lines]),
        tax_status=status,
        discount=body.discount if len(lines) == len(body.lines) else None,
        shipping_method=body.shipping_method,
        shipping_minor=body.shipping_minor,
        shipping_tax_class=_fee_class(rules),
        shipping_tax_minor=body.shipping_tax_minor,
        gifts=gift_goods(known),
    )
    try:
        priced, trace = pricing.quote(basket, known.skus, rules)
    except pricing_errors.CannotPrice as refusal:
        reasons.extend(refusal.reasons)
        return None
    names = {one.id: one.name for one in rules.needs.gifts} if priced.gifts else {}
    by_rules = ruled.by_rules(basket, priced, known.skus, rules.units)
    said = bespoke.said(basket, known.skus, rules.units)
    tax = None if terms.customer_id is None else homes.tax_of(status, trace.tax_notes, terms.home)
    return Quoted(priced, trace, known.gifts, names, by_rules, said, tax)


def by_hand_of(line: NewLine, priced: PricedLine) -> int:
    """Return what of a line's discount was given by hand; what was sold elsewhere brought its own."""
    if line.as_sold is not None:
        return 0
    return sum([x.minor for x in priced.reductions if x.promotion == BY_HAND])


def _refused_gifts(body: NewOrder, rules: pricing.QuoteRules) -> Iterator[Refusal]:
    """Yield a refusal for each choice that cannot be: of no promotion, or twice of one; one that is not earned can."""
    if not body.gifts:
        return
    offered = {one.id: one for one in rules.needs.gifts} if rules.promotions.promotions else {}
    everywhere = {sku for one in offered.values() for sku in gifts.skus_of(one)}
    seen: set[str] = set()
    for i, choice in enumerate(body.gifts):
        if isinstance(choice, str):
            if choice not in everywhere:
                yield errors.GiftNotOffered(choice, field=f"gifts[{i}]")
            continue
        of = offered.get(choice.promotion)
        if of is None:
            yield errors.GiftOfNoPromotion(choice.promotion, field=f"gifts[{i}].promotion")
        elif choice.promotion in seen:
            yield errors.GiftChosenTwice(of.name, field=f"gifts[{i}].promotion")
        elif choice.sku not in gifts.skus_of(of):
            yield errors.GiftNotOfPromotion(choice.sku, of.name, field=f"gifts[{i}].sku")
        seen.add(choice.promotion)


def _refused_coupons(body: NewOrder, facts: Facts, rules: pricing.QuoteRules) -> Iterator[Refusal]:
    """Yield a refusal for each code that opens nothing; one whose promotion asks for more of the order is none."""
    found = {coupon.code: coupon for coupon in facts.coupons}
    for i, typed in enumerate(body.coupons):
        coupon = found[canonical(typed) or typed]
        is_known = coupon.state != "ok" or coupon.promotion in rules.promotions.by_id
        if coupon.state != "ok" or not is_known:
            yield pricing_errors.CouponRefused(typed, coupon.state if is_known else "unknown", field=f"coupons[{i}]")


_COUNTED: Mapping[str, str] = {"blocked": "unknown", "coupon_cap_reached": "cap_reached"}
_OF_PROMOTIONS = frozenset({"cap_reached", "customer_cap_reached", "sold_out"})


def refusal_of(outcome: UseOutcome, name: str) -> Refusal:
    """Return why a use came too late: others were quicker with the code, or with the promotion of that name."""
    if outcome.code in _OF_PROMOTIONS:
        return errors.PromotionUsedUp(name, field="lines")
    return pricing_errors.CouponRefused(outcome.use.coupon, _COUNTED.get(outcome.code, outcome.code), field="coupons")


def uses_of(order_id: UUID, story: PriceStory, currency: str, buyer: CustomerBrief | None, needs: Needs) -> list[Use]:
    """Return what an order uses that is counted: promotions with limits, and those opened by a code."""
    return [
        Use(
            order_id,
            one.promotion,
            needs.caps.get(one.promotion, NO_CAPS),
            one.coupon,
            None if buyer is None else buyer.customer_id,
            one.units,
            currency,
            one.amount_minor,
            () if buyer is None else buyer.known_as,
        )
        for one in story.applied
        if one.coupon or one.promotion in needs.caps
    ]


def line_of(one: Ordered, known: Known) -> BasketLine:
    """Return a line of a draft as prices see it."""
    place, line, sku = one
    as_sold = line.as_sold
    said = cast("Mapping[str, AttributeValue]", line.attributes)  # numbers with decimals were made texts
    if as_sold is not None:
        wanted = Wanted(place + 1, line.sku, line.quantity, (), said, as_sold.unit_minor, "as_sold")
    elif line.unit_price_minor is not None:
        given, reason = line.unit_price_minor, line.price_reason
        wanted = Wanted(place + 1, line.sku, line.quantity, (), said, given, reason=reason)
    else:
        wanted = Wanted(place + 1, line.sku, line.quantity, (), said)
    return BasketLine(wanted, sku.tax_class, _piece(sku, line.quantity, known), as_sold)


def gift_goods(known: Known) -> dict[str, GiftGoods]:
    """Return the SKUs that may be given, by code."""
    return {code: GiftGoods(sku.tax_class, _piece(sku, 1, known)) for code, sku in known.gifts.items()}


def _piece(sku: SellableSku, quantity: int, known: Known) -> Piece | None:
    """Return units of a SKU for the carrier; None where nothing is shipped."""
    piece = known.pieces.get(sku.code)
    if piece is None and sku.kind is not SkuKind.service:
        weight_g = sku.weight_g
        if weight_g is None and sku.components:
            weight_g = _weight_g(sku.components, known.components)
        piece = Piece(sku.code, quantity, weight_g)
    return piece


def _weight_g(parts: Sequence[Component], components: Mapping[SkuId, SellableSku]) -> int | None:
    """Return what a kit weighs by its parts, or None where one of them is not weighed."""
    weight_g = 0
    for part in parts:
        of_one = components[part.sku_id].weight_g
        if of_one is None:
            return None
        weight_g += of_one * part.quantity
    return weight_g


def _fee_class(rules: pricing.QuoteRules) -> str:
    """Return the tax class of a fee by hand: that of the merchant's first method."""
    methods = rules.shipping.methods
    return methods[0].method.tax_class if methods else STANDARD


def source_of(trace: UnitTrace) -> PriceSource:
    """Return where a unit price comes from, in the words of orders."""
    return _SOURCES.get(trace.source, "list")


def rate_ppm(parts: Sequence[TaxPart]) -> int:
    """Return the rates of all taxes of a line together; 0 where another system charged them."""
    return sum([part.rate_ppm for part in parts])


def story_of(quote: Quoted, rules: pricing.QuoteRules, body: NewOrder, gift_lines: Sequence[int] = ()) -> PriceStory:
    """Return what is kept with an order of why it costs what it costs: what was applied, and what was nearly.

    `gift_lines` are the lines that the gifts became, in their order.
    """
    priced, trace = quote.priced, quote.trace
    telling = [x for x in trace.units if _needs_telling(x)]
    taken = priced.method
    shipping = "" if taken is None else taken.code
    return PriceStory(
        trace.rules_version,
        tuple(telling[:STORY_LINES_MAX]),
        trace.discount,
        shipping if body.shipping_minor is None else GIVEN,
        _applied(quote, rules, gift_lines) if trace.applied else (),
        trace.near_misses,
        trace.search,
        trace.tax_notes,
        trace.coupons,
        left_out=tuple([x for x in trace.outcomes if x.code in LEFT_OUT][:LEFT_OUT_MAX]),
        method=taken.code if taken is not None and taken.is_chosen else "",
        payment_method=body.payment_method or "",
        payment_methods=_paid_by(quote, rules, body) if trace.applied and body.payment_method else (),
    )


def _paid_by(quote: Quoted, rules: pricing.QuoteRules, body: NewOrder) -> tuple[str, ...]:
    """Return by which methods an order is to be paid for what it was given; nothing where that asked for none."""
    known, told = rules.promotions, body.payment_method or ""
    found: set[str] | None = None
    for one in quote.trace.applied:
        asked = promotions.methods_asked(known.promotions[known.by_id[one.promotion]].promotion.when, told)
        if asked is not None:
            found = asked if found is None else found & asked
    return tuple(sorted(found or ()))


def _applied(quote: Quoted, rules: pricing.QuoteRules, gift_lines: Sequence[int]) -> tuple[AppliedRule, ...]:
    """Return what each promotion took off which line; of very many lines the sums alone."""
    lines: dict[str, list[LineReduction]] = {}
    fees: dict[str, int] = {}
    for line in quote.priced.lines:
        for off in line.reductions:
            lines.setdefault(off.promotion, []).append(LineReduction(line.line, off.minor))
    for fee in quote.priced.fees:
        for off in fee.reductions:
            fees[off.promotion] = fees.get(off.promotion, 0) + off.minor
    is_short = sum(map(len, lines.values())) <= APPLIED_PARTS_MAX
    known = rules.promotions
    choices = {one.id: gifts.skus_of(one) for one in rules.needs.gifts} if gift_lines else {}
    given = {
        gift.promotion: GivenGift(line, gift.sku, gift.quantity, choices[gift.promotion], gift.wanted, gift.is_chosen)
        for line, gift in zip(gift_lines, quote.priced.gifts, strict=True)
    }
    return tuple([
        AppliedRule(
            one.promotion,
            known.promotions[known.by_id[one.promotion]].promotion.name,
            sum([off.minor for off in lines.get(one.promotion, ())]) + fees.get(one.promotion, 0),
            tuple(lines.get(one.promotion, ())) if is_short else (),
            fees.get(one.promotion, 0),
            one.times,
            one.units,
            one.coupon,
            given.get(one.promotion),
        )
        for one in quote.trace.applied
    ])  # fmt: skip


def _needs_telling(unit: UnitTrace) -> bool:
    listed = unit.listed
    if unit.source != "catalog" or listed is None:
        return True
    if listed.tier_from > 1 or listed.next_tier is not None or unit.converted is not None:
        return True
    return unit.quantities is not None or bool(unit.surcharges)
