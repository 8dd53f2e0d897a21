"""Fulfillments, their lines and parcels, as stored. Quantities are stock units, weights grams."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from jiedan.catalog.values import SkuId
from jiedan.fulfillment.values.words import FulfillmentId, Method, ParcelId, ParcelState, Status
from jiedan.inventory.values import LocationId
from jiedan.orders.values import LineId, OrderId


class FulfillmentLine(msgspec.Struct, frozen=True, gc=False):
    """How far a location has come with one line of an order; every quantity only counts up, but for corrections.

    `short` is what the picker did not get, `withdrawn` what was taken back from the location for another reason.
    """

    fulfillment_id: FulfillmentId
    line_id: LineId
    line: int
    sku_id: SkuId
    released: int
    short: int
    withdrawn: int
    picked: int
    packed: int
    shipped: int
    delivered: int

    @property
    def wanted(self) -> int:
        """Units that are to leave, or have left."""
        return self.released - self.short - self.withdrawn

    @property
    def open(self) -> int:
        """Units that are still to leave."""
        return self.wanted - self.shipped

    @property
    def to_pick(self) -> int:
        """Units that are still to be picked."""
        return max(0, self.wanted - self.picked)

    @property
    def to_pack(self) -> int:
        """Units that are picked and still to be packed."""
        return max(0, min(self.picked, self.wanted) - self.packed)

    @property
    def to_put_back(self) -> int:
        """Units that were picked and then withdrawn: they go back to the shelf."""
        return max(0, self.picked - self.wanted)


class ParcelLine(NamedTuple):
    """What a parcel holds of one line."""

    line_id: LineId
    quantity: int


class Parcel(msgspec.Struct, frozen=True, gc=False):
    """One box. `number` is what people and scanners read; an unpacked one is kept for the record."""

    parcel_id: ParcelId
    fulfillment_id: FulfillmentId
    sequence: int
    number: str
    state: ParcelState
    weight_g: int | None
    box: str | None
    carrier: str | None
    tracking_number: str | None
    packed_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None
    unpacked_at: datetime | None
    lines: tuple[ParcelLine, ...]

    @property
    def is_waiting(self) -> bool:
        """Whether it stands at the location, ready to leave."""
        return self.state == "packed"

    @property
    def is_under_way(self) -> bool:
        """Whether it has left and has not arrived."""
        return self.shipped_at is not None and self.state != "delivered"


class Fulfillment(msgspec.Struct, frozen=True, gc=False):
    """The work that one location has with one order; `status` repeats what `rules.status` derives.

    Codes to collect by are kept as salted hashes in a row, the shown one and perhaps one that was sent; `code_tries`
    counts wrong ones since the last right one or pause.
    """

    fulfillment_id: FulfillmentId
    order_id: OrderId
    location_id: LocationId
    sequence: int
    number: str
    method: Method
    status: Status
    released_at: datetime
    ready_at: datetime | None
    code_salt: bytes | None
    code_hash: bytes | None
    code_tries: int
    code_locked_until: datetime | None
    lines: tuple[FulfillmentLine, ...] = ()
    parcels: tuple[Parcel, ...] = ()

    def line_of(self, line_id: UUID) -> FulfillmentLine | None:
        """Return its line for a line of the order."""
        return next((x for x in self.lines if x.line_id == line_id), None)
