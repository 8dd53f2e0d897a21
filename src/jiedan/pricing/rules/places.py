"""What a rule about places may name: countries, their regions and postal areas; and which rules hold a place."""

import re
from collections.abc import Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

from jiedan.base.errors import Refusal
from jiedan.pricing import errors, values
from jiedan.pricing.rules import postal

T = TypeVar("T")

_COUNTRY = re.compile(r"[A-Z]{2}")
_REGION = re.compile(r"[A-Z0-9]{1,3}")


def is_country(text: str) -> bool:
    """Tell whether a text is written as ISO 3166-1 writes a country: two capital letters."""
    return _COUNTRY.fullmatch(text) is not None


def is_country_or_region(text: str) -> bool:
    """Tell whether a text is a country, or a region of one as ISO 3166-2 writes it: `US-CA`."""
    country, dash, region = text.partition("-")
    return is_country(country) and (not dash or _REGION.fullmatch(region) is not None)


def problems_of_place(country: str, region: str, area: str, *, of: str = "") -> list[Refusal]:
    """Return why a rule cannot be about a place; its fields are named with `of` before them.

    A country may be `*`, all the others, which have neither regions nor postal areas.
    """
    reasons: list[Refusal] = []
    is_known = is_country(country)
    if not is_known and country != values.ANY_COUNTRY:
        reasons.append(errors.PlaceCountryInvalid(country, field=f"{of}country"))
    if region and not (is_known and _REGION.fullmatch(region)):
        reasons.append(errors.PlaceRegionInvalid(region, country, field=f"{of}region"))
    if area and not (is_known and postal.span(area)):
        reasons.append(errors.PlacePostalInvalid(area, country, field=f"{of}postal"))
    return reasons


class Particular(NamedTuple):
    """How closely a rule is about a place; the greater one goes first.

    The narrowness of its postal area comes before its region, that before its country, and `*` comes last.
    """

    narrowness: tuple[int, int]
    has_region: bool
    has_country: bool


class Located(NamedTuple, Generic[T]):
    """A thing, and how closely it is about the place it was found for."""

    particular: Particular
    thing: T


class _Country(NamedTuple, Generic[T]):
    """What is about one country: things without a postal area by region, the others in an index."""

    by_region: Mapping[str, tuple[Located[T], ...]]
    by_postal: postal.Index[tuple[str, Located[T]]] | None


class Areas(Generic[T]):
    """Things by the places they are about; which of them hold a place is found by key, however many there are."""

    def __init__(self, things: Iterable[tuple[str, str, str, T]]) -> None:
        """Take country, region and postal area of each thing, such that `problems_of_place` has nothing to say."""
        by_region: dict[str, dict[str, list[Located[T]]]] = {}
        by_postal: dict[str, list[tuple[postal.Span, tuple[str, Located[T]]]]] = {}
        for country, region, area, thing in things:
            has_country = country != values.ANY_COUNTRY
            span = postal.span(area) if area else None
            narrowness = postal.narrowness(span) if span else (0, 0)
            located = Located(Particular(narrowness, bool(region), has_country), thing)
            regions = by_region.setdefault(country, {})
            if span:
                by_postal.setdefault(country, []).append((span, (region, located)))
            else:
                regions.setdefault(region, []).append(located)
        self._by_country = {
            country: _Country(
                {region: tuple(found) for region, found in regions.items()},
                postal.Index(by_postal[country]) if country in by_postal else None,
            )
            for country, regions in by_region.items()
        }

    def __bool__(self) -> bool:
        return bool(self._by_country)

    def holding(self, place: values.Place) -> list[Located[T]]:
        """Return what is about a place, with what is about all the others."""
        found: list[Located[T]] = []
        others = self._by_country.get(values.ANY_COUNTRY)
        if others is not None:
            found += others.by_region.get("", ())
        country = self._by_country.get(place.country)
        if country is None or country is others:
            return found
        region = place.region.strip().upper()
        found += country.by_region.get("", ())
        if region:
            found += country.by_region.get(region, ())
        if country.by_postal is not None:
            held = country.by_postal.holding(place.postal_code)
            found += [located for area_region, located in held if area_region in {"", region}]
        return found
