"""Who pays no tax: customers with a certificate, and business customers who owe it where they are."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from jiedan.pricing import values
from jiedan.pricing.rules.taxes import compiling


class Freed(NamedTuple):
    """The classes that are not taxed, and why these are not and others are."""

    classes: frozenset[str]
    notes: tuple[values.TaxNote, ...]


_NOBODY = Freed(frozenset(), ())

_BEST: Sequence[values.TaxNoteCode] = (
    "reverse_charge",
    "goods_stay",
    "vat_number_elsewhere",
    "vat_number_domestic",
    "vat_number_unreadable",
)
"""What becomes of VAT numbers, that which is told of several first."""


def freed(
    classes: Collection[str],
    place: values.Place,
    status: values.TaxStatus,
    settings: values.TaxSettings,
    at: datetime,
) -> Freed:
    """Return which of `classes` are not taxed: by certificate first, in order of their numbers, then reverse charge."""
    if not status.has_papers:
        return _NOBODY
    left = set(classes)
    notes: list[values.TaxNote] = []
    for certificate in sorted(status.certificates, key=_by_number):
        held, code = _by_certificate(certificate, left, classes, place, at)
        left -= held
        notes.append(values.TaxNote(code, certificate.number, classes=tuple(sorted(held))))
    if settings.reverse_charge and status.vat_numbers and left:
        note = _by_numbers(place, status, settings, left)
        notes.append(note)
        if note.code == "reverse_charge":
            left.clear()
    return Freed(frozenset(classes) - left, tuple(notes))


def _by_number(certificate: values.Certificate) -> str:
    return certificate.number


def _by_certificate(
    certificate: values.Certificate,
    left: Collection[str],
    classes: Collection[str],
    place: values.Place,
    at: datetime,
) -> tuple[set[str], values.TaxNoteCode]:
    """Return the classes that a certificate frees, or why it frees none."""
    if certificate.from_at is not None and at < certificate.from_at:
        return set(), "certificate_not_begun"
    if not compiling.is_in_force(certificate.from_at, certificate.until_at, at):
        return set(), "certificate_over"
    here = {place.country, f"{place.country}-{place.region.strip().upper()}"}
    if certificate.places and not here.intersection(certificate.places):
        return set(), "certificate_elsewhere"
    named = set(classes).intersection(certificate.classes) if certificate.classes else set(classes)
    if not named:
        return set(), "certificate_other_class"
    held = named.intersection(left)
    return held, "certificate" if held else "certificate_not_needed"


def _by_numbers(
    place: values.Place, status: values.TaxStatus, settings: values.TaxSettings, left: Collection[str]
) -> values.TaxNote:
    """Return the note of the first VAT number that leads to a reverse charge, or why the best of them does not.

    A number of the country that the goods go to comes first.
    """
    shown = sorted(status.vat_numbers, key=lambda one: one.country != place.country)
    return min([_by_number_of(one, place, settings, left) for one in shown], key=lambda told: _BEST.index(told.code))


def _by_number_of(
    shown: values.VatNumber, place: values.Place, settings: values.TaxSettings, left: Collection[str]
) -> values.TaxNote:
    """Return the note of a reverse charge, or why a VAT number leads to none."""
    if not shown.country:
        return values.TaxNote("vat_number_unreadable", shown.number)
    home = settings.home_country
    if shown.country == home:
        return values.TaxNote("vat_number_domestic", shown.number)
    if place.country == home:
        return values.TaxNote("goods_stay", shown.number)
    area = _area_of((home, shown.country, place.country), settings.areas)
    if area is None:
        return values.TaxNote("vat_number_elsewhere", shown.number)
    return values.TaxNote("reverse_charge", shown.number, tuple(sorted(left)), area.code, area.article)


def _area_of(countries: Sequence[str], areas: Sequence[values.TaxArea]) -> values.TaxArea | None:
    """Return the tax area that all of the countries are in; the first by code where areas overlap."""
    holding = [area for area in areas if set(countries).issubset(area.countries)]
    return min(holding, key=lambda area: area.code, default=None)
