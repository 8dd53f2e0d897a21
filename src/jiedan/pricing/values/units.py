"""What makes the price of one unit: quantities that may be ordered, surcharges of options, limits of prices by hand."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from jiedan.catalog.values import OrderQuantity
from jiedan.pricing.values.carts import Tier
from jiedan.pricing.values.conversion import Converted
from jiedan.pricing.values.formulas import AttributeValue, FormulaTrace
from jiedan.pricing.values.lists import ListEntry, ListTrace
from jiedan.pricing.values.lots import Lot

LINE_QUANTITY_MAX = 1_000_000_000
SURCHARGE_RATE_PPM_MAX = 10_000_000
"""A surcharge is at most ten times the price."""

SURCHARGES_PER_SKU_MAX = 50


class Surcharge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an option adds to the price of one unit; negative takes off, never below 0.

    It meets SKUs of `trait` (`sku:`, `product:`, `category:`, `brand:` or `tag:` and a code; empty: any) on which
    `option` is `value` (empty value: any). Either amounts in minor units by currency, or a rate of the list price.
    """

    code: str
    trait: str = ""
    option: str = ""
    value: str = ""
    amounts: dict[str, int] = {}
    rate_ppm: int | None = None


class ManualLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much a role may take off a price by hand, in parts per million."""

    role: str
    rate_ppm: int


class ManualOff(NamedTuple):
    """What was taken off by hand, in parts per million rounded up, and the most that is allowed (None: no limit)."""

    off_ppm: int
    limit_ppm: int | None
    is_beyond: bool


GivenAs = Literal["manual", "as_sold"]


class Wanted(NamedTuple):
    """One line of a cart: so many units of a SKU, with the options and attributes chosen.

    A price that was given, by hand or by another system, is taken as it is.
    """

    line: int
    code: str
    quantity: int
    options: tuple[tuple[str, str], ...] = ()
    attributes: Mapping[str, AttributeValue] = {}
    given_minor: int | None = None
    given_as: GivenAs = "manual"
    reason: str = ""


class SkuPrices(NamedTuple):
    """What is known of the price of a SKU: entries of lists, and the catalog's own tiers by currency.

    `options` are the SKU's own (color, storage), a line may add others. What is `surcharged` has its surcharges in it
    already.
    """

    traits: frozenset[str] = frozenset()
    entries: tuple[ListEntry, ...] = ()
    catalog: Mapping[str, tuple[Tier, ...]] = {}
    options: tuple[tuple[str, str], ...] = ()
    quantities: OrderQuantity | None = None
    surcharged: bool = False


class SurchargeTrace(msgspec.Struct, frozen=True, omit_defaults=True):
    """One surcharge in the price of a unit: which, for which option, how much."""

    code: str
    amount_minor: int
    option: str = ""
    value: str = ""
    converted: Converted | None = None


UnitSource = Literal["list", "contract", "catalog", "formula", "manual", "as_sold"]


class UnitTrace(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why one unit of a line costs what it costs. `counted` units of the SKU in the cart decided about tiers.

    `quantities` are those in which it was to be ordered; None where any was good, or nobody asked.
    """

    line: int
    source: UnitSource
    unit_minor: int
    counted: int
    tier_off_minor: int = 0
    reason: str = ""
    listed: ListTrace | None = None
    formula: FormulaTrace | None = None
    converted: Converted | None = None
    surcharges: tuple[SurchargeTrace, ...] = ()
    quantities: OrderQuantity | None = None


class UnitPrice(NamedTuple):
    """The price of one unit of a line, and the line's part of what graduated tiers take off; minor units."""

    line: int
    unit_minor: int
    tier_off_minor: int
    trace: UnitTrace


class UnitPrices(NamedTuple):
    """The prices of all lines, in their order, and the same goods as lots; `lot_of` is each line's index in `lots`."""

    lines: tuple[UnitPrice, ...]
    lots: tuple[Lot, ...]
    lot_of: tuple[int, ...]
