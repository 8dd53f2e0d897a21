"""Reads of sourcing."""

from collections.abc import Collection, Mapping
from typing import Any

from jiedan.base import sql
from jiedan.base.db import Load
from jiedan.sourcing import values

SQL = sql.load("jiedan.sourcing", "queries.sql")

PREFIX_CHARACTERS_MAX = 16


def normalize_postal_code(text: str) -> str:
    """Return the postal code without spaces and dashes, upper case."""
    return "".join(character for character in text.upper() if character.isalnum())


class Places:
    """Where postal codes lie, as far as the merchant's table tells."""

    def __init__(self, areas: Mapping[tuple[str, str], values.Point]) -> None:
        self._areas = areas

    def find(self, country: str, postal_code: str) -> values.Point | None:
        """Return the point of the longest listed prefix of `postal_code`; None when none is listed."""
        code = normalize_postal_code(postal_code)[:PREFIX_CHARACTERS_MAX]
        for length in range(len(code), 0, -1):
            point = self._areas.get((country, code[:length]))
            if point is not None:
                return point
        return None


def places(codes: Collection[tuple[str, str]]) -> Load[Places]:
    """Return where the given (country, postal code) pairs lie; every prefix of each is looked up by key."""
    prefixes = sorted(
        {
            (country, normal[:length])
            for country, code in codes
            for normal in (normalize_postal_code(code)[:PREFIX_CHARACTERS_MAX],)
            for length in range(1, len(normal) + 1)
        }
    )

    def parse(rows: list[tuple[Any, ...]]) -> Places:
        return Places({(country, prefix): values.Point(lat, lon) for country, prefix, lat, lon in rows})

    return Load(
        SQL["places"],
        {"countries": [country for country, _ in prefixes], "prefixes": [prefix for _, prefix in prefixes]},
        parse,
    )
