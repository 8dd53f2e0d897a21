"""Use cases of sourcing: keep the table of postal areas."""

from collections.abc import Sequence
from typing import NamedTuple

from jiedan.base.db import Tx
from jiedan.sourcing import errors, events, queries

LAT_MAX = 90.0
LON_MAX = 180.0
COUNTRY_CHARACTERS = 2


class PostalAreaRow(NamedTuple):
    """One row for the table: `prefix` of a postal code in `country`, and its centre in degrees."""

    country: str
    prefix: str
    lat: float
    lon: float


async def upsert_postal_areas(
    tx: Tx, *, rows: Sequence[PostalAreaRow]
) -> list[PostalAreaRow | errors.PostalAreaInvalid]:
    """Add or replace postal areas in one statement; one outcome per row, same order. The last of equal keys wins.

    Areas that are as they were change nothing, and nothing is told of them.
    """
    outcomes = [_checked(row) for row in rows]
    by_key = {(row.country, row.prefix): row for row in outcomes if isinstance(row, PostalAreaRow)}
    if by_key:
        good = [by_key[key] for key in sorted(by_key)]
        changed = await tx.sql_count(
            queries.SQL["upsert_postal_areas"],
            countries=[row.country for row in good],
            prefixes=[row.prefix for row in good],
            lats=[row.lat for row in good],
            lons=[row.lon for row in good],
        )
        countries = tuple(sorted({row.country for row in good}))
        if changed:
            tx.emit(events.PostalAreasSet(merchant_id=tx.tenant, count=changed, countries=countries))
    return outcomes


async def remove_postal_area(tx: Tx, *, country: str, prefix: str) -> None:
    """Take a postal area from the table; what was placed by it stays where it is. Raises PostalAreaNotFound."""
    key = {"country": country.strip().upper(), "prefix": queries.normalize_postal_code(prefix)}
    if not await tx.sql(queries.SQL["delete_postal_area"], **key):
        raise errors.PostalAreaNotFound(country, prefix)
    tx.emit(events.PostalAreaRemoved(merchant_id=tx.tenant, **key))


def _checked(row: PostalAreaRow) -> PostalAreaRow | errors.PostalAreaInvalid:
    country = row.country.strip().upper()
    prefix = queries.normalize_postal_code(row.prefix)
    fine = (
        len(country) == COUNTRY_CHARACTERS
        and country.isascii()
        and country.isalpha()
        and 0 < len(prefix) <= queries.PREFIX_CHARACTERS_MAX
        and abs(row.lat) <= LAT_MAX
        and abs(row.lon) <= LON_MAX
    )
    if not fine:
        return errors.PostalAreaInvalid(country=row.country, prefix=row.prefix)
    return PostalAreaRow(country, prefix, row.lat, row.lon)
