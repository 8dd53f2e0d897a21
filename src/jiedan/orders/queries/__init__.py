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
from jiedan.orders.queries.imported import (
    Cancelable,
    Totals,
    cancelable_lines,
    external_fingerprints,
    external_totals,
)
from jiedan.orders.queries.lists import criteria_of, order_counts, order_rows
from jiedan.orders.queries.orders import order, orders, orders_for_update
from jiedan.orders.queries.views import view, view_for_update, views

__all__ = [
    "Cancelable",
    "Details",
    "Happening",
    "Totals",
    "cancelable_lines",
    "criteria_of",
    "decisions",
    "details",
    "draft",
    "draft_for_update",
    "expired_order_ids",
    "external_fingerprints",
    "external_totals",
    "open_drafts",
    "order",
    "order_counts",
    "order_rows",
    "orders",
    "orders_for_update",
    "orders_of_holds",
    "timeline",
    "view",
    "view_for_update",
    "views",
    "waiting_orders",
]
