"""Texts that customers write: how they are kept and counted, what they cost by the letter, and what is refused."""

import unicodedata
from collections.abc import Mapping
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from jiedan.base.errors import Refusal, reasons_of
from jiedan.pricing import errors, rules, values
from jiedan.pricing.rules import attributes, drafts, formulas, wording
from jiedan.pricing.rules.books import compile_book
from jiedan.pricing.rules.formulas import writings
from jiedan.pricing.rules.wording import Reader
from jiedan.pricing.values.books import RuleBook
from tests.conftest import NOON
from tests.pricing.bespoke_formulas import CURTAIN, ENGRAVED_MINOR, PLAIN_MINOR, RING

SIZE, ENGRAVING = RING.attributes
REQUIRED = replace(RING, attributes=(SIZE, replace(ENGRAVING, text=values.FormulaText(40, is_required=True))))
SKUS = {"RING": values.SkuPrices(frozenset({"sku:RING"}), (), {})}


def read(text: values.AttributeValue, formula: values.Formula = RING) -> formulas.Given:
    return formulas.read_attributes(rules.compile_formula(formula), {"engraving": text})


def unit_minor(text: str, formula: values.Formula = RING) -> int:
    return formulas.reckon(rules.compile_formula(formula), read(text, formula), "CNY").unit_minor


def refused(text: str, formula: values.Formula = RING) -> list[tuple[str, str | None]]:
    with pytest.raises(Refusal) as caught:
        read(text, formula)
    return [(reason.code, reason.field) for reason in reasons_of(caught.value)]


@pytest.mark.parametrize(
    ("typed", "kept", "letters"),
    [
        ("Anna & Tom", "Anna & Tom", 8),
        ("  Anna\u3000&\u00a0Tom ", "Anna & Tom", 8),
        ("", "", 0),
        (" \u3000", "", 0),
        ("0042", "0042", 4),
        ("=1+1; \"a\" 'b'", "=1+1; \"a\" 'b'", 11),
        ("永远爱你", "永远爱你", 4),
        ("Cafe\u0301", "Café", 4),
        ("x\u0323\u0301", "x\u0323\u0301", 1),
        ("می\u200cخواهم", "می\u200cخواهم", 7),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧", 3),
        ("❤\ufe0f", "❤\ufe0f", 1),
        ("4111 1111 1111 1111", "**** **** **** 1111", 16),
        ("4111\u30001111\u30001111\u30001111", "**** **** **** 1111", 16),
    ],
)
def test_a_text_is_kept_on_one_line_and_its_letters_are_counted(typed: str, kept: str, letters: int) -> None:
    found = read(typed)
    assert found.texts["engraving"] == kept
    assert found.names["engraving"] == letters
    (_, said) = formulas.said(RING, found)
    assert (said.value, said.letters, said.measure) == (kept, letters, kept)
    assert formulas.said(RING, read(said.measure))[1] == said, "what is kept is read again as it is"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Anna\nTom", "attribute_text_invalid"),
        ("Anna\tTom", "attribute_text_invalid"),
        ("Anna\x07", "attribute_text_invalid"),
        ("Anna\u2028Tom", "attribute_text_invalid"),
        ("\u202eannA", "attribute_text_invalid"),
        ("\ue000", "attribute_text_invalid"),
        ("\u200d", "attribute_text_invalid"),
        ("\u0301", "attribute_text_invalid"),
        ("x" * 41, "attribute_text_too_long"),
        ("x" * 100_000, "attribute_text_too_long"),
    ],
)
def test_what_cannot_be_written_is_refused_at_its_attribute_and_not_repeated(typed: str, code: str) -> None:
    assert refused(typed) == [(code, "attributes.engraving")]
    with pytest.raises(Refusal) as caught:
        read(typed)
    assert typed not in str(caught.value)


def test_a_text_that_is_required_is_missed_where_it_is_empty() -> None:
    assert refused(" ", REQUIRED) == [("attribute_missing", "attributes.engraving")]
    with pytest.raises(errors.AttributeMissing):
        formulas.read_attributes(rules.compile_formula(REQUIRED), {})
    assert formulas.read_attributes(rules.compile_formula(RING), {}).texts == {"size": "52", "engraving": ""}


def test_an_engraving_costs_by_the_letter() -> None:
    # 500.00; 500.00 + 20.00 + 8 × 1.50 = 532.00.
    assert (unit_minor(""), unit_minor("Anna & Tom")) == (PLAIN_MINOR, ENGRAVED_MINOR)
    assert unit_minor("Anna & Tom") == unit_minor("ANNA UND T")  # 8 letters, too


def test_rings_with_the_same_text_are_alike_and_others_are_not() -> None:
    units = compile_book(RuleBook(formulas=(RING,)), version=1, prices_include_tax=True).units
    texts = ["Anna", "Otto", " Anna"]
    wanted = [values.Wanted(i, "RING", 1, attributes={"engraving": text}) for i, text in enumerate(texts, start=1)]
    priced = rules.unit_prices(wanted, SKUS, units, values.Buyer("CNY", NOON))
    # 20.00 + 4 × 1.50 = 26.00: half of it for each of two that are alike.
    assert [line.unit_minor for line in priced.lines] == [51_300, 52_600, 51_300]


def test_no_trace_tells_what_was_written() -> None:
    compiled = rules.compile_formula(replace(RING, expression="n = length(engraving); is_bare = empty(engraving); n"))
    trace = formulas.reckon(compiled, formulas.read_attributes(compiled, {"engraving": "Anna & Tom"}), "CNY").trace
    assert trace.attributes == {"size": "52", "length(engraving)": "8"}
    assert trace.steps == {"n": "8", "is_bare": "false"}
    assert "Anna" not in msgspec.json.encode(trace).decode()


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("engraving * rate", "formula_misfit"),
        ("engraving == 'Anna'", "formula_misfit"),
        ("1 if engraving == engraving else 2", "formula_misfit"),
        ("1 if 4 == engraving else 2", "formula_misfit"),
        ("1 if engraving else 2", "formula_misfit"),
        ("round(engraving)", "formula_misfit"),
        ("length(size)", "formula_misfit"),
        ("length('Anna')", "formula_misfit"),
        ("1 if empty(size) else 2", "formula_misfit"),
        ("empty(engraving)", "formula_misfit"),
        ("length(engraving, engraving)", "formula_arguments"),
        ("lookup(engraving, 1)", "formula_name_unknown"),
        ("length(length)", "formula_name_unknown"),
    ],
)
def test_a_text_is_counted_and_nothing_else(expression: str, code: str) -> None:
    problems = formulas.problems_of_formula(replace(RING, expression=expression))
    assert [(problem.code, problem.field) for problem in problems] == [(code, "expression")]


def test_a_text_may_have_a_name_in_between() -> None:
    formula = replace(RING, expression="what = engraving; base + rate * length(what)")
    assert unit_minor("Anna", formula) == PLAIN_MINOR + 600


def test_something_else_may_be_called_length() -> None:
    length = values.FormulaAttribute("length", minimum=Decimal(1), maximum=Decimal(9))
    formula = values.Formula("x", "length * length(engraving)", "CNY", (length, ENGRAVING), goods=("sku:X",))
    assert formulas.problems_of_formula(formula) == ()
    given_ = formulas.read_attributes(rules.compile_formula(formula), {"length": 3, "engraving": "Anna"})
    assert formulas.reckon(rules.compile_formula(formula), given_, "CNY").unit_minor == 1_200


@pytest.mark.parametrize(
    "attribute",
    [
        replace(ENGRAVING, text=values.FormulaText(0)),
        replace(ENGRAVING, text=values.FormulaText(201)),
        replace(ENGRAVING, unit="mm"),
        replace(ENGRAVING, minimum=Decimal(1)),
        replace(ENGRAVING, maximum=Decimal(1)),
        replace(ENGRAVING, step=Decimal(1)),
        replace(ENGRAVING, default=""),
        replace(ENGRAVING, choices=("a",)),
    ],
)
def test_what_belongs_to_numbers_and_choices_goes_with_no_text(attribute: values.FormulaAttribute) -> None:
    problems = formulas.problems_of_formula(replace(RING, attributes=(SIZE, attribute)))
    assert [(problem.code, problem.field) for problem in problems] == [("formula_text_invalid", "attributes[1]")]


def test_words_of_a_text_are_its_label_alone() -> None:
    worded = replace(ENGRAVING, choice_labels={"Anna": values.Words("安娜")})
    (problem,) = formulas.problems_of_formula(replace(RING, attributes=(SIZE, worded)))
    assert (problem.code, problem.field) == ("formula_words_invalid", "attributes[1].choice_labels")


def test_a_formula_is_tried_with_the_shortest_and_the_longest_text() -> None:
    (short,) = formulas.problems_of_formula(replace(RING, expression="1 / length(engraving)"))
    assert isinstance(short, errors.FormulaFails)
    assert short.order == "size 52, length(engraving) 0"
    assert formulas.problems_of_formula(replace(REQUIRED, expression="1 / length(engraving)")) == ()
    (long,) = formulas.problems_of_formula(replace(REQUIRED, expression="39 - length(engraving)"))
    assert isinstance(long, errors.FormulaFails)
    assert long.order == "size 52, length(engraving) 40"


@given(text=st.text(max_size=60), number=st.integers(min_value=0, max_value=254))
def test_a_stand_in_costs_what_the_text_costs(text: str, number: int) -> None:
    try:
        found = read(text)
    except Refusal:
        return
    count = int(found.names["engraving"])
    standing = formulas.stand_in(count, number)
    assert read(standing).names == found.names
    assert read(standing).texts["engraving"] == standing
    assert formulas.is_stand_in(standing) is (count > 0)


@given(text=st.text(max_size=60))
def test_a_text_is_kept_once(text: str) -> None:
    kept = writings.normal(text)
    assert unicodedata.is_normalized("NFC", kept)
    assert writings.normal(kept) == kept
    assert writings.letters(kept) <= len(kept)


def test_stand_ins_of_different_numbers_are_different() -> None:
    assert len({formulas.stand_in(3, number) for number in range(255)}) == 255
    assert formulas.stand_in(8) == "⣿" * 8
    assert not formulas.is_stand_in("")
    assert not formulas.is_stand_in("⣿⣾")
    assert not formulas.is_stand_in("aaa")


@pytest.mark.parametrize(
    ("text", "locale", "told"),
    [
        ("Anna & Tom", "", "Engraving “Anna & Tom”"),
        ("Anna & Tom", "en", "Engraving “Anna & Tom”"),
        ("Anna & Tom", "zh_Hant", "鐫刻 “Anna & Tom”"),
        ("", "zh_Hans", "刻字 –"),
    ],
)
def test_a_text_is_told_in_quotes(text: str, locale: str, told: str) -> None:
    assert formulas.said(RING, read(text))[1].told_in(locale) == told


def test_what_is_said_of_other_pieces_is_stored_as_it_was() -> None:
    compiled = rules.compile_formula(CURTAIN)
    said = formulas.said(CURTAIN, formulas.read_attributes(compiled, {"width": "2.4 m", "height": 1_800}))
    assert [one.letters for one in said] == [None, None, None]
    assert b"letters" not in msgspec.json.encode(said)
    (_, engraved) = formulas.said(RING, read("Anna"))
    stored = msgspec.json.encode(engraved)
    assert b'"letters":4' in stored
    assert msgspec.json.decode(stored, type=values.Said) == engraved


def test_a_formula_that_was_written_before_there_were_texts_is_read_as_it_was() -> None:
    body = drafts.plain(CURTAIN)
    for attribute in body["attributes"]:
        del attribute["text"]
    assert drafts.read("formula", body) == CURTAIN
    assert drafts.read("formula", drafts.plain(RING)) == RING
    bare = {**body, "attributes": [{"name": "engraving", "text": {}}], "expression": "1", "tables": []}
    read_ = drafts.read("formula", bare)
    assert isinstance(read_, values.Formula)
    assert read_.attributes[0].text == values.FormulaText(60, is_required=False)


def test_a_formula_with_a_text_is_told_in_words() -> None:
    assert "Engraving of up to 40 characters" in wording.formula(RING, Reader("en"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("engraving=007", {"engraving": "007"}),
        ("engraving=7", {"engraving": 7}),
        ("engraving=true", {"engraving": "true"}),
        ("engraving=false; size=52", {"engraving": "false", "size": 52}),
        ('engraving="7"', {"engraving": "7"}),
        ('engraving=""', {"engraving": ""}),
        ('engraving="Anna; ""Tom"", =1"; size=52', {"engraving": 'Anna; "Tom", =1', "size": 52}),
        ("engraving=a=b＝c", {"engraving": "a=b＝c"}),
        ("size=2.4 m", {"size": "2.4 m"}),
    ],
)
def test_what_is_said_of_a_piece_is_read_as_it_was_typed(typed: str, said: Mapping[str, int | str]) -> None:
    assert attributes.read_said(typed) == (said, "")


@given(text=st.text(max_size=40))
def test_any_text_goes_out_and_comes_in_as_it_is(text: str) -> None:
    try:
        kept = read(text).texts["engraving"]
    except Refusal:
        return
    typed = attributes.written({"engraving": kept, "size": "52 mm"})
    assert attributes.read_said(typed) == ({"engraving": kept, "size": "52 mm"}, "")
