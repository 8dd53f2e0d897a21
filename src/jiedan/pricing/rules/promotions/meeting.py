"""The conditions of promotions, compiled: each that a promotion has is one function, those it leaves empty none.

A check returns the outcome that stands in the way, or None where the condition is met.
"""

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from operator import ge, gt, le, lt

from jiedan.accounts.values import PAYMENT_TERMS
from jiedan.base.errors import Refusal
from jiedan.pricing.rules.promotions import expressions
from jiedan.pricing.values import promoted, promotions

Check = Callable[[promoted.Facts], promoted.Outcome | None]

_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_WEEK_DAYS = 7
_ORDERED = {"<": lt, "<=": le, ">": gt, ">=": ge}

COUPON_CODES: Mapping[promoted.CouponState, promoted.OutcomeCode] = {
    "unknown": "coupon_unknown",
    "not_begun": "coupon_not_begun",
    "expired": "coupon_expired",
    "used": "coupon_used",
    "cap_reached": "coupon_cap_reached",
    "not_yours": "coupon_not_yours",
}


def checks_of(promotion: promotions.Promotion) -> tuple[Check, ...]:
    """Return the checks of a promotion, in the order in which the first failing one is told."""
    when, caps, name = promotion.when, promotion.caps, promotion.id
    checks: list[Check | None] = [
        _begun(name, when.from_at) if when.from_at else None,
        _not_over(name, when.until_at) if when.until_at else None,
        _coupon(name) if when.coupon == "required" else None,
        _in_hours(name, when.hours) if when.hours else None,
        _one_of(name, "wrong_channel", when.channels, lambda facts: facts.channel),
        _one_of(name, "wrong_location", when.locations, lambda facts: facts.location),
        _one_of(name, "wrong_country", when.countries, lambda facts: facts.place.country if facts.place else ""),
        *_of_customer(promotion),
        *[_attribute(name, test) for test in when.attributes],
        _expression(name, when.expression) if when.expression else None,
        _left(name, "cap_reached", caps.total, lambda facts: facts.uses_left.get(name)),
        _left(name, "customer_cap_reached", caps.per_customer, lambda facts: facts.customer_uses_left.get(name)),
        _left(name, "sold_out", caps.units, lambda facts: facts.units_left.get(name)),
        # Last, so that who need only pay another way is told so.
        _of_method(name, when.payment_methods),
        _one_of(name, "wrong_payment_terms", when.payment_terms, lambda facts: facts.payment_terms),
    ]
    return tuple([check for check in checks if check is not None])


def methods_asked(when: promotions.When, told: str) -> set[str] | None:
    """Return by which methods an order is to be paid that meets these conditions and `told` one; None for any."""
    found = None
    if when.payment_methods and not set(when.payment_methods) & set(PAYMENT_TERMS):
        found = set(when.payment_methods)
    if "payment_method" in when.expression:
        found = {told} if found is None else found & {told}
    return found


def coupon_of(promotion: str, facts: promoted.Facts) -> promoted.Coupon | None:
    """Return the coupon that opens a promotion: one that may be used before one that may not, then by code."""
    mine = [coupon for coupon in facts.coupons if coupon.promotion == promotion]
    return min(mine, key=lambda coupon: (coupon.state != "ok", coupon.code), default=None)


def minute_of(text: str) -> int:
    """Return the minute of the day of `HH:MM`. Raises ValueError for anything else; `24:00` is the end of the day."""
    if not _TIME.fullmatch(text):
        message = f"{text!r} is not a time of the day"
        raise ValueError(message)
    return int(text[:2]) * 60 + int(text[3:])


def is_in_hours(hours: promotions.Hours, local_at: dt.datetime) -> bool:
    """Tell whether a moment of the merchant's clock lies in weekly hours, those that began the day before included."""
    return _is_in(_week_of(hours), local_at)


def _week_of(hours: promotions.Hours) -> tuple[int, int, frozenset[int]]:
    days = frozenset(hours.weekdays or range(1, _WEEK_DAYS + 1))
    return minute_of(hours.from_time), minute_of(hours.until_time), days


def _is_in(week: tuple[int, int, frozenset[int]], local_at: dt.datetime) -> bool:
    begin, end, days = week
    now, today = local_at.hour * 60 + local_at.minute, local_at.isoweekday()
    if begin < end:
        return begin <= now < end and today in days
    yesterday = (today - 2) % _WEEK_DAYS + 1
    return (now >= begin and today in days) or (now < end and yesterday in days)


def _begun(name: str, from_at: dt.datetime) -> Check:
    outcome = promoted.Outcome(name, "not_begun", at=from_at)
    return lambda facts: outcome if facts.at < from_at else None


def _not_over(name: str, until_at: dt.datetime) -> Check:
    outcome = promoted.Outcome(name, "over", at=until_at)
    return lambda facts: outcome if facts.at >= until_at else None


def _in_hours(name: str, hours: Collection[promotions.Hours]) -> Check:
    wanted = tuple([f"{','.join(map(str, h.weekdays)) or '1-7'} {h.from_time}-{h.until_time}" for h in hours])
    outcome = promoted.Outcome(name, "outside_hours", wanted=wanted)
    weeks = tuple([_week_of(one) for one in hours])
    return lambda facts: None if any(_is_in(week, facts.local_at) for week in weeks) else outcome


def _one_of(
    name: str, code: promoted.OutcomeCode, allowed: tuple[str, ...], asked: Callable[[promoted.Facts], str]
) -> Check | None:
    if not allowed:
        return None
    among, outcome = frozenset(allowed), promoted.Outcome(name, code, wanted=allowed)
    return lambda facts: None if asked(facts) in among else outcome


def _of_customer(promotion: promotions.Promotion) -> list[Check | None]:
    """Return what is asked of the customer. What is counted by customer needs one."""
    when, name = promotion.when, promotion.id
    low, high = when.earlier_orders_min, 0 if when.first_order else when.earlier_orders_max
    many: promoted.OutcomeCode = "not_first_order" if when.first_order else "too_many_earlier_orders"
    counts = low is not None or high is not None
    unknown = promoted.Outcome(name, "needs_customer")

    def of_groups(facts: promoted.Facts) -> promoted.Outcome | None:
        return None if facts.groups & groups else promoted.Outcome(name, "wrong_group", wanted=when.groups)

    def of_orders(facts: promoted.Facts) -> promoted.Outcome | None:
        earlier = facts.earlier_orders
        if earlier is None:
            return unknown
        if low is not None and earlier < low:
            return promoted.Outcome(name, "too_few_earlier_orders", quantity=low - earlier)
        return promoted.Outcome(name, many) if high is not None and earlier > high else None

    groups = frozenset(when.groups)
    return [
        (lambda facts: None if facts.customer else unknown) if promotion.caps.per_customer is not None else None,
        # Who else it is for is nobody's business: no names of customers in the outcome.
        _one_of_customers(name, when.customers),
        of_groups if groups else None,
        _of_tax_status(name, when.tax_status),
        of_orders if counts else None,
    ]


def _of_method(name: str, methods: tuple[str, ...]) -> Check | None:
    """Return the check of payment methods. Books of before terms had a condition of their own name those among them."""
    if not methods:
        return None
    among, outcome = frozenset(methods), promoted.Outcome(name, "wrong_payment_method", wanted=methods)
    return lambda facts: None if facts.payment_method in among or facts.payment_terms in among else outcome


def _one_of_customers(name: str, customers: tuple[str, ...]) -> Check | None:
    if not customers:
        return None
    among, outcome = frozenset(customers), promoted.Outcome(name, "wrong_customer")
    return lambda facts: None if facts.customer in among or not among.isdisjoint(facts.known_as) else outcome


def _of_tax_status(name: str, asked: promotions.TaxStanding) -> Check | None:
    if asked == "any":
        return None
    is_asked = asked == "business"
    outcome = promoted.Outcome(name, "only_for_business" if is_asked else "not_for_business")
    return lambda facts: None if facts.is_business == is_asked else outcome


def _attribute(name: str, test: promotions.AttributeTest) -> Check:
    outcome = promoted.Outcome(name, "wrong_attribute", wanted=(test.name, test.operator, *map(str, test.values)))
    return lambda facts: None if passes(test, facts.attributes.get(test.name)) else outcome


def passes(test: promotions.AttributeTest, value: promotions.AttributeValue | None) -> bool:
    """Tell whether an attribute's value passes a test. Yes and no are no numbers, and a text is never one."""
    if value is None:
        return False
    alike = [asked for asked in test.values if type(asked) is type(value)]
    if test.operator in {"=", "in"}:
        return value in alike
    if test.operator == "!=":
        return value not in alike
    if isinstance(value, bool):
        return False
    compare = _ORDERED[test.operator]
    return any(compare(value, asked) for asked in alike)


def _expression(name: str, expression: str) -> Check:
    """Return the check of a free condition. What can be no condition is never met: older versions may have such."""
    not_met = promoted.Outcome(name, "expression_not_met", wanted=(expression,))
    unknown = promoted.Outcome(name, "expression_not_evaluated", wanted=(expression,))
    try:
        holds = expressions.compiled(expression)
    except Refusal:
        return lambda _: unknown

    def check(facts: promoted.Facts) -> promoted.Outcome | None:
        if facts.seen is None:
            return unknown
        try:
            return None if holds(facts.seen) else not_met
        except Refusal:
            return unknown

    return check


def _coupon(name: str) -> Check:
    missing = promoted.Outcome(name, "coupon_missing")

    def check(facts: promoted.Facts) -> promoted.Outcome | None:
        coupon = coupon_of(name, facts)
        if coupon is None:
            return missing
        return None if coupon.state == "ok" else promoted.Outcome(name, COUPON_CODES[coupon.state])

    return check


def _left(
    name: str, code: promoted.OutcomeCode, cap: int | None, left: Callable[[promoted.Facts], int | None]
) -> Check | None:
    """Return the check of a cap; nothing known of it is all of it left."""
    if cap is None:
        return None
    outcome = promoted.Outcome(name, code)
    return lambda facts: outcome if (cap if (known := left(facts)) is None else known) <= 0 else None
