"""Words that carts and rules share: tiers, what was sold elsewhere, discounts by hand, flat fees and rates."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

PPM = 1_000_000
"""Tax rates are parts per million: 13 % is 130,000."""

RATE_PPM_MAX = PPM
REASON_CHARACTERS_MAX = 200

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


class OrderDiscount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A discount on the whole order, by hand: an amount in minor units or parts per million, never both."""

    reason: str
    amount_minor: int | None = None
    rate_ppm: int | None = None


class FlatShipping(NamedTuple):
    """The flat fee of one currency; waived from `free_from_minor` of goods on."""

    fee_minor: int
    free_from_minor: int | None
    tax_class: str


class PriceRules(NamedTuple):
    """Plain tax rates and flat fees of one version, as they are set without a book of rules.

    `tax_rates` are parts per million by (country, tax class); country `*` is the rule for the others.
    """

    version: int
    prices_include_tax: bool
    tax_rates: Mapping[tuple[str, str], int]
    shipping: Mapping[str, FlatShipping]
