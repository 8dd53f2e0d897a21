"""Forms of shipping methods, formulas and roundings: what is typed, what it means, and how it is written back."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from jiedan.base.errors import Rejections
from jiedan.base.events import SYSTEM
from jiedan.console.prices import editors, formula_form, kinds, measures, shipping_shown
from jiedan.console.prices.measures import MeasureKind
from jiedan.console.prices.reading import Reading
from jiedan.console.prices.typed import Typing
from jiedan.pricing.rules import drafts as rules
from jiedan.pricing.values import (
    FlatTariff,
    Formula,
    FormulaAttribute,
    FormulaConstant,
    FormulaRow,
    FormulaTable,
    FormulaTariff,
    FormulaText,
    ShippingArea,
    ShippingBand,
    ShippingLimits,
    ShippingMethod,
    ShippingRate,
    ShippingSurcharge,
    ShippingZone,
    StepTariff,
    TableTariff,
)
from jiedan.pricing.values.conversion import Rounding
from jiedan.pricing.values.drafts import DraftRule, Rule, RuleId
from tests.console.test_price_forms import filled
from tests.pricing.bespoke_formulas import RING, WORDED

HOW = Typing("CNY", "Asia/Shanghai")
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def read(place: str, raw: dict[str, list[str]]) -> Rule:
    """Return the rule that inputs mean."""
    of = kinds.TYPES[place]
    editor = editors.editor_of(of)
    form = filled(editor.form, raw)
    assert form.value is not None
    return editor.body_of(of, form.value, Reading(HOW, form.raw), None)


def refused(place: str, **typed: list[str]) -> dict[str, str]:
    """Return the codes of what is wrong, by input."""
    with pytest.raises(Rejections) as told:
        read(place, typed)
    return {reason.field or "": reason.code for reason in told.value.reasons}


def written(place: str, body: Rule, code: str = "") -> dict[str, list[str]]:
    """Return what the form says of a rule."""
    of = kinds.TYPES[place]
    rule = DraftRule(RuleId(uuid.UUID(int=1)), of.kind, rules.code_of(of.kind, body, code), body, (), 1, AT, SYSTEM)
    return editors.editor_of(of).raw_of(of, rule, HOW)


EVERYWHERE = (ShippingArea(),)
POST = ShippingMethod(
    "post",
    "邮政",
    (
        ShippingZone(
            "inland",
            (ShippingArea("CN"), ShippingArea("CN", "XZ", "850"), ShippingArea("CN", "XZ", "852000..855000")),
            (
                ShippingRate("CNY", StepTariff("weight", 1_000, 1_200, 500, 200), 9_900, 500, 4_000),
                ShippingRate("JPY", TableTariff("price", (ShippingBand(900, 5_000), ShippingBand(0)))),
            ),
            (ShippingArea("CN", "", "999"), ShippingArea("CN", "HK")),
        ),
        ShippingZone("world", EVERYWHERE, (ShippingRate("EUR", FlatTariff(2_000)),)),
    ),
    tax_class="reduced",
    limits=ShippingLimits(30_000, 20_500, 200_000_000, 1_205, {"CNY": 500_000, "EUR": 60_000}),
    surcharges=(
        ShippingSurcharge("remote", {"CNY": 1_500}, areas=(ShippingArea("CN", "XZ"),), when_free=True),
        ShippingSurcharge("bulky", {"CNY": 900, "EUR": 120}, "piece", side_over_mm=1_200, weight_over_g=450),
    ),
    divisor=5_000,
)

METHODS = [
    POST,
    ShippingMethod(
        "volume",
        "By volume",
        (
            ShippingZone("a", (ShippingArea("DE"),), (
                ShippingRate("EUR", TableTariff("volume", (ShippingBand(500, 1_500), ShippingBand(900, 10**9)))),
                ShippingRate("CNY", TableTariff("pieces", (ShippingBand(100, 3), ShippingBand(200)))),
            )),
            ShippingZone("b", (ShippingArea("FR"),), (ShippingRate("EUR", FormulaTariff("parcel")),)),
        ),
    ),
]  # fmt: skip

BLIND = Formula(
    "blind",
    "area = width * height; max(area, 0.5) * lookup(cloth, fabric) + lookup(steps, area) + rail * factor",
    attributes=(
        FormulaAttribute("width", "宽", "mm", "m", Decimal(300), Decimal(3_000), Decimal(10)),
        FormulaAttribute("height", "", "mm", "m", Decimal(300), Decimal(2_000), default="500"),
        FormulaAttribute("fabric", choices=("linen", "silk"), default="silk"),
    ),
    constants=(FormulaConstant("rail", amounts={"CNY": 3_000, "EUR": 400}), FormulaConstant("factor", Decimal("1.5"))),
    tables=(
        FormulaTable(
            "cloth",
            "choices",
            (FormulaRow("linen", amounts={"CNY": 9_000, "EUR": 1_100}), FormulaRow("silk", Decimal(30))),
        ),
        FormulaTable("steps", "bands", (FormulaRow("0", Decimal(0)), FormulaRow("1.5", Decimal(5)))),
    ),
    goods=("sku:BLIND-1", "product:BLIND"),
)

NAMED = Formula("named", "7", "CNY", (FormulaAttribute("name", text=FormulaText(12, is_required=True)),))


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.code)
def test_a_shipping_method_comes_back_from_its_form_as_it_was(method: ShippingMethod) -> None:
    assert read("shipping-methods", written("shipping-methods", method)) == method


def test_postal_areas_of_one_region_stand_in_one_row() -> None:
    raw = written("shipping-methods", POST)
    assert raw["place_postal"][:3] == ["", "850, 852000..855000", "999"]
    assert raw["limit_piece"] == ["20.5 kg"]
    assert raw["limit_side"] == ["120.5 cm"]


def test_what_is_drawn_of_a_method_means_the_same_when_it_is_sent() -> None:
    raw = written("shipping-methods", POST)
    drawn = shipping_shown.shown(filled(editors.editor_of(kinds.TYPES["shipping-methods"]).form, raw), "zones")
    assert [zone.code for zone in drawn["zones"]] == ["inland", "world", ""]
    assert [rate.number for zone in drawn["zones"] for rate in zone.rates] == [0, 1, 2, 3]
    assert [len(rate.bands) for rate in drawn["zones"][0].rates] == [3, 3]
    assert len(drawn["surcharges"]) == 2


@pytest.mark.parametrize(
    "formula",
    [BLIND, WORDED, RING, NAMED, Formula("flat", "12.5", "CNY")],
    ids=["blind", "worded", "ring", "named", "flat"],
)
def test_a_formula_comes_back_from_its_form_as_it_was(formula: Formula) -> None:
    assert read("formulas", written("formulas", formula)) == formula


def test_a_text_has_the_usual_room_where_nobody_says_how_much() -> None:
    raw = {"code": ["f"], "currency": ["CNY"], "expression": ["2"], "attribute_name": ["name"]}
    for typed, text in (
        ({"attribute_text": ["required"]}, FormulaText(60, is_required=True)),
        ({"attribute_characters": ["12"]}, FormulaText(12)),
    ):
        formula = read("formulas", {**raw, **typed})
        assert isinstance(formula, Formula)
        assert formula.attributes[0].text == text


@pytest.mark.parametrize(
    ("currency", "rounding", "multiple", "less"),
    [
        ("CNY", Rounding(100, 1), "1.00", "0.01"),
        ("JPY", Rounding(5), "5", "0"),
        ("KWD", Rounding(1_000, 5), "1.000", "0.005"),
    ],
)
def test_a_rounding_is_typed_in_its_currency(currency: str, rounding: Rounding, multiple: str, less: str) -> None:
    raw = written("roundings", rounding, currency)
    assert (raw["code"], raw["multiple_minor"], raw["minus_minor"]) == ([currency], [multiple], [less])
    assert read("roundings", raw) == rounding


FLAT = {"rate_of": ["0"], "rate_currency": ["CNY"], "rate_kind": ["flat"], "rate_fee": ["9"]}
PLACE = {"place_of": ["zone-0"], "place_is": ["in"], "place_country": ["cn"]}
SOUND = {"code": ["post"], "name": ["Post"], "zone_code": ["all"], **PLACE, **FLAT}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"zone_code": [], "place_of": [], "rate_of": []}, {"zones": "shipping_zone_invalid"}),
        ({"rate_fee": [""], "rate_free": ["90"]}, {"zone-0-rates": "field_required"}),
        ({"rate_fee": ["much"]}, {"zone-0-rates": "amount_unreadable"}),
        ({"rate_currency": ["XXZ"]}, {"zone-0-rates": "amount_unreadable"}),
        ({"place_country": ["China"]}, {"zone-0": "place_country_invalid"}),
        ({"limit_weight": ["heavy"]}, {"limit_weight": "measure_unreadable"}),
        ({"limit_side": ["1.5 mm"]}, {"limit_side": "measure_unreadable"}),
        ({"divisor": ["0"]}, {"divisor": "shipping_measure_invalid"}),
        ({"surcharge_code": ["remote"]}, {"surcharge-0": "shipping_currency_invalid"}),
        ({"surcharge_code": ["", "x"], "surcharge_amounts": ["", "y"]}, {"surcharge-1": "amount_unreadable"}),
        ({"rate_kind": ["table"]}, {"zone-0-rates": "shipping_bands_invalid"}),
        ({"rate_kind": ["steps"], "rate_first": ["1 kg"]}, {"zone-0-rates": "field_required"}),
        ({"zone_code": ["", "b"], "rate_of": ["1"], "place_of": ["zone-1"], "rate_kind": ["formula"]},
         {"zone-1-rates": "shipping_text_invalid"}),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_method_is_told_at_its_card(typed: dict[str, list[str]], told: dict[str, str]) -> None:
    assert refused("shipping-methods", **{**SOUND, **typed}) == told


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"expression": ["1 +"]}, {"expression": "formula_unreadable"}),
        ({"expression": ["width"]}, {"expression": "formula_name_unknown"}),
        ({"currency": [""]}, {"currency": "formula_currency_missing"}),
        ({"attribute_name": ["width"], "attribute_min": ["wide"]}, {"attributes": "number_unreadable"}),
        ({"attribute_name": ["width"], "attribute_min": ["9"]}, {"attributes": "formula_range_invalid"}),
        ({"attribute_name": ["name"], "attribute_characters": ["0"]}, {"attributes": "formula_text_invalid"}),
        ({"attribute_name": ["name"], "attribute_characters": ["many"]}, {"attributes": "count_unreadable"}),
        (
            {"attribute_name": ["name"], "attribute_min": ["1"], "attribute_text": ["optional"]},
            {"attributes": "formula_text_invalid"},
        ),
        ({"word_of": ["width"], "word_en": ["Width"]}, {"words": "formula_words_invalid"}),
        (
            {
                "attribute_name": ["width"],
                "attribute_min": ["1"],
                "attribute_max": ["9"],
                "word_of": ["width"],
                "word_choice": ["oak"],
                "word_en": ["Oak"],
            },
            {"words": "formula_words_invalid"},
        ),
        (
            {
                "attribute_name": ["width"],
                "attribute_min": ["1"],
                "attribute_max": ["9"],
                "word_of": ["width", "width"],
                "word_en": ["Width", "Breadth"],
            },
            {"words": "formula_words_invalid"},
        ),
        ({"constant_name": ["rail"]}, {"constants": "formula_money_invalid"}),
        ({"table_name": ["", "t"]}, {"table-1": "formula_table_invalid"}),
    ],
)
def test_what_is_wrong_with_a_formula_is_told_at_its_part(typed: dict[str, list[str]], told: dict[str, str]) -> None:
    sound = {"code": ["f"], "currency": ["CNY"], "expression": ["2"]}
    assert refused("formulas", **{**sound, **typed}) == told


@pytest.mark.parametrize(
    ("expression", "broken"),
    [("1 + 2", None), ("1 + # 2", ("1 + ", "# 2")), ("（1 × 2", ("(1 * 2", "")), ("x" * 1_001, None)],
)
def test_the_page_shows_where_an_expression_breaks_off(expression: str, broken: tuple[str, str] | None) -> None:
    assert formula_form.broken_at(expression) == broken


@pytest.mark.parametrize(
    ("text", "kind", "kept"),
    [("1.5 kg", "weight", 1_500), ("500g", "weight", 500), ("2", "weight", 2_000), ("60 CM", "length", 600),
     ("2 m3", "volume", 2 * 10**9), ("1 l", "volume", 10**6), ("0.5 cm³", "volume", 500), ("", "weight", None)],
)  # fmt: skip
def test_measures_are_read_with_their_units(text: str, kind: MeasureKind, kept: int | None) -> None:
    assert measures.read(text, kind, "x") == kept
    assert measures.read(measures.written(kept, kind), kind, "x") == kept
