"""Values of orders that cross borders: ids, the words of each axis, drafts, and what became of them."""

import dataclasses
from datetime import date, datetime
from typing import Annotated, Any, Literal, NamedTuple, NewType
from uuid import UUID

import msgspec
from msgspec import Meta

from jiedan.accounts.values import PaymentTerms, Split
from jiedan.base import errors, events
from jiedan.catalog.values import SkuId
from jiedan.customers.values import Address, CustomerId
from jiedan.pricing.values import AsSold, OrderDiscount

OrderId = NewType("OrderId", UUID)
LineId = NewType("LineId", UUID)
HoldId = NewType("HoldId", UUID)
DraftId = NewType("DraftId", UUID)
ViewId = NewType("ViewId", UUID)

LINES_PER_ORDER_MAX = 200
"""Lines a draft may ask for; a kit counts once."""

ORDER_ROWS_MAX = 1_000
"""Line rows one order may store, components of kits and fees included."""

DRAFTS_PER_BATCH_MAX = 200
QUANTITY_MAX = 1_000_000
"""Stock units of one line."""

TAGS_PER_ORDER_MAX = 20
NOTES_PER_ORDER_MAX = 10
NAME_CHARS_MAX = 200
NOTE_CHARS_MAX = 2_000
REASON_CHARS_MAX = 500
EXTERNAL_ID_CHARS_MAX = 200
KEY_CHARS_MAX = 255

NUMBER_SERIES = "order"
OPERATION = "orders.place"
"""What placement calls itself where idempotency keys are kept."""

OWNER_KIND: Literal["order_line"] = "order_line"
"""What inventory calls the owner of a placed line's reservations."""

Lifecycle = Literal["open", "completed", "canceled"]
LIFECYCLES: tuple[Lifecycle, ...] = ("open", "completed", "canceled")

LineKind = Literal["goods", "service", "fee", "kit", "component"]
LINE_KINDS: tuple[LineKind, ...] = ("goods", "service", "fee", "kit", "component")
STOCKED_KINDS: frozenset[str] = frozenset({"goods", "component"})
"""Lines that claim stock and are shipped."""

PaymentStatus = Literal[
    "not_due",
    "pending",
    "processing",
    "partly_authorized",
    "authorized",
    "partly_paid",
    "paid",
    "overpaid",
    "partly_refunded",
    "refunded",
    "charged_back",
]
PAYMENT_STATUSES: tuple[PaymentStatus, ...] = (
    "not_due",
    "pending",
    "processing",
    "partly_authorized",
    "authorized",
    "partly_paid",
    "paid",
    "overpaid",
    "partly_refunded",
    "refunded",
    "charged_back",
)

FulfillmentStatus = Literal[
    "not_needed",
    "waiting",
    "partly_allocated",
    "allocated",
    "partly_shipped",
    "shipped",
    "partly_delivered",
    "delivered",
    "partly_returned",
    "returned",
    "canceled",
]
FULFILLMENT_STATUSES: tuple[FulfillmentStatus, ...] = (
    "not_needed",
    "waiting",
    "partly_allocated",
    "allocated",
    "partly_shipped",
    "shipped",
    "partly_delivered",
    "delivered",
    "partly_returned",
    "returned",
    "canceled",
)

CustomerStatus = Literal["pending", "shipped", "done", "canceled"]
"""What the customer is told; the last is the way out of the three."""

MerchantStatus = Literal["submitted", "reviewed", "paid", "shipped", "signed", "canceled"]
"""What staff are told; the last is the way out of the five."""

PriceSource = Literal["list", "manual", "as_sold", "rule", "included"]
"""Where a line's unit price comes from; a fee's from a rule, a component's is included in its kit's."""
PRICE_SOURCES: tuple[PriceSource, ...] = ("list", "manual", "as_sold", "rule", "included")

NoteKind = Literal["delivery", "packaging", "customer", "internal"]
NOTE_KINDS: tuple[NoteKind, ...] = ("delivery", "packaging", "customer", "internal")

AddressKind = Literal["ship_to", "bill_to"]
ADDRESS_KINDS: tuple[AddressKind, ...] = ("ship_to", "bill_to")

CHANNEL_API = "api"
CHANNEL_CONSOLE = "console"
CHANNEL_IMPORT = "import"

Name = Annotated[str, Meta(min_length=1, max_length=NAME_CHARS_MAX)]
Amount = Annotated[int, Meta(ge=0, le=10**15)]
Channel = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Code = Annotated[str, Meta(min_length=1, max_length=100)]
CurrencyCode = Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
Tag = Annotated[str, Meta(min_length=1, max_length=50)]


class _Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Input as the API spells it; what is not known is refused by name."""


class Contact(_Input, frozen=True, kw_only=True):
    """Whom to speak to about the order; personal data."""

    name: Annotated[str, Meta(max_length=NAME_CHARS_MAX)] = ""
    phone: Annotated[str, Meta(max_length=40)] = ""
    email: Annotated[str, Meta(max_length=254)] = ""


class NewNote(_Input, frozen=True, kw_only=True):
    """A note that somebody downstream reads."""

    kind: NoteKind = "customer"
    text: Annotated[str, Meta(min_length=1, max_length=NOTE_CHARS_MAX)]


class NewLine(_Input, frozen=True, kw_only=True):
    """One line asked for: `quantity` stock units of a SKU code.

    A price by hand (`unit_price_minor`, permission `orders:price`) needs `price_reason`. `as_sold` is for orders with
    `history` alone.
    """

    sku: Code
    quantity: int
    location: Code | None = None
    unit_price_minor: int | None = None
    price_reason: str = ""
    as_sold: AsSold | None = None


class History(_Input, frozen=True, kw_only=True):
    """What only an import may say (permission `orders:import`): when the order was placed.

    With it lines may come `as_sold`. Such an order never expires. Unless it `claims_stock`, nothing is reserved for it:
    its lines wait, and whoever imports it tells what was shipped. `tax_included` overrides the merchant's setting.
    """

    placed_at: Annotated[datetime, Meta(tz=True)]
    claims_stock: bool = False
    tax_included: bool | None = None


class NewOrder(_Input, frozen=True, kw_only=True):
    """What somebody wants to order; what is left out comes from the merchant's settings."""

    lines: tuple[NewLine, ...]
    channel: Channel = CHANNEL_API
    external_id: Annotated[str, Meta(min_length=1, max_length=EXTERNAL_ID_CHARS_MAX)] | None = None
    currency: CurrencyCode | None = None
    locale: Annotated[str, Meta(max_length=35)] | None = None
    customer_id: CustomerId | None = None
    contact: Contact = Contact()
    ship_to: Address | None = None
    bill_to: Address | None = None
    location: Code | None = None
    split: Split | None = None
    payment_terms: PaymentTerms | None = None
    delivery_wish: date | None = None
    notes: Annotated[tuple[NewNote, ...], Meta(max_length=NOTES_PER_ORDER_MAX)] = ()
    tags: Annotated[tuple[Tag, ...], Meta(max_length=TAGS_PER_ORDER_MAX)] = ()
    discount: OrderDiscount | None = None
    shipping_minor: Amount | None = None
    shipping_tax_minor: Amount | None = None
    history: History | None = None


class Draft(NamedTuple):
    """An order on its way to being placed: what is wanted, by whom, under which key, with which number.

    `number` is leased beforehand, of the series `NUMBER_SERIES`. `caller` and `key` are the idempotency key's;
    `fingerprint` is the SHA-256 of the canonical body. `body` has passed `rules.drafts.check`. `credential_id` is the
    API key or session that sent it, looked at once more before anything is placed.
    """

    body: NewOrder
    number: int
    actor: events.Actor
    request_id: str
    caller: str
    key: str
    fingerprint: bytes
    credential_id: UUID | None = None


class Placed(msgspec.Struct, frozen=True):
    """An order that came to be; quantities in stock units, amounts in minor units of `currency`."""

    order_id: OrderId
    number: str
    lifecycle: Lifecycle
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    currency: str
    total_minor: int
    tax_minor: int
    placed_at: datetime
    expires_at: datetime | None
    allocated: int
    waiting: int


class AlreadyPlaced(NamedTuple):
    """The same draft came before: the order as it stands now."""

    order: Placed


class Rejected(NamedTuple):
    """A draft that did not become an order, with every reason found."""

    reasons: tuple[errors.Refusal, ...]


Outcome = Placed | AlreadyPlaced | Rejected


class OrderFacts(NamedTuple):
    """The facts of an order that its payment status derives from; amounts in minor units."""

    lifecycle: Lifecycle
    total_minor: int
    authorized_minor: int = 0
    captured_minor: int = 0
    refunded_minor: int = 0
    charged_back_minor: int = 0
    processing_count: int = 0


class LineFacts(NamedTuple):
    """The facts of one line that statuses derive from; quantities in stock units."""

    kind: LineKind
    ordered: int
    canceled: int = 0
    allocated: int = 0
    shipped: int = 0
    delivered: int = 0
    returned: int = 0
    performed: int = 0

    @property
    def waiting(self) -> int:
        """Ordered units that have neither left nor an allocation: backordered."""
        if self.kind not in STOCKED_KINDS:
            return 0
        return self.ordered - self.canceled - self.shipped - self.allocated


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """An order as stored: facts, and the statuses derived from them. Amounts are minor units of `currency`."""

    order_id: OrderId
    number: str
    channel: str
    external_id: str | None
    customer_id: CustomerId | None
    contact: Contact
    lifecycle: Lifecycle
    placed_at: datetime
    currency: str
    locale: str
    payment_terms: PaymentTerms
    split: Split
    requested_location_id: UUID | None
    delivery_wish: date | None
    line_count: int
    total_minor: int
    tax_minor: int
    authorized_minor: int
    captured_minor: int
    refunded_minor: int
    charged_back_minor: int
    processing_count: int
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    expires_at: datetime | None
    promised_at: datetime | None
    completed_at: datetime | None
    canceled_at: datetime | None
    cancel_reason: str | None
    price_rules_version: int
    history: bool
    version: int
    created_at: datetime
    actor: events.Actor

    @property
    def facts(self) -> OrderFacts:
        """The facts that its payment status derives from."""
        return OrderFacts(
            self.lifecycle,
            self.total_minor,
            self.authorized_minor,
            self.captured_minor,
            self.refunded_minor,
            self.charged_back_minor,
            self.processing_count,
        )

    @property
    def balance_minor(self) -> int:
        """What was kept of what was captured, less what the order costs now; negative when something is due."""
        return self.captured_minor - self.refunded_minor - self.charged_back_minor - self.total_minor


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """An order line as stored; `total_minor` and `tax_minor` are those of all `ordered` units."""

    line_id: LineId
    order_id: OrderId
    line: int
    kind: LineKind
    parent_line: int | None
    sku_id: SkuId | None
    code: str
    name: str
    requested_location_id: UUID | None
    placed_at: datetime
    ordered: int
    canceled: int
    allocated: int
    shipped: int
    delivered: int
    returned: int
    performed: int
    unit_minor: int
    discount_minor: int
    tax_minor: int
    tax_rate_ppm: int
    tax_class: str
    tax_included: bool
    total_minor: int
    price_source: PriceSource
    price_reason: str | None
    weight_g: int | None

    @property
    def facts(self) -> LineFacts:
        """The facts that statuses derive from."""
        return LineFacts(
            self.kind,
            self.ordered,
            self.canceled,
            self.allocated,
            self.shipped,
            self.delivered,
            self.returned,
            self.performed,
        )

    @property
    def waiting(self) -> int:
        """Ordered units that have neither left nor an allocation."""
        return self.facts.waiting


class OrderWithLines(NamedTuple):
    """An order and its lines, in their order."""

    order: Order
    lines: tuple[Line, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class SavedDraft:
    """An order being written: what staff have so far, unchecked. `order_id` tells what it has become."""

    draft_id: DraftId
    data: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime
    actor: events.Actor
    order_id: OrderId | None


class PaymentFact(NamedTuple):
    """What changed in the money of one order: signed differences in minor units, and in payments under way."""

    order_id: OrderId
    authorized_minor: int = 0
    captured_minor: int = 0
    refunded_minor: int = 0
    charged_back_minor: int = 0
    processing_count: int = 0


class LineQuantity(NamedTuple):
    """So many stock units of one line, by its number in the order."""

    line: int
    quantity: int


class CancelRequest(NamedTuple):
    """A wish to give up quantity that has not left: `lines`, or the whole order without them."""

    order_id: UUID
    reason: str
    lines: tuple[LineQuantity, ...] | None = None


class HoldRequest(NamedTuple):
    """A wish to stop an order for a named reason; lifting it needs `lift_permission`."""

    order_id: UUID
    kind: str
    reason: str
    lift_permission: str = "orders:lift"
    deadline_at: datetime | None = None


class LiftRequest(NamedTuple):
    """A wish to take a hold away, by somebody with `permissions`."""

    hold_id: UUID
    reason: str
    permissions: frozenset[str]


@dataclasses.dataclass(frozen=True, slots=True)
class Hold:
    """A named reason that stops, or stopped, an order."""

    hold_id: HoldId
    order_id: OrderId
    kind: str
    reason: str
    lift_permission: str
    deadline_at: datetime | None
    placed_at: datetime
    placed_by: events.Actor
    lifted_at: datetime | None
    lifted_by: events.Actor | None
    lift_reason: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Note:
    """Something said about an order."""

    kind: NoteKind
    text: str
    written_at: datetime
    author: events.Actor


class OrderEdit(_Input, frozen=True, kw_only=True):
    """What to change of an order before it leaves; what is left out stays. Unset fields are `msgspec.UNSET`.

    `delivery_wish`, `bill_to` and `location` may be null: that removes them. `tags` replace all tags, `notes` are added.
    """

    contact: Contact | msgspec.UnsetType = msgspec.UNSET
    ship_to: Address | msgspec.UnsetType = msgspec.UNSET
    bill_to: Address | None | msgspec.UnsetType = msgspec.UNSET
    delivery_wish: date | None | msgspec.UnsetType = msgspec.UNSET
    location: Code | None | msgspec.UnsetType = msgspec.UNSET
    tags: Annotated[tuple[Tag, ...], Meta(max_length=TAGS_PER_ORDER_MAX)] | msgspec.UnsetType = msgspec.UNSET
    notes: Annotated[tuple[NewNote, ...], Meta(max_length=NOTES_PER_ORDER_MAX)] = ()


class Completion(NamedTuple):
    """Whether an order is done, and what is still missing: stable codes with numbers."""

    is_done: bool
    missing: tuple[tuple[str, int], ...] = ()
