import dataclasses
from typing import ClassVar

import pytest

from jiedan.base import errors, i18n


@dataclasses.dataclass(eq=False)
class TooFew(errors.Conflict):
    message: ClassVar[str] = "Only {available} are left."
    remedy: ClassVar[str] = "Order {available} or fewer."

    available: int


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh_Hans"),
        ("zh-TW", "zh_Hant"),
        ("zh-HK;q=0.8, en;q=0.9", "en"),
        ("zh-Hant-CN", "zh_Hant"),
        ("zh-Hans-HK", "zh_Hans"),
        ("zh", "zh_Hans"),
        ("de, fr;q=0.5", None),
        ("de, *;q=0.1, en-GB;q=0.3", "en"),
        ("en;q=0", None),
        ("en;q=abc, zh-TW;q=0.1", "zh_Hant"),
        ("", None),
        ("," * 10_000, None),
    ],
)
def test_the_language_liked_best_is_chosen(header: str, locale: str | None) -> None:
    assert i18n.negotiate(header) == locale


def test_a_message_without_translation_is_said_in_english() -> None:
    assert i18n.translate("zh_Hans", "{n} nobody ever translated", n=3) == "3 nobody ever translated"


def test_a_translated_message_keeps_its_placeholders_filled() -> None:
    assert "{" not in i18n.translate("en", "{count} problems were found.", count=2)


def test_a_refusal_is_said_with_its_remedy() -> None:
    assert i18n.say("en", TooFew(available=2)) == "Only 2 are left. Order 2 or fewer."
    assert i18n.say_message("en", TooFew(available=2)) == "Only 2 are left."
    assert i18n.say_remedy("en", errors.Conflict()) == ""


@dataclasses.dataclass(eq=False)
class TooPoor(errors.Conflict):
    message: ClassVar[str] = "There is {left}."
    remedy: ClassVar[str] = "Take {left} or less."

    left: int


def test_a_told_number_is_data_as_a_number_and_money_in_the_message() -> None:
    refusal = TooPoor(left=i18n.Told(123_456, i18n.Amount(123_456, "CNY")))
    assert (refusal.left, refusal.left + 1) == (123_456, 123_457)
    assert type(refusal.data()["left"]) is int
    assert str(refusal) == i18n.say("en", refusal) == "There is CN¥1,234.56. Take CN¥1,234.56 or less."
    assert i18n.say_message("zh_Hans", refusal) == "There is ¥1,234.56."
    assert i18n.say_message("zh_Hant", refusal) == "There is CN¥1,234.56."


def test_english_has_two_forms_of_number() -> None:
    assert [i18n.ngettext("en", "one order", "many orders", n) for n in (0, 1, 2)] == [
        "many orders",
        "one order",
        "many orders",
    ]


@pytest.mark.parametrize("locale", [name for name in i18n.LOCALES if name != i18n.ENGLISH])
def test_every_entry_of_a_catalog_can_be_filled_like_its_message(locale: str) -> None:
    for message, text in i18n.catalog(locale).texts.items():
        assert text.strip(), message


@dataclasses.dataclass(eq=False)
class Odd(errors.Invalid):
    message: ClassVar[str] = "{given}: {wanted}."

    given: str
    wanted: str


def test_a_phrase_inside_a_message_is_plain_english_as_data() -> None:
    wanted = i18n.Phrase("{count} nobody ever translated", count=3)
    odd = Odd(given="x", wanted=wanted)
    assert wanted == "3 nobody ever translated"
    assert (type(odd.data()["wanted"]), odd.data()["wanted"]) == (str, "3 nobody ever translated")
    assert str(odd) == "x: 3 nobody ever translated."


def test_a_phrase_inside_a_message_is_said_in_its_language_and_other_texts_are_not() -> None:
    said = i18n.Phrase("{count} problems were found.", count=2)
    assert i18n.say("en", Odd(given="All", wanted=said)) == "All: 2 problems were found.."
    assert i18n.say("zh_Hans", Odd(given="All", wanted=said)) == "All: 发现 2 个问题。."


def test_a_phrase_inside_a_phrase_is_said_in_the_same_language() -> None:
    inner = i18n.Phrase("{count} problems were found.", count=2)
    outer = Odd(given="x", wanted=i18n.Phrase("after row {row}: {problem}", row=7, problem=inner))
    assert i18n.say("en", outer) == "x: after row 7: 2 problems were found.."
    assert i18n.say("zh_Hant", outer) == "x: 第 7 列之後：發現 2 個問題。."


def test_a_series_is_set_apart_as_the_language_does() -> None:
    series = i18n.Series(["CNY", i18n.Phrase("{count} problems were found.", count=2), "EUR"])
    refusal = Odd(given="x", wanted=series)
    assert str(refusal) == i18n.say("en", refusal) == "x: CNY, 2 problems were found., EUR."
    translated = i18n.translate("zh_Hant", "{count} problems were found.", count=2)
    assert i18n.listed("zh_Hant", series.texts) == f"CNY、{translated}、EUR"
    assert f"CNY、{translated}、EUR" in i18n.say("zh_Hant", refusal)
    assert refusal.data() == {"given": "x", "wanted": "CNY, 2 problems were found., EUR"}
    assert i18n.listed("zh_Hans", []) == i18n.listed("en", []) == ""


def test_what_is_the_merchants_is_said_as_its_reader_calls_it_and_told_by_its_name() -> None:
    called = i18n.Called("width", {"en": "Width {m}", "zh_Hans": "宽度"}.__getitem__)
    refusal = Odd(given="x", wanted=called)
    assert refusal.data()["wanted"] == str(called) == "width"
    assert i18n.say("en", refusal) == "x: Width {m}."
    assert "宽度" in i18n.say("zh_Hans", Odd(given="x", wanted=i18n.Series([called, "mm"])))


def test_a_code_is_said_in_words_and_told_as_it_is() -> None:
    words = {"canceled": "Canceled"}
    refusal = Odd(given="x", wanted=i18n.Word("canceled", words))
    assert refusal.data()["wanted"] == "canceled"
    assert i18n.say("en", refusal) == "x: Canceled."
    assert i18n.gettext("zh_Hans", "Canceled") in i18n.say("zh_Hans", refusal)
    assert i18n.gettext("zh_Hans", "Canceled") != "Canceled"
    assert i18n.say("en", Odd(given="x", wanted=i18n.Word("odd", words))) == "x: odd."
