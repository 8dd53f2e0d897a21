"""Tables of orders.

Amounts are minor units of the order's currency, quantities stock units, weights grams. Facts are stored; the two
status columns repeat what `rules` derives from them, so that lists can be found by index.
"""

from jiedan.orders.tables.hanging import (
    OrderAddress,
    OrderAttribute,
    OrderDecision,
    OrderHold,
    OrderNote,
    OrderReference,
    OrderTag,
)
from jiedan.orders.tables.look_ups import OrderLookUp
from jiedan.orders.tables.placed import Order, OrderLine
from jiedan.orders.tables.search import OrderTerm, OrderWording
from jiedan.orders.tables.writing import OrderDraft, OrderPresence, SavedView

__all__ = [
    "Order",
    "OrderAddress",
    "OrderAttribute",
    "OrderDecision",
    "OrderDraft",
    "OrderHold",
    "OrderLine",
    "OrderLookUp",
    "OrderNote",
    "OrderPresence",
    "OrderReference",
    "OrderTag",
    "OrderTerm",
    "OrderWording",
    "SavedView",
]
