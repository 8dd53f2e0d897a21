"""What can be done with carts: one function per use case."""

from jiedan.carts.service.attach import attach_cart
from jiedan.carts.service.coupons import put_coupons, take_coupon_out
from jiedan.carts.service.ends import close_carts, discard_cart, erase_carts, forget_old
from jiedan.carts.service.fill import add_to_cart, fill_cart, hold_cart, open_cart

__all__ = [
    "add_to_cart",
    "attach_cart",
    "close_carts",
    "discard_cart",
    "erase_carts",
    "fill_cart",
    "forget_old",
    "hold_cart",
    "open_cart",
    "put_coupons",
    "take_coupon_out",
]
