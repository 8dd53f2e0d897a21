"""A basket to be priced with everything the engine may ask, and the whole answer. Amounts are minor units."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from jiedan.pricing.values.carts import AsSold, OrderDiscount
from jiedan.pricing.values.lots import Place
from jiedan.pricing.values.promoted import Applied, CouponOutcome, Facts, Outcome, Search
from jiedan.pricing.values.shipping import Piece, ShippingOffer
from jiedan.pricing.values.taxes import FoundRate, TaxNote, TaxPart, TaxStatus
from jiedan.pricing.values.units import UnitTrace, Wanted

NOWHERE = Place("")
"""Goods that nobody said where they go to: only what holds everywhere taxes them."""


class BasketLine(NamedTuple):
    """One line to be priced. `piece` is one unit for the carrier; None where nothing is shipped."""

    wanted: Wanted
    tax_class: str
    piece: Piece | None = None
    as_sold: AsSold | None = None


class GiftGoods(NamedTuple):
    """What has to be known of a SKU that may be given: its tax class, and one unit for the carrier."""

    tax_class: str
    piece: Piece | None = None


class Basket(NamedTuple):
    """All that is to be priced together.

    `shipping_method` is the method chosen, the cheapest where none is. `shipping_minor` is a fee by hand (0 waives it)
    of `shipping_tax_class`, `shipping_tax_minor` its tax where another system took it.
    """

    facts: Facts
    lines: tuple[BasketLine, ...]
    tax_status: TaxStatus = TaxStatus()
    discount: OrderDiscount | None = None
    shipping_method: str | None = None
    shipping_minor: int | None = None
    shipping_tax_class: str = "standard"
    shipping_tax_minor: int | None = None
    gifts: Mapping[str, GiftGoods] = {}


class Reduction(NamedTuple):
    """What one promotion takes off one line or fee; an empty `promotion` is the discount by hand."""

    promotion: str
    minor: int


class PricedLine(NamedTuple):
    """A line with its price.

    `discount_minor` is all that comes off quantity × unit price: graduated tiers, promotions, discounts by hand or as
    sold, and the relief of who is exempt from a tax that prices include. Total = quantity × unit − discount, plus the
    tax where prices exclude it.
    """

    line: int
    code: str
    quantity: int
    unit_minor: int
    discount_minor: int
    tax_minor: int
    total_minor: int
    reductions: tuple[Reduction, ...] = ()
    tier_off_minor: int = 0
    relief_minor: int = 0
    taxes: tuple[TaxPart, ...] = ()


class PricedGift(NamedTuple):
    """A gift that becomes a line of its own, for nothing; somebody may have chosen it.

    `wanted` is the SKU chosen, where another had to be given.
    """

    promotion: str
    sku: str
    quantity: int
    tax_class: str
    wanted: str = ""
    is_chosen: bool = False


class TakenMethod(NamedTuple):
    """The shipping method that is taken, by its code and its name; `is_chosen` where somebody named it."""

    code: str
    name: str
    is_chosen: bool = False


class PricedFee(NamedTuple):
    """A fee that becomes a line of its own: what it costs by its method, what comes off, its tax."""

    code: str
    method: str
    unit_minor: int
    discount_minor: int
    tax_class: str
    tax_minor: int
    total_minor: int
    reductions: tuple[Reduction, ...] = ()
    relief_minor: int = 0
    taxes: tuple[TaxPart, ...] = ()


class Priced(NamedTuple):
    """A priced basket: `total_minor` is the sum of all line and fee totals.

    Subtotal and discount are of the lines, without fees. `method` ships it, be it for nothing; None where nothing is
    shipped, and of a fee by hand for which nobody named one.
    """

    currency: str
    lines: tuple[PricedLine, ...]
    gifts: tuple[PricedGift, ...]
    fees: tuple[PricedFee, ...]
    subtotal_minor: int
    discount_minor: int
    tax_minor: int
    total_minor: int
    tax_included: bool
    method: TakenMethod | None = None


class PricedTrace(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a basket costs what it costs, under which version of the rules."""

    rules_version: int
    units: tuple[UnitTrace, ...]
    applied: tuple[Applied, ...] = ()
    near_misses: tuple[Outcome, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    coupons: tuple[CouponOutcome, ...] = ()
    search: Search = "complete"
    discount: str = ""
    shipping: tuple[ShippingOffer, ...] = ()
    tax_rates: tuple[FoundRate, ...] = ()
    tax_notes: tuple[TaxNote, ...] = ()
