"""Who pays no tax, what they pay instead, and what fees are taxed as."""

from datetime import timedelta
from typing import NamedTuple

import pytest

from jiedan.base import vat
from jiedan.pricing import values
from tests.pricing.tax_tables import GERMANY, NOON, Row, charged, fee, goods, noted, rate, told

VAT = (
    rate("DE", 190_000),
    rate("DE", 70_000, tax_class="books"),
    rate("DE", 190_000, tax_class="shipping"),
    rate("FR", 200_000),
    rate("FR", 55_000, tax_class="books"),
)
FRANCE = values.Place("FR", postal_code="75001")
AUSTRIA = values.Place("AT")
ALL = values.Certificate("EX-1")
BOOKS = values.Certificate("EX-2", classes=("books",))
CART = (goods(100_00), goods(10_00, "books"))
AT_HOME: dict[str, object] = {"reverse_charge": True, "home_country": "DE"}


class Case(NamedTuple):
    name: str
    status: values.TaxStatus
    tax: tuple[int, int]
    notes: list[tuple[str, str]]
    place: values.Place = GERMANY
    settings: dict[str, object] = {}  # noqa: RUF012 - read only


def with_(*certificates: values.Certificate, vat_number: str = "", and_: str = "") -> values.TaxStatus:
    numbers = [(*vat.read(written), written) for written in (vat_number, and_) if written]
    return values.TaxStatus(certificates, tuple([values.VatNumber(n or typed, c) for n, c, typed in numbers]))


def until(days: int, **more: object) -> values.Certificate:
    return values.Certificate("EX-3", until_at=NOON + timedelta(days), **more)  # type: ignore[arg-type]  # shorthand


# Untaxed: 100.00 × 19 % = 19.00 and 10.00 × 7 % = 0.70; in France 100.00 × 20 % = 20.00 and 10.00 × 5.5 % = 0.55.
BY_CERTIFICATE = [
    Case("nobody", with_(), (19_00, 70), []),
    Case("everything", with_(ALL), (0, 0), [("certificate", "EX-1")]),
    Case("a class", with_(BOOKS), (19_00, 0), [("certificate", "EX-2")]),
    Case("two", with_(BOOKS, ALL), (0, 0), [("certificate", "EX-1"), ("certificate_not_needed", "EX-2")]),
    Case("another class", with_(values.Certificate("X", ("tea",))), (19_00, 70), [("certificate_other_class", "X")]),
    Case("here", with_(values.Certificate("X", places=("AT", "DE"))), (0, 0), [("certificate", "X")]),
    Case("elsewhere", with_(values.Certificate("X", places=("AT",))), (19_00, 70), [("certificate_elsewhere", "X")]),
    Case(
        "in a region",
        with_(values.Certificate("X", places=("DE-BE",))),
        (0, 0),
        [("certificate", "X")],
        values.Place("DE", "be", "10115"),
    ),
    Case(
        "in another region",
        with_(values.Certificate("X", places=("DE-BY",))),
        (19_00, 70),
        [("certificate_elsewhere", "X")],
    ),
    Case("still", with_(until(1)), (0, 0), [("certificate", "EX-3")]),
    Case("over at this moment", with_(until(0)), (19_00, 70), [("certificate_over", "EX-3")]),
    Case(
        "not begun",
        with_(values.Certificate("X", from_at=NOON + timedelta(1))),
        (19_00, 70),
        [("certificate_not_begun", "X")],
    ),
    Case("begun at this moment", with_(values.Certificate("X", from_at=NOON)), (0, 0), [("certificate", "X")]),
]

BY_NUMBER = [
    Case("off", with_(vat_number="FR12345678901"), (20_00, 55), [], FRANCE, {"home_country": "DE"}),
    Case("abroad", with_(vat_number="FR12345678901"), (0, 0), [("reverse_charge", "FR12345678901")], FRANCE, AT_HOME),
    Case(
        "of a third country of the area",
        with_(vat_number="NL123456789B01"),
        (0, 0),
        [("reverse_charge", "NL123456789B01")],
        FRANCE,
        AT_HOME,
    ),
    Case("no number", with_(), (20_00, 55), [], FRANCE, AT_HOME),
    Case(
        "of the home",
        with_(vat_number="DE123456789"),
        (20_00, 55),
        [("vat_number_domestic", "DE123456789")],
        FRANCE,
        AT_HOME,
    ),
    Case(
        "goods stay",
        with_(vat_number="FR12345678901"),
        (19_00, 70),
        [("goods_stay", "FR12345678901")],
        GERMANY,
        AT_HOME,
    ),
    Case(
        "of no area",
        with_(vat_number="CN123456789"),
        (20_00, 55),
        [("vat_number_elsewhere", "CN123456789")],
        FRANCE,
        AT_HOME,
    ),
    Case("unreadable", with_(vat_number="FR?"), (20_00, 55), [("vat_number_unreadable", "FR?")], FRANCE, AT_HOME),
    Case(
        "the one that frees",
        with_(vat_number="DE123456789", and_="FR12345678901"),
        (0, 0),
        [("reverse_charge", "FR12345678901")],
        AUSTRIA,
        AT_HOME,
    ),
    Case(
        "that of the country",
        with_(vat_number="FR12345678901", and_="NL123456789B01"),
        (0, 0),
        [("reverse_charge", "NL123456789B01")],
        values.Place("NL"),
        AT_HOME,
    ),
    Case(
        "the best that does not",
        with_(vat_number="DE123456789", and_="FR12345678901"),
        (19_00, 70),
        [("goods_stay", "FR12345678901")],
        GERMANY,
        AT_HOME,
    ),
    Case(
        "of a customer who was forgotten",
        values.TaxStatus(vat_numbers=(values.VatNumber(country="FR"),)),
        (0, 0),
        [("reverse_charge", "")],
        AUSTRIA,
        AT_HOME,
    ),
    Case(
        "certificate first, the rest by number",
        with_(BOOKS, vat_number="FR12345678901"),
        (0, 0),
        [("certificate", "EX-2"), ("reverse_charge", "FR12345678901")],
        FRANCE,
        AT_HOME,
    ),
    Case(
        "nothing is left for the number",
        with_(ALL, vat_number="FR12345678901"),
        (0, 0),
        [("certificate", "EX-1")],
        FRANCE,
        AT_HOME,
    ),
]


@pytest.mark.parametrize("case", [*BY_CERTIFICATE, *BY_NUMBER], ids=lambda case: case.name)
def test_worked_exemptions(case: Case) -> None:
    taxed = charged(VAT, CART, case.place, case.status, **case.settings)  # type: ignore[arg-type]  # settings alone
    assert (taxed.items[0].tax_minor, taxed.items[1].tax_minor) == case.tax
    assert noted(taxed) == case.notes
    assert taxed.net_minor == 110_00


def test_a_note_names_classes_area_and_article() -> None:
    taxed = charged(
        VAT, CART, FRANCE, with_(BOOKS, vat_number="FR 12-345 678.901"), reverse_charge=True, home_country="DE"
    )
    assert taxed.notes == (
        values.TaxNote("certificate", "EX-2", ("books",)),
        values.TaxNote("reverse_charge", "FR12345678901", ("standard",), "EU", "Art. 138, 196 Directive 2006/112/EC"),
    )


@pytest.mark.parametrize(
    ("number", "country", "expected"),
    [
        ("EL123456789", "", ("EL123456789", "GR")),
        ("123456789", "GR", ("EL123456789", "GR")),
        ("123456789", "EL", ("EL123456789", "GR")),
        ("atu12345678", "", ("ATU12345678", "AT")),
        ("U12345678", "AT", ("ATU12345678", "AT")),
        ("ESX1234567X", "ES", ("ESX1234567X", "ES")),
        ("IE1234567WA", "", ("IE1234567WA", "IE")),
        ("ESB12345678", "", ("ESB12345678", "ES")),
        ("NL123456789B01", "", ("NL123456789B01", "NL")),
        ("BE0123456789", "", ("BE0123456789", "BE")),
        ("LT123456789012", "", ("LT123456789012", "LT")),
        ("XI123456789", "", ("XI123456789", "XI")),
        ("CHE123456789", "", ("CHE123456789", "CH")),
        ("CN123456789", "", ("CN123456789", "CN")),
        ("DE12", "", ("", "")),
        ("DE1234567890", "", ("", "")),
        ("AT12345678", "", ("", "")),
        ("FR123456789", "", ("", "")),
        ("LT1234567890", "", ("", "")),
        ("123456789", "", ("", "")),
        ("DE", "", ("", "")),
        ("DEUTSCHLAND", "", ("", "")),
        ("", "DE", ("", "")),
    ],
)
def test_vat_numbers_are_read_as_people_write_them(number: str, country: str, expected: tuple[str, str]) -> None:
    assert vat.read(number, country) == expected


class Relief(NamedTuple):
    name: str
    items: tuple[values.Taxable, ...]
    expected: list[tuple[int, int]]
    """Net, and what is taken off the price."""
    settings: dict[str, object]


# Prices with tax, sent to France under a certificate.
RELIEFS = [
    # 119.00 × 19/119 = 19.00, 10.70 × 7/107 = 0.70: what the home has put into the price
    Relief(
        "the tax of the home",
        (goods(119_00), goods(10_70, "books")),
        [(100_00, 19_00), (10_00, 70)],
        {"home_country": "DE"},
    ),
    # 3 × 0.10 × 19/119 = 4.79 → 5: 1.67 each
    Relief("spread over lines", (goods(10),) * 3, [(8, 2), (8, 2), (9, 1)], {"home_country": "DE"}),
    # 0.10 × 19/119 = 1.597 → 2 each
    Relief("of each line", (goods(10),) * 3, [(8, 2)] * 3, {"home_country": "DE", "rounding": "line"}),
    Relief(
        "the merchant keeps the price", (goods(119_00),), [(119_00, 0)], {"home_country": "DE", "exempt_pays": "gross"}
    ),
    Relief("a home without a rate", (goods(119_00),), [(119_00, 0)], {"home_country": "CH"}),
    Relief("no home", (goods(119_00),), [(119_00, 0)], {}),
]


@pytest.mark.parametrize("case", RELIEFS, ids=lambda case: case.name)
def test_who_is_exempt_does_not_pay_the_tax_in_the_price(case: Relief) -> None:
    taxed = charged(VAT, case.items, FRANCE, with_(ALL), included=True, **case.settings)  # type: ignore[arg-type]  # settings alone
    assert [(item.net_minor, item.relief_minor) for item in taxed.items] == case.expected
    assert (taxed.tax_minor, taxed.gross_minor) == (0, sum(net for net, _ in case.expected))


class Fees(NamedTuple):
    name: str
    items: tuple[values.Taxable, ...]
    expected: list[Row]
    settings: dict[str, object]
    included: bool = False


def taxed_at(net: int, tax: int) -> Row:
    return net, {"VAT": tax}, net + tax


MIX: dict[str, object] = {"fees": "goods"}
FEES = [
    # 5.00 × 19 % = 0.95
    Fees("by its own class", (goods(10_00, "books"), fee(5_00)), [taxed_at(10_00, 70), taxed_at(5_00, 95)], {}),
    # 60.00 and 40.00: 3.00 × 19 % = 0.57, 2.00 × 7 % = 0.14; with the goods 63.00 → 11.97 and 42.00 → 2.94
    Fees(
        "by the goods' mix",
        (goods(60_00), goods(40_00, "books"), fee(5_00)),
        [taxed_at(60_00, 11_40), taxed_at(40_00, 2_80), taxed_at(5_00, 71)],
        MIX,
    ),
    # 1.00 over 2 : 1 = 0.67 + 0.33; 20.67 × 19 % = 3.9273 → 393 = 380 (.26) + 13 (12.74);
    # 10.33 × 7 % = 0.7231 → 72 = 70 (69.70) + 2 (.30)
    Fees(
        "a mix that does not come out even",
        (goods(20_00), goods(10_00, "books"), fee(1_00)),
        [taxed_at(20_00, 3_80), taxed_at(10_00, 70), taxed_at(1_00, 15)],
        MIX,
    ),
    Fees("no goods", (fee(5_00),), [taxed_at(5_00, 95)], MIX),
    Fees("goods that cost nothing", (goods(0, "books"), fee(5_00)), [(0, {"VAT": 0}, 0), taxed_at(5_00, 95)], MIX),
    # two fees: each is split; 4.00 × 7 % = 0.28, 6.00 × 7 % = 0.42, of 20.00 × 7 % = 1.40
    Fees(
        "two fees",
        (goods(10_00, "books"), fee(4_00), fee(6_00, "gift_wrap")),
        [taxed_at(10_00, 70), taxed_at(4_00, 28), taxed_at(6_00, 42)],
        MIX,
    ),
    # 119.00 and 107.00; the fee 2.26 is 1.19 + 1.07: 0.19 + 0.07
    Fees(
        "contained",
        (goods(119_00), goods(107_00, "books"), fee(2_26)),
        [taxed_at(100_00, 19_00), taxed_at(100_00, 7_00), taxed_at(2_00, 26)],
        MIX,
        included=True,
    ),
    # 0.50 + 0.50: 0.095 → 10, 0.035 → 4, of each part alone
    Fees(
        "parts of a fee are rounded as lines are",
        (goods(10_00), goods(10_00, "books"), fee(1_00)),
        [taxed_at(10_00, 1_90), taxed_at(10_00, 70), taxed_at(1_00, 14)],
        {**MIX, "rounding": "line"},
    ),
]


@pytest.mark.parametrize("case", FEES, ids=lambda case: case.name)
def test_worked_fees(case: Fees) -> None:
    taxed = charged(VAT, case.items, included=case.included, place=GERMANY, **case.settings)  # type: ignore[arg-type]  # settings alone
    rows = [(item.net_minor, {"VAT": sum(part.minor for part in item.parts)}, item.gross_minor) for item in taxed.items]
    assert rows == case.expected


def test_the_parts_of_a_fee_keep_their_rates() -> None:
    taxed = charged(VAT, (goods(60_00), goods(40_00, "books"), fee(5_00)), GERMANY, fees="goods")
    # of 5.00 go 3.00 with the goods of the one class and 2.00 with those of the other
    dear, cheap = values.TaxPart("VAT", 190_000, 57, 3_00), values.TaxPart("VAT", 70_000, 14, 2_00)
    assert taxed.items[2].parts == (dear, cheap)


def test_a_fee_is_free_of_tax_as_far_as_its_goods_are() -> None:
    taxed = charged(VAT, (goods(60_00), goods(40_00, "books"), fee(5_00)), GERMANY, with_(BOOKS), fees="goods")
    free = values.TaxPart("", 0, 0, 2_00, treatment="exempt")
    assert taxed.items[2].parts == (values.TaxPart("VAT", 190_000, 57, 3_00), free)
    assert told(taxed)[2] == (5_00, {"VAT": 57}, 5_57)
