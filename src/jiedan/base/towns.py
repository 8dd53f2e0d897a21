"""Larger towns of the world by name: where they lie, and what readers of our three languages call them.

The table holds towns only, in degrees (WGS 84) with two digits: no countries and no borders. It places what carriers
write ("武汉转运中心"), so it need not be complete; what it does not know has no place.
"""

import csv
import functools
import re
import unicodedata
from collections.abc import Mapping
from importlib import resources
from typing import NamedTuple

from jiedan.base.i18n import ENGLISH

NAME_COLUMNS = ("en", "zh_Hans", "zh_Hant")
TEXT_CHARS_MAX = 200
"""So much of a text is looked at."""


class Town(NamedTuple):
    """A town: degrees, and its name by locale."""

    lat: float
    lon: float
    names: Mapping[str, str]

    def name(self, locale: str) -> str:
        """Return what readers of a language call it."""
        return self.names.get(locale) or self.names[ENGLISH]


@functools.cache
def towns() -> tuple[Town, ...]:
    """Return every town of the table, in its order."""
    text = resources.files("jiedan.base").joinpath("towns.csv").read_text(encoding="utf-8")
    return tuple(
        Town(float(lat), float(lon), dict(zip(NAME_COLUMNS, names, strict=True)))
        for lat, lon, *names in csv.reader(text.splitlines())
    )


def find(text: str) -> Town | None:
    """Return the town that a text names first, in whatever language; of two at one spot, the longer name's. None else.

    Latin names are found as whole words, without regard to case and accents; others anywhere in the text.
    """
    found = _pattern().search(_folded(text[:TEXT_CHARS_MAX]))
    return _by_name()[found[0]] if found is not None else None


@functools.cache
def _by_name() -> Mapping[str, Town]:
    return {_folded(name.split(" (")[0]): town for town in reversed(towns()) for name in town.names.values()}


@functools.cache
def _pattern() -> re.Pattern[str]:
    names = sorted(_by_name(), key=len, reverse=True)
    return re.compile("|".join(rf"\b{re.escape(x)}\b" if x.isascii() else re.escape(x) for x in names))


def _folded(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text)
    return "".join(x for x in bare if not unicodedata.combining(x)).casefold()
