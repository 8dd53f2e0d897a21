"""The form of a promotion as typed, and the promotion that it means. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Literal, get_args

import msgspec

from jiedan.base.errors import Refusal
from jiedan.base.web.forms import Filled
from jiedan.console.prices import typed
from jiedan.console.prices.examples import RuleForm, rule_form
from jiedan.console.prices.reading import Reading
from jiedan.console.prices.typed import Typing
from jiedan.pricing.rules.promotions import problems_of_promotion
from jiedan.pricing.values import promotions as values

Kind = Literal["percent_off", "amount_off", "fixed_price", "steps", "buy_get", "bundle", "gift", "shipping_off"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Text = Annotated[str, msgspec.Meta(max_length=typed.LIST_CHARACTERS_MAX)]
Texts = Annotated[list[Text], msgspec.Meta(max_length=values.CHOICES_MAX)]
Days = Annotated[list[Annotated[str, msgspec.Meta(max_length=10)]], msgspec.Meta(max_length=7 * values.CHOICES_MAX)]


class PromotionForm(RuleForm, kw_only=True):
    """A promotion to be kept; every text is read by `promotion_of`. Cells of one row stand at one place of their lists.

    `hours_day` are places of rows with a weekday each: `0-1` is Monday in the first row.
    """

    kind: Kind = "percent_off"
    id: Text = ""
    name: Text = ""
    goods_any: Text = ""
    goods_all: Text = ""
    goods_none: Text = ""
    off: Text = ""
    price: Text = ""
    at_most: Text = ""
    per: Literal["goods", "order", "unit", "line", "time", ""] = ""
    steps_by: Literal["amount", "quantity"] = "amount"
    step_from: Texts = msgspec.field(default_factory=list)
    step_off: Texts = msgspec.field(default_factory=list)
    repeats: bool = False
    buy: Text = ""
    get: Text = ""
    among: Literal["set", "sku", "other"] = "set"
    other_any: Text = ""
    other_all: Text = ""
    other_none: Text = ""
    times_max: Text = ""
    slot_goods: Texts = msgspec.field(default_factory=list)
    slot_quantity: Texts = msgspec.field(default_factory=list)
    gift_skus: Text = ""
    gift_quantity: Text = "1"
    from_at: Text = ""
    until_at: Text = ""
    hours_from: Texts = msgspec.field(default_factory=list)
    hours_until: Texts = msgspec.field(default_factory=list)
    hours_day: Days = msgspec.field(default_factory=list)
    channels: Texts = msgspec.field(default_factory=list)
    groups: Texts = msgspec.field(default_factory=list)
    locations: Texts = msgspec.field(default_factory=list)
    customers: Texts = msgspec.field(default_factory=list)
    customers_find: Text = ""
    tax_status: values.TaxStanding = "any"
    payment_methods: Texts = msgspec.field(default_factory=list)
    payment_terms: Texts = msgspec.field(default_factory=list)
    countries: Text = ""
    first_order: bool = False
    earlier_min: Text = ""
    earlier_max: Text = ""
    min_spend: Text = ""
    min_quantity: Text = ""
    counted_any: Text = ""
    counted_all: Text = ""
    counted_none: Text = ""
    coupon: bool = False
    test_name: Texts = msgspec.field(default_factory=list)
    test_operator: Texts = msgspec.field(default_factory=list)
    test_values: Texts = msgspec.field(default_factory=list)
    expression: Text = ""
    priority: Text = "100"
    group: Text = ""
    alone: bool = False
    cap_total: Text = ""
    cap_customer: Text = ""
    cap_units: Text = ""
    cap_units_order: Text = ""


SentPromotion = rule_form("SentPromotion", base=PromotionForm)
"""The same with its examples, as it is sent."""

PLACES: tuple[tuple[str, str], ...] = (
    ("offer.rate_ppm", "off"),
    ("offer.amounts", "off"),
    ("offer.at_most", "at_most"),
    ("offer.steps", "steps"),
    ("offer.buy", "buy"),
    ("offer.get", "get"),
    ("offer.other", "other_any"),
    ("offer.slots", "slots"),
    ("offer.skus", "gift_skus"),
    ("offer.quantity", "gift_quantity"),
    ("offer.per", "per"),
    ("offer.times_max", "times_max"),
    ("goods.any_of", "goods_any"),
    ("goods.all_of", "goods_all"),
    ("goods.none_of", "goods_none"),
    ("goods", "goods_any"),
    ("when.until_at", "until_at"),
    ("when.hours", "hours"),
    ("when.channels", "channels"),
    ("when.groups", "groups"),
    ("when.customers", "customers"),
    ("when.payment_methods", "payment_methods"),
    ("when.payment_terms", "payment_terms"),
    ("when.countries", "countries"),
    ("when.locations", "locations"),
    ("when.attributes", "tests"),
    ("when.earlier_orders_min", "earlier_min"),
    ("when.earlier_orders_max", "earlier_max"),
    ("when.min_spend", "min_spend"),
    ("when.min_quantity", "min_quantity"),
    ("when.counted.any_of", "counted_any"),
    ("when.counted.all_of", "counted_all"),
    ("when.counted.none_of", "counted_none"),
    ("when.expression", "expression"),
    ("caps.total", "cap_total"),
    ("caps.per_customer", "cap_customer"),
    ("caps.units_per_order", "cap_units_order"),
    ("caps.units", "cap_units"),
)
"""Which input shows what is wrong with a part of a promotion; the first that fits counts."""

PRICED: Mapping[str, str] = MappingProxyType({"fixed_price": "price", "bundle": "price"})
"""Where the amounts of an offer are typed, if not as what it takes off."""


def place_of(field: str, kind: str) -> str:
    """Return the input that a field of a promotion is typed in."""
    if field.startswith("offer.amounts"):
        return PRICED.get(kind, "off")
    return next((name for part, name in PLACES if field.startswith(part)), field)


def promotion_of(
    form: Filled[PromotionForm], sent: PromotionForm, how: Typing, reasons: Iterable[Refusal] = ()
) -> values.Promotion:
    """Return the promotion that the form means. Raises Rejections naming every input that is wrong, and `reasons`."""
    reading = Reading(how, form.raw, reasons)
    promotion = values.Promotion(
        id=sent.id,
        name=sent.name,
        offer=_OFFERS[sent.kind](reading, sent),
        goods=_goods(sent.goods_any, sent.goods_all, sent.goods_none),
        when=_when(reading, sent),
        priority=reading.whole(sent.priority, "priority"),
        group=sent.group,
        stacking="alone" if sent.alone else "stack",
        caps=values.Caps(
            reading.count(sent.cap_total, "cap_total"),
            reading.count(sent.cap_customer, "cap_customer"),
            reading.count(sent.cap_units, "cap_units"),
            reading.count(sent.cap_units_order, "cap_units_order"),
        ),
    )
    reading.note(problems_of_promotion(promotion), lambda field: place_of(field, sent.kind))
    reading.finish()
    return promotion


def _goods(any_of: str, all_of: str, none_of: str) -> values.Goods:
    return values.Goods(typed.traits(any_of), typed.traits(all_of), typed.traits(none_of))


def _optional_goods(any_of: str, all_of: str, none_of: str) -> values.Goods | None:
    return _goods(any_of, all_of, none_of) if any_of or all_of or none_of else None


def _percent_off(reading: Reading, sent: PromotionForm) -> values.Offer:
    per: Literal["goods", "order"] = "order" if sent.per == "order" else "goods"
    return values.PercentOff(reading.rate(sent.off, "off"), reading.amounts(sent.at_most, "at_most"), per)


def _amount_off(reading: Reading, sent: PromotionForm) -> values.Offer:
    per: Literal["unit", "line", "order"] = sent.per if sent.per in {"unit", "line"} else "order"
    return values.AmountOff(reading.amounts(sent.off, "off"), per)


def _fixed_price(reading: Reading, sent: PromotionForm) -> values.Offer:
    return values.FixedPrice(reading.amounts(sent.price, "price"))


def _steps(reading: Reading, sent: PromotionForm) -> values.Offer:
    steps = []
    for start, off in typed.rows(reading.raw.get("step_from", ()), reading.raw.get("step_off", ())):
        rate_ppm, amounts = reading.reduction(off, "steps")
        if sent.steps_by == "quantity":
            steps.append(values.Step({}, reading.whole(start, "steps"), amounts, rate_ppm))
        else:
            steps.append(values.Step(reading.amounts(start, "steps"), 0, amounts, rate_ppm))
    return values.Steps(tuple(steps), sent.steps_by, sent.repeats, reading.amounts(sent.at_most, "at_most"))


def _buy_get(reading: Reading, sent: PromotionForm) -> values.Offer:
    rate_ppm, amounts = reading.reduction(sent.off, "off")
    return values.BuyGet(
        reading.whole(sent.buy, "buy"),
        reading.whole(sent.get, "get"),
        rate_ppm,
        amounts,
        sent.among,
        _optional_goods(sent.other_any, sent.other_all, sent.other_none) if sent.among == "other" else None,
        sent.repeats,
        reading.count(sent.times_max, "times_max"),
    )


def _bundle(reading: Reading, sent: PromotionForm) -> values.Offer:
    slots = tuple(
        values.Slot(typed.goods(goods), reading.whole(quantity or "1", "slots"))
        for goods, quantity in typed.rows(reading.raw.get("slot_goods", ()), reading.raw.get("slot_quantity", ()))
    )
    return values.Bundle(slots, reading.amounts(sent.price, "price"), reading.count(sent.times_max, "times_max"))


def _gift(reading: Reading, sent: PromotionForm) -> values.Offer:
    return values.Gift(
        typed.texts(sent.gift_skus),
        reading.whole(sent.gift_quantity, "gift_quantity"),
        "time" if sent.per == "time" else "order",
        reading.count(sent.times_max, "times_max"),
    )


def _shipping_off(reading: Reading, sent: PromotionForm) -> values.Offer:
    rate_ppm, amounts = reading.reduction(sent.off, "off")
    return values.ShippingOff(rate_ppm, amounts, reading.amounts(sent.at_most, "at_most"))


_OFFERS: Mapping[str, Callable[[Reading, PromotionForm], values.Offer]] = {
    "percent_off": _percent_off,
    "amount_off": _amount_off,
    "fixed_price": _fixed_price,
    "steps": _steps,
    "buy_get": _buy_get,
    "bundle": _bundle,
    "gift": _gift,
    "shipping_off": _shipping_off,
}

_DAY = re.compile(r"([0-9]{1,4})-([1-7])")


def _when(reading: Reading, sent: PromotionForm) -> values.When:
    return values.When(
        from_at=reading.moment(sent.from_at, "from_at"),
        until_at=reading.moment(sent.until_at, "until_at"),
        hours=_hours(reading),
        channels=tuple(sent.channels),
        groups=tuple(sent.groups),
        customers=typed.texts(",".join(sent.customers)),
        tax_status=sent.tax_status,
        first_order=sent.first_order,
        earlier_orders_min=reading.count(sent.earlier_min, "earlier_min"),
        earlier_orders_max=reading.count(sent.earlier_max, "earlier_max"),
        payment_methods=tuple(sent.payment_methods),
        payment_terms=tuple(sent.payment_terms),
        countries=tuple(text.upper() for text in typed.texts(sent.countries)),
        locations=tuple(sent.locations),
        attributes=_tests(reading),
        min_spend=reading.amounts(sent.min_spend, "min_spend"),
        min_quantity=reading.whole(sent.min_quantity, "min_quantity"),
        counted=_optional_goods(sent.counted_any, sent.counted_all, sent.counted_none),
        coupon="required" if sent.coupon else "none",
        expression=sent.expression,
    )


def _hours(reading: Reading) -> tuple[values.Hours, ...]:
    """Return the weekly hours of rows with something in them; an empty time is the beginning or the end of the day."""
    days: dict[int, list[int]] = {}
    for text in reading.raw.get("hours_day", ()):
        if match := _DAY.fullmatch(text):
            days.setdefault(int(match[1]), []).append(int(match[2]))
    begins, ends = reading.raw.get("hours_from", ()), reading.raw.get("hours_until", ())
    count = max(len(begins), len(ends), *[place + 1 for place in days], 0)
    found = []
    for place in range(min(count, values.CHOICES_MAX + 1)):
        begin = begins[place] if place < len(begins) else ""
        end = ends[place] if place < len(ends) else ""
        if begin or end or place in days:
            found.append(values.Hours(tuple(sorted(days.get(place, ()))), begin or "00:00", _end(end)))
    return tuple(found)


def _end(text: str) -> str:
    """Return when hours end; browsers have no 24:00, so what is empty or midnight is the end of the day."""
    return "24:00" if text in {"", "00:00"} else text


def _tests(reading: Reading) -> tuple[values.AttributeTest, ...]:
    columns = [reading.raw.get(name, ()) for name in ("test_name", "test_values", "test_operator")]
    found = []
    for name, asked, operator in typed.rows(*columns):
        if name or asked:
            texts = typed.texts(asked) if operator == "in" else tuple(filter(None, (asked,)))
            found.append(values.AttributeTest(name, _operator(operator), tuple(typed.value(text) for text in texts)))
    return tuple(found)


def _operator(text: str) -> values.Operator:
    """Return an operator; anything else is equality."""
    return next((operator for operator in get_args(values.Operator) if operator == text), "=")
