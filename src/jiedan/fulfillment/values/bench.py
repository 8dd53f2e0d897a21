"""The pack station: what was scanned into the open box, the kinds of boxes, and what was printed."""

from datetime import datetime
from typing import NamedTuple

from jiedan.fulfillment.values.words import FulfillmentId, Paper, ParcelId, ReprintReason, ScanId
from jiedan.orders.values import LineId


class Scanned(NamedTuple):
    """Units in the open box that were scanned at once: one, or as many as the barcode stands for."""

    scan_id: ScanId
    fulfillment_id: FulfillmentId
    line_id: LineId
    code: str
    scanned_at: datetime
    quantity: int = 1


class PackingBox(NamedTuple):
    """A kind of box: inner sizes in millimeters, and what it weighs empty, in grams."""

    code: str
    name: str
    length_mm: int
    width_mm: int
    height_mm: int
    tare_g: int = 0
    is_active: bool = True
    version: int = 1

    @property
    def volume_mm3(self) -> int:
        """Return how much goes into it."""
        return self.length_mm * self.width_mm * self.height_mm


class Printed(NamedTuple):
    """A paper of a parcel that was printed; the first time has no reason."""

    parcel_id: ParcelId
    document: Paper
    reason: ReprintReason | None
    printed_at: datetime
