"""Converted prices are exact until they are rounded, once, to what a price looks like."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.pricing import rules, values
from jiedan.pricing.rules import conversion

AT = datetime(2026, 11, 11, tzinfo=UTC)
DAY = timedelta(days=1)


def exchange(base: str, *rates: values.ExchangeRate) -> values.Exchange:
    return rules.compile_exchange(base, rates, {})


@pytest.mark.parametrize(
    ("base", "into", "rate", "minor", "expected"),
    [
        # 100.00 CNY × 0.128 = 12.80 EUR: two decimals on both sides.
        ("CNY", "EUR", "0.128", 10_000, 1_280),
        # 100.00 CNY × 20.5 = 2050 JPY: no decimals there, so 10000 × 20.5 / 100.
        ("CNY", "JPY", "20.5", 10_000, 2_050),
        # 0.01 CNY × 20.5 = 0.205 JPY → 0, but what is worth something never becomes free: 1.
        ("CNY", "JPY", "20.5", 1, 1),
        # 1999 JPY × 0.0487 = 97.3513 CNY → 97.35.
        ("JPY", "CNY", "0.0487", 1_999, 9_735),
        # 10.00 EUR × 0.3285 = 3.285 KWD: three decimals, exactly 3285.
        ("EUR", "KWD", "0.3285", 1_000, 3_285),
        # 1.234 KWD × 23.456789 = 28.945677626 CNY → 28.95.
        ("KWD", "CNY", "23.456789", 1_234, 2_895),
        # Half up: 0.01 × 0.5 × 3 = 0.015 EUR → 0.02.
        ("CNY", "EUR", "0.5", 3, 2),
        # Nothing stays nothing.
        ("CNY", "EUR", "0.128", 0, 0),
    ],
)
def test_amounts_convert_between_currencies_of_any_decimals(
    base: str, into: str, rate: str, minor: int, expected: int
) -> None:
    found = conversion.rate_at(exchange(base, values.ExchangeRate(base, into, AT, rate)), into, AT)
    assert found is not None
    assert conversion.convert(minor, found) == expected


@pytest.mark.parametrize(
    ("exact", "multiple", "minus", "expected"),
    [
        # To .99: 12.34 lies 0.35 above 11.99 and 0.65 below 12.99.
        ("1234", 100, 1, 1_199),
        # 12.49 lies 0.50 from both: half up, 12.99.
        ("1249", 100, 1, 1_299),
        ("1248.999", 100, 1, 1_199),
        # To 5.00: 12.34 → 10.00, 12.50 → 15.00 (half up).
        ("1234", 500, 0, 1_000),
        ("1250", 500, 0, 1_500),
        # To 4.95, 9.95 …: 12.34 is 2.39 above 9.95 and 2.61 below 14.95.
        ("1234", 500, 5, 995),
        # 0.10 would go to −0.01; the least price above 0 that ends so is 0.99.
        ("10", 100, 1, 99),
        # 0.02 would go to 0; it takes the least multiple instead.
        ("2", 500, 0, 500),
        # JPY to a multiple of 10 less 2 (…8): 1234 is 6 above 1228 and 4 below 1238.
        ("1234", 10, 2, 1_238),
        # KWD to 0.250: 1.3741 → 1.250 (0.1241) or 1.500 (0.1259).
        ("1374.1", 250, 0, 1_250),
        ("0", 100, 1, 0),
        # To the minor unit: half up.
        ("2.5", 1, 0, 3),
    ],
)
def test_prices_end_as_the_merchant_wants(exact: str, multiple: int, minus: int, expected: int) -> None:
    assert conversion.rounded(Fraction(exact), values.Rounding(multiple, minus)) == expected


def test_the_newest_rate_not_after_the_day_counts() -> None:
    old, new = (values.ExchangeRate("CNY", "EUR", day, rate) for day, rate in ((AT - DAY, "0.1"), (AT, "0.2")))
    for rates in ((old, new), (new, old)):
        both = exchange("CNY", *rates)
        found = [conversion.rate_at(both, "EUR", at) for at in (AT + DAY, AT, AT - DAY, AT - 2 * DAY)]
        assert [rate and rate.rate for rate in found] == ["0.2", "0.2", "0.1", None]


def test_a_rate_the_other_way_round_serves_where_there_is_no_other() -> None:
    inverse = values.ExchangeRate("EUR", "CNY", AT, "8")
    found = conversion.rate_at(exchange("CNY", inverse), "EUR", AT)
    assert found is not None
    assert (conversion.convert(1_000, found), found.is_inverse) == (125, True)  # 10.00 / 8 = 1.25
    older = values.ExchangeRate("CNY", "EUR", AT - DAY, "0.13")
    given_so = conversion.rate_at(exchange("CNY", inverse, older), "EUR", AT)
    assert given_so is not None
    assert (given_so.rate, given_so.is_inverse) == ("0.13", False)


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (values.ExchangeRate("CNY", "XYZ", AT, "1"), [("price_currency_unknown", "quote")]),
        (values.ExchangeRate("CNY", "CNY", AT, "1"), [("exchange_rate_invalid", "quote")]),
        (values.ExchangeRate("CNY", "EUR", AT, "0.000"), [("exchange_rate_invalid", "rate")]),
        (values.ExchangeRate("CNY", "EUR", AT, "-1"), [("exchange_rate_invalid", "rate")]),
        (values.ExchangeRate("CNY", "EUR", AT, "1e3"), [("exchange_rate_invalid", "rate")]),
        (values.ExchangeRate("CNY", "EUR", AT, "1/3"), [("exchange_rate_invalid", "rate")]),
        (values.ExchangeRate("CNY", "EUR", AT, "NaN"), [("exchange_rate_invalid", "rate")]),
        (values.ExchangeRate("CNY", "EUR", AT, "0.128"), []),
    ],
)
def test_a_rate_that_cannot_work_is_refused(bad: values.ExchangeRate, expected: list[tuple[str, str]]) -> None:
    assert [(r.code, r.field) for r in rules.problems_of_exchange_rate(bad)] == expected


@pytest.mark.parametrize(
    ("multiple", "minus", "field"), [(0, 0, "multiple_minor"), (100, 100, "minus_minor"), (100, -1, "minus_minor")]
)
def test_a_rounding_that_cannot_work_is_refused(multiple: int, minus: int, field: str) -> None:
    assert [r.field for r in rules.problems_of_rounding(values.Rounding(multiple, minus))] == [field]


@given(
    st.fractions(min_value=0, max_value=10**12, max_denominator=10**6),
    st.fractions(min_value=0, max_value=10**12, max_denominator=10**6),
    st.integers(1, 10_000),
    st.data(),
)
def test_rounding_keeps_the_order_of_prices_and_stays_near(
    one: Fraction, other: Fraction, multiple: int, data: st.DataObject
) -> None:
    rounding = values.Rounding(multiple, data.draw(st.integers(0, multiple - 1)))
    assert rules.problems_of_rounding(rounding) == ()
    low, high = sorted((one, other))
    small, large = conversion.rounded(low, rounding), conversion.rounded(high, rounding)
    assert small <= large
    assert (small == 0) == (low == 0)
    if low:
        assert (small + rounding.minus_minor) % multiple == 0
        assert abs(small - low) * 2 <= multiple or small == multiple - rounding.minus_minor


@pytest.mark.parametrize(
    "stored",
    [
        values.ExchangeRate("CNY", "EUR", AT, "0.128"),
        values.Rounding(100, 1),
        values.PriceList("vip", "CNY", groups=("g",), from_at=AT),
        values.Surcharge("red", option="color", amounts={"CNY": 1}),
        values.ManualLimit("clerk", 5),
    ],
)
def test_what_merchants_write_is_stored_as_json(stored: msgspec.Struct) -> None:
    assert msgspec.json.decode(msgspec.json.encode(stored), type=type(stored)) == stored


def test_a_moment_without_a_time_zone_is_refused_where_it_is_read() -> None:
    naive = b'{"base":"CNY","quote":"EUR","from_at":"2026-11-11T00:00:00","rate":"1"}'
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(naive, type=values.ExchangeRate)
