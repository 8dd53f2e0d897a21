"""What is asked of fulfillment. Lines are named by their number in the order, quantities are stock units.

`key` makes a wish safe to send again: the same key leads to the same thing, once.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from jiedan.carriers.values import TrackingState
from jiedan.fulfillment.values.words import Method, Paper, ReprintReason, ShortReason
from jiedan.orders.values import LineQuantity


class ReleaseRequest(NamedTuple):
    """A wish to hand an order's allocated units to their locations: of all lines, or so many of some.

    Without a `location_id` every location that holds some of it gets its part; without a `method` the order decides.
    """

    order_id: UUID
    lines: tuple[LineQuantity, ...] | None = None
    location_id: UUID | None = None
    method: Method | None = None
    key: str | None = None


class Pick(NamedTuple):
    """Units of one line that were taken from the shelf."""

    fulfillment_id: UUID
    line: int
    quantity: int
    key: str | None = None


class Short(NamedTuple):
    """Units of one line that a picker did not get, and why."""

    fulfillment_id: UUID
    line: int
    quantity: int
    reason: ShortReason
    key: str | None = None


class PutBack(NamedTuple):
    """Units that were picked, then withdrawn, and stand on the shelf again."""

    fulfillment_id: UUID
    line: int
    quantity: int
    key: str | None = None


class Pack(NamedTuple):
    """A box and what was put into it; without `lines` everything that is picked and not packed.

    `box` is the code of the kind of box.
    """

    fulfillment_id: UUID
    lines: tuple[LineQuantity, ...] | None = None
    weight_g: int | None = None
    key: str | None = None
    box: str | None = None


class Scan(NamedTuple):
    """What is put into the open box, as the scanner read it: a SKU's code, or a barcode of a unit or a whole pack."""

    fulfillment_id: UUID
    code: str
    key: str | None = None


class Undo(NamedTuple):
    """What was scanned last, taken out of the open box again."""

    fulfillment_id: UUID
    key: str | None = None


class Closing(NamedTuple):
    """The open box, closed into a parcel with what was scanned into it."""

    fulfillment_id: UUID
    weight_g: int | None = None
    box: str | None = None
    key: str | None = None


class Print(NamedTuple):
    """A paper of a parcel that is printed; a second time needs a reason."""

    parcel_id: UUID
    document: Paper
    reason: ReprintReason | None = None


class Report(NamedTuple):
    """What somebody tells of a parcel on its way, because they called the carrier or it stands before them."""

    parcel_id: UUID
    state: TrackingState
    at: datetime | None = None
    place: str = ""
    text: str = ""


class Unpack(NamedTuple):
    """A parcel to be opened again before it leaves."""

    parcel_id: UUID


class Ship(NamedTuple):
    """A parcel that leaves: with whom, and under which number; `at` when it was not just now.

    Without a carrier it leaves as its label says, or with one's own people.
    """

    parcel_id: UUID
    carrier: str | None = None
    tracking_number: str | None = None
    at: datetime | None = None


class Delivery(NamedTuple):
    """A parcel that has arrived; `at` when it was not just now."""

    parcel_id: UUID
    at: datetime | None = None


class Readiness(NamedTuple):
    """A fulfillment that waits to be collected; asked again it gets a new code."""

    fulfillment_id: UUID


class Collection(NamedTuple):
    """Somebody who came for a fulfillment, and the code they showed."""

    fulfillment_id: UUID
    code: str


class Acknowledgement(NamedTuple):
    """Who sends it has read the notes of the order."""

    fulfillment_id: UUID


class Take(NamedTuple):
    """Units of one line and the location they leave from."""

    line: int
    quantity: int
    location_id: UUID | None = None


class OrderShipment(NamedTuple):
    """Goods of an order that leave, released, picked and packed in one go: one parcel per location.

    Without `lines` everything that is allocated, of history that claims no stock everything that is left. With
    `delivered_at` they have arrived already.
    """

    order_id: UUID
    lines: tuple[Take, ...] | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    weight_g: int | None = None
    at: datetime | None = None
    delivered_at: datetime | None = None
    key: str | None = None
