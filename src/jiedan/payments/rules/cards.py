"""Recognize card numbers, so that none is ever taken in: cards are typed on the provider's page only."""

import re

from jiedan.base import cards
from jiedan.base.cards import DIGITS_MAX, DIGITS_MIN

_RUN = re.compile(r"(?<![0-9])[0-9](?:[ .\-_]?[0-9]){12,18}(?![0-9])")


def has_card_number(text: str) -> bool:
    """Tell whether `text` holds 13 to 19 digits, however grouped, that pass the check of ISO/IEC 7812 (Luhn)."""
    return any(_passes(match[0]) for match in _RUN.finditer(text))


def _passes(run: str) -> bool:
    digits = "".join(character for character in run if character.isdigit())
    return DIGITS_MIN <= len(digits) <= DIGITS_MAX and digits.strip("0") != "" and cards.passes_luhn(digits)
