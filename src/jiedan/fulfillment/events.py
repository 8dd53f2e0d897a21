"""What happened to the work of locations and to parcels: ids, codes and quantities; no personal data.

Each is about an order, so it stands in the order's timeline.
"""

from uuid import UUID

import msgspec

from jiedan.base import events
from jiedan.base.ids import TenantId


class LineQuantity(msgspec.Struct, frozen=True):
    """So many stock units of one line."""

    line_id: UUID
    quantity: int


class _FulfillmentEvent(events.Event, frozen=True, kw_only=True):
    """Something that happened to one fulfillment of an order."""

    subject_kind = "order"
    subject = "order_id"

    order_id: UUID
    fulfillment_id: UUID
    number: str


class FulfillmentReleased(_FulfillmentEvent, frozen=True, kw_only=True):
    """A location was told to pick."""

    kind = "fulfillment.fulfillment_released"

    location_id: UUID
    method: str
    lines: tuple[LineQuantity, ...]


class LinesWithdrawn(_FulfillmentEvent, frozen=True, kw_only=True):
    """A location was told to stop: `cause` is given_up, stopped, short or moved; `to_put_back` units were picked."""

    kind = "fulfillment.lines_withdrawn"

    cause: str
    lines: tuple[LineQuantity, ...]
    to_put_back: int


class LinesPicked(_FulfillmentEvent, frozen=True, kw_only=True):
    """Units were taken from the shelf."""

    kind = "fulfillment.lines_picked"

    lines: tuple[LineQuantity, ...]


class LineShort(_FulfillmentEvent, frozen=True, kw_only=True):
    """A picker did not get what should be there; stock was counted down by as much."""

    kind = "fulfillment.line_short"

    line_id: UUID
    sku_id: UUID
    location_id: UUID
    quantity: int
    cause: str


class GoodsPutBack(_FulfillmentEvent, frozen=True, kw_only=True):
    """Units that were picked and then withdrawn stand on the shelf again."""

    kind = "fulfillment.goods_put_back"

    lines: tuple[LineQuantity, ...]


class NotesAcknowledged(_FulfillmentEvent, frozen=True, kw_only=True):
    """Somebody at the location has read the notes of the order."""

    kind = "fulfillment.notes_acknowledged"

    note_ids: tuple[UUID, ...]


class ParcelPacked(_FulfillmentEvent, frozen=True, kw_only=True):
    """A box was filled and closed; `number` is the fulfillment's, `parcel` the box's own."""

    kind = "fulfillment.parcel_packed"

    parcel_id: UUID
    parcel: str
    weight_g: int | None
    lines: tuple[LineQuantity, ...]


class ParcelUnpacked(_FulfillmentEvent, frozen=True, kw_only=True):
    """A box was opened again before it left."""

    kind = "fulfillment.parcel_unpacked"

    parcel_id: UUID
    parcel: str


class ParcelLabeled(_FulfillmentEvent, frozen=True, kw_only=True):
    """A box got a carrier's label."""

    kind = "fulfillment.parcel_labeled"

    parcel_id: UUID
    parcel: str
    carrier: str
    tracking_number: str


class ParcelShipped(_FulfillmentEvent, frozen=True, kw_only=True):
    """A box left."""

    kind = "fulfillment.parcel_shipped"

    parcel_id: UUID
    parcel: str
    carrier: str | None
    tracking_number: str | None
    lines: tuple[LineQuantity, ...]


class ParcelTracked(_FulfillmentEvent, frozen=True, kw_only=True):
    """A carrier said something new of a box: where it is now."""

    kind = "fulfillment.parcel_tracked"

    parcel_id: UUID
    parcel: str
    state: str


class ParcelDelivered(_FulfillmentEvent, frozen=True, kw_only=True):
    """A box arrived."""

    kind = "fulfillment.parcel_delivered"

    parcel_id: UUID
    parcel: str
    lines: tuple[LineQuantity, ...]


class FulfillmentReady(_FulfillmentEvent, frozen=True, kw_only=True):
    """Goods wait to be collected at the location; there is a new code for them."""

    kind = "fulfillment.fulfillment_ready"

    location_id: UUID


class FulfillmentCollected(_FulfillmentEvent, frozen=True, kw_only=True):
    """Somebody came with the right code and took the goods."""

    kind = "fulfillment.fulfillment_collected"

    location_id: UUID


class HandlingSet(events.Event, frozen=True, kw_only=True):
    """It was said how many days a location takes from the release to the door."""

    kind = "fulfillment.handling_set"
    subject_kind = "location"
    subject = "location_id"

    location_id: UUID
    p50_days: int
    p90_days: int


class ParcelPrinted(_FulfillmentEvent, frozen=True, kw_only=True):
    """A paper of a box was printed; `cause` says why again, and is empty the first time."""

    kind = "fulfillment.parcel_printed"

    parcel_id: UUID
    parcel: str
    document: str
    cause: str


class BoxSaved(events.Event, frozen=True, kw_only=True):
    """A kind of box was set up, or changed."""

    kind = "fulfillment.box_saved"
    subject_kind = "merchant"
    subject = "merchant_id"

    merchant_id: TenantId
    code: str
    version: int
