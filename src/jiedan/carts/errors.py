"""The ways carts refuse."""

import dataclasses
from typing import ClassVar

from jiedan.base.errors import Conflict, Invalid, NotFound
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class CartNotFound(NotFound):
    """No cart of this merchant has that id."""

    code: ClassVar[str] = "cart_not_found"
    message: ClassVar[str] = N_("There is no cart {cart}.")
    remedy: ClassVar[str] = N_("Make a new cart.")

    cart: str


@dataclasses.dataclass(eq=False)
class UnknownCart(Invalid):
    """What was sent names a cart that does not exist."""

    code: ClassVar[str] = "unknown_cart"
    message: ClassVar[str] = N_("There is no cart {cart}.")
    remedy: ClassVar[str] = N_("Make a new cart.")

    cart: str


@dataclasses.dataclass(eq=False)
class CartOrdered(Conflict):
    """The cart has become an order."""

    code: ClassVar[str] = "cart_ordered"
    message: ClassVar[str] = N_("This cart has been ordered.")
    remedy: ClassVar[str] = N_("Make a new cart to order more.")


@dataclasses.dataclass(eq=False)
class CartOfAnother(Conflict):
    """The cart is another customer's."""

    code: ClassVar[str] = "cart_of_another"
    message: ClassVar[str] = N_("This cart is another customer's.")
    remedy: ClassVar[str] = N_("Make a new cart.")


@dataclasses.dataclass(eq=False)
class SkuNotSold(Invalid):
    """A SKU does not exist, or is not sold now."""

    code: ClassVar[str] = "sku_not_sold"
    message: ClassVar[str] = N_("{sku} is not sold at present.")
    remedy: ClassVar[str] = N_("Choose something else.")

    sku: str


@dataclasses.dataclass(eq=False)
class NotEnoughLeft(Conflict):
    """Fewer units are left than the cart is to have, and nothing may wait."""

    code: ClassVar[str] = "not_enough_left"
    message: ClassVar[str] = N_("Only {available} of {sku} are left.")
    remedy: ClassVar[str] = N_("Take {available} or fewer.")

    sku: str
    wanted: int
    available: int


@dataclasses.dataclass(eq=False)
class SoldOut(Conflict):
    """Nothing is left of a SKU, and nothing may wait."""

    code: ClassVar[str] = "sold_out"
    message: ClassVar[str] = N_("{sku} is sold out.")
    remedy: ClassVar[str] = N_("Choose something else, or come back later.")

    sku: str


@dataclasses.dataclass(eq=False)
class CartQuantityOutOfRange(Invalid):
    """A quantity is below zero or above the limit."""

    code: ClassVar[str] = "cart_quantity_out_of_range"
    message: ClassVar[str] = N_("The quantity {quantity} is not between 0 and {quantity_max}.")
    remedy: ClassVar[str] = N_("Send a quantity in that range.")

    quantity: int
    quantity_max: int


@dataclasses.dataclass(eq=False)
class CartFull(Conflict):
    """A cart has as many lines as one may have."""

    code: ClassVar[str] = "cart_full"
    message: ClassVar[str] = N_("A cart has at most {lines_max} lines.")
    remedy: ClassVar[str] = N_("Order what is in it first.")

    lines_max: int


@dataclasses.dataclass(eq=False)
class SkuRepeated(Invalid):
    """A SKU stands twice in what a cart is to hold."""

    code: ClassVar[str] = "sku_repeated"
    message: ClassVar[str] = N_("{sku} stands there twice.")
    remedy: ClassVar[str] = N_("Send each SKU once, with the quantity in all.")

    sku: str


@dataclasses.dataclass(eq=False)
class TooManyCoupons(Conflict):
    """A cart has as many codes as one may have."""

    code: ClassVar[str] = "cart_coupons_full"
    message: ClassVar[str] = N_("A cart takes at most {coupons_max} coupons.")
    remedy: ClassVar[str] = N_("Take one out first.")

    coupons_max: int
