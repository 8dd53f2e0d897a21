"""Forms of prices: what is typed, what it means, and how it is written back."""

import datetime as dt
from typing import Any

import msgspec
import pytest

from jiedan.base.errors import Rejections
from jiedan.base.web.forms import Filled, Form
from jiedan.console.prices import examples, promotion_form, promotion_shown, typed
from jiedan.console.prices.examples import RuleForm
from jiedan.console.prices.promotion_form import PromotionForm
from jiedan.console.prices.reading import Reading
from jiedan.console.prices.typed import Typing
from jiedan.pricing.values.examples import Example, ExampleGift, ExampleLine
from jiedan.pricing.values.promotions import (
    AmountOff,
    AttributeTest,
    Bundle,
    BuyGet,
    Caps,
    FixedPrice,
    Gift,
    Goods,
    Hours,
    Offer,
    PercentOff,
    Promotion,
    ShippingOff,
    Slot,
    Step,
    Steps,
    When,
)

HOW = Typing("CNY", "Asia/Shanghai")
TEA = Goods(("sku:TEA", "category:tea"), ("tag:new",), ("brand:oak",))


def filled(kind: type[Form], raw: dict[str, list[str]]) -> Filled[Any]:
    """Return a form as a browser sends it: empty inputs come as empty texts."""
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        given = [text for text in raw.get(field.encode_name, []) if text]
        if field.type is bool:
            values[field.name] = bool(given)
        elif isinstance(msgspec.inspect.type_info(field.type), msgspec.inspect.ListType):
            values[field.name] = given
        elif given:
            values[field.name] = msgspec.convert(given[0], field.type, strict=False)
    return Filled("en", kind(**values), raw, {})


def read(raw: dict[str, list[str]]) -> Promotion:
    """Return the promotion that inputs mean."""
    form = filled(PromotionForm, raw)
    assert form.value is not None
    return promotion_form.promotion_of(form, form.value, HOW)


def refused(**typed: str | list[str]) -> dict[str, str]:
    """Return the codes of what is wrong, by input."""
    raw = {"id": ["p1"], "name": ["P"], "kind": ["percent_off"], "off": ["20%"]}
    raw |= {name: text if isinstance(text, list) else [text] for name, text in typed.items()}
    with pytest.raises(Rejections) as told:
        read(raw)
    return {reason.field or "": reason.code for reason in told.value.reasons}


OFFERS: list[Offer] = [
    PercentOff(200_000),
    PercentOff(125_000, {"CNY": 5_000, "JPY": 90}, "order"),
    AmountOff({"CNY": 500}),
    AmountOff({"CNY": 500, "KWD": 1_500}, "unit"),
    AmountOff({"EUR": 500}, "line"),
    FixedPrice({"CNY": 9_900}),
    Steps((Step({"CNY": 30_000}, 0, {"CNY": 3_000}), Step({"CNY": 60_000}, 0, {"CNY": 8_000}))),
    Steps((Step({}, 3, {}, 100_000), Step({}, 5, {}, 200_000)), "quantity", at_most={"CNY": 900}),
    Steps((Step({"CNY": 30_000, "EUR": 5_000}, 0, {"CNY": 3_000, "EUR": 400}),), repeats=True),
    BuyGet(3, 1, 1_000_000, times_max=2),
    BuyGet(1, 1, 500_000, among="sku", repeats=False),
    BuyGet(2, 1, 0, {"CNY": 100}, "other", Goods(("category:cups",), (), ("sku:CUP-9",))),
    Gift(("CUP", "MUG"), 2),
    ShippingOff(1_000_000),
    ShippingOff(0, {"CNY": 500}, {"CNY": 400}),
]

WHENS = [
    When(),
    When(from_at=dt.datetime(2026, 11, 10, 16, tzinfo=dt.UTC), until_at=dt.datetime(2026, 11, 11, 16, tzinfo=dt.UTC)),
    When(hours=(Hours((1, 5), "18:00", "22:00"), Hours((), "22:00", "06:00"), Hours((6, 7)))),
    When(channels=("web", "store"), groups=("vip",), locations=("sh",), countries=("DE", "FR")),
    When(customers=("c1", "c2"), payment_methods=("card", "voucher"), first_order=True, coupon="required"),
    When(payment_terms=("prepaid", "on_account")),
    When(tax_status="business"),
    When(tax_status="private"),
    When(earlier_orders_min=1, earlier_orders_max=5, min_spend={"CNY": 10_000}, min_quantity=2, counted=TEA),
    When(attributes=(AttributeTest("b", "in", (1, 2)), AttributeTest("c", "=", (True,)))),
    When(attributes=(AttributeTest("d", ">=", (3,)), AttributeTest("e", "!=", ("12",))), expression="quantity > 1"),
]  # fmt: skip


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: type(offer).__name__)
def test_every_offer_comes_back_from_its_form_as_it_was(offer: Offer) -> None:
    promotion = Promotion("p1", "双十一", offer, TEA, group="festival", stacking="alone", priority=7)
    assert read(promotion_shown.raw_of(promotion, HOW)) == promotion


@pytest.mark.parametrize("when", WHENS)
def test_every_condition_comes_back_from_the_form_as_it_was(when: When) -> None:
    promotion = Promotion("p1", "P", PercentOff(10_000), when=when, caps=Caps(100, 1, 50, 2))
    assert read(promotion_shown.raw_of(promotion, HOW)) == promotion


def test_bundles_and_gifts_per_time_come_back_too() -> None:
    bundle = Promotion("p1", "P", Bundle((Slot(TEA, 2), Slot(Goods(("sku:CUP",)))), {"CNY": 8_800}, 3))
    gift = Promotion("p1", "P", Gift(("CUP",), 1, "time", 2), when=When(min_quantity=3))
    assert [read(promotion_shown.raw_of(one, HOW)) for one in (bundle, gift)] == [bundle, gift]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"id": ""}, {"id": "promotion_text_invalid"}),
        ({"off": ""}, {"off": "promotion_number_invalid"}),
        ({"off": "a lot"}, {"off": "rate_unreadable"}),
        ({"off": "20.00001%"}, {"off": "rate_unreadable"}),
        ({"off": "120%"}, {"off": "promotion_number_invalid"}),
        ({"at_most": "5 XXZ"}, {"at_most": "amount_unreadable"}),
        ({"at_most": "5.001"}, {"at_most": "amount_unreadable"}),
        ({"at_most": "5, 6"}, {"at_most": "amount_unreadable"}),
        ({"goods_any": "color:red"}, {}),
        ({"goods_any": "tag:a", "goods_none": "tag:a"}, {"goods_none": "promotion_trait_invalid"}),
        ({"priority": "-1"}, {"priority": "promotion_number_invalid"}),
        ({"priority": "first"}, {"priority": "count_unreadable"}),
        ({"from_at": "2026-13-01"}, {"from_at": "moment_unreadable"}),
        ({"from_at": "2026-12-01", "until_at": "2026-11-01"}, {"until_at": "promotion_period_invalid"}),
        ({"hours_from": ["25:00"], "hours_until": ["06:00"]}, {"hours": "promotion_hours_invalid"}),
        ({"test_name": ["a"], "test_operator": ["<"], "test_values": [""]}, {"tests": "promotion_test_invalid"}),
        ({"first_order": "1", "earlier_min": "2"}, {"earlier_min": "promotion_conditions_contradict"}),
        ({"kind": "amount_off", "off": ""}, {"off": "promotion_amount_missing"}),
        ({"kind": "amount_off", "off": "5", "cap_units": "3"}, {"cap_units": "promotion_units_uncounted"}),
        ({"kind": "fixed_price"}, {"price": "promotion_amount_missing"}),
        ({"kind": "steps"}, {"steps": "promotion_steps_invalid"}),
        ({"kind": "steps", "step_from": ["100", "50"], "step_off": ["5", "9"]}, {"steps": "promotion_steps_invalid"}),
        ({"kind": "steps", "step_from": ["x"], "step_off": ["5"]}, {"steps": "amount_unreadable"}),
        ({"kind": "buy_get", "off": "a gift", "buy": "1", "get": "1"}, {"off": "reduction_unreadable"}),
        ({"kind": "buy_get", "buy": "0", "get": "1"}, {"buy": "promotion_number_invalid"}),
        ({"kind": "buy_get", "buy": "1", "get": "1", "among": "other"}, {"other_any": "promotion_goods_misplaced"}),
        ({"kind": "bundle", "price": "9"}, {"slots": "promotion_number_invalid"}),
        ({"kind": "gift"}, {"gift_skus": "promotion_number_invalid"}),
        ({"kind": "gift", "gift_skus": "CUP", "per": "time"}, {"per": "promotion_threshold_missing"}),
        ({"kind": "shipping_off", "off": ""}, {"off": "promotion_reduction_unclear"}),
    ],
)
def test_what_is_wrong_is_told_at_its_input(typed: dict[str, Any], told: dict[str, str]) -> None:
    if told:
        assert refused(**typed) == told
    else:
        raw = {"id": ["p1"], "name": ["P"], "off": ["20%"], **{name: [text] for name, text in typed.items()}}
        assert read(raw).goods.any_of == ("sku:color:red",)


def test_several_mistakes_are_told_together() -> None:
    assert set(refused(off="x", priority="y", min_spend="z")) == {"off", "priority", "min_spend"}


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("100", {"CNY": 10_000}),
        ("100.5 CNY，15 usd", {"CNY": 10_050, "USD": 1_500}),
        ("JPY 900\n1.234 KWD", {"JPY": 900, "KWD": 1_234}),
        ("", {}),
    ],
)
def test_amounts_are_read_in_one_or_several_currencies(text: str, amounts: dict[str, int]) -> None:
    assert typed.amounts(text, HOW, "x") == amounts
    assert typed.amounts(typed.amounts_typed(amounts, HOW), HOW, "x") == amounts


EXAMPLES = [
    Example("Three", "CNY", (ExampleLine("TEA", 3, 9_900), ExampleLine("CUP")), 29_700, 9_900),
    Example(
        "Abroad",
        "JPY",
        (ExampleLine("TEA 5x, @ all", 2), ExampleLine("BLIND", attributes={"width": "2.4 m", "height": 1800})),
        at=dt.datetime(2026, 11, 11, 1, tzinfo=dt.UTC),
        country="DE",
        region="BE",
        postal_code="10115",
        channel="web",
        groups=("vip", "staff"),
        payment_method="card",
        payment_terms="prepaid",
        customer="known",
        location="W1",
        earlier_orders=0,
        coupons=("p1",),
        shipping_method="post",
        attributes={"source": "app", "age": 18, "is_new": True},
        gift_choices=("PEN", ExampleGift("welcome", "MUG")),
        shipping_minor=500,
        gifts={"PEN": 1, "MUG": 2},
    ),
    Example("No gift", "CNY", (ExampleLine("TEA"),), gifts={}),
]


def test_examples_come_back_as_they_were() -> None:
    raw = examples.raw_of(EXAMPLES, HOW)
    assert raw["example_of"] == ["0", "0", "1", "1", "2"]
    assert raw["example_price"] == ["99.00", "", "", "", ""]
    assert raw["example_said"] == ["", "", "", "width=2.4 m; height=1800", ""]
    assert raw["example_groups"] == ["", "vip, staff", ""]
    assert raw["example_attributes"] == ["", "source=app; age=18; is_new=true", ""]
    assert raw["example_gifts"] == ["", "PEN, welcome=MUG", ""]
    assert raw["example_given"] == ["", "PEN, MUG=2", "-"]
    assert raw["example_fee"] == ["", "500", ""]
    reading = Reading(HOW, raw)
    assert examples.examples_of(reading) == tuple(EXAMPLES)
    assert not reading.reasons


def test_an_example_without_a_name_is_called_by_its_goods() -> None:
    reading = Reading(HOW, {"example_of": ["0", "2"], "example_sku": ["TEA", "CUP"], "example_quantity": ["3", ""]})
    assert [one.name for one in examples.examples_of(reading)] == ["3 × TEA", "1 × CUP"]
    assert not reading.reasons


def test_examples_are_drawn_where_they_are_sent_from() -> None:
    raw = {"example_of": ["0", "2"], "example_sku": ["TEA", "CUP"], "example_total": ["", "", "9"]}
    drawn = examples.shown(filled(RuleForm, raw), more=False)
    assert [(one.place, one.was, len(one.lines)) for one in drawn] == [(0, 0, 2), (1, 2, 2), (2, -1, 1)]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"example_name": "A"}, "example_goods_missing"),
        ({"example_sku": "TEA", "example_total": "x"}, "amount_unreadable"),
        ({"example_sku": "TEA", "example_price": "x"}, "amount_unreadable"),
        ({"example_sku": "TEA", "example_said": "wide"}, "attributes_unreadable"),
        ({"example_sku": "TEA", "example_quantity": "many"}, "count_unreadable"),
        ({"example_sku": "TEA", "example_at": "soon"}, "moment_unreadable"),
        ({"example_sku": "TEA", "example_orders": "few"}, "count_unreadable"),
        ({"example_sku": "TEA", "example_currency": "XXZ"}, "amount_unreadable"),
        ({"example_sku": "TEA", "example_attributes": "app"}, "attributes_unreadable"),
    ],
)
def test_an_example_that_cannot_be_read_is_told(row: dict[str, str], code: str) -> None:
    reading = Reading(HOW, {"example_of": ["0"], **{name: [text] for name, text in row.items()}})
    assert examples.examples_of(reading) == ()
    assert [(reason.field, reason.code) for reason in reading.reasons] == [("example-0", code)]
