"""Free conditions of promotions: what they see of an order, once per cart, and what they refuse to be."""

import contextlib
import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.pricing.errors.formulas import FormulaDividesByZero, FormulaOverflow
from jiedan.pricing.rules.promotions import compile_promotions, expressions, problems_of_promotion
from jiedan.pricing.rules.promotions import promote as engine
from jiedan.pricing.rules.wording import Reader, outcome
from jiedan.pricing.values.lots import Place
from jiedan.pricing.values.promotions import Promotion, When
from tests.pricing.promotion_factories import facts, lot, percent, promote, promotion

CART = [lot("TEA", 3, 2_550), lot("CUP", 1, 990), lot("OLD", 9, 5_000, promotable=False)]
FACTS: dict[str, Any] = {
    "channel": "portal",
    "customer": "C1",
    "place": Place("CN", "ZJ", "310012"),
    "location": "HZ1",
    "payment_method": "card",
    "payment_terms": "prepaid",
    "local_at": dt.datetime(2026, 11, 28, 23, 5),  # noqa: DTZ001 - the merchant's clock
}


def free(expression: str, id: str = "P") -> Promotion:
    return promotion(percent(100_000), id=id, when=When(expression=expression))


@pytest.mark.parametrize(
    "expression",
    [
        "goods == 86.4",  # 3 × 25.50 + 9.90; goods priced by hand do not count
        "quantity == 4 and skus == 2",
        "goods / quantity > 21",
        "hour == 23 and weekday == 6 and day == 28 and month == 11",
        "currency == 'CNY' and channel == \"portal\" and location == 'HZ1' and payment == 'prepaid'",
        "payment_method == 'card' and payment_terms == 'prepaid'",
        "country == 'CN' and (region == 'ZJ' or region == 'SH') and postal_code != '100000'",
        "is_known and not (weekday < 6)",
        "each = goods / quantity; each >= 20 and each < 22",
        "（goods ≥ 80） and quantity × 2 == 8",
        "quantity >= (3 if weekday >= 6 else 10)",
        "max(goods, 100) == 100",
    ],
)
def test_a_condition_sees_the_order(expression: str) -> None:
    assert promote(CART, free(expression), **FACTS).outcomes[0].code == "applied"
    (missed,) = promote(CART, free(f"{expression.replace(';', '; x = 1;')} and goods < 0"), **FACTS).outcomes
    assert (missed.code, len(missed.wanted)) == ("expression_not_met", 1)


def test_nothing_known_is_nothing_and_no_mistake() -> None:
    assert promote([lot("TEA", 1, 1_000)], free("country == '' and channel == '' and not is_known")).applied


def test_what_a_condition_asked_is_told() -> None:
    (missed,) = promote(CART, free("goods > 100"), **FACTS).outcomes
    assert outcome(missed, "CNY", Reader("en")) == "its condition on the order is not met: goods > 100"


def test_money_is_in_units_of_the_currency_of_the_cart() -> None:
    seen = expressions.seen([lot("TEA", 2, 2_550)], facts("JPY"))
    assert (seen.names["goods"], seen.names["currency"]) == (Fraction(5_100), "JPY")


def test_a_cart_is_looked_at_once_and_only_where_a_condition_asks() -> None:
    plain = compile_promotions([promotion(percent(1))])
    asking = compile_promotions([free("goods > 1", id=f"P{i}") for i in range(50)])
    assert (plain.has_expressions, asking.has_expressions) == (False, True)
    assert len(engine(CART, facts(), asking).applied) == 50


def test_what_was_published_before_conditions_were_read_is_not_given() -> None:
    told = engine(CART, facts(), compile_promotions([free("order.total > 5"), promotion(percent(100_000), id="Q")]))
    assert [(one.promotion, one.code) for one in told.outcomes] == [("P", "expression_not_evaluated"), ("Q", "applied")]


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("goods", "goods must be a condition."),
        ("goods >", "The formula cannot be read from character 8 on: "),
        ("total > 5", "The formula does not know total."),
        ("channel > 'a'", "channel must be a numeric value."),
        ("country == 86", "86 must be a choice in quotes."),
        ("lookup(goods, 1) > 1", "The formula does not know goods."),
        ("__import__('os')", "The formula does not know __import__."),
        ("x" * 1_001, "The formula is too large."),
    ],
)
def test_what_is_no_condition_is_refused_with_what_may_be_asked(expression: str, why: str) -> None:
    (problem,) = problems_of_promotion(free(expression))
    assert problem.field == "when.expression"
    assert str(problem).startswith(f"The free condition cannot be used: {why}")
    assert str(problem.data()["known"]).startswith("goods, quantity, skus")


@given(st.text(alphabet="goodsquantity<>=+-*/() ;'1234567890andornotif else", max_size=80))
def test_whatever_is_typed_is_a_condition_or_a_refusal(expression: str) -> None:
    problem = expressions.problem_of(expression)
    if problem is None:
        with contextlib.suppress(FormulaDividesByZero, FormulaOverflow):
            assert expressions.compiled(expression)(expressions.seen(CART, facts())) in {True, False}
