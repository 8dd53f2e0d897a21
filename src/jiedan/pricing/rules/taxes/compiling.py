"""Tax tables made ready for carts: which rates a place has is found by key, however many rows there are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from jiedan.pricing import values
from jiedan.pricing.rules import places


class CompiledTaxes(NamedTuple):
    """The tax table of a merchant, and how it is charged. Made by `compile_taxes`.

    `names_home` tells whether the merchant's own settings name the home; else it is a country said by `counted_at`.
    """

    settings: values.TaxSettings
    prices_include_tax: bool
    by_class: Mapping[str, places.Areas[values.TaxRate]]
    names_home: bool


def compile_taxes(
    rates: Sequence[values.TaxRate], settings: values.TaxSettings, *, prices_include_tax: bool
) -> CompiledTaxes:
    """Return the table ready to be asked. `rates` are such that `problems_of_tax_rates` has nothing to say about."""
    rows: dict[str, list[tuple[str, str, str, values.TaxRate]]] = {}
    for rate in rates:
        rows.setdefault(rate.tax_class, []).append((rate.country, rate.region, rate.postal, rate))
    by_class = {tax_class: places.Areas(of_class) for tax_class, of_class in rows.items()}
    return CompiledTaxes(settings, prices_include_tax, by_class, names_home=bool(settings.home_country))


def at_home(settings: values.TaxSettings, country: str) -> values.TaxSettings:
    """Return tax settings as they are judged for a merchant of a country: it is their home where they name none.

    Those that name a part of a country alone stay as they are, to be refused.
    """
    is_named = settings.home_country or settings.home_region or settings.home_postal_code
    return settings if is_named else msgspec.structs.replace(settings, home_country=country)


def counted_at(rules: CompiledTaxes, country: str) -> CompiledTaxes:
    """Return the table as it counts for a merchant of a country, whichever other one it was counted for before."""
    if rules.names_home or rules.settings.home_country == country:
        return rules
    return rules._replace(settings=msgspec.structs.replace(rules.settings, home_country=country))


def rates_at(rules: CompiledTaxes, place: values.Place, tax_class: str, at: datetime) -> tuple[values.TaxRate, ...]:
    """Return the taxes of a class at a place and time, by position and name; nothing where the table has none.

    Of each tax the most particular row wins: the narrowest postal area, then the region, then the country. Rows of
    `*` are the rule for the others: they count where the country has no row for the place.
    """
    areas = rules.by_class.get(tax_class)
    if areas is None:
        return ()
    rows = [row for row in areas.holding(place) if is_in_force(row.thing.from_at, row.thing.until_at, at)]
    if len(rows) == 1:
        return (rows[0].thing,)
    is_of_country = any(row.particular.has_country for row in rows)
    best: dict[str, places.Located[values.TaxRate]] = {}
    for row in rows:
        name = row.thing.component
        if row.particular.has_country == is_of_country and (name not in best or _rank(row) > _rank(best[name])):
            best[name] = row
    return tuple(sorted([row.thing for row in best.values()], key=_in_order))


def _rank(row: places.Located[values.TaxRate]) -> tuple[places.Particular, int, int]:
    """Return what the row that wins has most of; of twins, which a checked table has not, the lower rate."""
    return row.particular, -row.thing.rate_ppm, -row.thing.position


def _in_order(rate: values.TaxRate) -> tuple[int, str]:
    return rate.position, rate.component


def is_in_force(from_at: datetime | None, until_at: datetime | None, at: datetime) -> bool:
    """Tell whether a period holds a moment: from its beginning on, and before its end."""
    return (from_at is None or from_at <= at) and (until_at is None or at < until_at)
