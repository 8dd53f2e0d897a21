"""What a tax table, its settings and certificates may say; every problem named by its field."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from jiedan.base.errors import Refusal
from jiedan.pricing import errors, values
from jiedan.pricing.rules import places, postal

PROBLEMS_MAX = 100
"""Problems of one table told at once."""

_NO_AREA = postal.Span("", "")


class _Placed(NamedTuple):
    area: postal.Span
    row: int
    rate: values.TaxRate


def problems_of_tax_rate(rate: values.TaxRate, *, of: str = "") -> tuple[Refusal, ...]:
    """Return why a row cannot stand in a tax table; its fields are named with `of` before them."""
    reasons = places.problems_of_place(rate.country, rate.region, rate.postal, of=of)
    reasons += _of_text(rate.tax_class, f"{of}tax_class")
    reasons += _of_text(rate.component, f"{of}component")
    if not 0 <= rate.rate_ppm <= values.RATE_PPM_MAX:
        reasons.append(errors.TaxRateOutOfRange(rate.rate_ppm, field=f"{of}rate_ppm"))
    if not int(rate.is_compound) <= rate.position <= values.TAX_POSITION_MAX:
        reasons.append(
            errors.TaxPositionInvalid(rate.component, rate.position, values.TAX_POSITION_MAX, field=f"{of}position")
        )
    reasons += _of_period(rate.from_at, rate.until_at, of)
    return tuple(reasons)


def problems_of_tax_rates(rates: Sequence[values.TaxRate]) -> tuple[Refusal, ...]:
    """Return what is wrong with a tax table, a hundred problems at most.

    Two rows clash when they are about one tax, class, country and region at the same time, and their postal areas are
    the same or overlap without one lying inside the other. Rows one inside the other are fine: the narrower wins.
    """
    if len(rates) > values.TAX_RATES_MAX:
        return (errors.TooManyTaxRates(len(rates), values.TAX_RATES_MAX, field="rates"),)
    found: list[Refusal] = []
    groups: dict[tuple[str, str, str, str, int], list[_Placed]] = {}
    for i, rate in enumerate(rates):
        problems = problems_of_tax_rate(rate, of=f"rates[{i}].")
        found += problems
        if len(found) >= PROBLEMS_MAX:
            return tuple(found[:PROBLEMS_MAX])
        if not problems:
            area = (postal.span(rate.postal) or _NO_AREA) if rate.postal else _NO_AREA
            key = (rate.country, rate.region, rate.tax_class, rate.component, len(area.low))
            groups.setdefault(key, []).append(_Placed(area, i, rate))
    clashes = itertools.chain.from_iterable(map(_clashes, groups.values()))
    return (*found, *itertools.islice(clashes, PROBLEMS_MAX - len(found)))


def _clashes(group: list[_Placed]) -> Iterator[Refusal]:
    """Yield the clashes of rows that differ in nothing but time and postal areas of one length."""
    group.sort(key=lambda placed: placed.area.high, reverse=True)
    group.sort(key=lambda placed: placed.area.low)  # stable: of areas that begin together the wider one first
    still_open: list[_Placed] = []
    for placed in group:
        still_open = [other for other in still_open if other.area.high >= placed.area.low]
        if len(still_open) >= values.TAX_RATES_OF_A_PLACE_MAX:
            count = len(still_open) + 1
            yield errors.TooManyTaxRates(count, values.TAX_RATES_OF_A_PLACE_MAX, field=f"rates[{placed.row}].postal")
            return
        for other in still_open:
            is_inside = other.area != placed.area and placed.area.high <= other.area.high
            if not is_inside and _overlap(other.rate, placed.rate):
                first, last = sorted((other.row, placed.row))
                rate = placed.rate
                yield errors.TaxRatesClash(
                    first + 1, rate.component, rate.tax_class, rate.country, field=f"rates[{last}]"
                )
                break
        still_open.append(placed)


def _overlap(one: values.TaxRate, other: values.TaxRate) -> bool:
    return _begins_before_end(one, other) and _begins_before_end(other, one)


def _begins_before_end(one: values.TaxRate, other: values.TaxRate) -> bool:
    return one.from_at is None or other.until_at is None or one.from_at < other.until_at


def problems_of_tax_settings(settings: values.TaxSettings) -> tuple[Refusal, ...]:
    """Return why taxes cannot be charged as the settings say.

    Where they name no home the merchant's country is theirs: `at_home` before they are judged for one. A region or a
    postal code of home needs its country named: it would stay where the merchant's country becomes another.
    """
    reasons: list[Refusal] = []
    if settings.home_country == values.ANY_COUNTRY:
        reasons.append(errors.PlaceCountryInvalid(settings.home_country, field="home_country"))
    elif not settings.home_country and (settings.home_region or settings.home_postal_code):
        reasons.append(errors.TaxHomeUnnamed(field="home_country"))
    elif settings.home_country:
        reasons += places.problems_of_place(settings.home_country, settings.home_region, "", of="home_")
    if len(settings.areas) > values.TAX_AREAS_MAX:
        reasons.append(errors.TaxAreaInvalid(settings.areas[values.TAX_AREAS_MAX].code, field="areas"))
    codes = [area.code for area in settings.areas]
    for i, area in enumerate(settings.areas):
        countries = set(area.countries)
        fine = (
            not _of_text(area.code, "code")
            and codes.index(area.code) == i
            and len(countries) == len(area.countries) > 1
            and all(map(places.is_country, countries))
            and 0 < len(area.article.strip()) <= values.ARTICLE_CHARACTERS_MAX
        )
        if not fine:
            reasons.append(errors.TaxAreaInvalid(area.code, field=f"areas[{i}]"))
    home = settings.home_country
    if settings.reverse_charge and home and not any(home in area.countries for area in settings.areas):
        reasons.append(errors.TaxHomeMissing(field="home_country"))
    return tuple(reasons)


def problems_of_certificate(certificate: values.Certificate) -> tuple[Refusal, ...]:
    """Return why a certificate of exemption cannot be kept."""
    reasons = _of_text(certificate.number, "number")
    for i, tax_class in enumerate(certificate.classes):
        reasons += _of_text(tax_class, f"classes[{i}]")
    for i, place in enumerate(certificate.places):
        if not places.is_country_or_region(place):
            reasons.append(errors.PlaceCountryInvalid(place, field=f"places[{i}]"))
    reasons += _of_period(certificate.from_at, certificate.until_at, "")
    return tuple(reasons)


def _of_text(text: str, field: str) -> list[Refusal]:
    if 0 < len(text) <= values.TAX_TEXT_CHARACTERS_MAX and text == text.strip():
        return []
    return [errors.TaxTextInvalid(text, values.TAX_TEXT_CHARACTERS_MAX, field=field)]


def _of_period(from_at: datetime | None, until_at: datetime | None, of: str) -> list[Refusal]:
    moments = [at for at in (from_at, until_at) if at is not None]
    if all(at.tzinfo is not None for at in moments) and (from_at is None or until_at is None or from_at < until_at):
        return []
    return [errors.TaxPeriodInvalid(field=f"{of}until_at")]
