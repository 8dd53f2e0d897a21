"""Texts that customers write: how they are kept, how many letters they have, and what stands in for one. Pure.

An expression never sees a text, only how many letters it has. So a text of as many stands in where nobody is to know
what was written: a product's page asks what letters cost before anything is bought, and an order whose customer was
forgotten is explained by what it was priced by.
"""

import unicodedata

from jiedan.base import cards
from jiedan.base.errors import Refusal
from jiedan.pricing import errors
from jiedan.pricing.values import formulas as values

_JOINERS = frozenset("\u200c\u200d")
"""What is not seen, but decides how its neighbors are written: in Persian, and in signs made of several."""

_UNCOUNTED = frozenset({"Mn", "Me", "Cf"})
"""Kinds of characters that are seen with another one alone: accents, what varies a sign, joiners."""

_LONGEST = 4
"""A character of a text is written by so many at most, before they are put together; what is longer is not read."""

_STANDING_FIRST, _STANDING_LAST = 0x2801, 0x28FF
"""Signs of braille, which stand in the place of letters."""


def normal(text: str) -> str:
    """Return a text as it is kept: composed (NFC), every space a plain one and none around it, no card numbers."""
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join([" " if unicodedata.category(x) == "Zs" else x for x in composed])
    return cards.masked(spaced.strip(" "))


def letters(text: str) -> int:
    """Return how many letters a text has: every character that is seen by itself; spaces do not count."""
    return sum([not x.isspace() and unicodedata.category(x) not in _UNCOUNTED for x in text])


def read(attribute: values.FormulaAttribute, asked: values.FormulaText, value: values.AttributeValue) -> str:
    """Return what was written, as it is kept. Raises AttributeTextTooLong, AttributeTextInvalid, AttributeMissing."""
    given, most = str(value), asked.characters_max
    text = normal(given) if len(given) <= _LONGEST * values.WRITING_CHARACTERS_MAX else given
    if not text and asked.is_required:
        raise errors.AttributeMissing(attribute.name)
    if len(text) > most:
        raise errors.AttributeTextTooLong(attribute.name, most)
    if not all(x.isprintable() or x in _JOINERS for x in text) or (text and not letters(text)):
        raise errors.AttributeTextInvalid(attribute.name)
    return text


def problems(attribute: values.FormulaAttribute, field: str) -> list[Refusal]:
    """Return what is wrong with how a text is asked for."""
    asked = attribute.text
    if asked is None:
        return []
    numeric = (attribute.minimum, attribute.maximum, attribute.step, attribute.default)
    is_bare = not (attribute.unit or attribute.counted_in or attribute.choices) and numeric == (None,) * len(numeric)
    if is_bare and 1 <= asked.characters_max <= values.WRITING_CHARACTERS_MAX:
        return []
    return [errors.FormulaTextInvalid(attribute.name, values.WRITING_CHARACTERS_MAX, field=field)]


def stand_in(count: int, number: int = 0) -> str:
    """Return a text of so many letters that stands for another one; those of different numbers are different."""
    return chr(_STANDING_LAST - number % (_STANDING_LAST - _STANDING_FIRST + 1)) * count


def is_stand_in(text: str) -> bool:
    """Tell whether a text stands for another one, which is not known any more."""
    return len(set(text)) == 1 and _STANDING_FIRST <= ord(text[0]) <= _STANDING_LAST


def ends(asked: values.FormulaText) -> tuple[str, str]:
    """Return the shortest and the longest text that may be written."""
    return stand_in(int(asked.is_required)), stand_in(asked.characters_max)
