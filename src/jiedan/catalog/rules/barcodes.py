"""Barcodes: GTINs with their check digit, and a merchant's own codes."""

import re

_SEPARATORS = re.compile(r"[\s-]+")
_GTIN_LENGTHS = frozenset({8, 12, 13, 14})
_OWN_CODE = re.compile(r"(?=[0-9./$+%-]*[A-Z])[A-Z0-9./$+%-]{1,48}")


def canonical_barcode(text: str) -> str | None:
    """Return the one form a barcode is kept and found in, or None when it is none.

    Digits are a GTIN: 8, 12, 13 or 14 of them, with a right check digit. A UPC-A is the GTIN-13 that begins with 0,
    and a GTIN-14 that begins with 0 is the GTIN-13 after it, so that what a scanner shortens is still the same code.
    Anything with a letter is a code of the merchant's own, upper case.
    """
    squeezed = _SEPARATORS.sub("", text)
    if squeezed.isascii() and squeezed.isdigit():
        if len(squeezed) not in _GTIN_LENGTHS or not has_check_digit(squeezed):
            return None
        if len(squeezed) == 14 and squeezed.startswith("0"):  # noqa: PLR2004 - GTIN-14
            return squeezed[1:]
        return squeezed.zfill(13) if len(squeezed) == 12 else squeezed  # noqa: PLR2004 - UPC-A
    own = text.strip().upper()
    return own if _OWN_CODE.fullmatch(own) else None


def has_check_digit(digits: str) -> bool:
    """Tell whether the last digit checks the others (GS1 General Specifications, 7.9: weights 3 and 1)."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return total % 10 == 0
