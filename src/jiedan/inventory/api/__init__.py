"""REST of inventory."""

from jiedan.base.web import routing
from jiedan.inventory.api import counts, locations, stock, transfers

ROUTER = routing.api("Inventory", [*locations.HANDLERS, *stock.HANDLERS, *transfers.HANDLERS, *counts.HANDLERS])
