"""Orders, lines and what hangs on them, as stored."""

import dataclasses
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from jiedan.accounts.values import PaymentTerms, Split
from jiedan.base import events
from jiedan.catalog.values import SkuId
from jiedan.customers.values import CustomerId
from jiedan.orders.values.drafts import Contact
from jiedan.orders.values.words import (
    STOCKED_KINDS,
    DraftId,
    FulfillmentStatus,
    HoldId,
    Lifecycle,
    LineId,
    LineKind,
    NoteId,
    NoteKind,
    OrderId,
    PaymentStatus,
    PriceSource,
)
from jiedan.pricing.values import NO_STATUS, Said, TaxNote, TaxPart, TaxStatus


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


class OrderTax(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the customer had to show when the order was placed, and what came of it where the order goes now.

    Whatever becomes of the customer's certificates later, the order is taxed by these. `home` is the merchant's country
    then: the home, where the tax settings name none. It is None where there was nothing to show, and of orders that are
    older than what is kept of it.
    """

    status: TaxStatus = NO_STATUS
    notes: tuple[TaxNote, ...] = ()
    home: str | None = None

    @property
    def reasons(self) -> tuple[TaxNote, ...]:
        """Why some of the order is not taxed, or none of it."""
        return tuple([note for note in self.notes if note.code in FREEING])


FREEING = frozenset({"certificate", "reverse_charge"})
"""Notes of taxes that are not charged."""


class Order(msgspec.Struct, frozen=True, gc=False):
    """An order as stored: facts, and the statuses derived from them. Amounts are minor units of `currency`.

    Lines of one that does not `claims_stock` are never given goods: whoever imported it tells what was shipped.
    """

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
    promised_p50_on: date | None
    """The day by which it arrives in half of such cases, told once when all of it was allocated."""
    promised_p90_on: date | None
    """The day by which it arrives in nine of ten."""
    completed_at: datetime | None
    canceled_at: datetime | None
    cancel_reason: str | None
    price_rules_version: int
    history: bool
    claims_stock: bool
    version: int
    created_at: datetime
    actor: events.Actor
    assignee_id: UUID | None = None
    """Who of the staff looks after it."""
    from_wallets_minor: int = 0
    """What of the money kept came out of wallets: an order that has nothing else expires."""
    ordered_minor: int | None = None
    """What it cost when it was placed; None of one that is older than what is kept."""
    refunding_minor: int = 0
    """What of its money is on its way back: asked for, and not answered yet."""
    tax: OrderTax | None = None
    """What its customer had to show; None of one without a customer, or older than what is kept."""
    shipping_method: str | None = None
    """The code of the shipping method that takes it; None where nothing is shipped, or by none that was named."""
    shipping_name: str | None = None
    """What that method was called when it was taken."""

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

    @property
    def to_give_back_minor(self) -> int:
        """What it has beyond what it costs, without what is on its way back already; never negative."""
        return max(0, self.balance_minor - self.refunding_minor)

    @property
    def to_pay_minor(self) -> int:
        """What it lacks of what it costs, with what is on its way back counted as gone; never negative."""
        return max(0, self.refunding_minor - self.balance_minor)


class Line(msgspec.Struct, frozen=True, gc=False):
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
    released: int
    """Allocated units that a location was told to pick, and that have not left."""
    ruled_minor: int | None = None
    """What all units cost by the rules before promotions, where that is not price times quantity and is known."""
    by_hand_minor: int = 0
    """What of the discount was given by hand."""
    placed_source: PriceSource | None = None
    """Where its price came from when it was placed; None while nobody has set that by hand since."""
    placed_unit_minor: int | None = None
    placed_discount_minor: int | None = None
    """What came off it then, without what is tax in the price: that follows from where the order goes."""
    placed_by_hand_minor: int | None = None
    attributes: tuple[Said, ...] = ()
    """What was said of a piece made to measure, and how it was asked for."""
    placed_attributes: tuple[Said, ...] = ()
    """What was said of it when it was placed; nothing while nobody has it made otherwise."""
    relief_minor: int = 0
    """What of the discount is tax in the price that is not asked of who is exempt."""
    formula: str | None = None
    """By which formula of its version its piece was judged and priced; None also of lines older than what is kept."""
    taxes: tuple[TaxPart, ...] | None = ()
    """What each tax makes of all `ordered` units: together its tax; None where the line is older than what is kept."""

    @property
    def described(self) -> str:
        """Its name, and behind it what was said of a piece made to measure, in the merchant's own words."""
        return self.told_in("")

    def told_in(self, locale: str) -> str:
        """Return its name, and behind it what was said of a piece made to measure, in a language."""
        said = self.attributes
        return " · ".join([self.name, *[one.told_in(locale) for one in said]]) if said else self.name

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
    note_id: NoteId

    @property
    def is_to_be_read(self) -> bool:
        """Whether who picks and packs has to read it first."""
        return self.kind != "record"
