"""Recognize card numbers, so that none is ever taken in: cards are typed on the provider's page only."""

import re

DIGITS_MIN, DIGITS_MAX = 13, 19

_RUN = re.compile(r"(?<![0-9])[0-9](?:[ .\-_]?[0-9]){12,18}(?![0-9])")


def has_card_number(text: str) -> bool:
    """Tell whether `text` holds 13 to 19 digits, however grouped, that pass the check of ISO/IEC 7812 (Luhn)."""
    return any(_passes(match[0]) for match in _RUN.finditer(text))


def _passes(run: str) -> bool:
    digits = [int(character) for character in run if character.isdigit()]
    if not DIGITS_MIN <= len(digits) <= DIGITS_MAX or not any(digits):
        return False
    doubled = (d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(reversed(digits)))  # noqa: PLR2004 - Luhn
    return sum(doubled) % 10 == 0
