"""REST of fulfillment, one file per subject."""

from jiedan.base.web import routing
from jiedan.fulfillment.api import bench, handling, parcels, picking, releases, travel

ROUTER = routing.api(
    "Fulfillment",
    [*releases.HANDLERS, *picking.HANDLERS, *parcels.HANDLERS, *bench.HANDLERS, *travel.HANDLERS, *handling.HANDLERS],
)
