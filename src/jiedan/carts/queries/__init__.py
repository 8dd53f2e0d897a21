"""Reads of carts."""

from jiedan.carts.queries.carts import (
    cart,
    cart_of_customer,
    cart_of_holder,
    carts,
    carts_for_update,
    held_by,
    last_ordered,
    untouched,
)
from jiedan.carts.queries.views import view

__all__ = [
    "cart",
    "cart_of_customer",
    "cart_of_holder",
    "carts",
    "carts_for_update",
    "held_by",
    "last_ordered",
    "untouched",
    "view",
]
