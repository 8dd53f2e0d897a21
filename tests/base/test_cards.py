"""Card numbers in free text: masked however they are grouped, and nothing else is touched."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base import cards
from jiedan.base.web import prose


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("4111111111111111", "************1111"),
        ("Card 4111 1111 1111 1111, thanks", "Card **** **** **** 1111, thanks"),
        ("5555-5555-5555-4444", "****-****-****-4444"),
        ("378282246310005", "***********0005"),
        ("3782 822463 10005", "**** ****** *0005"),
        ("6200000000000005", "************0005"),
        ("2223003122003222", "************3222"),
        ("4222222222222", "*********2222"),
        ("卡号4111111111111111，请扣款", "卡号************1111，请扣款"),
        ("\uff14\uff11\uff11\uff11111111111111", "************1111"),
        ("4111 1111 1111 1111 12 27", "**** **** **** 1111 12 27"),
        ("pay 1 4111 1111 1111 1111", "pay 1 **** **** **** 1111"),
        ("4111111111111111 5555555555554444", "************1111 ************4444"),
    ],
)
def test_a_card_number_keeps_its_last_four_digits(text: str, masked: str) -> None:
    assert cards.masked(text) == masked
    assert cards.masked(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Leave it with the doorman.",
        "+86 139 1234 5678",
        "4111111111111112",
        "0000000000000000",
        "1234567890123452",
        "41111111111111110000",
        "SF1234567890123",
        "411111111111",
        "2026-11-21 10:00",
        "a\u00b2 is no digit of 411111111111\u00b2",
    ],
)
def test_what_is_no_card_number_stays(text: str) -> None:
    assert cards.masked(text) == text


@given(st.text())
def test_any_text_keeps_its_length(text: str) -> None:
    assert len(cards.masked(text)) == len(text)


@given(st.text("0123456789 -", max_size=60))
def test_masking_leaves_nothing_to_mask(text: str) -> None:
    assert cards.masked(cards.masked(text)) == cards.masked(text)


@given(st.text(alphabet='0123456789 .-a"\\\n\u2013\uff14', max_size=60), st.booleans())
def test_no_body_with_a_card_number_is_cleared(text: str, is_escaped: bool) -> None:
    body = json.dumps({"note": text}, ensure_ascii=is_escaped).encode()
    assert cards.masked(text) == text or prose.may_hold_a_card(body)


def test_a_body_with_phone_numbers_alone_is_cleared() -> None:
    assert not prose.may_hold_a_card(b'{"contact":{"phone":"+8613912345678"},"ship_to":{"phone":"+86 139 1234 5678"}}')
    assert prose.may_hold_a_card(b'{"note":"4111 1111 1111 1111"}')


def test_the_digits_of_an_id_are_no_card_number() -> None:
    with_digits = "01a1fdfa-4111-1111-1111-1111d5f6a7b8"
    assert cards.masked(with_digits) == with_digits
    told = f"see {with_digits}, paid with 4111 1111 1111 1111"
    assert cards.masked(told) == f"see {with_digits}, paid with **** **** **** 1111"
    assert cards.masked("4111-1111-1111-1111") == "****-****-****-1111"
