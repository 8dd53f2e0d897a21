"""A certificate or a VAT number is kept as it counts, or refused with the field's name."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from jiedan.base.errors import Rejections
from jiedan.customers.rules import exempting
from jiedan.customers.values import CustomerDraft, ExemptionDraft, ExemptionId, TaxExemption
from tests.conftest import NOON

_ID = ExemptionId(UUID(int=1))
SHANGHAI = timezone(timedelta(hours=8))


def written(kind: str = "exempt", number: str = "EX-1", **more: object) -> TaxExemption:
    return TaxExemption(_ID, kind, number, **more)  # type: ignore[arg-type]  # shorthand


def test_it_is_kept_in_capitals_and_nothing_twice() -> None:
    typed = written(number=" EX-1 ", places=("us-ca", "US-CA", " de "), classes=("books", " books"), note=" Seen. ")
    kept, reasons = exempting.checked(typed)
    assert not reasons
    assert (kept.number, kept.places, kept.classes, kept.note) == ("EX-1", ("US-CA", "DE"), ("books",), "Seen.")


@pytest.mark.parametrize(
    ("typed", "number"),
    [("de 123.456-789", "DE123456789"), ("EL123456789", "EL123456789"), ("XI123456789", "XI123456789")],
)
def test_a_vat_number_is_kept_without_what_is_only_looks(typed: str, number: str) -> None:
    kept, reasons = exempting.checked(written("reverse_charge", typed))
    assert (kept.number, reasons) == (number, ())


@pytest.mark.parametrize(
    ("exemption", "expected"),
    [
        (written(number="  "), [("tax_exemption_text_invalid", "number")]),
        (written(number="X" * 61), [("tax_exemption_text_invalid", "number")]),
        (written("reverse_charge", "123456789"), [("vat_number_invalid", "number")]),
        (written("reverse_charge", "DE12"), [("vat_number_invalid", "number")]),
        (written("reverse_charge", "ZZ123456789"), [("vat_number_invalid", "number")]),
        (written("reverse_charge", "DE123456789", places=("FR",)), [("tax_exemption_part_not_allowed", "places")]),
        (written("reverse_charge", "DE123456789", classes=("x",)), [("tax_exemption_part_not_allowed", "classes")]),
        (written(places=("XX", "US-CALI")), [("tax_exemption_place_invalid", f"places[{i}]") for i in (0, 1)]),
        (written(places=("US-",)), [("tax_exemption_place_invalid", "places[0]")]),
        (written(places=tuple(f"US-{i}" for i in range(61))), [("customer_too_many", "places")]),
        (written(classes=("a" * 61,)), [("tax_exemption_text_invalid", "classes[0]")]),
        (written(classes=tuple(map(str, range(11)))), [("customer_too_many", "classes")]),
        (written(from_at=NOON, until_at=NOON), [("tax_exemption_period_invalid", "until_at")]),
        (written(from_at=NOON, until_at=NOON + timedelta(1)), []),
        (written(from_at=datetime(1, 1, 1, tzinfo=SHANGHAI)), [("tax_exemption_day_invalid", "from_at")]),
        (written(until_at=datetime(2200, 1, 1, tzinfo=UTC)), [("tax_exemption_day_invalid", "until_at")]),
        (written(from_at=datetime(1900, 1, 1, 8, tzinfo=SHANGHAI)), []),
        (written(note="x" * 501), [("customer_text_too_long", "note")]),
    ],
)
def test_what_is_wrong_is_named(exemption: TaxExemption, expected: list[tuple[str, str]]) -> None:
    _, reasons = exempting.checked(exemption)
    assert [(reason.code, reason.field) for reason in reasons] == expected


def test_what_is_brought_in_becomes_the_youngest_of_its_kind_and_number() -> None:
    old, same = written(note="Old.", places=("US",)), written(note="Seen.", places=("US-CA",), classes=("books",))
    vat = written("reverse_charge", "DE123456789")
    drafts = [
        ExemptionDraft("exempt", " EX-1", until_at=NOON),
        ExemptionDraft("reverse_charge", "de 123 456 789"),
        ExemptionDraft("exempt", "EX-2", ("us-nv",)),
        ExemptionDraft("exempt", "EX-2", classes=("shoes",)),
    ]
    after, reasons = exempting.brought_in((old, same, vat), drafts, "exemptions")
    new = TaxExemption(exempting.UNKEPT, "exempt", "EX-2", ("US-NV",), ("shoes",))
    kept = written(note="Seen.", places=("US-CA",), classes=("books",), until_at=NOON)
    assert (after, reasons) == ((old, kept, vat, new), ())
    assert exempting.brought_in(after, drafts, "exemptions") == (after, ())


def test_what_cannot_be_brought_in_names_its_draft() -> None:
    begun = written(from_at=NOON)
    full = tuple(written(number=f"EX-{i}") for i in range(20))
    early = ExemptionDraft("exempt", "EX-1", until_at=NOON - timedelta(1))
    _, over = exempting.brought_in((begun,), [early], "exemptions")
    assert [(x.code, x.field) for x in over] == [("tax_exemption_period_invalid", "exemptions[0].until_at")]
    _, many = exempting.brought_in(full, [early, ExemptionDraft("exempt", "EX-20")], "exemptions")
    assert [(x.code, x.field) for x in many] == [("customer_too_many", "exemptions[1].number")]
    (refused,) = exempting.checked_drafts(
        [CustomerDraft("", exemptions=(ExemptionDraft("exempt", "E", ("?",)),))], "CN"
    )
    assert isinstance(refused, Rejections)
    assert [x.field for x in refused.reasons] == ["customers[0].name", "customers[0].exemptions[0].places[0]"]
