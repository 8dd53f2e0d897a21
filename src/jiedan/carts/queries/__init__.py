"""Reads of carts."""

from jiedan.carts.queries.carts import (
    OpenCart,
    cart,
    cart_of_customer,
    cart_of_holder,
    carts,
    carts_for_update,
    carts_of_customers,
    carts_of_orders,
    held_by,
    last_ordered,
    last_ordered_of_customer,
    open_cart,
    untouched,
)
from jiedan.carts.queries.views import view

__all__ = [
    "OpenCart",
    "cart",
    "cart_of_customer",
    "cart_of_holder",
    "carts",
    "carts_for_update",
    "carts_of_customers",
    "carts_of_orders",
    "held_by",
    "last_ordered",
    "last_ordered_of_customer",
    "open_cart",
    "untouched",
    "view",
]
