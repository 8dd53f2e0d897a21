"""Examples beside rules: carts of customers who are known, of gifts, of fees; and what is asked of the payment."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest

from jiedan.base.errors import Refusal
from jiedan.pricing.errors import drafts as errors
from jiedan.pricing.rules import publishing, trying
from jiedan.pricing.values.drafts import RuleKey, Written, WrittenRule
from jiedan.pricing.values.examples import KNOWN, Example, ExampleGift, ExampleLine
from jiedan.pricing.values.promotions import AmountOff, Caps, Gift, Promotion, ShippingOff, When
from tests.pricing.shipping_methods import flat, method

AT = dt.datetime(2026, 11, 11, tzinfo=dt.UTC)
ANNA = str(UUID(int=7))
CART = (ExampleLine("TEA", 2, 5_000),)


def example(**said: Any) -> Example:
    return Example("E", "CNY", CART, **said)


def problems(*bodies: Any, examples: tuple[Example, ...] = ()) -> list[Refusal]:
    """Return what speaks against publishing rules with examples beside the first."""
    written: Written = {
        RuleKey("promotion" if isinstance(one, Promotion) else "shipping_method", getattr(one, "id", "") or one.code): (
            WrittenRule(one, () if i else examples)
        )
        for i, one in enumerate(bodies)
    }
    tried = trying.Circumstances(AT, dt.UTC, 1, prices_include_tax=True, country="CN", goods={}, currencies=("CNY",))
    return list(publishing.check_publication(written, tried).problems)


def ten_off(**when: Any) -> Promotion:
    caps = when.pop("caps", Caps())
    return Promotion("ten", "Ten off", AmountOff({"CNY": 1_000}), when=When(**when), caps=caps)


@pytest.mark.parametrize(
    ("rule", "given", "not_given"),
    [
        (ten_off(first_order=True), {"customer": KNOWN}, {"customer": KNOWN, "earlier_orders": 1}),
        (ten_off(first_order=True), {"earlier_orders": 0}, {}),
        (ten_off(caps=Caps(per_customer=1)), {"customer": KNOWN}, {}),
        (ten_off(customers=(ANNA,)), {"customer": ANNA}, {"customer": KNOWN}),
        (ten_off(locations=("SH1",)), {"location": "SH1"}, {"location": "BJ1"}),
        (ten_off(payment_methods=("card",)), {"payment_method": "card"}, {"payment_method": "voucher"}),
        (ten_off(payment_terms=("on_account",)), {"payment_terms": "on_account"}, {"payment_terms": "prepaid"}),
    ],
)
def test_a_rule_is_proved_for_whom_it_is_and_for_whom_it_is_not(
    rule: Promotion, given: dict[str, Any], not_given: dict[str, Any]
) -> None:
    good = (example(**given, total_minor=9_000), example(**not_given, total_minor=10_000))
    assert problems(rule, examples=good) == []
    (fails,) = problems(rule, examples=(example(**not_given, total_minor=9_000),))
    assert isinstance(fails, errors.ExampleFails)


def test_gifts_are_expected_by_sku_and_chosen_of_a_promotion() -> None:
    gift = Promotion("welcome", "Welcome", Gift(("CUP", "MUG"), 2), when=When(min_spend={"CNY": 10_000}))
    good = (
        example(gifts={"CUP": 2}),
        example(gift_choices=("MUG",), gifts={"MUG": 2}),
        example(gift_choices=(ExampleGift("welcome", "MUG"),), gifts={"MUG": 2}, total_minor=10_000),
        Example("Little", "CNY", (ExampleLine("TEA", 1, 5_000),), gifts={}),
    )
    assert problems(gift, examples=good) == []
    wrong, none = problems(gift, examples=(example(gifts={"CUP": 1}), example(gifts={})))
    assert isinstance(wrong, errors.ExampleGiftsFail)
    assert wrong.field == "promotion:welcome.examples[0].gifts"
    assert str(wrong).startswith("Example E: gifts are 2 × CUP instead of 1 × CUP.")
    assert str(none).startswith("Example E: gifts are 2 × CUP instead of none.")


def test_a_shipping_fee_is_expected_after_what_is_taken_off_it() -> None:
    post = method(flat(1_800), "post")
    off = Promotion("ship", "Cheaper shipping", ShippingOff(amounts={"CNY": 500}))
    assert problems(off, post, examples=(example(shipping_minor=1_300, country="CN"),)) == []
    (fails,) = problems(off, post, examples=(example(shipping_minor=1_800, country="CN"),))
    assert isinstance(fails, errors.ExampleShippingFails)
    assert str(fails).startswith("Example E: shipping costs 13.00 CNY instead of 18.00 CNY.")


@pytest.mark.parametrize(
    ("when", "code", "field"),
    [
        ({"payment_methods": ("card", "cards")}, "payment_method_unknown", "payment_methods[1]"),
        ({"payment_methods": ("on_delivery",)}, "payment_method_unknown", "payment_methods[0]"),
        ({"payment_terms": ("card",)}, "payment_terms_unknown", "payment_terms[0]"),
        ({"expression": "payment == 'card'"}, "condition_of_payment", "expression"),
    ],
)
def test_conditions_on_the_payment_that_nobody_can_meet_are_not_published(
    when: dict[str, Any], code: str, field: str
) -> None:
    (found,) = problems(ten_off(**when))
    assert (found.code, found.field) == (code, f"promotion:ten.when.{field}")


def test_what_asks_for_the_payment_by_its_name_is_published() -> None:
    fine = "payment_method == 'card' or payment_terms == 'on_account'"
    assert problems(ten_off(payment_methods=("card",), payment_terms=("prepaid",), expression=fine)) == []


@pytest.mark.parametrize("said", [{}, {"gifts": {"CUP": 0}}, {"shipping_minor": -1}])
def test_an_example_that_expects_nothing_or_nonsense_is_refused(said: dict[str, Any]) -> None:
    (found,) = trying.problems_of_examples(RuleKey("promotion", "ten"), [example(**said)])
    assert isinstance(found, errors.ExampleInvalid)
