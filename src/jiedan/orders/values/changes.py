"""What is asked of placed orders: facts of money, cancellations, holds, edits."""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Meta

from jiedan.customers.values import Address
from jiedan.orders.values.drafts import Contact, Input, NewNote, exact
from jiedan.orders.values.words import (
    NOTES_PER_ORDER_MAX,
    ORDER_ROWS_MAX,
    REASON_CHARS_MAX,
    TAGS_PER_ORDER_MAX,
    Amount,
    Code,
    LineAttributes,
    LineId,
    OrderId,
    Tag,
)
from jiedan.pricing.values import OrderDiscount


class PaymentFact(NamedTuple):
    """What changed in the money of one order: signed differences in minor units, and in payments under way.

    `from_wallets_minor` is what of the money kept came out of wallets, `refunding_minor` what is on its way back.
    """

    order_id: OrderId
    authorized_minor: int = 0
    captured_minor: int = 0
    refunded_minor: int = 0
    charged_back_minor: int = 0
    processing_count: int = 0
    from_wallets_minor: int = 0
    refunding_minor: int = 0


class ShipmentFact(NamedTuple):
    """What changed in the goods of one line: signed differences in stock units."""

    order_id: OrderId
    line_id: LineId
    allocated: int = 0
    released: int = 0
    shipped: int = 0
    delivered: int = 0


class Promise(NamedTuple):
    """When an order arrives: in half of such cases by `p50_on`, in nine of ten by `p90_on`; `carrier` brings it."""

    order_id: OrderId
    p50_on: date
    p90_on: date
    carrier: str | None


class Leaving(NamedTuple):
    """A new order that can leave at once: from where, to which country and postal code, and for when it is wished.

    One that is sent nowhere is collected.
    """

    order_id: OrderId
    location_ids: frozenset[UUID]
    to: tuple[str, str] | None
    delivery_wish: date | None


class Loss(NamedTuple):
    """Units that a line held at a location and that are not there; `reason` is a stable code."""

    order_id: OrderId
    line_id: LineId
    sku_id: UUID
    location_id: UUID
    quantity: int
    reason: str


class LineQuantity(NamedTuple):
    """So many stock units of one line, by its number in the order."""

    line: int
    quantity: int


class CancelRequest(NamedTuple):
    """A wish to give up quantity that has not left: `lines`, or the whole order without them.

    Whoever imports tells with `happened_at` when an imported order was canceled elsewhere: that is history, so nobody
    is written to and no refund is asked for: money that is on the order, told before, becomes a case. What staff cancel
    today of an imported order is not history. Of an order that was placed here the moment is not looked at.
    """

    order_id: UUID
    reason: str
    lines: tuple[LineQuantity, ...] | None = None
    happened_at: datetime | None = None


class ReopenRequest(NamedTuple):
    """A wish to open an order that was canceled or has expired again, or only if its money covers it.

    Staff give a `reason`.
    """

    order_id: UUID
    only_covered: bool = False
    reason: str | None = None


class HoldRequest(NamedTuple):
    """A wish to stop an order for a named reason; lifting it needs `lift_permission`."""

    order_id: UUID
    kind: str
    reason: str
    lift_permission: str = "orders:lift"
    deadline_at: datetime | None = None


class TakenOff(NamedTuple):
    """What persons took off an order by hand, of what it would cost without, in minor units.

    `off_ppm` is the most in parts per million: of a line, or of the whole.
    """

    off_minor: int
    without_minor: int
    off_ppm: int


class Approval(NamedTuple):
    """What somebody must approve: so much was taken off, up to `off_ppm` of a price, by a role with `limit_ppm`."""

    off_minor: int
    off_ppm: int
    limit_ppm: int


class RefuseRequest(NamedTuple):
    """A wish not to let prices by hand pass: they are taken back, and the hold that asked for approval with them."""

    order_id: UUID
    hold_id: UUID
    reason: str


class LiftRequest(NamedTuple):
    """A wish to take a hold away, by somebody with `permissions`; with `order_id` only if it is on that order."""

    hold_id: UUID
    reason: str
    permissions: frozenset[str]
    order_id: UUID | None = None


class NewComment(NamedTuple):
    """Something that staff say among themselves about an order; `mentioned` are the ids of the colleagues it calls."""

    order_id: UUID
    text: str
    mentioned: tuple[UUID, ...] = ()


class CustomerWish(NamedTuple):
    """What a customer asks for about an order, in their words."""

    order_id: UUID
    text: str


class MarkRequest(NamedTuple):
    """A wish to put tags and notes on an order, and to take tags off."""

    order_id: UUID
    tags: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    notes: tuple[NewNote, ...] = ()


class Assignment(NamedTuple):
    """A wish to give an order to one of the staff, or to nobody; `version` is the one that was seen, if any."""

    order_id: UUID
    assignee_id: UUID | None
    version: int | None = None


class LineMeasures(Input, frozen=True, kw_only=True):
    """Other measures of a piece made to measure, by the number of its line; those that are left out stay."""

    line: Annotated[int, Meta(ge=1)]
    attributes: LineAttributes

    def __post_init__(self) -> None:
        """Write what is said of the piece exactly, and mask card numbers in it."""
        msgspec.structs.force_setattr(self, "attributes", exact(self.attributes))


class OrderEdit(Input, frozen=True, kw_only=True):
    """What to change of an order before it leaves; what is left out stays. Unset fields are `msgspec.UNSET`.

    `delivery_wish`, `bill_to` and `location` may be null: that removes them. `tags` replace all, `notes` are added.
    `measures` are those of goods made to measure: each line costs then what its formula asked when it was placed.
    With another `shipping_method` the fee is what that one would have asked when the order was placed.
    """

    __example__: ClassVar[dict[str, Any]] = {
        "contact": {"name": "李雷", "phone": "139 1234 5678"},
        "tags": ["gift", "VIP"],
    }

    contact: Contact | msgspec.UnsetType = msgspec.UNSET
    ship_to: Address | msgspec.UnsetType = msgspec.UNSET
    bill_to: Address | msgspec.UnsetType | None = msgspec.UNSET
    delivery_wish: date | msgspec.UnsetType | None = msgspec.UNSET
    location: Code | msgspec.UnsetType | None = msgspec.UNSET
    shipping_method: Code | msgspec.UnsetType = msgspec.UNSET
    tags: Annotated[tuple[Tag, ...], Meta(max_length=TAGS_PER_ORDER_MAX)] | msgspec.UnsetType = msgspec.UNSET
    notes: Annotated[tuple[NewNote, ...], Meta(max_length=NOTES_PER_ORDER_MAX)] = ()
    measures: Annotated[tuple[LineMeasures, ...], Meta(max_length=ORDER_ROWS_MAX)] = ()


class LinePrice(Input, frozen=True, kw_only=True):
    """The price of a unit of one line, by hand with its reason; without a price it costs what the rules ask again."""

    line: Annotated[int, Meta(ge=1)]
    unit_price_minor: Amount | None = None
    price_reason: Annotated[str, Meta(max_length=REASON_CHARS_MAX)] = ""


class PriceEdit(Input, frozen=True, kw_only=True):
    """Prices and discount of a placed order, by hand. Lines that are left out keep their price.

    A `discount` takes the place of the one before; null takes it away, and left out it stays as much as it was.
    """

    __example__: ClassVar[dict[str, Any]] = {
        "lines": [{"line": 1, "unit_price_minor": 8800, "price_reason": "A dent in the tin."}],
        "discount": {"reason": "Late last time.", "rate_ppm": 50000},
    }

    lines: Annotated[tuple[LinePrice, ...], Meta(max_length=ORDER_ROWS_MAX)] = ()
    discount: OrderDiscount | msgspec.UnsetType | None = msgspec.UNSET


class Completion(NamedTuple):
    """Whether an order is done, and what is still missing: stable codes with numbers."""

    is_done: bool
    missing: tuple[tuple[str, int], ...] = ()
