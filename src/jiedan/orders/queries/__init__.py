"""Reads of orders, by what they are for."""

from jiedan.orders.queries.drafts import draft, draft_for_update, open_drafts
from jiedan.orders.queries.orders import order, orders, orders_for_update

__all__ = ["draft", "draft_for_update", "open_drafts", "order", "orders", "orders_for_update"]
