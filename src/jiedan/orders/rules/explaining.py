"""Tell in words why something costs what it costs. Pure."""

from collections.abc import Iterator, Mapping

from jiedan.catalog.values import SellableSku
from jiedan.orders.rules.quoting import Quoted
from jiedan.orders.values.prices import CouponWhy, Explanation, LineWhy, MethodWhy, RuleWhy
from jiedan.pricing.rules import QuoteRules, wording
from jiedan.pricing.rules.wording import Reader
from jiedan.pricing.values.promoted import Outcome
from jiedan.pricing.values.quotes import PricedTrace
from jiedan.pricing.values.shipping import ShippingOffer


def reader(locale: str, time_zone: str, rules: QuoteRules, skus: Mapping[str, SellableSku]) -> Reader:
    """Return who reads: what promotions and SKUs are called; everything else is told by its code."""
    names = {f"promotion:{one.promotion.id}": one.promotion.name for one in rules.promotions.promotions}
    names |= {f"sku:{code}": sku.name for code, sku in skus.items()}
    return Reader(locale, time_zone, names)


def in_words(quote: Quoted, told_to: Reader) -> Explanation:
    """Return what became of every rule: promotions that were given first, then those that were nearly."""
    priced, trace = quote.priced, quote.trace
    currency = priced.currency
    codes = {line.line: line.code for line in priced.lines}
    chosen = "" if priced.method is None else priced.method.code
    return Explanation(
        rules_version=trace.rules_version,
        lines=tuple([
            LineWhy(unit.line, codes[unit.line], wording.unit(unit, currency, told_to)) for unit in trace.units
        ]),
        promotions=tuple([_rule(outcome, currency, told_to, is_near=is_near) for outcome, is_near in _outcomes(trace)]),
        coupons=tuple([
            CouponWhy(coupon.code, coupon.promotion, coupon.outcome, wording.coupon(coupon, told_to))
            for coupon in trace.coupons
        ]),
        shipping=tuple([
            _method(offer, currency, told_to, is_chosen=offer.method == chosen) for offer in trace.shipping
        ]),
        taxes=(
            *[wording.found_rate(rate, told_to) for rate in trace.tax_rates],
            *[wording.tax_note(note, told_to) for note in trace.tax_notes],
        ),
        discount=trace.discount,
        search=trace.search,
    )  # fmt: skip


def _outcomes(trace: PricedTrace) -> Iterator[tuple[Outcome, bool]]:
    near = {outcome.promotion for outcome in trace.near_misses}
    yield from ((outcome, False) for outcome in trace.outcomes if outcome.code == "applied")
    yield from ((outcome, True) for outcome in trace.near_misses)
    for outcome in trace.outcomes:
        if outcome.code != "applied" and outcome.promotion not in near:
            yield outcome, False


def _rule(outcome: Outcome, currency: str, told_to: Reader, *, is_near: bool) -> RuleWhy:
    return RuleWhy(
        outcome.promotion,
        told_to.name("promotion", outcome.promotion),
        outcome.code,
        outcome.amount_minor,
        is_near,
        wording.outcome(outcome, currency, told_to),
    )


def _method(offer: ShippingOffer, currency: str, told_to: Reader, *, is_chosen: bool) -> MethodWhy:
    if not offer.serves:
        reasons = tuple([wording.shipping_reason(reason, currency, told_to) for reason in offer.reasons])
        return MethodWhy(offer.method, offer.name, None, is_chosen=False, reasons=reasons)
    steps = tuple([wording.shipping_step(step, currency, told_to) for step in offer.steps])
    return MethodWhy(offer.method, offer.name, offer.fee_minor, is_chosen, steps)
