"""Which goods a formula prices, what may be said of them, and what is refused before a book is published."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from msgspec.structs import replace

from jiedan.base import i18n
from jiedan.base.errors import Rejections, reasons_of
from jiedan.pricing import errors, rules, values
from jiedan.pricing.rules import drafts, formulas, publishing, trying, wording
from jiedan.pricing.rules.books import compile_book, problems_of_book
from jiedan.pricing.rules.wording import Reader
from jiedan.pricing.values.books import RuleBook
from jiedan.pricing.values.carts import Tier
from jiedan.pricing.values.drafts import RuleKey
from jiedan.pricing.values.examples import Example, ExampleLine
from jiedan.pricing.values.goods import PricedGoods
from tests.pricing.bespoke_formulas import CURTAIN, LINEN_MINOR, ORDERED, SILK_MINOR, WORDED

AT = datetime(2026, 11, 11, 10, tzinfo=UTC)
BUYER = values.Buyer("CNY", AT)
LISTED = {"CNY": (Tier(1, 9_900),)}
SKUS = {
    "CURTAIN": values.SkuPrices(frozenset({"sku:CURTAIN", "product:WINDOW"}), (), LISTED),
    "BLIND": values.SkuPrices(frozenset({"sku:BLIND", "product:WINDOW"}), (), LISTED),
    "TEA": values.SkuPrices(frozenset({"sku:TEA", "product:TEA"}), (), LISTED),
}
FLAT = values.Formula("flat", "77", currency="CNY", goods=("product:WINDOW",))


def unit_rules(*every: values.Formula) -> rules.UnitRules:
    return compile_book(RuleBook(formulas=every), version=1, prices_include_tax=True).units


def unit_minor(
    code: str, said: Mapping[str, values.AttributeValue], *every: values.Formula, quantity: int = 1
) -> values.UnitPrice:
    wanted = [values.Wanted(1, code, quantity, attributes=said)]
    return rules.unit_prices(wanted, SKUS, unit_rules(*every), BUYER).lines[0]


@pytest.mark.parametrize(
    ("said", "minor"),
    [
        # 2.4 m × 1.8 m = 4.32 m², rounded up to 0.5 m²: 4.5 × 120.00 + 30.00 = 570.00.
        (ORDERED, LINEN_MINOR),
        ({"width": 2400, "height": "180 cm"}, LINEN_MINOR),
        ({"width": " 2400 mm ", "height": "1.8m", "fabric": "linen"}, LINEN_MINOR),
        # 4.5 × 300.00 + 30.00 = 1380.00.
        ({**ORDERED, "fabric": "silk"}, SILK_MINOR),
        # 0.3 × 0.3 = 0.09 → 0.5 m²: 60.00 + 30.00.
        ({"width": 300, "height": 300}, 9_000),
    ],
)
def test_a_curtain_costs_what_its_measures_come_to(said: Mapping[str, values.AttributeValue], minor: int) -> None:
    found = unit_minor("CURTAIN", said, CURTAIN)
    assert (found.unit_minor, found.trace.source) == (minor, "formula")


@pytest.mark.parametrize("said", ["2.4", "2.4 m", "2.4m", "240 cm", "2400mm"])
def test_a_unit_that_ends_like_another_is_that_other(said: str) -> None:
    width = values.FormulaAttribute("width", unit="m", minimum=Decimal("0.3"), maximum=Decimal(6))
    goods = ("sku:CURTAIN",)
    by_the_meter = values.Formula("meter", "width * 100", currency="CNY", attributes=(width,), goods=goods)
    assert unit_minor("CURTAIN", {"width": said}, by_the_meter).unit_minor == 24_000
    with pytest.raises(errors.CannotPrice) as refused:
        unit_minor("CURTAIN", {"width": "2.4 xm"}, by_the_meter)
    assert [reason.code for reason in refused.value.reasons] == ["attribute_unit_wrong"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, [("attribute_missing", "height"), ("attribute_missing", "width")]),
        ({**ORDERED, "color": "red"}, [("attribute_unknown", "color")]),
        ({**ORDERED, "width": "7 m"}, [("attribute_out_of_range", "width")]),
        ({**ORDERED, "width": "2401"}, [("attribute_off_step", "width")]),
        ({**ORDERED, "width": "2.4 kg"}, [("attribute_unit_wrong", "width")]),
        ({**ORDERED, "width": "2.4 ells"}, [("attribute_unit_wrong", "width")]),
        ({**ORDERED, "width": "wide"}, [("attribute_out_of_range", "width")]),
        ({**ORDERED, "fabric": "wool"}, [("attribute_not_a_choice", "fabric")]),
        ({**ORDERED, "fabric": 3}, [("attribute_not_a_choice", "fabric")]),
    ],
)
def test_what_is_said_wrongly_is_refused_at_its_attribute(
    said: Mapping[str, values.AttributeValue], expected: list[tuple[str, str]]
) -> None:
    with pytest.raises(errors.CannotPrice) as refused:
        unit_minor("CURTAIN", said, CURTAIN)
    found = [(reason.code, reason.field) for reason in refused.value.reasons]
    assert sorted(found) == [(code, f"lines[0].attributes.{name}") for code, name in expected]


@pytest.mark.parametrize(
    ("locale", "told"),
    [
        ("en", ["Width is missing.", "Height must be a number from 300 to 4000 mm.", "Cloth must be one of"]),
        ("zh_Hans", ["宽度", "高度", "面料"]),
        ("zh_Hant", ["寬度", "Height", "布料"]),
    ],
)
def test_a_refusal_calls_attributes_as_its_reader_does(locale: str, told: list[str]) -> None:
    with pytest.raises(Rejections) as refused:
        formulas.read_attributes(rules.compile_formula(WORDED), {"height": "9 m", "fabric": "wool"})
    reasons = refused.value.reasons
    assert all(word in i18n.say(locale, reason) for reason, word in zip(reasons, told, strict=True))
    assert [reason.data()["attribute"] for reason in reasons] == ["width", "height", "fabric"]
    assert [reason.field for reason in reasons] == [f"attributes.{name}" for name in ("width", "height", "fabric")]


def test_what_is_to_be_changed_is_called_as_its_reader_does() -> None:
    below = replace(WORDED, code="below", expression="width - height", currency="CNY", constants=(), tables=())
    compiled = rules.compile_formula(below)
    with pytest.raises(errors.FormulaBelowZero) as refused:
        formulas.reckon(compiled, formulas.read_attributes(compiled, {"width": 300, "height": 400}), "CNY")
    assert refused.value.data()["attributes"] == "fabric, height, width"
    assert "Cloth, Height, Width" in i18n.say("en", refused.value)
    assert "面料、高度、宽度" in i18n.say("zh_Hans", refused.value)


def test_a_wrong_unit_is_told_with_those_that_fit() -> None:
    with pytest.raises(errors.AttributeUnitWrong) as refused:
        formulas.read_attributes(rules.compile_formula(CURTAIN), {**ORDERED, "width": "2.4 kg"})
    assert refused.value.units.startswith("mm, cm, dm, m")


def test_what_names_the_sku_goes_before_what_names_its_product() -> None:
    assert unit_minor("BLIND", {}, CURTAIN, FLAT).unit_minor == 7_700
    assert unit_minor("CURTAIN", ORDERED, CURTAIN, FLAT).unit_minor == LINEN_MINOR
    assert unit_minor("TEA", {}, CURTAIN, FLAT).unit_minor == 9_900
    with pytest.raises(errors.CannotPrice) as refused:
        unit_minor("TEA", ORDERED, CURTAIN, FLAT)
    assert [(reason.code, reason.field) for reason in refused.value.reasons] == [("not_bespoke", "lines[0].attributes")]


def test_what_is_said_is_kept_as_it_was_asked_for() -> None:
    compiled = rules.compile_formula(CURTAIN)
    said = formulas.said(CURTAIN, formulas.read_attributes(compiled, ORDERED))
    assert [one.told_in("") for one in said] == ["Width 2400 mm", "Height 1800 mm", "Fabric linen"]
    again = formulas.read_attributes(compiled, {one.name: one.measure for one in said})
    assert formulas.said(CURTAIN, again) == said


def test_a_choice_is_kept_without_a_unit_and_read_again() -> None:
    cloth = values.FormulaAttribute("cloth", unit="mm", choices=("linen", "silk"), default="linen")
    formula = rules.compile_formula(values.Formula("cloth", "7", "CNY", (cloth,), goods=("sku:X",)))
    (said,) = formulas.said(formula.formula, formulas.read_attributes(formula, {}))
    assert (said.value, said.measure) == ("linen", "linen")
    assert formulas.read_attributes(formula, {said.name: said.measure}).texts == {"cloth": "linen"}


def test_the_price_is_told_with_what_came_out_in_between() -> None:
    found = unit_minor("CURTAIN", ORDERED, CURTAIN)
    told = wording.unit(found.trace, "CNY", Reader("en"))
    assert told == "formula curtain; fabric = linen, height = 1800, width = 2400, area = 4.5"


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        ((CURTAIN, FLAT), []),
        ((CURTAIN, replace(FLAT, goods=("sku:CURTAIN",))), [("formula_goods_taken", "formulas[1].goods[0]")]),
        ((replace(FLAT, goods=("sku:A", "sku:A")),), [("formula_goods_taken", "formulas[0].goods[1]")]),
        ((replace(FLAT, goods=("category:x",)),), [("formula_goods_invalid", "formulas[0].goods[0]")]),
        ((replace(FLAT, goods=("sku: ",)),), [("formula_goods_invalid", "formulas[0].goods[0]")]),
        (
            (replace(FLAT, goods=tuple(f"sku:{i}" for i in range(201))),),
            [("formula_list_too_long", "formulas[0].goods")],
        ),
    ],
)
def test_a_book_is_refused_where_goods_are_named_wrongly_or_twice(
    every: tuple[values.Formula, ...], expected: list[tuple[str, str]]
) -> None:
    assert [(x.code, x.field) for x in problems_of_book(RuleBook(formulas=every))] == expected


def test_goods_that_the_catalog_does_not_have_are_refused_before_publishing() -> None:
    book = RuleBook(formulas=(CURTAIN, replace(FLAT, goods=("product:WINDOW", "product:GONE", "sku:GONE"))))
    example = Example("A curtain", "CNY", (ExampleLine("CURTAIN", 1, None, {**ORDERED}),), total_minor=LINEN_MINOR)
    written = drafts.parts_of(book, {RuleKey("formula", "curtain"): (example,)})
    assert publishing.skus_asked(written) == {"CURTAIN", "GONE"}
    assert publishing.traits_asked(written) == {"product:WINDOW", "product:GONE"}
    goods = {"CURTAIN": PricedGoods("CURTAIN", "Curtain", "standard", SKUS["CURTAIN"])}
    tried = trying.Circumstances(AT, UTC, 1, True, "CN", goods, there=frozenset({"product:WINDOW"}))
    found = publishing.check_publication(written, tried).problems
    assert [(x.code, x.field, x.trait) for x in found] == [  # type: ignore[attr-defined]  # each names a trait
        ("formula_goods_unknown", "formula:flat.goods", "product:GONE"),
        ("formula_goods_unknown", "formula:flat.goods", "sku:GONE"),
    ]
    whole = drafts.parts_of(RuleBook(formulas=(CURTAIN,)), {RuleKey("formula", "curtain"): (example,)})
    assert publishing.check_publication(whole, tried).problems == ()
    wrong = drafts.parts_of(
        RuleBook(formulas=(CURTAIN,)),
        {RuleKey("formula", "curtain"): (replace(example, total_minor=LINEN_MINOR + 1),)},
    )
    (fails,) = publishing.check_publication(wrong, tried).problems
    assert reasons_of(fails)[0].code == "example_fails"


def test_what_is_said_is_told_in_the_language_of_the_reader() -> None:
    compiled = formulas.compile_formula(WORDED)
    linen = formulas.said(WORDED, formulas.read_attributes(compiled, ORDERED))
    silk = formulas.said(WORDED, formulas.read_attributes(compiled, {**ORDERED, "fabric": "silk"}))
    told = {locale: " · ".join(one.told_in(locale) for one in linen) for locale in i18n.LOCALES}
    assert told == {
        "en": "Width 2400 mm · Height 1800 mm · Cloth Flax",
        "zh_Hans": "宽度 2400 mm · 高度 1800 mm · 面料 亚麻",
        "zh_Hant": "寬度 2400 mm · Height 1800 mm · 布料 亞麻",
    }
    assert linen[2].told_in("") == "Fabric linen", "in the merchant's own words"
    assert silk[2].told_in("zh_Hans") == "面料 silk", "a choice without words is called as it is"
    stored = msgspec.json.encode(linen)
    assert msgspec.json.decode(stored, type=tuple[values.Said, ...]) == linen
    assert len({linen, silk}) == len({"linen", "silk"}), "what lines say is compared, also as a key"
    assert "面料 亚麻 / silk" in wording.formula(WORDED, Reader("zh_Hans"))


def test_words_are_of_the_languages_of_pages() -> None:
    every = values.Words("Width", "宽度", "寬度")
    assert set(msgspec.to_builtins(every)) == set(i18n.LOCALES)
    assert [every.of(locale) for locale in i18n.LOCALES] == ["Width", "宽度", "寬度"]
    assert msgspec.json.encode(WORDED.attributes[1].labels) == '{"zh_Hans":"高度"}'.encode()


def test_a_formula_that_was_written_before_there_were_words_is_read_as_it_was() -> None:
    body = drafts.plain(CURTAIN)
    for attribute in body["attributes"]:
        del attribute["labels"], attribute["choice_labels"]
    assert drafts.read("formula", body) == CURTAIN
    old = [{"name": "fabric", "value": "linen", "label": "Fabric"}]
    (said,) = msgspec.convert(old, tuple[values.Said, ...])
    assert said.told_in("zh_Hant") == "Fabric linen"
    assert msgspec.to_builtins((said,)) == tuple(old), "and is written as it was"
