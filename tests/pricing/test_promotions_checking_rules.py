"""What is refused in a promotion, and what is found before promotions are published together."""

import datetime as dt
from typing import Any

import msgspec
import pytest

from jiedan.pricing.rules import promotions as rules
from jiedan.pricing.values import promoted, promotions
from tests.pricing.promotion_factories import (
    ALL,
    HALF,
    NOON,
    bundle,
    buy_get,
    facts,
    fixed,
    goods,
    lot,
    off,
    percent,
    promotion,
    steps,
)

STEP = promotions.Step
RISING = (STEP(from_quantity=2, amounts={"CNY": 1}), STEP(from_quantity=3, amounts={"CNY": 2}))
LONG = tuple(f"sku:{i}" for i in range(promotions.TRAITS_MAX + 1))


def when(**more: Any) -> promotions.Promotion:
    return promotion(percent(1), when=promotions.When(**more))


def attribute(name: str, operator: Any, *values: promotions.AttributeValue) -> promotions.Promotion:
    return when(attributes=(promotions.AttributeTest(name, operator, values),))


BAD: list[tuple[promotions.Promotion, str, str]] = [
    (promotion(percent(1), id=" "), "promotion_text_invalid", "id"),
    (promotion(percent(1), group="g" * 101), "promotion_text_invalid", "group"),
    (promotion(percent(1), priority=-1), "promotion_number_invalid", "priority"),
    (promotion(percent(0)), "promotion_number_invalid", "offer.rate_ppm"),
    (promotion(percent(ALL + 1)), "promotion_number_invalid", "offer.rate_ppm"),
    (promotion(percent(1, at_most={"CNY": 0})), "promotion_amount_invalid", "offer.at_most.CNY"),
    (promotion(off(0)), "promotion_amount_invalid", "offer.amounts.CNY"),
    (promotion(off(10**15 + 1)), "promotion_amount_invalid", "offer.amounts.CNY"),
    (promotion(off(1, currency="XXQ")), "promotion_amount_invalid", "offer.amounts.XXQ"),
    (promotion(promotions.AmountOff({})), "promotion_amount_missing", "offer.amounts"),
    (promotion(fixed(-1)), "promotion_amount_invalid", "offer.amounts.CNY"),
    (promotion(percent(1), goods=goods("color:red")), "promotion_trait_invalid", "goods.any_of[0]"),
    (promotion(percent(1), goods=goods("sku:")), "promotion_trait_invalid", "goods.any_of[0]"),
    (promotion(percent(1), goods=goods("x", none_of=["x"])), "promotion_trait_invalid", "goods.none_of[0]"),
    (promotion(percent(1), goods=promotions.Goods(any_of=LONG)), "promotion_too_many", "goods.any_of"),
    (when(from_at=NOON, until_at=NOON), "promotion_period_invalid", "when.until_at"),
    (when(from_at=dt.datetime(2026, 1, 1)), "promotion_period_invalid", "when.until_at"),  # noqa: DTZ001 - that is it
    (when(hours=(promotions.Hours((), "9:00", "10:00"),)), "promotion_hours_invalid", "when.hours[0]"),
    (when(hours=(promotions.Hours((), "09:00", "09:00"),)), "promotion_hours_invalid", "when.hours[0]"),
    (when(hours=(promotions.Hours((), "09:00", "24:01"),)), "promotion_hours_invalid", "when.hours[0]"),
    (when(hours=(promotions.Hours((), "24:00", "02:00"),)), "promotion_hours_invalid", "when.hours[0]"),
    (when(hours=(promotions.Hours((8,)),)), "promotion_hours_invalid", "when.hours[0]"),
    (when(hours=(promotions.Hours((1, 1)),)), "promotion_hours_invalid", "when.hours[0]"),
    (when(channels=("",)), "promotion_text_invalid", "when.channels[0]"),
    (when(customers=tuple(map(str, range(1001)))), "promotion_too_many", "when.customers"),
    (attribute("", "=", 1), "promotion_test_invalid", "when.attributes[0]"),
    (attribute("a", "=", 1, 2), "promotion_test_invalid", "when.attributes[0]"),
    (attribute("a", "in"), "promotion_test_invalid", "when.attributes[0]"),
    (attribute("a", "<", True), "promotion_test_invalid", "when.attributes[0]"),
    (when(first_order=True, earlier_orders_min=1), "promotion_conditions_contradict", "when.earlier_orders_min"),
    (when(earlier_orders_max=1, earlier_orders_min=2), "promotion_conditions_contradict", "when.earlier_orders_min"),
    (when(earlier_orders_min=-1), "promotion_number_invalid", "when.earlier_orders_min"),
    (when(min_spend={"CNY": 0}), "promotion_amount_invalid", "when.min_spend.CNY"),
    (when(min_quantity=-1), "promotion_number_invalid", "when.min_quantity"),
    (when(counted=goods("nothing:x")), "promotion_trait_invalid", "when.counted.any_of[0]"),
    (when(expression="x" * 2001), "promotion_expression_unusable", "when.expression"),
    (when(expression="goods"), "promotion_expression_unusable", "when.expression"),
    (when(expression="order.total > 5"), "promotion_expression_unusable", "when.expression"),
    (when(expression="weight > 5"), "promotion_expression_unusable", "when.expression"),
    (when(expression="channel > 5"), "promotion_expression_unusable", "when.expression"),
    (when(expression="goods = 5; goods > 4"), "promotion_expression_unusable", "when.expression"),
    (promotion(percent(1), caps=promotions.Caps(total=0)), "promotion_number_invalid", "caps.total"),
    (promotion(off(1), caps=promotions.Caps(units=5)), "promotion_units_uncounted", "caps.units"),
    (promotion(buy_get(1, 1), caps=promotions.Caps(units=5)), "promotion_units_uncounted", "caps.units"),
    (promotion(promotions.Steps(())), "promotion_steps_invalid", "offer.steps"),
    (promotion(steps((100, 10), (100, 20))), "promotion_steps_invalid", "offer.steps[1]"),
    (promotion(steps((100, 20), (200, 20))), "promotion_steps_invalid", "offer.steps[1]"),
    (promotion(steps((100, 10), (200, 20), repeats=True)), "promotion_steps_invalid", "offer.steps"),
    (
        promotion(promotions.Steps((STEP({"CNY": 1}, rate_ppm=1), STEP({"CNY": 2}, rate_ppm=1)))),
        "promotion_steps_invalid",
        "offer.steps[1]",
    ),
    (
        promotion(promotions.Steps((STEP({"CNY": 1}, rate_ppm=1), STEP({"CNY": 2}, amounts={"CNY": 1})))),
        "promotion_steps_invalid",
        "offer.steps[1]",
    ),
    (promotion(promotions.Steps((STEP(rate_ppm=1),))), "promotion_amount_missing", "offer.steps[0].from_amounts"),
    (promotion(promotions.Steps(RISING[::-1], by="quantity")), "promotion_steps_invalid", "offer.steps[1]"),
    (
        promotion(promotions.Steps((STEP(from_quantity=1),), by="quantity")),
        "promotion_reduction_unclear",
        "offer.steps[0].rate_ppm",
    ),
    (promotion(buy_get(0, 1)), "promotion_number_invalid", "offer.buy"),
    (promotion(buy_get(1, 0)), "promotion_number_invalid", "offer.get"),
    (promotion(promotions.BuyGet(1, 1)), "promotion_reduction_unclear", "offer.rate_ppm"),
    (promotion(promotions.BuyGet(1, 1, HALF, {"CNY": 1})), "promotion_reduction_unclear", "offer.rate_ppm"),
    (promotion(buy_get(1, 1, among="other")), "promotion_goods_misplaced", "offer.other"),
    (promotion(buy_get(1, 1, other=goods("x"))), "promotion_goods_misplaced", "offer.other"),
    (promotion(buy_get(1, 1, times_max=0)), "promotion_number_invalid", "offer.times_max"),
    (promotion(bundle(1)), "promotion_number_invalid", "offer.slots"),
    (promotion(bundle(1, *[(goods("x"), 1)] * 7)), "promotion_too_many", "offer.slots"),
    (promotion(bundle(1, (goods("x"), 0))), "promotion_number_invalid", "offer.slots[0].quantity"),
    (promotion(bundle(1, (goods("x"), 1)), "x"), "promotion_goods_misplaced", "goods"),
    (promotion(promotions.Gift(())), "promotion_number_invalid", "offer.skus"),
    (promotion(promotions.Gift(("",))), "promotion_text_invalid", "offer.skus[0]"),
    (promotion(promotions.Gift(("A",), per="time")), "promotion_threshold_missing", "offer.per"),
    (promotion(promotions.ShippingOff()), "promotion_reduction_unclear", "offer.rate_ppm"),
    (promotion(promotions.ShippingOff(1, {"CNY": 1})), "promotion_reduction_unclear", "offer.rate_ppm"),
]


@pytest.mark.parametrize(("one", "code", "field"), BAD)
def test_what_cannot_be_meant_is_refused_at_its_field(one: promotions.Promotion, code: str, field: str) -> None:
    told = rules.problems_of_promotion(one)
    assert (code, field) in [(problem.code, problem.field) for problem in told]
    for problem in told:
        assert "{" not in str(problem)


def test_every_problem_is_told_at_once() -> None:
    bad = promotion(percent(0), id="", when=promotions.When(min_quantity=-1), caps=promotions.Caps(total=0))
    assert [problem.field for problem in rules.problems_of_promotion(bad)] == [
        "id",
        "name",
        "when.min_quantity",
        "offer.rate_ppm",
        "caps.total",
    ]


def test_steps_by_quantity_that_rise_are_fine() -> None:
    assert rules.problems_of_promotion(promotion(promotions.Steps(RISING, by="quantity"))) == ()


def test_an_unknown_field_or_offer_is_not_taken() -> None:
    for written in (
        b'{"id":"P","name":"P","offer":{"type":"percent_off","rate_ppm":1},"gift":1}',
        b'{"id":"P","name":"P","offer":{"type":"percent_of","rate_ppm":1}}',
        b'{"id":"P","name":"P","offer":{"type":"percent_off","rate_ppm":1.5}}',
    ):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(written, type=promotions.Promotion)


def group(offer: promotions.Offer, *traits: str, **more: Any) -> promotions.Promotion:
    return promotion(offer, *traits, **{"group": "g", **more})


DAY = dt.timedelta(days=1)
SHADOWS: list[tuple[promotions.Promotion, promotions.Promotion, bool]] = [
    # the bigger rate of a group, on the same goods
    (group(percent(1000), id="A"), group(percent(2000), id="B"), True),
    # on fewer goods than the smaller one has
    (group(percent(1000), id="A"), group(percent(2000), "x", id="B"), False),
    (group(percent(1000), "x", id="A"), group(percent(2000), "x", "y", id="B"), True),
    (group(percent(1000), goods=goods("x", none_of=["z"]), id="A"), group(percent(2000), "x", id="B"), True),
    (group(percent(1000), "x", id="A"), group(percent(2000), goods=goods("x", none_of=["z"]), id="B"), False),
    # of two equal ones the second by (priority, id)
    (group(percent(1000), id="B"), group(percent(1000), id="A"), True),
    (group(percent(1000), id="A", priority=200), group(percent(1000), id="B"), True),
    # not of one group
    (promotion(percent(1000), id="A"), promotion(percent(2000), id="B"), False),
    # a ceiling
    (group(percent(1000), id="A"), group(percent(2000, at_most={"CNY": 5}), id="B"), False),
    (group(percent(1000, at_most={"CNY": 5}), id="A"), group(percent(2000, at_most={"CNY": 5}), id="B"), True),
    # asks for more
    (group(percent(1000), id="A"), group(percent(2000), id="B", when=promotions.When(channels=("web",))), False),
    (
        group(percent(1000), id="A", when=promotions.When(channels=("web",))),
        group(percent(2000), id="B", when=promotions.When(channels=("web", "app"))),
        True,
    ),
    (group(percent(1000), id="A"), group(percent(2000), id="B", when=promotions.When(until_at=NOON)), False),
    (
        group(percent(1000), id="A", when=promotions.When(until_at=NOON)),
        group(percent(2000), id="B", when=promotions.When(until_at=NOON + DAY)),
        True,
    ),
    (group(percent(1000), id="A"), group(percent(2000), id="B", when=promotions.When(coupon="required")), False),
    (group(percent(1000), id="A"), group(percent(2000), id="B", when=promotions.When(min_spend={"CNY": 1})), False),
    (
        group(percent(1000), id="A", when=promotions.When(min_spend={"CNY": 5})),
        group(percent(2000), id="B", when=promotions.When(min_spend={"CNY": 5})),
        True,
    ),
    (group(percent(1000), id="A"), group(percent(2000), id="B", when=promotions.When(first_order=True)), False),
    (group(percent(1000), id="A"), group(percent(2000), id="B", when=promotions.When(tax_status="private")), False),
    (
        group(percent(1000), id="A", when=promotions.When(tax_status="private")),
        group(percent(2000), id="B", when=promotions.When(tax_status="private")),
        True,
    ),
    # can run out
    (group(percent(1000), id="A"), group(percent(2000), id="B", caps=promotions.Caps(total=1)), False),
    # amounts, prices
    (group(off(10, "unit"), id="A"), group(off(20, "unit"), id="B"), True),
    (group(off(10, "unit"), id="A"), group(off(20, "line"), id="B"), False),
    (group(off(10, currency="CNY"), id="A"), group(off(20, currency="EUR"), id="B"), False),
    (group(fixed(900), id="A"), group(fixed(800), id="B"), True),
    (group(fixed(900), id="A"), group(percent(ALL), id="B"), False),
    # one that stands alone is beaten by any that gives as much; one that stacks may be given with others
    (promotion(percent(1000), id="A", stacking="alone"), promotion(percent(2000), id="B"), True),
    (promotion(percent(1000), id="A"), promotion(percent(2000), id="B", stacking="alone"), False),
]


@pytest.mark.parametrize(("weak", "strong", "is_shadowed"), SHADOWS)
def test_a_promotion_in_the_shadow_of_another_is_found(
    weak: promotions.Promotion, strong: promotions.Promotion, *, is_shadowed: bool
) -> None:
    expected = (promoted.Shadow(weak.id, strong.id),) if is_shadowed else ()
    assert rules.shadows([weak, strong]) == expected
    if is_shadowed:
        compiled = rules.compile_promotions([weak, strong])
        told = rules.promote([lot("A", 3, 1000, "x")], facts(channel="web", at=NOON - DAY), compiled)
        assert [one.promotion for one in told.applied] == [strong.id]


def gift(id: str, sku: str, *traits: str, **more: Any) -> promotions.Promotion:
    return promotion(promotions.Gift((sku,)), *traits, id=id, **more)


def test_gifts_in_a_ring_are_found() -> None:
    traits = {"MUG": {"category:mugs"}, "PEN": {"category:pens"}}
    ring = [gift("B", "MUG", "pens"), gift("A", "PEN", "mugs")]
    assert rules.gift_loops(ring, traits) == (("A", "B"),)
    assert rules.gift_loops([gift("A", "MUG", "mugs")], traits) == (("A",),)
    three = [gift("A", "PEN", "mugs"), gift("B", "CAP", "pens"), gift("C", "MUG", "CAP")]
    assert rules.gift_loops(three, traits) == (("A", "B", "C"),)
    assert rules.gift_loops(three[:2], traits) == ()
    # What is given for money spent, or for whatever is bought, does not begin again with a gift.
    spent = promotions.When(min_spend={"CNY": 100})
    assert rules.gift_loops([gift("A", "MUG", "mugs", when=spent), gift("B", "MUG")], traits) == ()
    not_for_mugs = gift("A", "MUG", goods=goods("mugs", none_of=["MUG"]))
    assert rules.gift_loops([not_for_mugs], traits) == ()


def test_a_cart_that_is_reduced_beyond_its_worth_is_shown() -> None:
    samples = [lot("MUG", 1, 3000), lot("PEN", 1, 500)]
    compiled = rules.compile_promotions([
        promotion(off(1000, "unit"), id="A"),
        promotion(percent(HALF), id="B"),
    ])  # fmt: skip
    # a pen at 5.00 less 10.00
    assert rules.excesses(compiled, samples, facts()) == (promoted.Excess("PEN", 1, 500, 1000, ("A",)),)
    # 200.00 off from 100.00 on: four mugs, or twenty pens
    compiled = rules.compile_promotions([promotion(steps((10_000, 20_000)))])
    assert rules.excesses(compiled, samples, facts()) == (
        promoted.Excess("MUG", 4, 12_000, 20_000, ("P",), is_asked_for=True),
        promoted.Excess("PEN", 20, 10_000, 20_000, ("P",), is_asked_for=True),
    )
    fine = rules.compile_promotions(
        [promotion(buy_get(1, 1)), promotion(percent(ALL), id="Q"), promotion(fixed(0), id="R")]
    )
    assert rules.excesses(fine, samples, facts()) == ()


def test_what_is_published_is_found_by_its_traits() -> None:
    compiled = rules.compile_promotions([
        promotion(percent(1), "x", id="B", priority=2),
        promotion(percent(1), id="A"),
        promotion(percent(1), goods=goods(all_of=["x", "y"]), id="C", priority=1),
    ])  # fmt: skip
    assert [one.promotion.id for one in compiled.promotions] == ["C", "B", "A"]
    assert dict(compiled.by_trait) == {"category:x": ((0, 0), (1, 0))}
    assert compiled.everywhere == ((2, 0),)
