"""Ids, enumerations and limits of inventory."""

from typing import Literal, NewType
from uuid import UUID

LocationId = NewType("LocationId", UUID)
MovementId = NewType("MovementId", UUID)
TransferId = NewType("TransferId", UUID)
CountId = NewType("CountId", UUID)

QUANTITY_MAX = 1_000_000_000
"""Largest quantity of one operation, in stock units; sums of a million of them stay inside 64 bits."""

BATCH_MAX = 1000
"""Most rows of one operation on a set."""

LOCATIONS_MAX = 5000
"""Most locations of one merchant; whoever names one by its code looks at all of them."""

RESERVATIONS_NAMED_MAX = 100
"""Most reservations of one key that a refusal names."""

LocationKind = Literal["warehouse", "store", "kitchen", "third_party", "supplier", "other"]
OwnerKind = Literal["cart", "order_line", "transfer"]
MovementKind = Literal["receipt", "return", "shipment", "adjustment", "count", "transfer_out", "transfer_in"]
ReceiptKind = Literal["receipt", "return"]
AdjustmentReason = Literal[
    "correction", "damaged", "expired", "found", "lost", "opening", "quality", "sample", "stolen", "used"
]
ReceiptReason = Literal["", "opening_balance"]
"""Why goods came in that nobody bought: they were there when the books began."""

TransferStatus = Literal["open", "in_transit", "received", "closed", "canceled"]
CountLineState = Literal["uncounted", "recount", "settled"]

LOCATION_KINDS: tuple[LocationKind, ...] = ("warehouse", "store", "kitchen", "third_party", "supplier", "other")
STORE_KINDS: frozenset[LocationKind] = frozenset({"store", "kitchen"})
"""Where customers come to collect their goods."""

OWNER_KINDS: tuple[OwnerKind, ...] = ("cart", "order_line", "transfer")
MOVEMENT_KINDS: tuple[MovementKind, ...] = (
    "receipt", "return", "shipment", "adjustment", "count", "transfer_out", "transfer_in",
)  # fmt: skip
RECEIPT_REASONS: tuple[ReceiptReason, ...] = ("", "opening_balance")
ADJUSTMENT_REASONS: tuple[AdjustmentReason, ...] = (
    "correction", "damaged", "expired", "found", "lost", "opening", "quality", "sample", "stolen", "used",
)  # fmt: skip
