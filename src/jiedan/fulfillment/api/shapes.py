"""What the API of fulfillment takes and answers."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec

from jiedan.base.web import bodies, problems
from jiedan.carriers.values import TrackingState
from jiedan.fulfillment.rules import GateTrace
from jiedan.fulfillment.values import ROWS_MAX, Method, ShortReason
from jiedan.fulfillment.values.words import CARRIER_CHARS_MAX, TRACKING_CHARS_MAX, WEIGHT_G_MAX

_ID = "0193a000-0000-7000-8000-000000000001"

LABELS_MAX = 100
"""Labels of one call; a carrier may be asked over the network for each."""

Rows = msgspec.Meta(min_length=1, max_length=ROWS_MAX)
Weight = Annotated[int, msgspec.Meta(ge=1, le=WEIGHT_G_MAX)]
CarrierName = Annotated[str, msgspec.Meta(min_length=1, max_length=CARRIER_CHARS_MAX, pattern=r"\S")]
TrackingNumber = Annotated[str, msgspec.Meta(min_length=1, max_length=TRACKING_CHARS_MAX, pattern=r"^\S+$")]
CollectCode = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class LineBody(bodies.Body):
    """So many units of one line, by its number in the order."""

    line: bodies.Quantity
    quantity: bodies.Quantity


Lines = Annotated[list[LineBody], Rows]


class ReleaseBody(bodies.Body):
    """What to release: all lines, or so many of some; at every location that holds some, or at one."""

    __example__: ClassVar[dict[str, Any]] = {"location": "SH-1", "lines": [{"line": 1, "quantity": 2}]}

    lines: Lines | None = None
    location: bodies.Code | None = None
    method: Method | None = None


class ReleaseManyBody(bodies.Body):
    """Orders to release whole."""

    __example__: ClassVar[dict[str, Any]] = {"order_ids": [_ID]}

    order_ids: Annotated[list[UUID], Rows]


class PickBody(bodies.Body):
    """Units of one line that were taken from the shelf. `key` makes the row safe to send again."""

    fulfillment_id: UUID
    line: bodies.Quantity
    quantity: bodies.Quantity
    key: bodies.Code | None = None


class PicksBody(bodies.Body):
    """What was picked."""

    __example__: ClassVar[dict[str, Any]] = {"items": [{"fulfillment_id": _ID, "line": 1, "quantity": 2}]}

    items: Annotated[list[PickBody], Rows]


class ShortBody(bodies.Body):
    """Units of one line that were not there as they should be, and why. `key` as for picks."""

    fulfillment_id: UUID
    line: bodies.Quantity
    quantity: bodies.Quantity
    reason: ShortReason
    key: bodies.Code | None = None


class ShortsBody(bodies.Body):
    """What was not there."""

    __example__: ClassVar[dict[str, Any]] = {
        "items": [{"fulfillment_id": _ID, "line": 1, "quantity": 1, "reason": "damaged"}]
    }

    items: Annotated[list[ShortBody], Rows]


class PackBody(bodies.Body):
    """A box and what was put into it; without `lines` everything picked and not packed. `key` as for picks."""

    fulfillment_id: UUID
    lines: Lines | None = None
    weight_g: Weight | None = None
    key: bodies.Code | None = None


class PacksBody(bodies.Body):
    """Boxes that were filled."""

    __example__: ClassVar[dict[str, Any]] = {
        "items": [{"fulfillment_id": _ID, "lines": [{"line": 1, "quantity": 2}], "weight_g": 650}]
    }

    items: Annotated[list[PackBody], Rows]


class FulfillmentsBody(bodies.Body):
    """Fulfillments that something is done to."""

    __example__: ClassVar[dict[str, Any]] = {"fulfillment_ids": [_ID]}

    fulfillment_ids: Annotated[list[UUID], Rows]


class ParcelsBody(bodies.Body):
    """Parcels that something is done to."""

    __example__: ClassVar[dict[str, Any]] = {"parcel_ids": [_ID]}

    parcel_ids: Annotated[list[UUID], Rows]


class ShipBody(bodies.Body):
    """A parcel that leaves: with whom, under which number; `at` when it was not just now."""

    parcel_id: UUID
    carrier: CarrierName | None = None
    tracking_number: TrackingNumber | None = None
    at: bodies.Moment | None = None


class ShipsBody(bodies.Body):
    """Parcels that leave."""

    __example__: ClassVar[dict[str, Any]] = {
        "items": [{"parcel_id": _ID, "carrier": "SF", "tracking_number": "SF1234567890"}]
    }

    items: Annotated[list[ShipBody], Rows]


class DeliveryBody(bodies.Body):
    """A parcel that has arrived; `at` when it was not just now."""

    parcel_id: UUID
    at: bodies.Moment | None = None


class DeliveriesBody(bodies.Body):
    """Parcels that have arrived."""

    __example__: ClassVar[dict[str, Any]] = {"items": [{"parcel_id": _ID}]}

    items: Annotated[list[DeliveryBody], Rows]


class LabelsBody(bodies.Body):
    """Parcels that a carrier makes labels for."""

    __example__: ClassVar[dict[str, Any]] = {"carrier": "OWN", "parcel_ids": [_ID]}

    carrier: CarrierName
    parcel_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=LABELS_MAX)]


class TrackingBody(bodies.Body):
    """What a carrier says of a number: its own code, when, and where the parcel is by it."""

    carrier: CarrierName
    number: TrackingNumber
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]
    occurred_at: bodies.Moment
    state: TrackingState | None = None
    description: Annotated[str, msgspec.Meta(max_length=500)] = ""
    place: Annotated[str, msgspec.Meta(max_length=200)] = ""


class TrackingEventsBody(bodies.Body):
    """What carriers say, in any order, as often as they like."""

    __example__: ClassVar[dict[str, Any]] = {
        "items": [
            {
                "carrier": "SF",
                "number": "SF1234567890",
                "code": "80",
                "occurred_at": "2026-11-21T04:00:00Z",
                "state": "delivered",
            }
        ]
    }

    items: Annotated[list[TrackingBody], Rows]


class CollectionBody(bodies.Body):
    """The code that somebody shows."""

    __example__: ClassVar[dict[str, Any]] = {"code": "7KQ2 M9XP"}

    code: CollectCode


class TakeBody(bodies.Body):
    """Units of one line, and the location they leave from."""

    line: bodies.Quantity
    quantity: bodies.Quantity
    location: bodies.Code | None = None


class OrderShipmentBody(bodies.Body):
    """Goods of an order that leave in one go; without `lines` everything allocated. `key` as for picks."""

    order_id: UUID
    lines: Annotated[list[TakeBody], Rows] | None = None
    carrier: CarrierName | None = None
    tracking_number: TrackingNumber | None = None
    weight_g: Weight | None = None
    at: bodies.Moment | None = None
    delivered_at: bodies.Moment | None = None
    key: bodies.Code | None = None


class OrderShipmentsBody(bodies.Body):
    """Goods of orders that leave in one go."""

    __example__: ClassVar[dict[str, Any]] = {
        "items": [{"order_id": _ID, "carrier": "SF", "tracking_number": "SF1234567890"}]
    }

    items: Annotated[list[OrderShipmentBody], Rows]


class FulfillmentLineView(msgspec.Struct, frozen=True):
    """How far a location has come with a line; `to_put_back` was picked and is not wanted any more."""

    line: int
    sku: str
    name: str
    released: int
    short: int
    withdrawn: int
    picked: int
    packed: int
    shipped: int
    delivered: int
    to_pick: int
    to_pack: int
    to_put_back: int


class ParcelLineView(msgspec.Struct, frozen=True):
    """What a parcel holds of a line."""

    line: int
    sku: str
    quantity: int


class ParcelView(msgspec.Struct, frozen=True):
    """A parcel."""

    parcel_id: UUID
    fulfillment_id: UUID
    number: str
    state: str
    weight_g: int | None
    box: str | None
    carrier: str | None
    tracking_number: str | None
    tracking_url: str | None
    packed_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None
    lines: list[ParcelLineView]


class FulfillmentView(msgspec.Struct, frozen=True):
    """A fulfillment whole; `unread_notes` keep it from being packed."""

    fulfillment_id: UUID
    order_id: UUID
    order_number: str
    number: str
    location: str
    method: str
    status: str
    released_at: datetime
    ready_at: datetime | None
    unread_notes: int
    lines: list[FulfillmentLineView]
    parcels: list[ParcelView]


class TrackingView(msgspec.Struct, frozen=True):
    """What a carrier said."""

    code: str
    occurred_at: datetime
    state: str | None
    description: str
    place: str


class HeardRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one event: whether it was new, of how many parcels it speaks, or why it was refused."""

    is_new: bool | None = None
    parcels: int | None = None
    problem: problems.Problem | None = None


class GateView(msgspec.Struct, frozen=True):
    """Whether an order may go, and why not, line by line."""

    order_id: UUID
    gate: GateTrace


class FulfillmentRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one row: the fulfillment as it stands after the whole set, or why it was refused."""

    fulfillment: FulfillmentView | None = None
    problem: problems.Problem | None = None


class ParcelRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one row: the parcel as it stands after the whole set, or why it was refused."""

    parcel: ParcelView | None = None
    problem: problems.Problem | None = None


class OrderRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one order: its fulfillments as they stand after the whole set, or why it was refused."""

    fulfillments: list[FulfillmentView] | None = None
    problem: problems.Problem | None = None


class ReadyRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one row: the fulfillment and the code to collect it by, shown now and never again."""

    fulfillment: FulfillmentView | None = None
    code: str | None = None
    problem: problems.Problem | None = None
