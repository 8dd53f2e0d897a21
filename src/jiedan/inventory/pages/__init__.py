"""Pages of inventory: stock by location, what runs low, the ledger, goods in, corrections, transfers, counts."""

from jiedan.base.web import routing
from jiedan.inventory.pages import counts, levels, locations, moving, picking, stock, transfers

ROUTER = routing.console(
    [
        *picking.HANDLERS,
        *stock.HANDLERS,
        *moving.HANDLERS,
        *levels.HANDLERS,
        *transfers.HANDLERS,
        *counts.HANDLERS,
        *locations.HANDLERS,
    ]
)
