"""Money: an integer count of the currency's minor unit and an ISO 4217 code; never a float.

Exponents are ISO 4217's (`iso4217`), which differ from CLDR's for 13 currencies; babel only displays.
"""

import functools
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import babel
import babel.numbers
import iso4217

AMOUNT_MINOR_MAX = 10**15
"""Largest amount of one order, payment or price, in minor units: well inside 64 bits after any sum we take."""

BASIS_POINTS = 10_000

_DIGITS_MAX = len(str(AMOUNT_MINOR_MAX))
_PLAIN_DECIMAL = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?")


class CurrencyMismatch(TypeError):
    """Two currencies met in one sum: a bug, never bad input."""


class Money(NamedTuple):
    """An amount: `minor` units of `currency` (ISO 4217, upper case)."""

    minor: int
    currency: str

    def __add__(self, other: object) -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: object) -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __mul__(self, quantity: object) -> "Money":
        if not isinstance(quantity, int):
            return NotImplemented
        return Money(self.minor * quantity, self.currency)

    def __rmul__(self, quantity: object) -> "Money":
        return self * quantity

    def _same(self, other: object) -> "Money":
        if not isinstance(other, Money) or other.currency != self.currency:
            message = f"{self!r} does not add up with {other!r}"
            raise CurrencyMismatch(message)
        return other


@functools.cache
def exponents() -> dict[str, int]:
    """Return the ISO 4217 exponent of every currency that has one, by code."""
    return {c.code: c.exponent for c in iso4217.Currency if c.exponent is not None}


def is_currency(code: str) -> bool:
    """Tell whether `code` is an ISO 4217 currency with a minor unit."""
    return code in exponents()


def exponent(currency: str) -> int:
    """Return how many decimals `currency` has (JPY 0, CNY 2, KWD 3). Raises KeyError for an unknown code."""
    return exponents()[currency]


def decimal_amount(minor: int, currency: str) -> Decimal:
    """Return the amount in major units, exactly."""
    return Decimal(minor).scaleb(-exponent(currency))


def parse_amount(text: str, currency: str) -> int:
    """Return the minor units of a plain decimal like `12.50`.

    Raises ValueError when the text is no finite number, has more decimals than the currency, or is out of range.
    """
    match = _PLAIN_DECIMAL.fullmatch(text.strip())
    if match is None:
        message = f"{text!r} is not a number"
        raise ValueError(message)
    sign, whole, fraction = match[1], match[2] or "", (match[3] or "").rstrip("0")
    if not whole and not match[3]:
        message = f"{text!r} is not a number"
        raise ValueError(message)
    if len(fraction) > exponent(currency):
        message = f"{currency} has {exponent(currency)} decimals"
        raise ValueError(message)
    minor = int((whole + fraction.ljust(exponent(currency), "0")).lstrip("0")[: _DIGITS_MAX + 1] or "0")
    if minor > AMOUNT_MINOR_MAX:
        message = f"{text!r} is out of range"
        raise ValueError(message)
    return -minor if sign == "-" else minor


def format_money(minor: int, currency: str, locale: str | babel.Locale) -> str:
    """Return the amount as `locale` (babel's name, `zh_Hans_CN`) writes it, with ISO 4217 decimals."""
    symbol, group, point = _marks(currency, str(locale))
    decimals = exponent(currency)
    whole, fraction = divmod(abs(minor), 10**decimals)
    number = f"{whole:,}" if group == "," else f"{whole:,}".replace(",", group)
    if decimals:
        number = f"{number}{point}{fraction:0{decimals}}"
    return f"{'-' if minor < 0 else ''}{symbol}{number}"


@functools.lru_cache(maxsize=1_024)
def _marks(currency: str, locale: str) -> tuple[str, str, str]:
    """Return what stands before an amount, between groups of three digits, and before the decimals.

    Babel works them out anew for each number, which is most of what a list of amounts costs.
    """
    symbol = babel.numbers.get_currency_symbol(currency, locale=locale)
    gap = "\u00a0" if symbol[-1].isalpha() else ""
    group, point = (babel.numbers.format_decimal(x, format=p, locale=locale) for x, p in ((1_000, "#,##0"), (0, "0.0")))
    return f"{symbol}{gap}", group[1:-3], point[1:-1]


def round_half_up(numerator: int, denominator: int) -> int:
    """Return numerator/denominator rounded to the nearest integer, halves away from zero; `denominator` > 0."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def share_out(amount: int, weights: Sequence[int]) -> list[int]:
    """Split `amount` by `weights` with the largest-remainder method; the parts sum to `amount` exactly.

    Weights are non-negative; equal remainders go to the earlier part. When every weight is 0 the parts are equal
    but for the remainder. Raises ValueError without weights, or with a negative one.
    """
    if not weights or min(weights) < 0:
        message = "weights must be given and not negative"
        raise ValueError(message)
    total = sum(weights)
    effective = weights if total else [1] * len(weights)
    total = total or len(weights)
    sign = -1 if amount < 0 else 1
    magnitude = abs(amount)
    shares = [magnitude * weight // total for weight in effective]
    remainders = [magnitude * weight % total for weight in effective]
    order = sorted(range(len(effective)), key=lambda i: (-remainders[i], i))
    for i in order[: magnitude - sum(shares)]:
        shares[i] += 1
    return [sign * share for share in shares]


def unit_share(amount: int, units: int, gone: int, taken: int) -> int:
    """Return what the next `taken` units carry of `amount` spread over `units`, after `gone` units are gone.

    ⌊A(k+m)/n⌋ − ⌊Ak/n⌋: any order and grouping of takings ends at exactly `amount`. Raises ValueError when the
    units do not add up.
    """
    if units <= 0 or gone < 0 or taken < 0 or gone + taken > units:
        message = f"{taken} after {gone} of {units} units"
        raise ValueError(message)
    return amount * (gone + taken) // units - amount * gone // units
