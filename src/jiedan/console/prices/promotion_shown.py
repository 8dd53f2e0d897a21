"""A promotion as its form says it. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from jiedan.console.prices import typed
from jiedan.console.prices.promotion_form import Kind
from jiedan.console.prices.typed import Typing
from jiedan.pricing.values import promotions as values

OFFERS: Mapping[Kind, type] = MappingProxyType(
    {
        "percent_off": values.PercentOff,
        "amount_off": values.AmountOff,
        "fixed_price": values.FixedPrice,
        "steps": values.Steps,
        "buy_get": values.BuyGet,
        "bundle": values.Bundle,
        "gift": values.Gift,
        "shipping_off": values.ShippingOff,
    }
)


def raw_of(promotion: values.Promotion, how: Typing) -> dict[str, list[str]]:
    """Return what the form says of a promotion."""
    when, caps = promotion.when, promotion.caps
    one = {
        "id": promotion.id,
        "name": promotion.name,
        **_goods_typed("goods", promotion.goods),
        "priority": str(promotion.priority),
        "group": promotion.group,
        "alone": "1" if promotion.stacking == "alone" else "",
        "cap_total": typed.count_typed(caps.total),
        "cap_customer": typed.count_typed(caps.per_customer),
        "cap_units": typed.count_typed(caps.units),
        "cap_units_order": typed.count_typed(caps.units_per_order),
        "from_at": typed.moment_typed(when.from_at, how),
        "until_at": typed.moment_typed(when.until_at, how),
        "countries": typed.listed(when.countries),
        "tax_status": when.tax_status,
        "first_order": "1" if when.first_order else "",
        "earlier_min": typed.count_typed(when.earlier_orders_min),
        "earlier_max": typed.count_typed(when.earlier_orders_max),
        "min_spend": typed.amounts_typed(when.min_spend, how),
        "min_quantity": typed.count_typed(when.min_quantity or None),
        **_goods_typed("counted", when.counted or values.ALL_GOODS),
        "coupon": "1" if when.coupon == "required" else "",
        "expression": when.expression,
        "kind": next(kind for kind, offer in OFFERS.items() if isinstance(promotion.offer, offer)),
    }
    several = {
        "channels": when.channels,
        "customers": when.customers,
        "groups": when.groups,
        "locations": when.locations,
        "payment_methods": when.payment_methods,
        "payment_terms": when.payment_terms,
        "hours_from": [hours.from_time for hours in when.hours],
        "hours_until": ["" if hours.until_time == "24:00" else hours.until_time for hours in when.hours],
        "hours_day": [f"{place}-{day}" for place, hours in enumerate(when.hours) for day in hours.weekdays],
        "test_name": [test.name for test in when.attributes],
        "test_operator": [test.operator for test in when.attributes],
        "test_values": [typed.listed(map(typed.value_typed, test.values)) for test in when.attributes],
    }
    offer, offers = _offer_typed(promotion.offer, how)
    single = {name: [text] for name, text in {**one, **offer}.items() if text}
    return single | {name: list(texts) for name, texts in {**several, **offers}.items() if texts}


def _goods_typed(of: str, goods: values.Goods) -> dict[str, str]:
    return {
        f"{of}_any": typed.traits_typed(goods.any_of),
        f"{of}_all": typed.traits_typed(goods.all_of),
        f"{of}_none": typed.traits_typed(goods.none_of),
    }


def _offer_typed(offer: values.Offer, how: Typing) -> tuple[dict[str, str], dict[str, Sequence[str]]]:
    """Return what the form says of an offer: inputs, and columns of rows."""
    match offer:
        case values.PercentOff():
            one = {"off": typed.rate_typed(offer.rate_ppm), "at_most": typed.amounts_typed(offer.at_most, how)}
            return {**one, "per": offer.per}, {}
        case values.AmountOff():
            return {"off": typed.amounts_typed(offer.amounts, how), "per": offer.per}, {}
        case values.FixedPrice():
            return {"price": typed.amounts_typed(offer.amounts, how)}, {}
        case values.Steps():
            return _steps_typed(offer, how)
        case values.BuyGet():
            return _buy_get_typed(offer, how), {}
        case values.Bundle():
            one = {
                "price": typed.amounts_typed(offer.amounts, how),
                "times_max": typed.count_typed(offer.times_max),
            }
            goods = [typed.goods_typed(slot.goods) for slot in offer.slots]
            return one, {"slot_goods": goods, "slot_quantity": [str(slot.quantity) for slot in offer.slots]}
        case values.Gift():
            one = {"gift_skus": typed.listed(offer.skus), "gift_quantity": str(offer.quantity), "per": offer.per}
            return {**one, "times_max": typed.count_typed(offer.times_max)}, {}
        case values.ShippingOff():
            off = typed.reduction_typed(offer.rate_ppm, offer.amounts, how)
            return {"off": off, "at_most": typed.amounts_typed(offer.at_most, how)}, {}


def _steps_typed(offer: values.Steps, how: Typing) -> tuple[dict[str, str], dict[str, Sequence[str]]]:
    starts = [
        str(step.from_quantity) if offer.by == "quantity" else typed.amounts_typed(step.from_amounts, how)
        for step in offer.steps
    ]
    one = {
        "steps_by": offer.by,
        "repeats": "1" if offer.repeats else "",
        "at_most": typed.amounts_typed(offer.at_most, how),
    }
    offs = [typed.reduction_typed(step.rate_ppm, step.amounts, how) for step in offer.steps]
    return one, {"step_from": starts, "step_off": offs}


def _buy_get_typed(offer: values.BuyGet, how: Typing) -> dict[str, str]:
    return {
        "buy": str(offer.buy),
        "get": str(offer.get),
        "off": typed.reduction_typed(offer.rate_ppm, offer.amounts, how),
        "among": offer.among,
        "repeats": "1" if offer.repeats else "",
        "times_max": typed.count_typed(offer.times_max),
        **_goods_typed("other", offer.other or values.ALL_GOODS),
    }
