"""Exchange rates with their dates, and how converted prices are rounded to look like prices."""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Annotated, NamedTuple

import msgspec

RATE_CHARACTERS_MAX = 24
MULTIPLE_MINOR_MAX = 10**9


Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment with its time zone: one without is refused where it is read."""


class ExchangeRate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From `from_at` on, one unit of `base` is worth `rate` units of `quote`; `rate` is a plain decimal, kept exactly.

    Major units on both sides, as banks print them: 1 EUR = 7.8125 CNY.
    """

    base: str
    quote: str
    from_at: Instant
    rate: str


class Rounding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Converted prices end on a multiple less a little: 100 less 1 ends on .99, 500 less 0 on a multiple of 5.00."""

    multiple_minor: int = 1
    minus_minor: int = 0


class DatedRate(NamedTuple):
    """One exchange rate out of `currency`, ready to multiply by: exact, in minor units of both currencies.

    `is_inverse`: the rate was given the other way round.
    """

    currency: str
    from_at: datetime
    factor: Fraction
    rate: str
    is_inverse: bool = False


class Exchange(NamedTuple):
    """What prices that are missing in a currency are made from: the base currency's, rates and roundings.

    Rates by (from, into, whether turned round), the oldest first; roundings by the currency that is converted into.
    """

    base_currency: str
    rates: Mapping[tuple[str, str, bool], tuple[DatedRate, ...]]
    roundings: Mapping[str, Rounding]


class Converted(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a price was before it was converted, and by which rate of which day."""

    currency: str
    unit_minor: int
    rate: str
    rate_from: datetime
    is_inverse: bool = False
