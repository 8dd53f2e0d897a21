"""Formulas give the exact price of a bespoke piece, or say which attribute stands in the way."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from jiedan.base.errors import Refusal, reasons_of
from jiedan.pricing import errors, rules, values
from jiedan.pricing.rules import formulas

D = Decimal


def number(name: str, low: str, high: str, **more: object) -> values.FormulaAttribute:
    return values.FormulaAttribute(name, minimum=D(low), maximum=D(high), **more)  # type: ignore[arg-type]  # shorthand


def money(name: str, **amounts: int) -> values.FormulaConstant:
    return values.FormulaConstant(name, amounts=amounts)


LENGTH = number("length", "100", "3000", unit="mm", counted_in="m")
WIDTH = number("width", "100", "2000", unit="mm", counted_in="m")
WOOD = values.FormulaAttribute("wood", choices=("oak", "pine", "walnut"), default="pine")
RATE, SETUP = money("rate", CNY=12_000, JPY=2_400, KWD=5_125), money("setup", CNY=3_000, JPY=500, KWD=1_250)
PER_WOOD = values.FormulaTable(
    "per_wood",
    "choices",
    tuple(values.FormulaRow(*row) for row in (("oak", D("1.5")), ("pine", D(1)), ("walnut", D(2)))),
)
BY_AREA = values.FormulaTable(
    "by_area", "bands", tuple(values.FormulaRow(*row) for row in (("0", D(200)), ("1", D(150)), ("2.5", D("99.99"))))
)
SQUARE: Mapping[str, values.AttributeValue] = {"length": 1_200, "width": "800"}


def formula(expression: str, **more: object) -> values.Formula:
    defaults: dict[str, object] = {
        "attributes": (LENGTH, WIDTH, WOOD),
        "constants": (RATE, SETUP),
        "tables": (PER_WOOD, BY_AREA),
    }
    return values.Formula("desk", expression, **{**defaults, **more})  # type: ignore[arg-type]  # test shorthand


def reckoned(
    of: values.Formula, given_: Mapping[str, values.AttributeValue], currency: str = "CNY", quantity: int = 1
) -> values.FormulaPrice:
    compiled = rules.compile_formula(of)
    return formulas.reckon(compiled, formulas.read_attributes(compiled, given_), currency, quantity=quantity)


@pytest.mark.parametrize(
    ("expression", "attributes", "currency", "minor"),
    [
        # 1.2 m × 0.8 m = 0.96 m², rounded up to 0.5 m²: 1.0 × 120.00 + 30.00 = 150.00.
        ("roundup(length * width, 0.5) * rate + setup", SQUARE, "CNY", 15_000),
        # The same in yen, without decimals: 2400 + 500 = 2900.
        ("roundup(length * width, 0.5) * rate + setup", SQUARE, "JPY", 2_900),
        # And in dinars, with three: 5.125 + 1.250 = 6.375.
        ("roundup(length * width, 0.5) * rate + setup", SQUARE, "KWD", 6_375),
        # Not rounded up: 0.96 × 120.00 = 115.20.
        ("length * width * rate", SQUARE, "CNY", 11_520),
        # 0.96 × 2400 = 2304 yen; 0.96 × 5.125 = 4.920 dinars.
        ("length * width * rate", SQUARE, "JPY", 2_304),
        ("length * width * rate", SQUARE, "KWD", 4_920),
        # Exact in between: a third of 100 three times is 100, and not 99.999…, which would be 99: 100 + 30.00.
        ("floor(100 / 3 * 3) + setup", SQUARE, "CNY", 13_000),
        # Half up, once, at the end: 30.00 / 16 = 1.875 → 1.88; 500 / 16 = 31.25 → 31.
        ("setup / 16", SQUARE, "CNY", 188),
        ("setup / 16", SQUARE, "JPY", 31),
        # 1.250 / 16 = 0.078125 → 0.078.
        ("setup / 16", SQUARE, "KWD", 78),
        # Full-width and typographic signs are read like plain ones.
        ("roundup（length × width， 0.5） × rate ＋ setup", SQUARE, "CNY", 15_000),
        # Steps with names: perimeter 2 × (1.2 + 0.8) = 4 m at 120.00 a metre, and 12.5 % of it.
        ("around = 2 * (length + width); price = around * rate; price + price * 12.5%", SQUARE, "CNY", 54_000),
        # A choice: 1.5 for oak. 120.00 × 1.5 = 180.00; the default is pine.
        ("rate * lookup(per_wood, wood)", {**SQUARE, "wood": "oak"}, "CNY", 18_000),
        ("rate * lookup(per_wood, wood)", SQUARE, "CNY", 12_000),
        # Bands: 0.96 lies in the first band (200), 1 begins the second (150): 200 × 0.96 + 30 = 222.00.
        ("a = length * width; lookup(by_area, a) * a + setup", SQUARE, "CNY", 22_200),
        ("a = length * width; lookup(by_area, a) * a + setup", {"length": 1_000, "width": 1_000}, "CNY", 18_000),
        # 3 m × 2 m = 6 m² × 99.99 = 599.94 + 30.00.
        ("a = length * width; lookup(by_area, a) * a + setup", {"length": 3_000, "width": 2_000}, "CNY", 62_994),
        # Conditions: longer than a metre costs a second setup.
        ("rate + setup if length > 1 else rate", SQUARE, "CNY", 15_000),
        ("rate + setup if length > 1.2 else rate", SQUARE, "CNY", 12_000),
        ('rate if wood == "oak" or wood != "pine" and not length < 1 else setup', SQUARE, "CNY", 3_000),
        ('2 if wood == "oak" else 3 if wood == "pine" else setup', SQUARE, "CNY", 300),
        # min, max, ceil, floor, round, abs: 1.2 → 2, 0.8 → 0, 0.96 → 1 (to whole), 0.96 → 1.0 (to tenths), 0.4.
        ("ceil(length) + floor(width) + round(length*width) + round(length*width, 1) + abs(width - length) + 0*setup",
         SQUARE, "CNY", 440),
        ("max(setup, rate, 1) - min(rate, setup)", SQUARE, "CNY", 9_000),
        # Signs bind as in school: 2 + 3 × 4 = 14; 8 / 4 / 2 = 1; −3 + 10 = 7; (2 + 3) × 4 = 20 → 42.
        ("2 + 3 * 4 + 8 / 4 / 2 + -3 + 10 + (2 + 3) * 4 + 0 * setup", SQUARE, "CNY", 4_200),
        # roundup of a negative number goes up as well: −0.4 → 0; half away from zero: round(−0.5) = −1.
        ("rate + roundup(width - length, 0.5) + round(-0.5)", SQUARE, "CNY", 11_900),
    ],
)  # fmt: skip
def test_formulas_come_out_to_the_minor_unit(
    expression: str, attributes: dict[str, values.AttributeValue], currency: str, minor: int
) -> None:
    of = formula(expression)
    assert rules.problems_of_formula(of) == ()
    assert reckoned(of, attributes, currency).unit_minor == minor


def test_the_trace_keeps_what_was_given_and_what_came_out_in_between() -> None:
    price = reckoned(formula("area = length * width; third = area / 3; is_big = area > 2; third * rate"), SQUARE)
    assert price.trace.attributes == {"length": "1200", "width": "800", "wood": "pine"}
    assert price.trace.steps == {"area": "0.96", "third": "0.32", "is_big": "false"}
    assert price.unit_minor == 3_840


def test_the_quantity_of_pieces_alike_may_share_a_setup() -> None:
    # 120.00 + 30.00 / 4 = 127.50 for each of four.
    assert reckoned(formula("rate + setup / quantity"), SQUARE, quantity=4).unit_minor == 12_750


def test_a_formula_with_a_currency_may_use_bare_numbers() -> None:
    # In yen: 1.2 × 0.8 × 2500.5 = 2400.48 → 2400.
    of = formula("length * width * 2500.5", currency="JPY", constants=())
    assert rules.compile_formula(of).currencies == {"JPY"}
    assert reckoned(of, SQUARE, "JPY").unit_minor == 2_400


def test_a_formula_is_offered_in_the_currencies_that_all_its_amounts_have() -> None:
    of = formula("rate + extra", constants=(RATE, money("extra", CNY=1, JPY=1, EUR=1)))
    assert rules.compile_formula(of).currencies == {"CNY", "JPY"}


def refused(of: values.Formula, attributes: Mapping[str, values.AttributeValue]) -> list[tuple[str, str | None]]:
    with pytest.raises(Refusal) as refusal:
        reckoned(of, attributes)
    return [(reason.code, reason.field) for reason in reasons_of(refusal.value)]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"length": 1_200}, [("attribute_missing", "attributes.width")]),
        ({**SQUARE, "wood": "elm"}, [("attribute_not_a_choice", "attributes.wood")]),
        ({**SQUARE, "depth": 5}, [("attribute_unknown", "attributes.depth")]),
        ({"length": 99, "width": 800}, [("attribute_out_of_range", "attributes.length")]),
        ({"length": 1_200, "width": "2000.000000001"}, [("attribute_out_of_range", "attributes.width")]),
        ({"length": "1.2e3", "width": 800}, [("attribute_out_of_range", "attributes.length")]),
        ({"length": True, "width": 800}, [("attribute_out_of_range", "attributes.length")]),
        ({"length": D("NaN"), "width": 800}, [("attribute_out_of_range", "attributes.length")]),
        ({"length": D("1E+999999999"), "width": 800}, [("attribute_out_of_range", "attributes.length")]),
        ({"length": "一千", "width": ""}, [("attribute_out_of_range", "attributes.length"),
                                          ("attribute_out_of_range", "attributes.width")]),
    ],
)  # fmt: skip
def test_attributes_that_do_not_fit_are_all_named(
    attributes: dict[str, values.AttributeValue], expected: list[tuple[str, str]]
) -> None:
    assert refused(formula("length * width * rate"), attributes) == expected


def test_a_number_between_two_steps_is_told_the_nearest() -> None:
    of = formula("length * rate", attributes=(number("length", "0.5", "9.9", unit="m", step=D("0.25")),))
    assert reckoned(of, {"length": "1.25"}).unit_minor == 15_000
    with pytest.raises(errors.AttributeOffStep) as refusal:
        reckoned(of, {"length": "1.3"})
    assert (refusal.value.below, refusal.value.above, refusal.value.field) == ("1.25", "1.5", "attributes.length")
    with pytest.raises(errors.AttributeOffStep) as last:
        reckoned(of, {"length": "9.8"})
    assert (last.value.below, last.value.above) == ("9.75", "9.75"), "10 would be beyond the maximum"


SIDES = (number("a", "0", "100"), number("b", "0", "100", default="1"))


@pytest.mark.parametrize(
    ("expression", "attributes", "expected"),
    [
        ("rate / (a - 5)", {"a": 5}, ("formula_divides_by_zero", "attributes.a")),
        ("rate / (a - b)", {"a": 1}, ("formula_divides_by_zero", "attributes")),
        ("half = a / 2; rate / half", {"a": 0}, ("formula_divides_by_zero", "attributes.a")),
        ("rate - 60 * a", {"a": 3}, ("formula_below_zero", "attributes")),
        ("rate * a * 99999999999 * 9999999", {"a": 1}, ("formula_overflow", "attributes")),
        ("lookup(by_area, a - 1) * rate", {"a": 0}, ("formula_off_table", "attributes.a")),
    ],
)
def test_orders_without_a_price_name_the_attribute(
    expression: str, attributes: dict[str, values.AttributeValue], expected: tuple[str, str]
) -> None:
    assert refused(formula(expression, attributes=SIDES), attributes) == [expected]


@pytest.mark.parametrize(
    ("expression", "order"),
    [
        ("rate / (100 - a)", "a 100, b 1"),
        ("rate - 60 * a", "a 100, b 1"),
        ("rate + lookup(by_area, a - 1)", "a 0, b 1"),
        ("rate * a * b * 99999999999 * 99999", "a 100, b 1"),
    ],
)
def test_a_formula_that_fails_for_an_order_it_allows_is_refused_with_that_order(expression: str, order: str) -> None:
    (problem,) = rules.problems_of_formula(formula(expression, attributes=SIDES))
    assert isinstance(problem, errors.FormulaFails)
    assert problem.order == order
    assert str(problem).startswith(f"With {order} there is no price in ")


FIVE_TO = number("x", "5", "4")


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (formula("rate +"), [("formula_unreadable", "expression")]),
        (formula("rate * height"), [("formula_name_unknown", "expression")]),
        (formula("sqrt(rate)"), [("formula_name_unknown", "expression")]),
        (formula("rate + wood"), [("formula_misfit", "expression")]),
        (formula("length > 1"), [("formula_misfit", "expression")]),
        (formula("rate if length else setup"), [("formula_misfit", "expression")]),
        (formula('rate if length == "oak" else setup'), [("formula_misfit", "expression")]),
        (formula('rate if wood < "oak" else setup'), [("formula_misfit", "expression")]),
        (formula("rate if wood == 1 else wood"), [("formula_misfit", "expression")]),
        (formula("min(rate)"), [("formula_arguments", "expression")]),
        (formula("round(rate, 7)"), [("formula_arguments", "expression")]),
        (formula("round(rate, length)"), [("formula_arguments", "expression")]),
        (formula("roundup(rate, 0)"), [("formula_arguments", "expression")]),
        (formula("lookup(rate, 1)"), [("formula_name_unknown", "expression")]),
        (formula("lookup(by_area, wood)"), [("formula_misfit", "expression")]),
        (formula("lookup(1, 2)"), [("formula_arguments", "expression")]),
        (formula("rate = 1; rate"), [("formula_name_invalid", "expression")]),
        (formula("max = 1; max + rate"), [("formula_name_invalid", "expression")]),
        (formula("1", constants=()), [("formula_currency_missing", "currency")]),
        (formula("1", currency="YEN"), [("formula_currency_missing", "currency")]),
        (formula("1", constants=(money("a", CNY=1), money("b", EUR=1))), [("formula_currency_missing", "currency")]),
        (formula("1", attributes=(FIVE_TO,)), [("formula_range_invalid", "attributes[0]")]),
        (formula("1", attributes=(values.FormulaAttribute("x"),)), [("formula_range_invalid", "attributes[0]")]),
        (formula("1", attributes=(number("x", "0", "9", step=D(0)),)), [("formula_range_invalid", "attributes[0]")]),
        (formula("1", attributes=(number("x", "0", "9", default="99"),)),
         [("formula_range_invalid", "attributes[0]")]),
        (formula("1", attributes=(number("x", "0", "9", default="all"),)),
         [("formula_range_invalid", "attributes[0]")]),
        (formula("1", attributes=(number("x", "0", "Infinity"),)), [("formula_range_invalid", "attributes[0]")]),
        (formula("1", attributes=(number("x", "0", "1E+400"),)), [("formula_range_invalid", "attributes[0]")]),
        (formula("1", attributes=(replace(WOOD, labels=values.Words(zh_hans="木" * 101)),)),
         [("formula_words_invalid", "attributes[0].labels")]),
        (formula("1", attributes=(replace(WOOD, labels=values.Words(" Wood")),)),
         [("formula_words_invalid", "attributes[0].labels")]),
        (formula("1", attributes=(replace(WOOD, choice_labels={"oak": values.Words("Oak\ntree")}),)),
         [("formula_words_invalid", "attributes[0].choice_labels")]),
        (formula("1", attributes=(replace(WOOD, choice_labels={"elm": values.Words("Elm")}),)),
         [("formula_words_invalid", "attributes[0].choice_labels")]),
        (formula("1", attributes=(values.FormulaAttribute("x", choices=("a", "a")),)),
         [("formula_range_invalid", "attributes[0]")]),
        (formula("1", attributes=(number("x", "0", "9", unit="mm", counted_in="kg"),)),
         [("formula_unit_unknown", "attributes[0].counted_in")]),
        (formula("1", attributes=(number("if", "0", "9"),)), [("formula_name_invalid", "attributes[0].name")]),
        (formula("1", attributes=(number("quantity", "0", "9"),)), [("formula_name_invalid", "attributes[0].name")]),
        (formula("1", attributes=(number("rate", "0", "9"),)), [("formula_name_invalid", "constants[0].name")]),
        (formula("1", attributes=(number("__class__.x", "0", "9"),)), [("formula_name_invalid", "attributes[0].name")]),
        (formula("1", constants=(values.FormulaConstant("c"),)), [("formula_money_invalid", "constants[0]")]),
        (formula("1", constants=(values.FormulaConstant("c", D(1), {"CNY": 1}),)),
         [("formula_money_invalid", "constants[0]")]),
        (formula("1", constants=(money("c", YEN=1),)), [("formula_money_invalid", "constants[0]")]),
        (formula("rate * lookup(t, wood)", tables=(values.FormulaTable("t", "choices", PER_WOOD.rows[:2]),)),
         [("formula_off_table", "expression")]),
        (formula("1", tables=(values.FormulaTable("t", "bands", BY_AREA.rows[::-1]),)),
         [("formula_table_invalid", "tables[0].rows")]),
        (formula("1", tables=(values.FormulaTable("t", "bands", ()),)), [("formula_table_invalid", "tables[0].rows")]),
        (formula("1", attributes=tuple(number(f"x{i}", "0", "1") for i in range(21))),
         [("formula_list_too_long", "attributes")]),
    ],
)  # fmt: skip
def test_a_formula_that_cannot_work_is_refused_by_field(of: values.Formula, expected: list[tuple[str, str]]) -> None:
    assert [(r.code, r.field) for r in rules.problems_of_formula(of)] == expected
    with pytest.raises(Refusal):
        rules.compile_formula(of)


def test_a_formula_is_stored_as_json() -> None:
    of = formula("rate", attributes=(LENGTH, WOOD, number("count", "1", "9", step=D(2), default="3")))
    assert msgspec.json.decode(msgspec.json.encode(of), type=values.Formula) == of
    assert rules.problems_of_formula(of) == ()


def test_many_attributes_are_probed_evenly_and_no_more_than_so_often() -> None:
    of = formula(" + ".join(f"x{i}" for i in range(20)) + " + rate", attributes=tuple(
        number(f"x{i}", "0", "1") for i in range(20)))  # fmt: skip
    assert rules.problems_of_formula(of) == ()
    # Negative only at the very last of 2^20 orders, which is among those tried.
    below = formula("rate - 6.1 * (" + " + ".join(f"x{i}" for i in range(20)) + ")", attributes=of.attributes)
    (problem,) = rules.problems_of_formula(below)
    assert problem.code == "formula_fails"


@given(st.integers(100, 3_000), st.integers(100, 2_000), st.integers(1, 50))
def test_the_worked_formula_agrees_with_whole_numbers(length: int, width: int, per: int) -> None:
    # In mm²: rounded up to 500,000 mm² each, times the rate in minor units.
    of = formula(f"roundup(length * width, 0.5) * rate * {per}")
    halves = -(-length * width // 500_000)
    assert reckoned(of, {"length": length, "width": width}).unit_minor == halves * 6_000 * per


@given(st.fractions(min_value=-(10**9), max_value=10**9), st.integers(0, 6))
def test_rounding_in_formulas_is_half_up(value: Fraction, places: int) -> None:
    rounded = formulas.checking.half_up(value, places)
    assert abs(rounded - value) * 10**places * 2 <= 1
    assert (rounded * 10**places).denominator == 1
    assert formulas.checking.half_up(-value, places) == -rounded


def test_the_page_about_formulas_names_every_function() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/reference/unit-prices.md").read_text(encoding="utf-8")
    assert [name for name in formulas.USAGE if f"`{name}(" not in page] == []
