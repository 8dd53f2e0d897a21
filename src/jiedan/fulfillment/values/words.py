"""Ids, the words of each axis, and limits."""

from typing import Literal, NewType, get_args
from uuid import UUID

FulfillmentId = NewType("FulfillmentId", UUID)
ParcelId = NewType("ParcelId", UUID)
ScanId = NewType("ScanId", UUID)

ROWS_MAX = 500
"""Rows of one call: lines, parcels or orders."""

WEIGHT_G_MAX = 10_000_000
CARRIER_CHARS_MAX = 100
TRACKING_CHARS_MAX = 100

Status = Literal[
    "released",
    "picking",
    "picked",
    "packed",
    "ready",
    "partly_shipped",
    "shipped",
    "delivered",
    "collected",
    "stopped",
    "canceled",
]
STATUSES: tuple[Status, ...] = get_args(Status)
"""`stopped`: everything was withdrawn, and something picked is still to be put back."""

ENDED: frozenset[Status] = frozenset({"delivered", "collected", "canceled"})
"""Nothing is left to be done."""

Document = Literal["pick-list", "delivery-note", "packing-slip"]
DOCUMENTS: tuple[Document, ...] = get_args(Document)
"""Papers made here: one for each fulfillment, packing slips one for each parcel."""

Unprinted = Literal["unknown", "canceled", "not_released", "nothing_to_pick", "nothing_packed"]
"""Why there is no paper of an order."""

Method = Literal["ship", "collect"]
METHODS: tuple[Method, ...] = get_args(Method)

ParcelState = Literal[
    "packed", "shipped", "in_transit", "out_for_delivery", "failed", "returned", "delivered", "unpacked"
]
PARCEL_STATES: tuple[ParcelState, ...] = get_args(ParcelState)

ShortReason = Literal["not_found", "damaged", "miscount"]
SHORT_REASONS: tuple[ShortReason, ...] = get_args(ShortReason)

Paper = Literal["label", "packing_slip"]
PAPERS: tuple[Paper, ...] = get_args(Paper)
"""What is printed of a parcel and counted."""

ReprintReason = Literal["jammed", "unreadable", "lost", "damaged", "other"]
REPRINT_REASONS: tuple[ReprintReason, ...] = get_args(ReprintReason)

BOXES_MAX = 100
"""Kinds of boxes of one merchant."""

SCANS_MAX = 200
"""Scans of one call."""

SCANNED_CHARS_MAX = 200
"""A code that somebody scans: a GS1 symbol of a pallet has 48 characters, an address on the web more."""
