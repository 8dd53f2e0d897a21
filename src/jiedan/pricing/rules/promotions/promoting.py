"""Give a cart its promotions, and say of each why it was given or not."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jiedan.pricing.rules.promotions import calling, choosing, expressions, giving, meeting, missing, stacking
from jiedan.pricing.rules.promotions.calls import Call, Given, Node
from jiedan.pricing.rules.promotions.compiling import Compiled
from jiedan.pricing.values import lots, promoted

_NEAR = frozenset({"needs_quantity", "needs_spend", "gift_sold_out", *calling.PAYMENT})


class _Won(NamedTuple):
    """The best combination: what of it was given, by rank, and the least that thresholds may look at."""

    node: Node
    given: Mapping[int, tuple[Call, Given]]


def promote(
    given: Sequence[lots.Lot], facts: promoted.Facts, compiled: Compiled, *, every: bool = False
) -> promoted.Promoted:
    """Return what promotions take off each lot, the gifts and shipping reductions, and why.

    Outcomes are of the promotions looked at: those whose goods the cart has some of, and those that a coupon was given
    for; of `every` promotion where that is asked. Amounts are minor units of the facts' currency.
    """
    if not compiled.promotions:
        return promoted.Promoted((0,) * len(given), coupons=_coupons(facts, compiled, {}))
    if compiled.has_expressions:
        facts = facts._replace(seen=expressions.seen(given, facts))
    shelf = calling.shelf_of(given)
    calls, outcomes = calling.calls_of(compiled, shelf, facts, every=every)
    stock = {sku: max(0, gift.available) for sku, gift in facts.gifts.items()}
    fresh = Node(shelf.left, None, stock, max(0, facts.shipping_minor))
    search = stacking.Search(fresh, lambda sku: max(0, facts.gifts[sku].unit_minor))
    worthy = search.weigh(calls)
    best = choosing.chosen(search.best(worthy), search, facts.gifts_named, facts.gifts_of)
    won = _Won(best, {call.rank: (call, what) for call, what in best.given})
    near: list[promoted.Outcome] = []
    for call in calls:
        if call.rank in won.given:
            what = won.given[call.rank][1]
            outcomes[call.rank] = promoted.Outcome(call.promotion.id, "applied", what.times, what.minor)
            coming = missing.coming(call, what, fresh, best)
            near += [coming] if coming is not None else []
        else:
            outcomes[call.rank] = missing.why_not(call, fresh, best)
    told = tuple([outcomes[rank] for rank in sorted(outcomes)])
    near += [outcome for outcome in told if outcome.code in _NEAR]
    near.sort(key=lambda outcome: (outcome.missing_ppm, outcome.promotion))
    return promoted.Promoted(
        discounts=_discounts(shelf, best),
        applied=tuple([_applied(call, what, shelf) for call, what in best.given]),
        gifts=tuple([what.gift for _, what in best.given if what.gift is not None]),
        shipping=tuple([giving.reduction_of(call) for call, what in best.given if what.fee is not None]),
        outcomes=told,
        near_misses=tuple(near[: promoted.PROMOTION_NEAR_MISSES_MAX]),
        coupons=_coupons(facts, compiled, outcomes),
        search="complete" if search.is_complete else "bounded",
        evaluations=search.evaluations,
    )


def shipping_off(fee_minor: int, reductions: Sequence[promoted.ShippingReduction]) -> tuple[int, ...]:
    """Return what each reduction takes off a shipping fee, one after the other; never more than is left of it."""
    offs: list[int] = []
    for reduction in reductions:
        offs.append(giving.off_fee(fee_minor - sum(offs), reduction))
    return tuple(offs)


def _discounts(shelf: calling.Shelf, best: Node) -> tuple[int, ...]:
    discounts = [0] * len(shelf.order)
    for _, what in best.given:
        for lot, off in what.parts:
            discounts[shelf.order[lot]] += off
    return tuple(discounts)


def _applied(call: Call, what: Given, shelf: calling.Shelf) -> promoted.Applied:
    parts = sorted([promoted.LotDiscount(shelf.order[lot], off) for lot, off in what.parts])
    return promoted.Applied(
        call.promotion.id, what.minor, tuple(parts), what.times, what.units, call.coupon, max(0, what.cut)
    )


def _coupons(
    facts: promoted.Facts, compiled: Compiled, outcomes: Mapping[int, promoted.Outcome]
) -> tuple[promoted.CouponOutcome, ...]:
    """Return what became of each code that was given, in the order given; of two for one promotion one is used."""
    told = []
    for coupon in facts.coupons:
        number = compiled.by_id.get(coupon.promotion)
        code: promoted.OutcomeCode = "excluded_by"
        if coupon.state != "ok":
            code = meeting.COUPON_CODES[coupon.state]
        elif number is None:
            code = "coupon_unknown"
        elif coupon == meeting.coupon_of(coupon.promotion, facts):
            code = outcomes[number].code
        told.append(promoted.CouponOutcome(coupon.code, code, coupon.promotion))
    return tuple(told)
