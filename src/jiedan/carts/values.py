"""Ids, limits and values of carts."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal, NamedTuple, NewType
from uuid import UUID

from jiedan.catalog.values import OrderQuantity, ProductId, SkuId, SkuKind
from jiedan.customers.values import CustomerId
from jiedan.pricing.values.promoted import CouponState

CartId = NewType("CartId", UUID)

OWNER_KIND: Literal["cart"] = "cart"
"""What inventory calls the owner of a cart's reservations."""

CART_LINES_MAX = 100
CART_QUANTITY_MAX = 10_000
"""Units of one line."""

CART_COUPONS_MAX = 10
"""Codes that a cart keeps: as many as an order takes."""

HOLD = timedelta(minutes=15)
"""How long stock is held for a cart after it was touched last."""

KEPT = timedelta(days=60)
"""How long a cart that nobody touches is kept."""

SWEEP_CARTS_MAX = 500


SaidValue = int | str
"""A measure or a choice of a piece made to measure, as it was typed."""

NOTHING_SAID: Mapping[str, SaidValue] = MappingProxyType({})

ATTRIBUTES_MAX = 20
ATTRIBUTES_BYTES_MAX = 24_000
PIECE_DIGITS = 32


class CartLine(NamedTuple):
    """A SKU in a cart, with the unit price shown last in minor units of `currency`; None where it had none.

    `attributes` are what is said of a piece made to measure; `piece` tells its line from others of the same SKU.
    """

    sku_id: SkuId
    quantity: int
    unit_minor: int | None
    currency: str
    attributes: Mapping[str, SaidValue] = NOTHING_SAID
    piece: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Cart:
    """A cart with its lines in the order they were put in; `order_id` tells what it has become.

    `coupons` are codes as they are stored, in the order they were given.
    """

    cart_id: CartId
    customer_id: CustomerId | None
    currency: str
    order_id: UUID | None
    version: int
    updated_at: datetime
    coupons: tuple[str, ...] = ()
    lines: tuple[CartLine, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class CartCoupon:
    """A code that a cart keeps, and what it is good for now; whether the goods fit it, the price of the order tells."""

    code: str
    state: CouponState


@dataclasses.dataclass(frozen=True, slots=True)
class LineView:
    """A line as it stands now; amounts are minor units of the cart's currency.

    `unit_minor` is the price now, None where the SKU has none; `seen_minor` what was shown last, where that differs.
    `held` units are reserved for this cart, `available` are those and what anybody may have; None where stock does not
    count. What is not `is_sold` any more cannot be ordered. `quantities` are those in which it is ordered, all lines of
    the SKU together, None where any is good. What a piece made to measure costs, and whether its `attributes` are
    right still, the price of the order tells.
    """

    sku_id: SkuId
    product_id: ProductId
    sku: str
    name: str
    kind: SkuKind
    quantity: int
    unit_minor: int | None
    seen_minor: int | None
    total_minor: int | None
    held: int
    available: int | None
    is_sold: bool
    attributes: dict[str, SaidValue]
    piece: str
    quantities: OrderQuantity | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class CartView:
    """A cart as it stands now, with what has changed since it was looked at last."""

    cart_id: CartId
    customer_id: CustomerId | None
    currency: str
    order_id: UUID | None
    held_until: datetime | None
    """Until when stock is held; None when nothing is."""
    version: int
    goods_minor: int
    """The sum of the lines that have a price, before shipping and tax on top."""
    lines: tuple[LineView, ...]
    coupons: tuple[CartCoupon, ...] = ()

    @property
    def units(self) -> int:
        """How many things are in it."""
        return sum(line.quantity for line in self.lines)


class Wish(NamedTuple):
    """How many units of a SKU, by its code, a cart is to hold; 0 takes the line away.

    A piece made to measure is told by its `attributes`, or as the `piece` of a line that is there.
    """

    sku: str
    quantity: int
    attributes: Mapping[str, SaidValue] = NOTHING_SAID
    piece: str = ""
