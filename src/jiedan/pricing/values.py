"""Values of pricing: a cart, the rules it meets, the quote and its explanation."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

PPM = 1_000_000
"""Tax rates are parts per million: 13 % is 130,000."""

RATE_PPM_MAX = PPM
NEAR_MISSES_MAX = 3
"""Tiers just missed, kept in the stored trace."""

REASON_CHARACTERS_MAX = 200

PriceSource = Literal["list", "manual", "as_sold"]
SHIPPING = "shipping"
ANY_COUNTRY = "*"


class Tier(NamedTuple):
    """From `min_quantity` on, one unit costs `unit_minor`."""

    min_quantity: int
    unit_minor: int


class AsSold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What another system charged for a line; kept, not computed. Amounts in minor units, for the whole line."""

    unit_minor: int
    discount_minor: int = 0
    tax_minor: int = 0


class CartLine(NamedTuple):
    """One line to be priced. `code` finds its tiers; a manual price needs a reason."""

    line: int
    code: str
    quantity: int
    tax_class: str
    manual_minor: int | None = None
    manual_reason: str = ""
    as_sold: AsSold | None = None


class OrderDiscount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A discount on the whole order, by hand: an amount in minor units or parts per million, never both."""

    reason: str
    amount_minor: int | None = None
    rate_ppm: int | None = None


class Cart(NamedTuple):
    """What is to be priced. `shipping_minor` replaces the flat fee (0 waives it); `ships`: anything to ship."""

    currency: str
    country: str
    lines: tuple[CartLine, ...]
    discount: OrderDiscount | None = None
    shipping_minor: int | None = None
    shipping_tax_minor: int | None = None
    ships: bool = True


class FlatShipping(NamedTuple):
    """The flat fee of one currency; waived from `free_from_minor` of goods on."""

    fee_minor: int
    free_from_minor: int | None
    tax_class: str


class PriceRules(NamedTuple):
    """Everything that prices a cart beside unit prices, under one version.

    `tax_rates` are parts per million by (country, tax class); country `*` is the rule for the others.
    """

    version: int
    prices_include_tax: bool
    tax_rates: Mapping[tuple[str, str], int]
    shipping: Mapping[str, FlatShipping]


class QuoteLine(NamedTuple):
    """One priced line. `total_minor` = quantity × unit − discount, plus the tax where prices exclude it."""

    line: int
    quantity: int
    unit_minor: int
    discount_minor: int
    tax_minor: int
    tax_rate_ppm: int
    total_minor: int
    source: PriceSource


class Fee(NamedTuple):
    """A priced fee: becomes an order line of kind `fee`."""

    code: str
    unit_minor: int
    tax_minor: int
    tax_rate_ppm: int
    tax_class: str
    total_minor: int


class Quote(NamedTuple):
    """A priced cart, in minor units of `currency`; `total_minor` is the sum of all line and fee totals."""

    currency: str
    lines: tuple[QuoteLine, ...]
    fees: tuple[Fee, ...]
    subtotal_minor: int
    discount_minor: int
    tax_minor: int
    total_minor: int
    tax_included: bool


class LineTrace(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a line costs what it costs; `next_tier` is the near miss: (pieces more, unit price then)."""

    line: int
    source: PriceSource
    unit_minor: int
    tier_from: int = 1
    reason: str = ""
    tax: str = ""
    next_tier: tuple[int, int] | None = None


class Trace(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why the order costs what it costs, under which version of the rules."""

    rules_version: int
    lines: tuple[LineTrace, ...]
    discount: str = ""
    shipping: str = ""
