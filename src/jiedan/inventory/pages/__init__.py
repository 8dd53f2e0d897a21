"""Pages of inventory: stock, the ledger, goods in and corrected, transfers, counts, what runs low, and the SKU picker."""

from jiedan.base.web import routing
from jiedan.inventory.pages import picking

ROUTER = routing.console([*picking.HANDLERS])
