"""REST of orders, one file per subject."""

from jiedan.base.web import routing
from jiedan.orders.api import drafts, lifecycle, placement

ROUTER = routing.api("Orders", [*placement.HANDLERS, *drafts.HANDLERS, *lifecycle.HANDLERS])
