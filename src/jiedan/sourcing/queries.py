"""Reads of sourcing."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from jiedan.base import paging, sql, terms
from jiedan.base.db import Load, ReadTx
from jiedan.sourcing import values
from jiedan.sourcing.tables import PostalArea

SQL = sql.load("jiedan.sourcing", "queries.sql")

LIST_NAME = "postal-areas"
KEYSET = paging.Keyset(columns=(PostalArea.country, PostalArea.prefix), descending=False)

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


async def postal_areas(
    tx: ReadTx, *, request: paging.Request, country: str | None = None, prefix: str = ""
) -> paging.Page[values.ListedArea]:
    """Return a page of the table, by country and prefix; those of `country`, and that begin with `prefix`."""
    a = PostalArea
    statement = sa.select(a.country, a.prefix, a.lat, a.lon).where(a.tenant_id == tx.tenant)
    if country is not None:
        statement = statement.where(a.country == country)
    if prefix:
        start, end = terms.prefix_range(prefix)
        statement = statement.where(a.prefix >= start, a.prefix < end)
    rows = (await tx.execute(KEYSET.apply(statement, request))).all()
    return KEYSET.page(rows, request, make=_listed, position=lambda row: (row.country, row.prefix))


def _listed(row: Any) -> values.ListedArea:
    return values.ListedArea(*row)
