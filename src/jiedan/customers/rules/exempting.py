"""Decide whether a tax exemption can be kept of a customer: pure."""

import re
from collections.abc import Iterator

import msgspec

from jiedan.base import cards, vat
from jiedan.base.errors import Refusal
from jiedan.customers import errors
from jiedan.customers.rules import country_rules
from jiedan.customers.values import (
    EXEMPTION_AFTER_AT,
    EXEMPTION_CLASSES_MAX,
    EXEMPTION_FIRST_AT,
    EXEMPTION_NOTE_CHARACTERS_MAX,
    EXEMPTION_PLACES_MAX,
    EXEMPTION_TEXT_CHARACTERS_MAX,
    TaxExemption,
)

_REGION = re.compile(r"[A-Z0-9]{1,3}")


def checked(exemption: TaxExemption) -> tuple[TaxExemption, tuple[Refusal, ...]]:
    """Return the exemption as it is kept, and every reason why it cannot be.

    Codes of places and VAT numbers are written in capitals, without spaces; nothing stands in it twice.
    """
    kept = msgspec.structs.replace(
        exemption,
        number=exemption.number.strip(),
        places=tuple(dict.fromkeys(place.strip().upper() for place in exemption.places)),
        classes=tuple(dict.fromkeys(tax_class.strip() for tax_class in exemption.classes)),
        note=cards.masked(exemption.note.strip()),
    )
    reasons = [*_of_number(kept), *_of_places(kept), *_of_classes(kept), *_of_rest(kept)]
    if not reasons and kept.kind == "reverse_charge":
        kept = msgspec.structs.replace(kept, number=vat.read(kept.number)[0])
    return kept, tuple(reasons)


def _of_number(kept: TaxExemption) -> Iterator[Refusal]:
    if not 0 < len(kept.number) <= EXEMPTION_TEXT_CHARACTERS_MAX:
        yield errors.ExemptionTextInvalid(EXEMPTION_TEXT_CHARACTERS_MAX, field="number")
    elif kept.kind == "reverse_charge":
        number, country = vat.read(kept.number)
        # Northern Ireland's numbers begin with XI: no country, and as good for goods.
        if not number or (country != "XI" and country_rules(country) is None):
            yield errors.VatNumberInvalid(kept.number, field="number")


def _of_places(kept: TaxExemption) -> Iterator[Refusal]:
    if kept.kind == "reverse_charge" and kept.places:
        yield errors.ExemptionPartNotAllowed(field="places")
    if len(kept.places) > EXEMPTION_PLACES_MAX:
        yield errors.TooMany("places", EXEMPTION_PLACES_MAX, field="places")
    for i, place in enumerate(kept.places):
        country, dash, region = place.partition("-")
        if country_rules(country) is None or (dash and not _REGION.fullmatch(region)):
            yield errors.ExemptionPlaceInvalid(place, field=f"places[{i}]")


def _of_classes(kept: TaxExemption) -> Iterator[Refusal]:
    if kept.kind == "reverse_charge" and kept.classes:
        yield errors.ExemptionPartNotAllowed(field="classes")
    if len(kept.classes) > EXEMPTION_CLASSES_MAX:
        yield errors.TooMany("tax_classes", EXEMPTION_CLASSES_MAX, field="classes")
    for i, tax_class in enumerate(kept.classes):
        if not 0 < len(tax_class) <= EXEMPTION_TEXT_CHARACTERS_MAX:
            yield errors.ExemptionTextInvalid(EXEMPTION_TEXT_CHARACTERS_MAX, field=f"classes[{i}]")


def _of_rest(kept: TaxExemption) -> Iterator[Refusal]:
    for field, at in (("from_at", kept.from_at), ("until_at", kept.until_at)):
        if at is not None and not EXEMPTION_FIRST_AT <= at < EXEMPTION_AFTER_AT:
            yield errors.ExemptionDayInvalid(field=field)
    if kept.from_at is not None and kept.until_at is not None and kept.from_at >= kept.until_at:
        yield errors.ExemptionPeriodInvalid(field="until_at")
    if len(kept.note) > EXEMPTION_NOTE_CHARACTERS_MAX:
        yield errors.TextTooLong("note", EXEMPTION_NOTE_CHARACTERS_MAX, field="note")
