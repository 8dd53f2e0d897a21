"""What a customer has to show for an order: certificates as they are, and the VAT numbers that are in force."""

from datetime import timedelta
from uuid import UUID

import pytest

from jiedan.customers.values import CustomerBrief, CustomerId, ExemptionId, TaxExemption
from jiedan.pricing import rules, values
from tests.pricing.tax_tables import NOON


def kept(kind: str, number: str, **more: object) -> TaxExemption:
    return TaxExemption(ExemptionId(UUID(int=1)), kind, number, **more)  # type: ignore[arg-type]  # shorthand


def buyer(*exemptions: TaxExemption, kind: str = "company", is_business: bool = False) -> CustomerBrief:
    return CustomerBrief(CustomerId(UUID(int=2)), kind, "Firm", "", "", is_business, exemptions)  # type: ignore[arg-type]  # shorthand


def test_who_is_not_known_shows_nothing() -> None:
    assert rules.status_of(None, NOON) == values.NO_STATUS
    assert rules.status_of(buyer(), NOON) == values.NO_STATUS


def test_certificates_are_shown_whatever_they_are_good_for() -> None:
    over = kept("exempt", "EX-1", until_at=NOON, places=("US",), classes=("books",))
    shown = rules.status_of(buyer(over), NOON)
    assert shown.certificates == (values.Certificate("EX-1", ("books",), ("US",), None, NOON),)
    assert not shown.is_business, "a certificate is no company's alone"


def test_all_vat_numbers_are_shown_with_their_countries() -> None:
    numbers = (kept("reverse_charge", "FR40303265045"), kept("reverse_charge", "EL123456789"))
    shown = rules.status_of(buyer(*numbers), NOON)
    assert shown.vat_numbers == (values.VatNumber("EL123456789", "GR"), values.VatNumber("FR40303265045", "FR"))


def test_a_number_that_was_kept_and_cannot_be_read_is_shown_as_it_is() -> None:
    shown = rules.status_of(buyer(kept("reverse_charge", "FR?")), NOON)
    assert shown.vat_numbers == (values.VatNumber("FR?"),)


@pytest.mark.parametrize(
    ("period", "is_shown"),
    [
        ({"from_at": NOON}, True),
        ({"from_at": NOON + timedelta(seconds=1)}, False),
        ({"until_at": NOON}, False),
        ({"until_at": NOON + timedelta(seconds=1)}, True),
    ],
)
def test_a_vat_number_is_shown_while_it_is_in_force(period: dict[str, object], *, is_shown: bool) -> None:
    shown = rules.status_of(buyer(kept("reverse_charge", "DE123456789", **period)), NOON)
    assert bool(shown.vat_numbers) is is_shown
    assert shown.is_business is is_shown


def test_a_business_is_a_company_whose_number_is_known_or_who_has_a_vat_number() -> None:
    number = kept("reverse_charge", "DE123456789")
    assert rules.status_of(buyer(is_business=True), NOON).is_business
    assert rules.status_of(buyer(number), NOON).is_business
    assert rules.status_of(buyer(number, kind="person"), NOON).is_business, "one truth for promotions and taxes"
    assert not rules.status_of(buyer(kind="person"), NOON).is_business
