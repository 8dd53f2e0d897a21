"""What can be done with orders: one function per use case."""

from jiedan.orders.placement import place_orders, preview_orders
from jiedan.orders.placement.desk import OrderDesk, open_order_desk, refusal_of, wish_of
from jiedan.orders.service.drafts import change_draft, close_draft, discard_draft, save_draft

__all__ = [
    "OrderDesk",
    "change_draft",
    "close_draft",
    "discard_draft",
    "open_order_desk",
    "place_orders",
    "preview_orders",
    "refusal_of",
    "save_draft",
    "wish_of",
]
