"""Drafts, and what became of them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Meta

from jiedan.accounts.values import PaymentMethod, PaymentTerms, Split
from jiedan.base import cards, errors, events
from jiedan.carts.values import CartId
from jiedan.customers.values import Address, CustomerId
from jiedan.orders.values.words import (
    CHANNEL_API,
    COUPONS_PER_ORDER_MAX,
    EXTERNAL_ID_CHARS_MAX,
    GIFTS_PER_ORDER_MAX,
    NAME_CHARS_MAX,
    NOTE_CHARS_MAX,
    NOTES_PER_ORDER_MAX,
    PROMOTION_CHARS_MAX,
    REASON_CHARS_MAX,
    TAGS_PER_ORDER_MAX,
    WALLETS_PER_ORDER_MAX,
    Amount,
    Attributes,
    Channel,
    Code,
    Coupon,
    CurrencyCode,
    FulfillmentStatus,
    Lifecycle,
    LineAttributes,
    NoteKind,
    OrderId,
    PaymentStatus,
    Tag,
)
from jiedan.pricing.values import AsSold, OrderDiscount
from jiedan.pricing.values.promotions import AttributeValue


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Input as the API spells it; what is not known is refused by name."""


class Contact(Input, frozen=True, kw_only=True):
    """Whom to speak to about the order; personal data."""

    name: Annotated[str, Meta(max_length=NAME_CHARS_MAX)] = ""
    phone: Annotated[str, Meta(max_length=40)] = ""
    email: Annotated[str, Meta(max_length=254)] = ""


class NewNote(Input, frozen=True, kw_only=True):
    """A note that somebody downstream reads; card numbers in it are masked before anybody does."""

    kind: NoteKind = "customer"
    text: Annotated[str, Meta(min_length=1, max_length=NOTE_CHARS_MAX, pattern=r"\S")]

    def __post_init__(self) -> None:
        """Mask card numbers."""
        msgspec.structs.force_setattr(self, "text", cards.masked(self.text))


class NewLine(Input, frozen=True, kw_only=True):
    """One line asked for: `quantity` stock units of a SKU code.

    A price by hand (`unit_price_minor`, permission `orders:price`) needs `price_reason`. `as_sold` is for orders with
    `history` alone. `attributes` are what is said of a piece made to measure, and what is written on it:
    `{"width": "2.4 m", "lining": "silk", "engraving": "Anna"}`.
    """

    sku: Code
    quantity: int
    location: Code | None = None
    unit_price_minor: int | None = None
    price_reason: Annotated[str, Meta(max_length=REASON_CHARS_MAX)] = ""
    as_sold: AsSold | None = None
    attributes: LineAttributes = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Write what is said of the piece exactly, and mask card numbers in it."""
        if self.attributes:
            msgspec.structs.force_setattr(self, "attributes", exact(self.attributes))


class WalletUse(Input, frozen=True, kw_only=True):
    """What pays a part of the order: the customer's store credit or points, or a gift card by its `code`.

    A gift card that is the customer's own may be named by its `wallet_id` instead. Without an amount it gives as much
    as it has and the order still needs. Points may be asked for by their number; with both, they must agree.
    """

    kind: Literal["credit", "gift_card", "points"]
    code: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\S")] | None = None
    wallet_id: UUID | None = None
    amount_minor: Annotated[int, Meta(ge=1, le=10**15)] | None = None
    points: Annotated[int, Meta(ge=1, le=10**15)] | None = None


class GiftChoice(Input, frozen=True, kw_only=True):
    """The gift chosen of one promotion, by its id: `{"promotion": "welcome", "sku": "MUG"}`."""

    promotion: Annotated[str, Meta(min_length=1, max_length=PROMOTION_CHARS_MAX, pattern=r"\S")]
    sku: Code


Gifts = Annotated[tuple[Code | GiftChoice, ...], Meta(max_length=GIFTS_PER_ORDER_MAX)]
"""Gifts chosen: of one promotion, or a SKU alone, which goes to whichever of the others gives it."""


class History(Input, frozen=True, kw_only=True):
    """What only an import may say (permission `orders:import`): when the order was placed, and by when it was promised.

    With it lines may come `as_sold`. Such an order never expires. Unless it `claims_stock`, nothing is reserved for it:
    its lines wait, and whoever imports it tells what was shipped. `tax_included` overrides the merchant's setting. Its
    addresses may have gaps. Without lines it is placed on hold (`lines_missing`).
    """

    placed_at: Annotated[datetime, Meta(tz=True)]
    claims_stock: bool = False
    tax_included: bool | None = None
    promised_at: Annotated[datetime, Meta(tz=True)] | None = None


class NewOrder(Input, frozen=True, kw_only=True):
    """What somebody wants to order; what is left out comes from the merchant's settings.

    With a `cart_id` what the cart holds goes over to the order, and the cart is closed. `expected_total_minor` is the
    total that whoever orders has seen: an order that would cost more is refused. `gifts` are the SKUs chosen where
    promotions give one of several, one for each, with the promotion or without; what is not there any more is replaced
    by another of the choice, or left out. `attributes` are what promotions may ask of it, like `source`; texts, whole
    numbers, yes and no. `wallets` pay for it as it is placed, in their order; what they leave is paid as usual.
    `shipping_method` is the code of the method that ships it, the cheapest that serves where none is named. `location`
    is where it is sent from; without `ship_to` it is the store where the goods are collected.
    `payment_method` is how, as far as that is agreed: prices may depend on it, and nothing is taken by telling it.
    """

    __example__: ClassVar[dict[str, Any]] = {
        "lines": [{"sku": "TEA-250", "quantity": 2}],
        "external_id": "W-1001",
        "contact": {"name": "李雷", "phone": "139 1234 5678", "email": "li.lei@example.com"},
        "ship_to": {
            "country": "CN",
            "name": "李雷",
            "phone": "139 1234 5678",
            "region": "北京市",
            "city": "北京市",
            "district": "东城区",
            "line1": "长安街 1 号",
            "postal_code": "100006",
        },
        "notes": [{"kind": "delivery", "text": "Leave it with the doorman."}],
        "tags": ["gift"],
        "attributes": {"source": "app"},
    }

    lines: tuple[NewLine, ...]
    channel: Channel = CHANNEL_API
    external_id: Annotated[str, Meta(min_length=1, max_length=EXTERNAL_ID_CHARS_MAX, pattern=r"\S")] | None = None
    currency: CurrencyCode | None = None
    locale: Annotated[str, Meta(max_length=35)] | None = None
    customer_id: CustomerId | None = None
    contact: Contact = Contact()
    ship_to: Address | None = None
    bill_to: Address | None = None
    location: Code | None = None
    split: Split | None = None
    payment_terms: PaymentTerms | None = None
    payment_method: PaymentMethod | None = None
    delivery_wish: date | None = None
    notes: Annotated[tuple[NewNote, ...], Meta(max_length=NOTES_PER_ORDER_MAX)] = ()
    tags: Annotated[tuple[Tag, ...], Meta(max_length=TAGS_PER_ORDER_MAX)] = ()
    discount: OrderDiscount | None = None
    shipping_method: Code | None = None
    shipping_minor: Amount | None = None
    shipping_tax_minor: Amount | None = None
    history: History | None = None
    cart_id: CartId | None = None
    coupons: Annotated[tuple[Coupon, ...], Meta(max_length=COUPONS_PER_ORDER_MAX)] = ()
    gifts: Gifts = ()
    attributes: Attributes = msgspec.field(default_factory=dict)
    expected_total_minor: Amount | None = None
    wallets: Annotated[tuple[WalletUse, ...], Meta(max_length=WALLETS_PER_ORDER_MAX)] = ()

    def __post_init__(self) -> None:
        """Mask card numbers in attributes."""
        if self.attributes:
            masked = {name: _masked(value) for name, value in self.attributes.items()}
            msgspec.structs.force_setattr(self, "attributes", masked)


def exact(attributes: Mapping[str, float | str]) -> dict[str, int | str]:
    """Return what is said of a piece without card numbers; numbers with decimals as they were written."""
    told = {name: f"{Decimal(repr(x)):f}" if isinstance(x, float) else x for name, x in attributes.items()}
    return {name: _masked(value) for name, value in told.items()}


def _masked(value: AttributeValue) -> AttributeValue:
    """Return a value without card numbers, in digits or as a number."""
    text = value if isinstance(value, str) else str(value)
    masked = cards.masked(text)
    return value if masked == text else masked


class DraftRef(NamedTuple):
    """A saved draft that becomes the order, and the version that was read; None where its text is somebody's own."""

    draft_id: UUID
    version: int | None = None


class Draft(NamedTuple):
    """An order on its way to being placed: what is wanted, by whom, under which key, with which number.

    `number` is leased beforehand, of the series `NUMBER_SERIES`. `caller` and `key` are the idempotency key's;
    `fingerprint` is the SHA-256 of the canonical body. `body` has passed `rules.drafts.check`. `credential_id` is the
    API key or session that sent it, looked at once more before anything is placed. `saved` is closed with the
    placement, which is refused when it was changed, placed or thrown away meanwhile. `cards` are the gift cards of the
    codes in `body`, as they were typed; codes that no card has are not among them.
    """

    body: NewOrder
    number: int
    actor: events.Actor
    request_id: str
    caller: str
    key: str
    fingerprint: bytes
    credential_id: UUID | None = None
    saved: DraftRef | None = None
    cards: Mapping[str, UUID] = MappingProxyType({})


class Tendered(NamedTuple):
    """What an order was paid with out of a wallet as it was placed."""

    order_id: OrderId
    wallet_id: UUID
    kind: str
    amount_minor: int


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
