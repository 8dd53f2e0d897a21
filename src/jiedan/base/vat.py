"""VAT numbers as people write them: with spaces or dots, with or without the letters of their country."""

import re
from collections.abc import Mapping
from types import MappingProxyType

_BODY = re.compile(r"(?=.*[0-9])[0-9A-Z+*]{2,13}")
_PREFIX_CHARACTERS = 2
_COUNTRY_BY_PREFIX = {"EL": "GR"}
"""Where VAT numbers begin with other letters than the country is written with."""

_SHAPES: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "AT": re.compile(r"U[0-9]{8}"),
        "BE": re.compile(r"[01][0-9]{9}"),
        "BG": re.compile(r"[0-9]{9,10}"),
        "CY": re.compile(r"[0-9]{8}[A-Z]"),
        "CZ": re.compile(r"[0-9]{8,10}"),
        "DE": re.compile(r"[0-9]{9}"),
        "DK": re.compile(r"[0-9]{8}"),
        "EE": re.compile(r"[0-9]{9}"),
        "EL": re.compile(r"[0-9]{9}"),
        "ES": re.compile(r"[A-Z][0-9]{7}[0-9A-Z]|[0-9]{8}[A-Z]"),
        "FI": re.compile(r"[0-9]{8}"),
        "FR": re.compile(r"[0-9A-Z]{2}[0-9]{9}"),
        "HR": re.compile(r"[0-9]{11}"),
        "HU": re.compile(r"[0-9]{8}"),
        "IE": re.compile(r"[0-9]{7}[A-Z]{1,2}|[0-9][A-Z+*][0-9]{5}[A-Z]"),
        "IT": re.compile(r"[0-9]{11}"),
        "LT": re.compile(r"[0-9]{9}|[0-9]{12}"),
        "LU": re.compile(r"[0-9]{8}"),
        "LV": re.compile(r"[0-9]{11}"),
        "MT": re.compile(r"[0-9]{8}"),
        "NL": re.compile(r"[0-9A-Z+*]{9}B[0-9A-Z+*]{2}"),
        "PL": re.compile(r"[0-9]{10}"),
        "PT": re.compile(r"[0-9]{9}"),
        "RO": re.compile(r"[0-9]{2,10}"),
        "SE": re.compile(r"[0-9]{12}"),
        "SI": re.compile(r"[0-9]{8}"),
        "SK": re.compile(r"[0-9]{10}"),
        "XI": re.compile(r"[0-9]{9}|[0-9]{12}|GD[0-9]{3}|HA[0-9]{3}"),
    }
)
"""What follows the prefix in the European Union and in Northern Ireland; elsewhere it is anything with a digit."""

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
    if not (prefix.isascii() and prefix.isalpha() and _SHAPES.get(prefix, _BODY).fullmatch(body)):
        return "", ""
    return number, _COUNTRY_BY_PREFIX.get(prefix, prefix)
