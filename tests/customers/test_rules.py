"""Addresses and phones are judged as their countries write them."""

from typing import Any

import pytest

from jiedan.base import i18n
from jiedan.customers import rules
from jiedan.customers.values import Address

SHANGHAI = Address(
    country="CN", region="上海市", city="上海市", district="黄浦区", line1="南京东路 1 号", postal_code="200001"
)


def test_a_whole_chinese_address_is_fine() -> None:
    assert rules.check_address(SHANGHAI) == []


@pytest.mark.parametrize(
    ("address", "problems"),
    [
        (Address(country="XX"), [("country_unknown", "country")]),
        (Address(country="cn"), [("country_unknown", "country")]),
        (
            Address(country="US", line1="1 Main St", city="Springfield", postal_code="ABC"),
            [("address_field_missing", "region"), ("postal_code_invalid", "postal_code")],
        ),
        (Address(country="HK", region="Kowloon", line1="x" * 201), [("address_field_too_long", "line1")]),
        (
            Address(country="HK", region="Kowloon", district="Mong Kok", city="", line1="1", lat=91.0, lon=0.0),
            [("coordinates_invalid", "lat")],
        ),
        (Address(country="HK", region="Kowloon", line1="1", lat=22.0), [("coordinates_invalid", "lat")]),
    ],
)
def test_every_problem_names_its_field(address: Address, problems: list[tuple[str, str]]) -> None:
    assert [(r.code, r.field) for r in rules.check_address(address)] == problems


def test_a_missing_field_is_called_by_its_name_where_the_message_is_said() -> None:
    (missing,) = rules.check_address(Address(country="HK", line1="1", district="Mong Kok"))
    assert (missing.field, missing.data()["name"]) == ("region", "region")
    assert i18n.say_message("en", missing) == "An address in HK needs the field province or state."


@pytest.mark.parametrize(
    ("country", "phone", "kept", "problems"),
    [
        ("HK", " 2345 6789", "+85223456789", []),
        ("HK", "", "", []),
        ("HK", "  ", "", []),
        ("HK", "+86 138 0013 8000", "+8613800138000", []),
        ("HK", "12", "12", [("phone_invalid", "phone")]),
        ("XX", "2345 6789", "2345 6789", [("country_unknown", "country")]),
    ],
)
def test_the_phone_of_an_address_is_read_as_of_its_country(
    country: str, phone: str, kept: str, problems: list[tuple[str, str]]
) -> None:
    address, reasons = rules.checked_address(
        Address(country=country, region="Kowloon", district="Mong Kok", line1="1 Nathan Road", phone=phone)
    )
    assert address.phone == kept
    assert [(r.code, r.field) for r in reasons] == problems


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("138 0013 8000", "CN", "+8613800138000"),
        ("+852 2345 6789", "CN", "+85223456789"),
        ("(02) 2345-6789", "TW", "+886223456789"),
        ("12", "CN", None),
        ("no phone", "CN", None),
        ("1" * 41, "CN", None),
    ],
)
def test_phones_become_e164(text: str, country: str, expected: str | None) -> None:
    assert rules.normalize_phone(text, country) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [(" Wang@Example.COM ", "Wang@example.com"), ("wang", None), ("a b@x.cn", None), ("@x.cn", None), ("a@x", None)],
)
def test_the_domain_of_an_email_is_lower_case(text: str, expected: str | None) -> None:
    assert rules.normalize_email(text) == expected


@pytest.mark.parametrize("text", ["a@x..cn", "a@.x.cn", "a@@x.cn", "a\0@x.cn", "a@x.cn" + "n" * 250])
def test_what_no_mail_would_reach_is_no_email(text: str) -> None:
    assert rules.normalize_email(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+8613912345678", "+8613912345678"),
        ("+12025550123", "+12025550123"),
        ("+4407911123456", "+447911123456"),  # a trunk prefix after the calling code goes
        ("+390612345678", "+390612345678"),  # and where zero belongs to the number it stays
        ("+9991234567", None),
        ("+86123", None),
        ("+120255501234567", None),
    ],
)
def test_a_number_with_its_calling_code_is_taken_as_it_is_where_it_is_possible(text: str, expected: str | None) -> None:
    assert rules.normalize_phone(text, "CN") == expected


@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        (
            {"country": "CN", "name": "李雷", "region": "北京市", "city": "北京市", "district": "东城区",
             "line1": "长安街 1 号", "postal_code": "100006"},
            ["李雷", "北京市东城区长安街 1 号", "100006 CN"],
        ),
        (
            {"country": "CN", "name": "Anna Bell", "city": "Beijing", "line1": "1 Chang'an Ave"},
            ["Anna Bell", "1 Chang'an Ave", "Beijing", "CN"],
        ),
        (
            {"country": "US", "name": "Ann", "company": "Acme", "line1": "1 Main St", "line2": "Apt 2",
             "city": "Springfield", "region": "IL", "postal_code": "62701"},
            ["Ann", "Acme", "1 Main St", "Apt 2", "Springfield, IL", "62701 US"],
        ),
        ({"country": "GB"}, ["GB"]),
    ],
)  # fmt: skip
def test_an_address_is_written_as_where_it_leads_to(fields: dict[str, Any], lines: list[str]) -> None:
    assert rules.written(Address(**fields)) == lines
