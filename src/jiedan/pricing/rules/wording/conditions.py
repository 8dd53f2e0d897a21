"""When promotions are given, in clauses: `only through the web shop`, `with a coupon`, `at most 100 orders in all`."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from jiedan.base import i18n
from jiedan.base.i18n import N_
from jiedan.pricing.rules.wording import offers
from jiedan.pricing.rules.wording.reader import Reader
from jiedan.pricing.values import promotions

TAX_STATUSES: Mapping[promotions.TaxStanding, str] = MappingProxyType(
    {
        "any": N_("for everybody"),
        "business": N_("only for businesses (companies with a tax number, and whoever has a VAT number)"),
        "private": N_("not for businesses (companies with a tax number, and whoever has a VAT number)"),
    }
)
"""Whom a promotion is for by their tax status."""


def summary(promotion: promotions.Promotion, reader: Reader) -> str:
    """Return a promotion in one sentence: what it gives, when, how often, and beside what."""
    return reader.clauses([
        offers.offer(promotion, reader),
        *conditions(promotion, reader),
        *limits(promotion, reader),
    ])  # fmt: skip


def conditions(promotion: promotions.Promotion, reader: Reader) -> tuple[str, ...]:
    """Return what must hold for a promotion, a clause each."""
    when = promotion.when
    lists = (
        (N_("only through {names}"), "channel", when.channels),
        (N_("only for {names}"), "group", when.groups),
        (N_("only for {names}"), "customer", when.customers),
        (N_("only when paying by {names}"), "payment", when.payment_methods),
        (N_("only when it is paid: {names}"), "terms", when.payment_terms),
        (N_("only from {names}"), "location", when.locations),
    )
    told = [
        *_thresholds(promotion, reader),
        reader.say(N_("with a coupon")) if when.coupon == "required" else "",
        *[reader.say(message, names=reader.named(kind, codes)) for message, kind, codes in lists if codes],
        reader.say(TAX_STATUSES[when.tax_status]) if when.tax_status != "any" else "",
        _countries(when, reader),
        *_earlier_orders(when, reader),
        *[test(one, reader) for one in when.attributes],
        reader.say(N_("when {expression}"), expression=when.expression) if when.expression else "",
        reader.period(when.from_at, when.until_at),
        reader.row(hours(one, reader) for one in when.hours),
    ]
    return tuple(text for text in told if text)


def limits(promotion: promotions.Promotion, reader: Reader) -> tuple[str, ...]:
    """Return how often a promotion is given, and what it stands beside."""
    caps = promotion.caps
    counted = (
        (N_("at most {count} orders in all"), caps.total),
        (N_("at most {count} orders per customer"), caps.per_customer),
        (N_("at most {count} units in all"), caps.units),
        (N_("at most {count} units per order"), caps.units_per_order),
    )
    told = [reader.say(message, count=count) for message, count in counted if count is not None]
    if promotion.group:
        told.append(reader.say(N_("only one of the group {group}"), group=promotion.group))
    if promotion.stacking == "alone":
        told.append(reader.say(N_("not together with other promotions")))
    return tuple(told)


def hours(given: promotions.Hours, reader: Reader) -> str:
    """Return weekly hours: `Mon, Tue 18:00–22:00`."""
    span = f"{given.from_time}–{given.until_time}"
    if not given.weekdays:
        return reader.say(N_("daily {hours}"), hours=span)
    days = i18n.listed(reader.locale, [reader.weekday(day) for day in sorted(given.weekdays)])
    return f"{days} {span}"


def test(asked: promotions.AttributeTest, reader: Reader) -> str:
    """Return a test of an attribute of the order: `only where source is app`."""
    return reader.say(
        N_("only where {test}"), test=comparison(asked.name, asked.operator, [str(v) for v in asked.values])
    )


def comparison(name: str, operator: str, values: Sequence[str]) -> str:
    """Return a comparison as people write it: `source ≠ app`."""
    sign = {"!=": "≠", "<=": "≤", ">=": "≥", "in": "="}.get(operator, operator)
    return f"{name} {sign} {' / '.join(values)}"


def _thresholds(promotion: promotions.Promotion, reader: Reader) -> list[str]:
    when = promotion.when
    of = promotion.goods if when.counted is None else when.counted
    goods = offers.goods(of, reader)
    told = []
    if when.min_spend:
        told.append(reader.say(N_("from {amount} of {goods} on"), amount=reader.amounts(when.min_spend), goods=goods))
    if when.min_quantity:
        told.append(reader.say(N_("from {count} × {goods} on"), count=when.min_quantity, goods=goods))
    return told


def _countries(when: promotions.When, reader: Reader) -> str:
    if not when.countries:
        return ""
    return reader.say(N_("only to {names}"), names=reader.row(reader.country(code) for code in when.countries))


def _earlier_orders(when: promotions.When, reader: Reader) -> list[str]:
    told = [reader.say(N_("first order only"))] if when.first_order else []
    if when.earlier_orders_min is not None:
        told.append(reader.say(N_("after at least {count} earlier orders"), count=when.earlier_orders_min))
    if when.earlier_orders_max is not None:
        told.append(reader.say(N_("up to {count} earlier orders"), count=when.earlier_orders_max))
    return told
