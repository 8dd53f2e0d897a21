"""Reads of orders, by what they are for."""

from jiedan.orders.queries.assigned import open_orders_of
from jiedan.orders.queries.decisions import (
    Decision,
    decided,
    decisions,
    gifts_of_orders,
    orders_before,
    price_changes,
    price_story,
    story_of,
)
from jiedan.orders.queries.drafts import draft, draft_for_update, kept_draft_for_update, open_drafts
from jiedan.orders.queries.due import expired_order_ids
from jiedan.orders.queries.hanging import (
    Destination,
    Details,
    Standing,
    destinations,
    details,
    hanging,
    hung,
    orders_of_holds,
    standing,
)
from jiedan.orders.queries.imported import (
    Cancelable,
    Totals,
    cancelable_lines,
    external_fingerprints,
    external_totals,
)
from jiedan.orders.queries.lists import criteria_of, order_counts, order_rows
from jiedan.orders.queries.looking import Spending, looking, spending
from jiedan.orders.queries.orders import order, orders, orders_for_update
from jiedan.orders.queries.replays import BEFORE_ALL, count_to_replay, numbers_of_orders, orders_to_replay
from jiedan.orders.queries.stock import OrderOfLine, WaitingLine, lines_waiting_for, orders_of_lines, waiting_units
from jiedan.orders.queries.timeline import PEOPLE, Happening, Who, comments, news, timeline
from jiedan.orders.queries.views import view, view_for_update, views
from jiedan.orders.queries.waiting import skus_to_fill, waiting_orders

__all__ = [
    "BEFORE_ALL",
    "PEOPLE",
    "Cancelable",
    "Decision",
    "Destination",
    "Details",
    "Happening",
    "OrderOfLine",
    "Spending",
    "Standing",
    "Totals",
    "WaitingLine",
    "Who",
    "cancelable_lines",
    "comments",
    "count_to_replay",
    "criteria_of",
    "decided",
    "decisions",
    "destinations",
    "details",
    "draft",
    "draft_for_update",
    "expired_order_ids",
    "external_fingerprints",
    "external_totals",
    "gifts_of_orders",
    "hanging",
    "hung",
    "kept_draft_for_update",
    "lines_waiting_for",
    "looking",
    "news",
    "numbers_of_orders",
    "open_drafts",
    "open_orders_of",
    "order",
    "order_counts",
    "order_rows",
    "orders",
    "orders_before",
    "orders_for_update",
    "orders_of_holds",
    "orders_of_lines",
    "orders_to_replay",
    "price_changes",
    "price_story",
    "skus_to_fill",
    "spending",
    "standing",
    "story_of",
    "timeline",
    "view",
    "view_for_update",
    "views",
    "waiting_orders",
    "waiting_units",
]
