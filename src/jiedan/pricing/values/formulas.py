"""Formulas for bespoke goods: typed attributes, constants and tables, and an expression over them."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

import msgspec

EXPRESSION_CHARACTERS_MAX = 1_000
EXPRESSION_PARTS_MAX = 200
EXPRESSION_LEVELS_MAX = 20
EXPRESSION_STEPS_MAX = 20
NUMBER_DIGITS_MAX = 18
TEXT_CHARACTERS_MAX = 64
"""Of a choice."""

WRITING_CHARACTERS_MAX = 200
"""Of a text that customers write, so many characters at most."""

WRITING_CHARACTERS = 60
"""So many where a formula does not say how many."""

NAME_CHARACTERS_MAX = 40
VALUE_BITS_MAX = 2_048
"""A value in between may have so many binary digits: far beyond any price, and cheap to reckon with."""

ATTRIBUTES_MAX = 20
GOODS_MAX = 200
"""Traits that one formula prices."""

LABEL_CHARACTERS_MAX = 100
UNIT_CHARACTERS_MAX = 20
"""Of what an attribute is called and measured in, so many characters are kept with a line."""

GOODS_KINDS = ("sku:", "product:")
"""By which traits a formula may name what it prices."""

CHOICES_MAX = 100
CONSTANTS_MAX = 50
TABLES_MAX = 10
ROWS_MAX = 200
PROBES_MAX = 256
"""Extreme orders tried before a formula is published."""

QUANTITY_NAME = "quantity"
"""What expressions call the number of units with the same attributes in the cart."""

AttributeValue = int | str | Decimal
"""As customers give it: a number, a number as text with or without its unit, one of the choices, or what they write."""

_LOCALES = {"zh_hans": "zh_Hans", "zh_hant": "zh_Hant"}

Kind = Literal["number", "text", "truth", "writing"]
"""Of a part of an expression; of a writing, what customers write, an expression sees how long it is and no more."""

TableKind = Literal["bands", "choices"]
Value = Fraction | str | bool


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename=_LOCALES):
    """What something of the merchant's is called in other languages; empty where it is called the same."""

    en: str = ""
    zh_hans: str = ""
    zh_hant: str = ""

    def of(self, locale: str) -> str:
        """Return what it is called in a language, by locale; nothing where that has no word of its own, nor others."""
        return {"en": self.en, "zh_Hans": self.zh_hans, "zh_Hant": self.zh_hant}.get(locale, "")


NO_WORDS = Words()


class FormulaText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text that customers write on one line, like an engraving; it may be left empty unless it `is_required`."""

    characters_max: int = WRITING_CHARACTERS
    is_required: bool = False


class FormulaAttribute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What customers say about a bespoke piece: a number in `unit` between two limits, one of `choices`, or a `text`.

    Numbers are `minimum` plus whole steps where there is a step. `counted_in` is the unit in which the expression
    sees the number, where it is another than the one it is given in: given in mm, counted in m. The default
    is a number in digits, or a choice. `labels` say its label in other languages, `choice_labels` its choices; where
    a language has none, the label itself is shown, and the choice.
    """

    name: str
    label: str = ""
    unit: str = ""
    counted_in: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    step: Decimal | None = None
    default: str | None = None
    choices: tuple[str, ...] = ()
    labels: Words = NO_WORDS
    choice_labels: dict[str, Words] = {}
    text: FormulaText | None = None

    def label_in(self, locale: str) -> str:
        """Return what it is called in a language."""
        return _label_of(self, locale)

    def choice_in(self, choice: str, locale: str) -> str:
        """Return what one of its choices is called in a language."""
        return self.choice_labels.get(choice, NO_WORDS).of(locale) or choice


class FormulaConstant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number with a name: plain, or money as minor units by currency."""

    name: str
    value: Decimal | None = None
    amounts: dict[str, int] = {}


class FormulaRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of a table: from the number `key` on, or for the choice `key`; plain, or money by currency."""

    key: str
    value: Decimal | None = None
    amounts: dict[str, int] = {}


class FormulaTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table that an expression looks up: `bands` by number, each from its key up to the next; `choices` by text."""

    name: str
    kind: TableKind
    rows: tuple[FormulaRow, ...]


class Formula(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one unit of a bespoke piece is priced, in major units of money.

    It prices the `goods` that it names as `sku:` or `product:` and a code; what names the SKU itself goes first.
    With `currency` the result is in that currency alone. Without it, the money stands in amounts of constants and
    tables, and the formula is offered in each currency that all of them have.
    """

    code: str
    expression: str
    currency: str = ""
    attributes: tuple[FormulaAttribute, ...] = ()
    constants: tuple[FormulaConstant, ...] = ()
    tables: tuple[FormulaTable, ...] = ()
    goods: tuple[str, ...] = ()


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a line says of a bespoke piece: the number, choice or text, and how it was asked for then.

    `labels` are its label in other languages, `words` its choice. `letters` are those that a text is priced by, None of
    what is no text.
    """

    name: str
    value: str
    label: str = ""
    unit: str = ""
    labels: Words = NO_WORDS
    words: Words = NO_WORDS
    letters: int | None = None

    @property
    def measure(self) -> str:
        """The number with its unit, the choice, or the text."""
        return f"{self.value} {self.unit}".rstrip()

    def told_in(self, locale: str) -> str:
        """Return what it is called, and what it is, in a language: `Width 2400 mm`, `Engraving “Anna”`.

        In the merchant's own words where that has none, or where no language is named.
        """
        label = _label_of(self, locale)
        if self.letters is not None:
            return f"{label} “{self.value}”" if self.value else f"{label} –"
        return f"{label} {self.words.of(locale) or self.measure}"


def _label_of(one: FormulaAttribute | Said, locale: str) -> str:
    return one.labels.of(locale) or one.label or one.name


class Bands(NamedTuple):
    """A table of bands, ready to look up: where each begins, and its value."""

    starts: tuple[Fraction, ...]
    worths: tuple[Fraction, ...]


class Surroundings(NamedTuple):
    """What an expression sees while it is evaluated: names of one order, tables in one currency."""

    names: dict[str, Value]
    bands: Mapping[str, Bands]
    choices: Mapping[str, Mapping[str, Fraction]]


Evaluate = Callable[[Surroundings], Value]


class CompiledFormula(NamedTuple):
    """A formula that was checked and made ready: steps in order, the last without a name is the result."""

    formula: Formula
    currencies: frozenset[str]
    steps: tuple[tuple[str, Evaluate], ...]
    result: Evaluate
    names: Mapping[str, Mapping[str, Value]]
    bands: Mapping[str, Mapping[str, Bands]]
    choices: Mapping[str, Mapping[str, Mapping[str, Fraction]]]


class FormulaTrace(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a formula was given and what came out in between, as decimals rounded to nine places for reading."""

    formula: str
    attributes: dict[str, str] = {}
    steps: dict[str, str] = {}


class FormulaPrice(NamedTuple):
    """What one unit costs by a formula, in minor units, and how it came about."""

    unit_minor: int
    trace: FormulaTrace
