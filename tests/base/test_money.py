import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base import money
from jiedan.base.money import Money

amounts = st.integers(-(10**15), 10**15)
currencies = st.sampled_from(["CNY", "JPY", "USD", "KWD", "HUF", "ISK", "CLF", "TWD", "UYW"])


@pytest.mark.parametrize(
    ("currency", "exponent"),
    [("CNY", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("HUF", 2), ("TWD", 2), ("IDR", 2), ("ISK", 0), ("UYW", 4)],
)
def test_exponents_are_iso_4217s(currency: str, exponent: int) -> None:
    assert money.exponent(currency) == exponent
    assert money.is_currency(currency)


@pytest.mark.parametrize("code", ["", "cny", "XXX", "XAU", "BTC", "CNY "])
def test_what_has_no_minor_unit_is_no_currency(code: str) -> None:
    assert not money.is_currency(code)
    with pytest.raises(KeyError):
        money.exponent(code)


# Arithmetic -----------------------------------------------------------------------------------------------------------


def test_money_adds_up_in_one_currency_only() -> None:
    assert Money(100, "CNY") + Money(-30, "CNY") - Money(5, "CNY") == Money(65, "CNY")
    assert 3 * Money(100, "CNY") == Money(100, "CNY") * 3 == -Money(-300, "CNY")
    with pytest.raises(money.CurrencyMismatch):
        Money(1, "CNY") + Money(1, "USD")
    with pytest.raises(money.CurrencyMismatch):
        Money(1, "CNY") + 1
    with pytest.raises(TypeError):
        Money(1, "CNY") * 1.5


@given(st.integers(-(10**18), 10**18), st.integers(1, 10**9))
def test_rounding_goes_half_away_from_zero(numerator: int, denominator: int) -> None:
    exact = Decimal(numerator) / Decimal(denominator)
    rounded = money.round_half_up(numerator, denominator)
    assert abs(2 * (rounded * denominator - numerator)) <= denominator
    if 2 * abs(numerator) % denominator == 0 and 2 * abs(numerator) // denominator % 2:
        assert abs(rounded) > abs(exact)
    assert money.round_half_up(-numerator, denominator) == -rounded


# Shares ---------------------------------------------------------------------------------------------------------------


@given(amounts, st.lists(st.integers(0, 10**12), min_size=1, max_size=60))
def test_shares_sum_to_the_whole_and_are_fair(amount: int, weights: list[int]) -> None:
    shares = money.share_out(amount, weights)
    assert sum(shares) == amount
    total = sum(weights)
    for share, weight in zip(shares, weights, strict=True):
        if total:
            assert abs(share * total - amount * weight) < total, "no part is a whole unit away from its due"
            assert share == 0 or weight, "what weighs nothing carries nothing"
        else:
            assert abs(share * len(weights) - amount) < len(weights)


@given(amounts, st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_a_heavier_part_never_carries_less(amount: int, weights: list[int]) -> None:
    shares = money.share_out(abs(amount), weights)
    for (one, first), (two, second) in itertools.combinations(zip(weights, shares, strict=True), 2):
        if one > two:
            assert first >= second


@given(amounts, st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_a_refund_is_shared_as_the_charge_was(amount: int, weights: list[int]) -> None:
    assert money.share_out(-amount, weights) == [-share for share in money.share_out(amount, weights)]


def test_equal_remainders_go_to_the_earlier_part() -> None:
    assert money.share_out(100, [1, 1, 1]) == [34, 33, 33]
    assert money.share_out(2, [0, 0, 0]) == [1, 1, 0]


@pytest.mark.parametrize("weights", [[], [1, -1]])
def test_shares_without_weights_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        money.share_out(1, weights)


@given(amounts, st.integers(1, 500), st.data())
def test_any_order_and_grouping_of_takings_ends_at_the_whole(amount: int, units: int, data: st.DataObject) -> None:
    gone, taken_minor = 0, 0
    while gone < units:
        taken = data.draw(st.integers(1, units - gone))
        part = money.unit_share(amount, units, gone, taken)
        assert abs(part * units - amount * taken) < units, "a part is less than one minor unit away from its due"
        gone, taken_minor = gone + taken, taken_minor + part
    assert taken_minor == amount


@given(st.integers(0, 10**15), st.integers(1, 500), st.data())
def test_no_unit_of_a_charge_is_negative(amount: int, units: int, data: st.DataObject) -> None:
    gone = data.draw(st.integers(0, units - 1))
    assert money.unit_share(amount, units, gone, 1) >= 0


@pytest.mark.parametrize(("units", "gone", "taken"), [(0, 0, 0), (3, 2, 2), (3, -1, 1), (3, 0, -1)])
def test_units_that_do_not_add_up_are_refused(units: int, gone: int, taken: int) -> None:
    with pytest.raises(ValueError, match="units"):
        money.unit_share(100, units, gone, taken)


# Text -----------------------------------------------------------------------------------------------------------------


@given(amounts, currencies)
def test_an_amount_written_is_the_amount_read(minor: int, currency: str) -> None:
    text = f"{money.decimal_amount(minor, currency):f}"
    assert money.parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "CNY", 1250),
        (" 12.5 ", "CNY", 1250),
        ("-3", "JPY", -3),
        ("1.234", "KWD", 1234),
        ("1.20", "JPY", None),
        ("+.5", "CNY", 50),
        ("007.", "CNY", 700),
        ("5.000", "JPY", 5),
        ("0", "CNY", 0),
    ],
)
def test_amounts_are_read_in_major_units(text: str, currency: str, minor: int | None) -> None:
    if minor is None:
        with pytest.raises(ValueError, match="0 decimals"):
            money.parse_amount(text, currency)
    else:
        assert money.parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "1,000.00",
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "0x10",
        "1_000",
        "１２",
        "1.001",
        "9" * 30,
        "1e3",
        "1e-1000000",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a number|decimals|out of range"):
        money.parse_amount(text, "CNY")


@given(st.text(max_size=40))
def test_no_text_is_worse_than_refused(text: str) -> None:
    try:
        minor = money.parse_amount(text, "CNY")
    except ValueError:
        return
    assert abs(minor) <= money.AMOUNT_MINOR_MAX


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "text"),
    [
        (123_456, "CNY", "zh_Hans_CN", "¥1,234.56"),
        (-123_456, "CNY", "zh_Hans_CN", "-¥1,234.56"),
        (1234, "JPY", "en_US", "¥1,234"),
        (1234, "KWD", "en_US", "KWD\u00a01.234"),
        (0, "USD", "en_US", "$0.00"),
        (100, "HUF", "en_US", "HUF\u00a01.00"),
    ],
)
def test_money_is_shown_as_the_locale_writes_it(minor: int, currency: str, locale: str, text: str) -> None:
    assert money.format_money(minor, currency, locale) == text


@given(amounts, currencies, st.sampled_from(["zh_Hans_CN", "zh_Hant_TW", "en_US"]))
def test_every_minor_unit_is_shown(minor: int, currency: str, locale: str) -> None:
    digits = "".join(c for c in money.format_money(minor, currency, locale) if c.isdigit())
    assert int(digits) == abs(minor)
