"""Price a stored order by other rules, and say what that changes. Pure.

What nobody kept of that moment is assumed, and told as such: limits count as used up for an order that met them used
up, else as free; gifts count as in stock unless the order met them sold out.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from jiedan.base.errors import Refusal
from jiedan.customers.values import Address
from jiedan.orders import errors
from jiedan.orders.rules import at_placement, bespoke, drafts, gifting, planning, repricing
from jiedan.orders.rules.askable import Known
from jiedan.orders.rules.planning import Circumstances, Plan
from jiedan.orders.rules.quoting import Quoted
from jiedan.orders.rules.rows import PlannedLine
from jiedan.orders.values import GiftChoice, Line, NewOrder, OrderWithLines, Rejected
from jiedan.orders.values.prices import PriceStory
from jiedan.orders.values.replays import Assumed, LineChange, Replayed, ReplayOutcome, Sums
from jiedan.pricing import errors as pricing_errors
from jiedan.pricing.rules import gifts, promotions
from jiedan.pricing.rules.coupons import canonical
from jiedan.pricing.rules.needs import Needs
from jiedan.pricing.values import SkuPrices
from jiedan.pricing.values.promoted import OutcomeCode
from jiedan.pricing.values.promotions import AttributeValue, Promotion
from jiedan.pricing.values.redemptions import FoundUses, UseKey, UseScope

_USED_UP: Mapping[OutcomeCode, UseScope] = MappingProxyType(
    {
        "cap_reached": UseScope.promotion,
        "customer_cap_reached": UseScope.promotion_customer,
        "sold_out": UseScope.units,
    }
)
_ALL_USED = 1_000_000_000


class Stored(NamedTuple):
    """An order with what was kept of its price, where it went, from which location, and what it said of itself.

    `earlier` is how many orders its customer had before.
    """

    found: OrderWithLines
    story: PriceStory
    ship_to: Address | None = None
    location: str | None = None
    attributes: Mapping[str, AttributeValue] = MappingProxyType({})
    earlier: int | None = None


def left_out(found: OrderWithLines) -> Replayed | None:
    """Return why an order is not priced again at all: canceled, priced elsewhere, or by hand or measured since."""
    if found.order.history:
        return _as_it_was(found, "imported")
    if found.order.lifecycle == "canceled":
        return _as_it_was(found, "canceled")
    if not at_placement.is_changed(found):
        return None
    since = errors.MeasuresSetSince() if at_placement.is_remeasured(found) else errors.PricesSetSince()
    return _as_it_was(found, "by_hand", since)


def unlike(found: OrderWithLines, reason: Refusal | None = None) -> Replayed:
    """Return that nothing can be said of an order, and why."""
    return _as_it_was(found, "unlike", reason)


def replayed(stored: Stored, own: Circumstances, other: Circumstances) -> Replayed:
    """Price an order by its own rules, which must come to what it was charged, and by the others.

    `own` and `other` are what is known now, by the rules that priced it and by those to compare with. That goods came
    to another formula since is no matter of rules: they stay with the one that priced them.
    """
    found, story = stored.found, stored.story
    moved = bespoke.moved(found.lines, own.prices.skus, own.prices.rules.units)
    own, other = (repricing.with_formulas(c, moved) for c in (own, other))
    body = repricing.body_of(found, story, stored.ship_to, stored.location, stored.attributes)
    placed = repricing.as_placed(own, found, story, stored.earlier)
    again = repricing.repriced(body, found, story, placed)
    if not again.is_same:
        return unlike(found, again.reasons[0] if again.reasons else None)
    return _compared(stored, body, own=own, placed=placed, other=other)


def _compared(
    stored: Stored, body: NewOrder, *, own: Circumstances, placed: Circumstances, other: Circumstances
) -> Replayed:
    found, story = stored.found, stored.story
    needs = other.prices.rules.needs
    sold = repricing.asked(found)
    codes = {line.code for line in sold}
    is_kept = any(placed.prices.skus.get(code) is not own.prices.skus.get(code) for code in codes)
    c = repricing.as_placed(other, found, story, stored.earlier)
    rules = c.prices.rules._replace(units=own.prices.rules.units) if is_kept else c.prices.rules
    known = other.prices._replace(
        rules=rules,
        at=c.prices.at,
        local_at=c.prices.local_at,
        earlier_orders=c.prices.earlier_orders,
        shown=c.prices.shown,
        uses=_uses(other.prices.uses, stored, needs),
        skus=_as_charged(codes, placed.prices.skus, other.prices.skus) if is_kept else other.prices.skus,
    )
    asked, dropped = _without_unknown(body, known, needs)
    there = _there(stored, known, needs)
    outcome = planning.explained(drafts.unsent(asked), c._replace(prices=known), there)
    cut_minor = 0
    if isinstance(outcome, Rejected) and (cut := _cut(outcome, asked, c._replace(prices=known), there)) is not None:
        outcome, cut_minor = cut
    if isinstance(outcome, Rejected):
        return _as_it_was(found, "refused", outcome.reasons[0])
    plan, quote = outcome
    order = found.order
    return Replayed(
        order_id=order.order_id,
        placed_at=order.placed_at,
        currency=order.currency,
        customer_id=order.customer_id,
        outcome="same" if repricing.rows_of(plan.lines) == repricing.rows_of(found.lines) else "changed",
        before=sums(found.lines),
        after=sums(plan.lines),
        lines=tuple([
            LineChange(was.code, was.total_minor, now.total_minor)
            for was, now in zip(sold, plan.lines[: len(sold)], strict=True)
            if was.total_minor != now.total_minor
        ]),
        assumed=Assumed(
            _limited_minor(plan, story, rules.promotions),
            max(0, sums(plan.lines).gifts - sums(found.lines).gifts),
            is_kept,
            dropped,
            quote.trace.search == "bounded",
            cut_minor,
        ),
    )  # fmt: skip


def _cut(
    refused: Rejected, body: NewOrder, c: Circumstances, there: Mapping[str, int]
) -> tuple[tuple[Plan, Quoted] | Rejected, int] | None:
    """Return an order whose discount by hand is more than its goods cost, with them for nothing, and by how much.

    Who gave an amount did not mean to refuse the order where goods cost less. None where it was refused for something
    else.
    """
    discount = body.discount
    is_too_high = any(isinstance(reason, pricing_errors.DiscountInvalid) for reason in refused.reasons)
    if discount is None or discount.amount_minor is None or not is_too_high:
        return None
    plain = planning.explained(drafts.unsent(msgspec.structs.replace(body, discount=None)), c, there)
    if isinstance(plain, Rejected):
        return plain, 0
    goods = sum(
        x.unit_minor * x.quantity - x.discount_minor + x.relief_minor for x in plain[1].priced.lines
    )  # fmt: skip
    least = min(discount.amount_minor, goods)
    cut = msgspec.structs.replace(body, discount=msgspec.structs.replace(discount, amount_minor=least))
    return planning.explained(drafts.unsent(cut), c, there), discount.amount_minor - least


def sums(lines: Iterable[Line | PlannedLine]) -> Sums:
    """Return what the rows of an order come to; what is tax in a price that is not asked is no discount."""
    total = discount = shipping = tax = given = 0
    for line in lines:
        total += line.total_minor
        discount += line.discount_minor - line.relief_minor
        tax += line.tax_minor
        if line.kind == "fee":
            shipping += line.total_minor
        elif line.price_source == "gift" and line.parent_line is None:
            given += line.ordered
    return Sums(total, discount, shipping, tax, given)


def _as_it_was(found: OrderWithLines, outcome: ReplayOutcome, reason: Refusal | None = None) -> Replayed:
    order, was = found.order, sums(found.lines)
    return Replayed(
        order.order_id,
        order.placed_at,
        order.currency,
        order.customer_id,
        outcome,
        was,
        was,
        reason=reason,
    )


def _as_charged(
    codes: Iterable[str], placed: Mapping[str, SkuPrices], known: Mapping[str, SkuPrices]
) -> dict[str, SkuPrices]:
    """Return what is known of prices, that of an order's own goods as it was charged; traits as they are known."""
    own = {code: placed[code]._replace(traits=placed[code].traits | known[code].traits) for code in codes}
    return {**known, **own}


def _uses(uses: FoundUses, stored: Stored, needs: Needs) -> FoundUses:
    """Return uses as they are assumed: codes were good, limits free unless the order met them used up."""
    customer_id = stored.found.order.customer_id
    customer = "" if customer_id is None else str(customer_id)
    used: dict[UseKey, int] = {}
    for one in stored.story.left_out:
        scope = _USED_UP.get(one.code)
        if scope is not None and one.promotion in needs.caps:
            whose = customer if scope is UseScope.promotion_customer else ""
            used[UseKey(scope, one.promotion, whose)] = _ALL_USED
    return FoundUses(repricing.good(uses), used)


def _without_unknown(body: NewOrder, known: Known, needs: Needs) -> tuple[NewOrder, int]:
    """Return what would be asked where codes and gifts that the rules do not know are not; and how many codes are not.

    Who typed such a code would have been told, and ordered without it.
    """
    there = known.rules.promotions.by_id
    terms = known.uses.coupons
    kept = tuple(
        [
            typed
            for typed in body.coupons
            if (found := terms.get(canonical(typed) or typed)) is not None and found.promotion in there
        ]
    )
    asked = msgspec.structs.replace(body, coupons=kept, gifts=_offered(body.gifts, needs))
    return asked, len(body.coupons) - len(kept)


def _offered(chosen: Iterable[str | GiftChoice], needs: Needs) -> tuple[str | GiftChoice, ...]:
    """Return the gifts that are given: of another promotion, where that of the choice does not give it any more."""
    skus = {one.id: gifts.skus_of(one) for one in needs.gifts}
    everywhere = {sku for of in skus.values() for sku in of}
    found: list[str | GiftChoice] = []
    for one in chosen:
        sku = one if isinstance(one, str) else one.sku
        if not isinstance(one, str) and sku in skus.get(one.promotion, ()):
            found.append(one)
        elif sku in everywhere:
            found.append(sku)
    return tuple(found)


def _there(stored: Stored, known: Known, needs: Needs) -> dict[str, int]:
    """Return how many of each gift there are assumed to be: enough, unless the order met them sold out."""
    gone = {one.promotion for one in stored.story.left_out if one.code == "gift_sold_out"}
    lacking = {sku for one in needs.gifts if one.id in gone for sku in gifts.skus_of(one)}
    there = {code: 0 if code in lacking else gifting.UNCOUNTED for code in known.gifts}
    return {**there, **repricing.given(stored.found)} if lacking else there


def _limited_minor(plan: Plan, story: PriceStory, known: promotions.Compiled) -> int:
    """Return what promotions with limits give that had not given anything."""
    before = {one.promotion for one in story.applied}
    return sum(
        one.amount_minor
        for one in plan.price_story.applied
        if one.promotion not in before and _is_limited(known.promotions[known.by_id[one.promotion]].promotion)
    )


def _is_limited(promotion: Promotion) -> bool:
    """Tell whether uses of a promotion are counted; of a customer's first order it is known which it was."""
    caps = promotion.caps
    is_by_customer = caps.per_customer is not None and not promotion.when.first_order
    return caps.total is not None or caps.units is not None or is_by_customer
