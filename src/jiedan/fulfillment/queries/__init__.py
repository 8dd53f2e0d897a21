"""Reads of fulfillment, by what they are for."""

from jiedan.fulfillment.queries.bench import boxes, open_scans, prints
from jiedan.fulfillment.queries.handling import handling
from jiedan.fulfillment.queries.lists import Asked, fulfillment_page, status_counts
from jiedan.fulfillment.queries.loads import (
    Acknowledged,
    Loaded,
    fulfillment,
    fulfillments,
    label,
    latest_promised,
    of_orders,
    of_orders_for_update,
    orders_of,
    parcels,
    parcels_by_number,
    parcels_under_way,
)
from jiedan.fulfillment.queries.queue import Queued, find_number, find_scanned, next_up, queue_page
from jiedan.fulfillment.queries.routes import Route, routes
from jiedan.fulfillment.queries.shipments import find_parcels, group_counts, handed_over, shipment_page, to_collect
from jiedan.fulfillment.queries.unreleased import unreleased_page
from jiedan.fulfillment.queries.ways import Box, Way, ways

__all__ = [
    "Acknowledged",
    "Asked",
    "Box",
    "Loaded",
    "Queued",
    "Route",
    "Way",
    "boxes",
    "find_number",
    "find_parcels",
    "find_scanned",
    "fulfillment",
    "fulfillment_page",
    "fulfillments",
    "group_counts",
    "handed_over",
    "handling",
    "label",
    "latest_promised",
    "next_up",
    "of_orders",
    "of_orders_for_update",
    "open_scans",
    "orders_of",
    "parcels",
    "parcels_by_number",
    "parcels_under_way",
    "prints",
    "queue_page",
    "routes",
    "shipment_page",
    "status_counts",
    "to_collect",
    "unreleased_page",
    "ways",
]
