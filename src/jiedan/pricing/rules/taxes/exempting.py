"""Who pays no tax: customers with a certificate, and business customers who owe it where they are."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from jiedan.base import vat
from jiedan.pricing import values
from jiedan.pricing.rules.taxes import compiling


class Freed(NamedTuple):
    """The classes that are not taxed, and why these are not and others are."""

    classes: frozenset[str]
    notes: tuple[values.TaxNote, ...]


_NOBODY = Freed(frozenset(), ())


def freed(
    classes: Collection[str],
    place: values.Place,
    status: values.TaxStatus,
    settings: values.TaxSettings,
    at: datetime,
) -> Freed:
    """Return which of `classes` are not taxed: by certificate first, in order of their numbers, then reverse charge."""
    if not status.certificates and not status.vat_number:
        return _NOBODY
    left = set(classes)
    notes: list[values.TaxNote] = []
    for certificate in sorted(status.certificates, key=_by_number):
        held, code = _by_certificate(certificate, left, classes, place, at)
        left -= held
        notes.append(values.TaxNote(code, certificate.number, classes=tuple(sorted(held))))
    if settings.reverse_charge and status.vat_number and left:
        note = _by_reverse_charge(place, status, settings, left)
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


def _by_reverse_charge(
    place: values.Place, status: values.TaxStatus, settings: values.TaxSettings, left: Collection[str]
) -> values.TaxNote:
    """Return the note of a reverse charge, or why the customer's VAT number leads to none."""
    number, country = vat_number_of(status)
    if not number:
        return values.TaxNote("vat_number_unreadable", status.vat_number)
    home = settings.home_country
    if country == home:
        return values.TaxNote("vat_number_domestic", number)
    if place.country == home:
        return values.TaxNote("goods_stay", number)
    area = _area_of((home, country, place.country), settings.areas)
    if area is None:
        return values.TaxNote("vat_number_elsewhere", number)
    return values.TaxNote("reverse_charge", number, tuple(sorted(left)), area.code, area.article)


def _area_of(countries: Sequence[str], areas: Sequence[values.TaxArea]) -> values.TaxArea | None:
    """Return the tax area that all of the countries are in; the first by code where areas overlap."""
    holding = [area for area in areas if set(countries).issubset(area.countries)]
    return min(holding, key=lambda area: area.code, default=None)


def vat_number_of(status: values.TaxStatus) -> tuple[str, str]:
    """Return the VAT number with its prefix and the country it is of; two empty texts where it cannot be read."""
    return vat.read(status.vat_number, status.vat_country)
