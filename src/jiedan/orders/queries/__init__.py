"""Reads of orders, by what they are for."""

from jiedan.orders.queries.orders import order, orders, orders_for_update

__all__ = ["order", "orders", "orders_for_update"]
