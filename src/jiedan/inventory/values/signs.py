"""The words and signs under which stock is shown, on whatever page."""

from collections.abc import Mapping
from typing import NamedTuple

from jiedan.base.i18n import N_
from jiedan.inventory.values.words import (
    AdjustmentReason,
    CountLineState,
    LocationKind,
    MovementKind,
    TransferStatus,
)


class Sign(NamedTuple):
    """How something is shown: `label` a message id, `tone` its color, `level` how far the circle is filled."""

    label: str
    tone: str = ""
    level: str = "empty"


class StockTab(NamedTuple):
    """A page about stock, for the tabs above all of them: its key, its address in the console, its message id."""

    key: str
    path: str
    label: str


STOCK_TABS: tuple[StockTab, ...] = (
    StockTab("skus", "/stock", N_("By SKU")),
    StockTab("places", "/stock/locations", N_("By location")),
    StockTab("low", "/stock/low", N_("Running low")),
    StockTab("ledger", "/stock/movements", N_("Ledger")),
    StockTab("transfers", "/transfers", N_("Transfers")),
    StockTab("counts", "/counts", N_("Counts")),
)

MOVEMENT_SIGNS: Mapping[MovementKind, Sign] = {
    "receipt": Sign(N_("Goods received"), "ok", "full"),
    "return": Sign(N_("Returned to stock"), "ok", "half"),
    "shipment": Sign(N_("Shipped out"), "info", "most"),
    "adjustment": Sign(N_("Adjusted"), "warn", "half"),
    "count": Sign(N_("Counted"), "warn", "full"),
    "transfer_out": Sign(N_("Sent to another location"), "", "quarter"),
    "transfer_in": Sign(N_("Arrived from another location"), "", "most"),
}

TRANSFER_SIGNS: Mapping[TransferStatus, Sign] = {
    "open": Sign(N_("Waiting to leave"), "info", "empty"),
    "in_transit": Sign(N_("On its way"), "info", "half"),
    "received": Sign(N_("All arrived"), "ok", "full"),
    "closed": Sign(N_("Closed"), "", "full"),
    "canceled": Sign(N_("Canceled")),
}

COUNT_LINE_SIGNS: Mapping[CountLineState, Sign] = {
    "uncounted": Sign(N_("Not counted yet"), "", "empty"),
    "recount": Sign(N_("Count again"), "warn", "half"),
    "settled": Sign(N_("Agreed"), "ok", "full"),
}

REASON_LABELS: Mapping[AdjustmentReason, str] = {
    "correction": N_("Correction of the books"),
    "damaged": N_("Damaged"),
    "expired": N_("Past its date"),
    "found": N_("Found"),
    "lost": N_("Lost"),
    "opening": N_("Opening stock"),
    "quality": N_("Blocked for quality"),
    "sample": N_("Given as a sample"),
    "stolen": N_("Stolen"),
    "used": N_("Used by ourselves"),
}

RECEIPT_REASON_LABELS: Mapping[str, str] = {"opening_balance": N_("Opening balance")}

LOCATION_KIND_LABELS: Mapping[LocationKind, str] = {
    "warehouse": N_("Warehouse"),
    "store": N_("Store"),
    "kitchen": N_("Kitchen"),
    "third_party": N_("Third party"),
    "supplier": N_("Supplier"),
    "other": N_("Other"),
}
