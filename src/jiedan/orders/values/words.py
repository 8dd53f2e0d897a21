"""The words of each axis of an order, its ids and its limits."""

from typing import Annotated, Literal, NewType, get_args
from uuid import UUID

from msgspec import Meta

from jiedan.pricing.values.formulas import WRITING_CHARACTERS_MAX
from jiedan.pricing.values.promotions import ATTRIBUTE_CHARACTERS_MAX

OrderId = NewType("OrderId", UUID)
LineId = NewType("LineId", UUID)
HoldId = NewType("HoldId", UUID)
NoteId = NewType("NoteId", UUID)
DraftId = NewType("DraftId", UUID)
ViewId = NewType("ViewId", UUID)
CommentId = NewType("CommentId", UUID)

LINES_PER_ORDER_MAX = 200
"""Lines a draft may ask for; a kit counts once."""

ORDER_ROWS_MAX = 1_000
"""Line rows one order may store, components of kits and fees included."""

ASSIGNMENTS_PER_BATCH_MAX = 500
DRAFTS_PER_BATCH_MAX = 200
QUOTES_PER_CALL_MAX = 100
"""Carts that one call may ask the price of."""

QUANTITY_MAX = 1_000_000
"""Stock units of one line."""

TAGS_PER_ORDER_MAX = 20
NOTES_PER_ORDER_MAX = 10
"""Notes that one draft or one edit may bring."""

NOTES_KEPT_MAX = 100
"""Notes that an order may have in all."""

NAME_CHARS_MAX = 200
NOTE_CHARS_MAX = 2_000
COMMENT_CHARS_MAX = 4_000
LOOK_UP_ATTEMPTS_MAX = 5
"""Codes that a guest may try for one look-up."""
MENTIONS_PER_COMMENT_MAX = 20
"""Colleagues that one comment may call."""

REQUEST_CHARS_MAX = 1_000
REQUESTS_PER_ORDER_MAX = 20
"""Of customers, before somebody has answered."""

CUSTOMER_REQUEST = "customer_request"
"""The kind of the case that a customer's request opens."""

REASON_CHARS_MAX = 500
EXTERNAL_ID_CHARS_MAX = 200
KEY_CHARS_MAX = 255

NUMBER_SERIES = "order"
OPERATION = "orders.place"
"""What placement calls itself where idempotency keys are kept."""

OWNER_KIND: Literal["order_line"] = "order_line"
"""What inventory calls the owner of a placed line's reservations."""

Lifecycle = Literal["open", "completed", "canceled"]
LIFECYCLES: tuple[Lifecycle, ...] = get_args(Lifecycle)

LineKind = Literal["goods", "service", "fee", "kit", "component"]
LINE_KINDS: tuple[LineKind, ...] = get_args(LineKind)
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
PAYMENT_STATUSES: tuple[PaymentStatus, ...] = get_args(PaymentStatus)

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
FULFILLMENT_STATUSES: tuple[FulfillmentStatus, ...] = get_args(FulfillmentStatus)

UNDELIVERED: tuple[FulfillmentStatus, ...] = (
    "waiting",
    "partly_allocated",
    "allocated",
    "partly_shipped",
    "shipped",
    "partly_delivered",
)
"""Where goods stand that have not all arrived: an open order among them may be late."""

CustomerStatus = Literal["pending", "shipped", "done", "canceled"]
"""What the customer is told; the last is the way out of the three."""

MerchantStatus = Literal["submitted", "reviewed", "paid", "shipped", "signed", "canceled"]
"""What staff are told; the last is the way out of the five."""

PriceSource = Literal["list", "manual", "as_sold", "rule", "included", "gift"]
"""Where a unit price comes from: a fee's from a rule, a component's is in its kit's; a gift is for nothing."""
PRICE_SOURCES: tuple[PriceSource, ...] = get_args(PriceSource)

NoteKind = Literal["delivery", "packaging", "customer", "internal", "record"]
"""Whom a note is for; a record is kept with the order, and nobody who picks or packs has to read it."""
NOTE_KINDS: tuple[NoteKind, ...] = get_args(NoteKind)

AddressKind = Literal["ship_to", "bill_to"]
ADDRESS_KINDS: tuple[AddressKind, ...] = get_args(AddressKind)

DecisionKind = Literal["placement", "edit", "fill", "short_pick", "reopening"]
"""What made somebody decide about an order anew: it was placed, edited, goods came that it waits for, or
goods that it held were not there."""

DRAFT_CALLER = "order_draft"
"""Who holds the key under which a saved draft is placed: the draft itself, so it becomes one order at most."""

CHANNEL_API = "api"
CHANNEL_CONSOLE = "console"
CHANNEL_IMPORT = "import"

Name = Annotated[str, Meta(min_length=1, max_length=NAME_CHARS_MAX)]
Amount = Annotated[int, Meta(ge=0, le=10**15)]
Channel = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Code = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"\S")]
CurrencyCode = Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
Coupon = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\S")]
"""A code that opens a promotion, however it was written."""

COUPONS_PER_ORDER_MAX = 10
GIFTS_PER_ORDER_MAX = 20
"""SKUs chosen as gifts."""
PROMOTION_CHARS_MAX = 200
"""What names a promotion for which a gift is chosen."""
WALLETS_PER_ORDER_MAX = 11
CARDS_PER_ORDER_MAX = WALLETS_PER_ORDER_MAX - 2
"""Gift cards of one order, with room for store credit and points."""

ATTRIBUTES_PER_ORDER_MAX = 20

AttributeNumber = Annotated[int, Meta(ge=-(10**15), le=10**15)]
AttributeText = Annotated[str, Meta(max_length=ATTRIBUTE_CHARACTERS_MAX)]
Attributes = Annotated[dict[str, bool | AttributeNumber | AttributeText], Meta(max_length=ATTRIBUTES_PER_ORDER_MAX)]
"""What an order says of itself, by name, for promotions to ask."""

LINE_ATTRIBUTES_MAX = 20
LINE_ATTRIBUTES_BYTES_MAX = 64_000
"""What is said of a bespoke piece, with how it was asked for, as it is stored."""

TAX_BYTES_MAX = 100_000
"""What a customer had to show to pay no tax, as it is stored with an order."""

LINE_TAXES_BYTES_MAX = 500_000
"""What each tax makes of a line, as it is stored: a fee that goes with goods of many classes has most."""

LineText = Annotated[str, Meta(max_length=WRITING_CHARACTERS_MAX)]
LineAttribute = Annotated[float, Meta(ge=-(10**15), le=10**15)] | AttributeNumber | LineText
LineAttributes = Annotated[dict[str, LineAttribute], Meta(max_length=LINE_ATTRIBUTES_MAX)]
"""What a line says of a bespoke piece, by name: numbers, texts with a unit like `2.4 m`, choices, what is on it."""

Tag = Annotated[str, Meta(min_length=1, max_length=50, pattern=r"\S")]
