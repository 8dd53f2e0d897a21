"""Decide whether a tax exemption can be kept of a customer: pure."""

import re
from collections.abc import Iterator, Sequence
from uuid import UUID

import msgspec

from jiedan.base import cards, vat
from jiedan.base.errors import Refusal, Rejections
from jiedan.customers import errors
from jiedan.customers.rules import check_drafts, country_rules
from jiedan.customers.values import (
    EXEMPTION_AFTER_AT,
    EXEMPTION_CLASSES_MAX,
    EXEMPTION_FIRST_AT,
    EXEMPTION_NOTE_CHARACTERS_MAX,
    EXEMPTION_PLACES_MAX,
    EXEMPTION_TEXT_CHARACTERS_MAX,
    EXEMPTIONS_PER_CUSTOMER_MAX,
    CustomerDraft,
    ExemptionDraft,
    ExemptionId,
    TaxExemption,
)

UNKEPT = ExemptionId(UUID(int=0))
"""The id of an exemption that has none yet."""

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


def checked_drafts(drafts: Sequence[CustomerDraft], country: str) -> list[CustomerDraft | Rejections]:
    """Return each draft as `check_drafts` does, its exemptions as they are kept, or every reason against it."""
    pairs = zip(drafts, check_drafts(drafts, country), strict=True)
    return [_with_exemptions(draft, done, f"customers[{i}].exemptions") for i, (draft, done) in enumerate(pairs)]


def _with_exemptions(draft: CustomerDraft, done: CustomerDraft | Rejections, place: str) -> CustomerDraft | Rejections:
    """Return a draft that was checked but for its exemptions with those, or everything that is wrong with it."""
    if not draft.exemptions:
        return done
    _, reasons = brought_in((), draft.exemptions, place)
    if isinstance(done, Rejections):
        return Rejections((*done.reasons, *reasons))
    return Rejections(reasons) if reasons else done._replace(exemptions=tuple(map(_written, draft.exemptions)))


def _written(draft: ExemptionDraft) -> ExemptionDraft:
    """Return a draft as it is kept, what it leaves out still left out."""
    kept, _ = checked(_brought(None, draft))
    return draft._replace(
        number=kept.number,
        places=None if draft.places is None else kept.places,
        classes=None if draft.classes is None else kept.classes,
    )


def _brought(known: TaxExemption | None, draft: ExemptionDraft) -> TaxExemption:
    """Return what a draft makes of an exemption, or of none."""
    given = {name: value for name, value in draft._asdict().items() if value is not None}
    return msgspec.structs.replace(known or TaxExemption(UNKEPT, draft.kind, draft.number), **given)


def brought_in(
    present: Sequence[TaxExemption], drafts: Sequence[ExemptionDraft], place: str
) -> tuple[tuple[TaxExemption, ...], tuple[Refusal, ...]]:
    """Return all exemptions that a customer has with those of drafts, new ones without an id, and what is wrong.

    One of the kind and number of a draft becomes what that says, the youngest of several; what a draft leaves out stays
    as it is. Reasons name their field from `place` on: `place[0].until_at`.
    """
    after = list(present)
    reasons: list[Refusal] = []
    for i, draft in enumerate(drafts):
        number = checked(_brought(None, draft))[0].number
        same = [n for n, one in enumerate(after) if (one.kind, one.number) == (draft.kind, number)]
        made, wrong = checked(_brought(after[same[-1]] if same else None, draft))
        if not same and len(after) >= EXEMPTIONS_PER_CUSTOMER_MAX:
            wrong = (*wrong, errors.TooMany("tax_exemptions", EXEMPTIONS_PER_CUSTOMER_MAX, field="number"))
        for reason in wrong:
            reason.field = f"{place}[{i}].{reason.field}"
        reasons += wrong
        if same:
            after[same[-1]] = made
        else:
            after.append(made)
    return tuple(after), tuple(reasons)
