"""What is wrong with a promotion as a merchant wrote it: every problem, each at its field."""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence

from jiedan.base import money
from jiedan.base.errors import Refusal
from jiedan.pricing.errors import promotions as errors
from jiedan.pricing.rules.promotions import expressions, meeting
from jiedan.pricing.values import promotions
from jiedan.pricing.values.carts import PPM

_KINDS = " / ".join([f"{kind}:" for kind in promotions.TRAIT_KINDS])
_ATTRIBUTE = re.compile(promotions.ATTRIBUTE_NAME)
_COUNT = (1, promotions.COUNT_MAX)
_RATE = (1, PPM)

Problems = Iterator[Refusal]


def problems_of_promotion(promotion: promotions.Promotion) -> tuple[Refusal, ...]:
    """Return every problem of a promotion, each naming its field; none for one that can be compiled."""
    return (
        *_text("id", promotion.id, promotions.PROMOTION_CODE_CHARACTERS_MAX),
        *_text("name", promotion.name, promotions.PROMOTION_NAME_CHARACTERS_MAX),
        *(_text("group", promotion.group, promotions.PROMOTION_CODE_CHARACTERS_MAX) if promotion.group else ()),
        *_number("priority", promotion.priority, (0, promotions.PRIORITY_MAX)),
        *_goods("goods", promotion.goods),
        *_when(promotion.when),
        *_CHECKS[type(promotion.offer)](promotion),
        *_caps(promotion),
    )


def _text(field: str, text: str, characters_max: int) -> Problems:
    if not text.strip() or len(text) > characters_max:
        yield errors.PromotionTextInvalid(characters_max, field=field)


def _number(field: str, number: int, between: tuple[int, int]) -> Problems:
    low, high = between
    if not low <= number <= high:
        yield errors.PromotionNumberInvalid(number, low, high, field=field)


def _amounts(field: str, amounts: promotions.Amounts, minimum: int = 1) -> Problems:
    for currency, minor in amounts.items():
        if not money.is_currency(currency) or not minimum <= minor <= money.AMOUNT_MINOR_MAX:
            yield errors.PromotionAmountInvalid(
                currency, minor, minimum, money.AMOUNT_MINOR_MAX, field=f"{field}.{currency}"
            )


def _needed_amounts(field: str, amounts: promotions.Amounts, minimum: int = 1) -> Problems:
    if not amounts:
        yield errors.PromotionAmountMissing(field=field)
    yield from _amounts(field, amounts, minimum)


def _too_many(field: str, entries: Sequence[object], maximum: int) -> Problems:
    if len(entries) > maximum:
        yield errors.PromotionTooMany(maximum, field=field)


def _goods(field: str, goods: promotions.Goods) -> Problems:
    seen: set[str] = set()
    for name, traits in (("any_of", goods.any_of), ("all_of", goods.all_of), ("none_of", goods.none_of)):
        yield from _too_many(f"{field}.{name}", traits, promotions.TRAITS_MAX)
        for i, trait in enumerate(traits):
            kind, _, code = trait.partition(":")
            if kind not in promotions.TRAIT_KINDS or not code.strip() or trait in seen:
                yield errors.PromotionTraitInvalid(trait, _KINDS, field=f"{field}.{name}[{i}]")
            seen.add(trait)


def _when(when: promotions.When) -> Problems:
    begin, end = when.from_at, when.until_at
    naive = [at for at in (begin, end) if at is not None and at.utcoffset() is None]
    if naive or (begin is not None and end is not None and end <= begin):
        yield errors.PromotionPeriodInvalid(field="when.until_at")
    yield from _too_many("when.hours", when.hours, promotions.CHOICES_MAX)
    for i, hours in enumerate(when.hours):
        yield from _hours(f"when.hours[{i}]", hours)
    for field in ("channels", "groups", "customers", "payment_methods", "payment_terms", "countries", "locations"):
        entries: tuple[str, ...] = getattr(when, field)
        yield from _too_many(f"when.{field}", entries, promotions.CHOICES_MAX)
        for i, entry in enumerate(entries):
            yield from _text(f"when.{field}[{i}]", entry, promotions.PROMOTION_CODE_CHARACTERS_MAX)
    yield from _too_many("when.attributes", when.attributes, promotions.CHOICES_MAX)
    for i, test in enumerate(when.attributes):
        yield from _test(f"when.attributes[{i}]", test)
    yield from _earlier_orders(when)
    yield from _amounts("when.min_spend", when.min_spend)
    yield from _number("when.min_quantity", when.min_quantity, (0, promotions.COUNT_MAX))
    if when.counted is not None:
        yield from _goods("when.counted", when.counted)
    if when.expression:
        problem = expressions.problem_of(when.expression)
        yield from [problem] if problem is not None else []


def _hours(field: str, hours: promotions.Hours) -> Problems:
    try:
        is_empty = meeting.minute_of(hours.from_time) == meeting.minute_of(hours.until_time)
    except ValueError:
        is_empty = True
    days = hours.weekdays
    if is_empty or hours.from_time == "24:00" or len(set(days)) < len(days) or set(days) - _WEEKDAYS:
        yield errors.PromotionHoursInvalid(field=field)


_WEEKDAYS = frozenset(range(1, 8))


def _test(field: str, test: promotions.AttributeTest) -> Problems:
    is_ordered = test.operator in {"<", "<=", ">", ">="}
    is_wrong = not test.values or (len(test.values) > 1 and test.operator != "in")
    is_yes_or_no = any(isinstance(value, bool) for value in test.values)
    if is_wrong or not _ATTRIBUTE.fullmatch(test.name) or (is_ordered and is_yes_or_no):
        yield errors.PromotionTestInvalid(test.name, field=field)


def _earlier_orders(when: promotions.When) -> Problems:
    low, high = when.earlier_orders_min, 0 if when.first_order else when.earlier_orders_max
    for field, count in (("earlier_orders_min", low), ("earlier_orders_max", when.earlier_orders_max)):
        if count is not None:
            yield from _number(f"when.{field}", count, (0, promotions.COUNT_MAX))
    if low is not None and high is not None and low > high:
        yield errors.PromotionConditionsContradict(field="when.earlier_orders_min")


def _caps(promotion: promotions.Promotion) -> Problems:
    caps, offer = promotion.caps, promotion.offer
    for field in ("total", "per_customer", "units", "units_per_order"):
        cap: int | None = getattr(caps, field)
        if cap is not None:
            yield from _number(f"caps.{field}", cap, (1, money.AMOUNT_MINOR_MAX))
    counts = (
        isinstance(offer, promotions.FixedPrice)
        or (isinstance(offer, promotions.PercentOff) and offer.per == "goods")
        or (isinstance(offer, promotions.AmountOff) and offer.per == "unit")
    )
    if not counts and (caps.units is not None or caps.units_per_order is not None):
        yield errors.PromotionUnitsUncounted(field="caps.units")


def _percent_off(promotion: promotions.Promotion) -> Problems:
    offer = promotion.offer
    if isinstance(offer, promotions.PercentOff):
        yield from _number("offer.rate_ppm", offer.rate_ppm, _RATE)
        yield from _amounts("offer.at_most", offer.at_most)


def _amount_off(promotion: promotions.Promotion) -> Problems:
    offer = promotion.offer
    if isinstance(offer, promotions.AmountOff):
        yield from _needed_amounts("offer.amounts", offer.amounts)


def _fixed_price(promotion: promotions.Promotion) -> Problems:
    offer = promotion.offer
    if isinstance(offer, promotions.FixedPrice):
        yield from _needed_amounts("offer.amounts", offer.amounts, minimum=0)


def _steps(promotion: promotions.Promotion) -> Problems:
    offer = promotion.offer
    if not isinstance(offer, promotions.Steps):
        return
    steps = offer.steps
    yield from _too_many("offer.steps", steps, promotions.STEPS_MAX)
    yield from _amounts("offer.at_most", offer.at_most)
    if not steps or (offer.repeats and (len(steps) > 1 or steps[0].rate_ppm)):
        yield errors.PromotionStepsInvalid(field="offer.steps")
    for i, step in enumerate(steps):
        field = f"offer.steps[{i}]"
        if offer.by == "amount":
            yield from _needed_amounts(f"{field}.from_amounts", step.from_amounts)
        else:
            yield from _number(f"{field}.from_quantity", step.from_quantity, _COUNT)
        yield from _rate_or_amounts(field, step.rate_ppm, step.amounts, 1)
    for i, (low, high) in enumerate(itertools.pairwise(steps), start=1):
        if not _rises(offer.by, low, high):
            yield errors.PromotionStepsInvalid(field=f"offer.steps[{i}]")


def _rises(by: str, low: promotions.Step, high: promotions.Step) -> bool:
    """Tell whether a step begins later than the one before, in the same currencies, and takes off more."""
    begins = (
        low.from_quantity < high.from_quantity
        if by == "quantity"
        else low.from_amounts.keys() == high.from_amounts.keys()
        and all(low.from_amounts[currency] < high.from_amounts[currency] for currency in low.from_amounts)
    )
    if bool(low.amounts) != bool(high.amounts):
        return False
    if low.amounts:
        same = low.amounts.keys() == high.amounts.keys()
        return begins and same and all(low.amounts[currency] < high.amounts[currency] for currency in low.amounts)
    return begins and low.rate_ppm < high.rate_ppm


def _rate_or_amounts(field: str, rate_ppm: int, amounts: promotions.Amounts, minimum: int) -> Problems:
    if bool(rate_ppm) == bool(amounts):
        yield errors.PromotionReductionUnclear(field=f"{field}.rate_ppm")
    if rate_ppm:
        yield from _number(f"{field}.rate_ppm", rate_ppm, _RATE)
    yield from _amounts(f"{field}.amounts", amounts, minimum)


def _buy_get(promotion: promotions.Promotion) -> Problems:
    offer = promotion.offer
    if not isinstance(offer, promotions.BuyGet):
        return
    yield from _number("offer.buy", offer.buy, _COUNT)
    yield from _number("offer.get", offer.get, _COUNT)
    yield from _rate_or_amounts("offer", offer.rate_ppm, offer.amounts, 0)
    if (offer.among == "other") != (offer.other is not None):
        yield errors.PromotionGoodsMisplaced(field="offer.other")
    if offer.other is not None:
        yield from _goods("offer.other", offer.other)
    yield from _times_max(offer.times_max)


def _bundle(promotion: promotions.Promotion) -> Problems:
    offer = promotion.offer
    if not isinstance(offer, promotions.Bundle):
        return
    yield from _too_many("offer.slots", offer.slots, promotions.SLOTS_MAX)
    if not offer.slots:
        yield errors.PromotionNumberInvalid(0, 1, promotions.SLOTS_MAX, field="offer.slots")
    for i, slot in enumerate(offer.slots):
        yield from _goods(f"offer.slots[{i}].goods", slot.goods)
        yield from _number(f"offer.slots[{i}].quantity", slot.quantity, _COUNT)
    if promotion.goods != promotions.ALL_GOODS:
        yield errors.PromotionGoodsMisplaced(field="goods")
    yield from _needed_amounts("offer.amounts", offer.amounts, minimum=0)
    yield from _times_max(offer.times_max)


def _gift(promotion: promotions.Promotion) -> Problems:
    offer = promotion.offer
    if not isinstance(offer, promotions.Gift):
        return
    if not offer.skus:
        yield errors.PromotionNumberInvalid(0, 1, promotions.GIFTS_MAX, field="offer.skus")
    yield from _too_many("offer.skus", offer.skus, promotions.GIFTS_MAX)
    for i, sku in enumerate(offer.skus):
        yield from _text(f"offer.skus[{i}]", sku, promotions.PROMOTION_CODE_CHARACTERS_MAX)
    yield from _number("offer.quantity", offer.quantity, _COUNT)
    yield from _times_max(offer.times_max)
    if offer.per == "time" and not (promotion.when.min_spend or promotion.when.min_quantity):
        yield errors.PromotionThresholdMissing(field="offer.per")


def _shipping_off(promotion: promotions.Promotion) -> Problems:
    offer = promotion.offer
    if isinstance(offer, promotions.ShippingOff):
        yield from _rate_or_amounts("offer", offer.rate_ppm, offer.amounts, 1)
        yield from _amounts("offer.at_most", offer.at_most)


def _times_max(times_max: int | None) -> Problems:
    if times_max is not None:
        yield from _number("offer.times_max", times_max, _COUNT)


_CHECKS: dict[type, Callable[[promotions.Promotion], Problems]] = {
    promotions.PercentOff: _percent_off,
    promotions.AmountOff: _amount_off,
    promotions.FixedPrice: _fixed_price,
    promotions.Steps: _steps,
    promotions.BuyGet: _buy_get,
    promotions.Bundle: _bundle,
    promotions.Gift: _gift,
    promotions.ShippingOff: _shipping_off,
}
