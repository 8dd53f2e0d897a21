"""Convert prices by dated exchange rates, exactly, and round them once so that they look like prices."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction

from jiedan.base import money
from jiedan.base.errors import Refusal
from jiedan.pricing import errors
from jiedan.pricing.values import conversion as values

PLAIN = values.Rounding()
"""To the minor unit."""

_RATE = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?")


def compile_exchange(
    base_currency: str, rates: Iterable[values.ExchangeRate], roundings: Mapping[str, values.Rounding]
) -> values.Exchange:
    """Return rates ready to find, each both ways; a rate that was given wins over one that was turned round."""
    found: dict[tuple[str, str, bool], list[values.DatedRate]] = {}
    for rate in rates:
        worth = Fraction(rate.rate)
        minor = Fraction(10 ** money.exponent(rate.quote), 10 ** money.exponent(rate.base))
        found.setdefault((rate.base, rate.quote, False), []).append(
            values.DatedRate(rate.base, rate.from_at, worth * minor, rate.rate)
        )
        inverse = values.DatedRate(rate.quote, rate.from_at, 1 / (worth * minor), rate.rate, is_inverse=True)
        found.setdefault((rate.quote, rate.base, True), []).append(inverse)
    dated = {pair: tuple(sorted(series, key=lambda rate: rate.from_at)) for pair, series in found.items()}
    return values.Exchange(base_currency, dated, dict(roundings))


def rate_at(exchange: values.Exchange, into: str, at: datetime) -> values.DatedRate | None:
    """Return the newest rate from the base currency into another that is not after `at`; None without one.

    A rate given in this direction goes before a newer one of the other direction.
    """
    for is_inverse in (False, True):
        series = exchange.rates.get((exchange.base_currency, into, is_inverse), ())
        place = bisect_right(series, at, key=lambda rate: rate.from_at)
        if place:
            return series[place - 1]
    return None


def convert(minor: int, rate: values.DatedRate, rounding: values.Rounding = PLAIN) -> int:
    """Return an amount in the other currency: multiplied exactly, then rounded once, as `rounded` says."""
    return rounded(minor * rate.factor, rounding)


def converted(unit_minor: int, rate: values.DatedRate) -> values.Converted:
    """Return what is told of a price that was converted."""
    return values.Converted(rate.currency, unit_minor, rate.rate, rate.from_at, is_inverse=rate.is_inverse)


def rounding_into(exchange: values.Exchange, currency: str) -> values.Rounding:
    """Return how prices converted into a currency are rounded."""
    return exchange.roundings.get(currency, PLAIN)


def rounded(exact: Fraction, rounding: values.Rounding = PLAIN) -> int:
    """Return the nearest price that ends as the rule says, halves upward.

    Nothing stays nothing; what is worth something never becomes free: it takes the least price above 0 that ends so.
    """
    if exact <= 0:
        return 0
    multiple, minus = rounding.multiple_minor, rounding.minus_minor
    raised = exact + minus
    times = money.round_half_up(raised.numerator, raised.denominator * multiple)
    return max(times * multiple - minus, multiple - minus)


def problems_of_exchange_rate(rate: values.ExchangeRate) -> tuple[Refusal, ...]:
    """Return what is wrong with an exchange rate."""
    found: list[Refusal] = [
        errors.PriceCurrencyUnknown(currency, field=name)
        for name, currency in (("base", rate.base), ("quote", rate.quote))
        if not money.is_currency(currency)
    ]
    if rate.base == rate.quote:
        found.append(errors.ExchangeRateInvalid(rate.base, rate.quote, field="quote"))
    if not _RATE.fullmatch(rate.rate) or not Fraction(rate.rate):
        found.append(errors.ExchangeRateInvalid(rate.base, rate.quote, field="rate"))
    return tuple(found)


def problems_of_rounding(rounding: values.Rounding) -> tuple[Refusal, ...]:
    """Return what is wrong with a rounding rule."""
    if not 1 <= rounding.multiple_minor <= values.MULTIPLE_MINOR_MAX:
        return (errors.RoundingInvalid(values.MULTIPLE_MINOR_MAX, field="multiple_minor"),)
    if not 0 <= rounding.minus_minor < rounding.multiple_minor:
        return (errors.RoundingInvalid(values.MULTIPLE_MINOR_MAX, field="minus_minor"),)
    return ()
