"""VAT numbers as people write them: with spaces or dots, with or without the letters of their country."""

import re

_BODY = re.compile(r"(?=.*[0-9])[0-9A-Z+*]{2,13}")
_PREFIX_CHARACTERS = 2
_COUNTRY_BY_PREFIX = {"EL": "GR"}
"""Where VAT numbers begin with other letters than the country is written with."""

_NOT_IN_NUMBERS = re.compile(r"[\s.\-]")


def read(written: str, country: str = "") -> tuple[str, str]:
    """Return a number with its prefix and the country it is of; two empty texts where it cannot be read.

    `country` is where it is of when it lacks the prefix.
    """
    number = _NOT_IN_NUMBERS.sub("", written).upper()
    country = _COUNTRY_BY_PREFIX.get(country, country)
    prefixes = [p for p, c in _COUNTRY_BY_PREFIX.items() if c == country] or [country]
    if country and not number.startswith(prefixes[0]):
        number = prefixes[0] + number
    prefix, body = number[:_PREFIX_CHARACTERS], number[_PREFIX_CHARACTERS:]
    if not (prefix.isascii() and prefix.isalpha() and _BODY.fullmatch(body)):
        return "", ""
    return number, _COUNTRY_BY_PREFIX.get(prefix, prefix)
