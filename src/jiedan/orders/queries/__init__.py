"""Reads of orders, by what they are for."""

from jiedan.orders.queries.drafts import draft, draft_for_update, open_drafts
from jiedan.orders.queries.due import expired_order_ids
from jiedan.orders.queries.hanging import (
    Details,
    Happening,
    decisions,
    details,
    orders_of_holds,
    timeline,
    waiting_orders,
)
from jiedan.orders.queries.orders import order, orders, orders_for_update

__all__ = [
    "Details",
    "Happening",
    "decisions",
    "details",
    "draft",
    "draft_for_update",
    "expired_order_ids",
    "open_drafts",
    "order",
    "orders",
    "orders_for_update",
    "orders_of_holds",
    "timeline",
    "waiting_orders",
]
