"""Translations: English message ids, gettext catalogs for 简体中文 and 繁體中文.

Message ids use named placeholders, `{available}`. The catalogs are `src/jiedan/locale/<locale>/LC_MESSAGES/jiedan.po`,
read directly, so there is nothing to compile.
"""

import functools
from collections.abc import Callable, Iterable, Mapping
from importlib import resources
from typing import Any, NamedTuple, Protocol, Self

import babel
from babel.messages import pofile

from jiedan.base import money

ENGLISH = "en"
LOCALES = (ENGLISH, "zh_Hans", "zh_Hant")

BABEL_BY_LOCALE: Mapping[str, str] = {ENGLISH: "en", "zh_Hans": "zh_Hans_CN", "zh_Hant": "zh_Hant_TW"}
"""The name babel formats numbers and dates by."""

LANG_BY_LOCALE: Mapping[str, str] = {ENGLISH: "en", "zh_Hans": "zh-Hans", "zh_Hant": "zh-Hant"}
"""The BCP 47 tag, for `<html lang>` and `Content-Language`."""

NAME_BY_LOCALE: Mapping[str, str] = {ENGLISH: "English", "zh_Hans": "简体中文", "zh_Hant": "繁體中文"}
"""The name of each language in itself."""

ACCEPT_LANGUAGE_LENGTH_MAX = 500
COUNTRY_CHARACTERS = 2

_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate yet"
    """Mark a message for extraction and return it unchanged."""
    return message


class Phrase(str):
    """A part of a message that is a message itself: English as a text, translated where the whole one is said.

    `Phrase("an amount in {currency}", currency="CNY")` marks its message id for extraction, as `N_` does.
    """

    __slots__ = ("message", "values")

    message: str
    values: Mapping[str, Any]

    def __new__(cls, message: str, /, **values: Any) -> Self:
        """Make the English text and keep what it was made of."""
        phrase = super().__new__(cls, message.format(**values) if values else message)
        phrase.message, phrase.values = message, values
        return phrase


class Series(Phrase):
    """Texts in a row as a part of a message: `a, b` as a text, set apart as the language does where it is said.

    Phrases among the texts are translated.
    """

    __slots__ = ("texts",)

    texts: tuple[str, ...]

    def __new__(cls, texts: Iterable[str], /) -> Self:
        """Join the texts as English does and keep them."""
        kept = tuple(texts)
        series = str.__new__(cls, ", ".join(kept))
        series.message, series.values, series.texts = str(series), {}, kept
        return series


class Word(Phrase):
    """A code as a part of a message: the code as a text, the word for it where the message is said."""

    __slots__ = ()

    def __new__(cls, code: str, words: Mapping[str, str], /) -> Self:
        """Look the word up; a code without one stands for itself."""
        word = str.__new__(cls, code)
        word.message, word.values = words.get(code, code), {}
        return word


class Called(Phrase):
    """Something of the merchant's as a part of a message: its name as a text, what it is called where it is said."""

    __slots__ = ("called_in",)

    called_in: Callable[[str], str]

    def __new__(cls, name: str, called_in: Callable[[str], str], /) -> Self:
        """Keep the name, and what tells by a locale what it is called there."""
        called = str.__new__(cls, name)
        called.message, called.values, called.called_in = name, {}, called_in
        return called


class Amount(Phrase):
    """Money as a part of a message, `minor` units of a currency: written as the language does where it is said."""

    __slots__ = ("money",)

    money: money.Money

    def __new__(cls, minor: int, currency: str, /) -> Self:
        """Write it as English does and keep it. Raises KeyError for an unknown currency."""
        amount = str.__new__(cls, money.format_money(minor, currency, BABEL_BY_LOCALE[ENGLISH]))
        amount.message, amount.values, amount.money = str(amount), {}, money.Money(minor, currency)
        return amount


class Told(int):
    """A number in a refusal: itself as data, and `words` in the message."""

    words: Phrase

    def __new__(cls, number: int, words: Phrase, /) -> Self:
        """Keep both."""
        told = super().__new__(cls, number)
        told.words = words
        return told

    @classmethod
    def money(cls, minor: int, currency: str, /) -> Self:
        """Return minor units that messages tell as money. Raises KeyError for an unknown currency."""
        return cls(minor, Amount(minor, currency))

    def __format__(self, spec: str) -> str:
        """Return the words in English."""
        return format(str(self.words), spec)


class Sayable(Protocol):
    """What has a message: a refusal or a failure."""

    @property
    def message(self) -> str:
        """The message id."""
        ...

    def data(self) -> Mapping[str, Any]:
        """Return what fills the placeholders."""
        ...


class Catalog(NamedTuple):
    """The translations of one language: by message id, and plural forms by singular message id."""

    texts: Mapping[str, str]
    plurals: Mapping[str, tuple[str, ...]]


@functools.cache
def catalog(locale: str) -> Catalog:
    """Return the catalog of `locale`; English and a language without a file have an empty one."""
    path = resources.files("jiedan").joinpath("locale", locale, "LC_MESSAGES", "jiedan.po")
    if not path.is_file():
        return Catalog({}, {})
    texts: dict[str, str] = {}
    plurals: dict[str, tuple[str, ...]] = {}
    with path.open("rb") as file:
        for entry in pofile.read_po(file):
            if not entry.id or entry.fuzzy or not entry.string:
                continue
            if isinstance(entry.id, str):
                texts[entry.id] = str(entry.string)
            elif all(entry.string):
                plurals[entry.id[0]] = tuple(entry.string)
    return Catalog(texts, plurals)


def gettext(locale: str, message: str) -> str:
    """Return `message` in `locale`, its placeholders untouched; the message id itself where it is not translated."""
    return catalog(locale).texts.get(message, message)


def ngettext(locale: str, singular: str, plural: str, count: int) -> str:
    """Return the form for `count`, its placeholders untouched. Chinese has one form."""
    forms = catalog(locale).plurals.get(singular)
    if forms is not None:
        return forms[0] if len(forms) == 1 or count == 1 else forms[1]
    return singular if count == 1 else plural


def translate(locale: str, message: str, /, **data: Any) -> str:
    """Return `message` in `locale` with its placeholders filled from `data`."""
    text = gettext(locale, message)
    return text.format(**data) if data else text


def say(locale: str, sayable: Sayable) -> str:
    """Return the message of a refusal or failure in `locale`, with its remedy behind it."""
    text = say_message(locale, sayable)
    remedy = say_remedy(locale, sayable)
    if not remedy:
        return text
    return f"{text} {remedy}" if locale == ENGLISH else text + remedy


def say_message(locale: str, sayable: Sayable) -> str:
    """Return the message of a refusal or failure in `locale`, without its remedy."""
    return gettext(locale, sayable.message).format(**_values(locale, sayable))


def say_remedy(locale: str, sayable: Sayable) -> str:
    """Return what would help, in `locale`; empty where nothing is known to."""
    remedy = getattr(sayable, "remedy", "")
    return gettext(locale, remedy).format(**_values(locale, sayable)) if remedy else ""


def _values(locale: str, sayable: Sayable) -> Mapping[str, Any]:
    """Return what fills the placeholders, the phrases among it translated."""
    values = dict(sayable.data())
    for name in values:
        given = getattr(sayable, name, None)
        words = given.words if isinstance(given, Told) else given
        if isinstance(words, Phrase):
            values[name] = _phrased(locale, words)
    return values


def listed(locale: str, texts: Iterable[str]) -> str:
    """Return texts in a row: `a, b` in English, `a、b` in Chinese; phrases among them translated."""
    return separator(locale).join(phrased(locale, text) for text in texts)


@functools.cache
def separator(locale: str) -> str:
    """Return what stands between the texts of a row in `locale`, by the Unicode locale data."""
    pattern: str = babel.Locale.parse(BABEL_BY_LOCALE[locale]).list_patterns["standard"]["middle"]
    return pattern.format("", "")


@functools.cache
def countries(locale: str) -> tuple[tuple[str, str], ...]:
    """Return the countries of the world by their codes (ISO 3166-1 alpha-2) with their names, in the order of those."""
    names = babel.Locale.parse(BABEL_BY_LOCALE[locale]).territories
    found = [
        (str(code), str(name)) for code, name in names.items() if len(code) == COUNTRY_CHARACTERS and code.isalpha()
    ]
    return tuple(sorted(found, key=lambda each: each[1]))


def phrased(locale: str, text: str) -> str:
    """Return a text in `locale` if it is a phrase or a series of texts, else as it is."""
    return _phrased(locale, text) if isinstance(text, Phrase) else text


def _phrased(locale: str, phrase: Phrase) -> str:
    if isinstance(phrase, Series):
        return listed(locale, phrase.texts)
    if isinstance(phrase, Amount):
        return money.format_money(*phrase.money, BABEL_BY_LOCALE[locale])
    if isinstance(phrase, Called):
        return phrase.called_in(locale)
    values = {k: _phrased(locale, v) if isinstance(v, Phrase) else v for k, v in phrase.values.items()}
    return translate(locale, phrase.message, **values)


def match(tag: str) -> str | None:
    """Return our locale for a BCP 47 tag or a locale name (`zh-TW`, `zh_Hans`, `en-GB`), or None."""
    language, *rest = tag.strip().lower().replace("_", "-").split("-")
    if language == ENGLISH:
        return ENGLISH
    if language != "zh":
        return None
    if "hans" in rest:
        return "zh_Hans"
    return "zh_Hant" if _TRADITIONAL.intersection(rest) else "zh_Hans"


@functools.lru_cache(maxsize=1024)
def negotiate(accept_language: str) -> str | None:
    """Return the locale an `Accept-Language` header likes best, or None when it likes none of ours."""
    best: str | None = None
    best_quality = 0.0
    for part in accept_language[:ACCEPT_LANGUAGE_LENGTH_MAX].split(","):
        tag, _, parameter = part.partition(";")
        locale = match(tag)
        quality = _quality(parameter)
        if locale is not None and quality > best_quality:
            best, best_quality = locale, quality
    return best


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
