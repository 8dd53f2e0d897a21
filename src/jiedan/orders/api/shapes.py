"""What the API of placed orders takes and answers."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec

from jiedan.base import i18n, idempotency
from jiedan.base.errors import Refusal
from jiedan.base.web import bodies, problems
from jiedan.customers.values import Address
from jiedan.orders.values import (
    DRAFTS_PER_BATCH_MAX,
    REASON_CHARS_MAX,
    Contact,
    DecisionKind,
    LineKind,
    OrderTax,
    PriceSource,
)
from jiedan.pricing.values import Said, ShippingOffer, TaxNote, TaxRow
from jiedan.sourcing.values import Trace as SourcingTrace

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=REASON_CHARS_MAX)]
Key = Annotated[str, msgspec.Meta(max_length=idempotency.KEY_CHARACTERS_MAX)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Quantities = Annotated[list["LineQuantityBody"], msgspec.Meta(min_length=1, max_length=1_000)]


class LineQuantityBody(bodies.Body):
    """So many units of one line."""

    line: bodies.Quantity
    quantity: bodies.Quantity


class OrderedLine(msgspec.Struct, frozen=True):
    """One line as an order would have it: goods, what kits are made of, fees; `parent_line`: of which kit.

    `relief_minor` is what of the discount is tax in the price that is not asked of who is exempt. `attributes` are what
    is said of a piece made to measure, defaults filled in.
    """

    line: int
    kind: LineKind
    parent_line: int | None
    code: str
    name: str
    quantity: int
    unit_minor: int
    discount_minor: int
    relief_minor: int
    tax_minor: int
    total_minor: int
    price_source: PriceSource
    attributes: tuple[Said, ...]


class CancelBody(bodies.Body):
    """What to cancel and why; without `lines` the whole order."""

    __example__: ClassVar[dict[str, Any]] = {"reason": "customer_request", "lines": [{"line": 1, "quantity": 1}]}

    reason: Reason
    lines: Quantities | None = None


class CancellationBody(CancelBody, kw_only=True):
    """One cancellation of many, under a key of its own."""

    __example__: ClassVar[dict[str, Any]] = {
        "order_id": "0193a000-0000-7000-8000-000000000001",
        "reason": "customer_request",
        "key": "cancel-1001",
    }

    order_id: UUID
    key: Key | None = None


class CancelManyBody(bodies.Body):
    """Orders to cancel, whole or by line; earlier ones first."""

    __example__: ClassVar[dict[str, Any]] = {"cancellations": [CancellationBody.__example__]}

    cancellations: Annotated[list[CancellationBody], msgspec.Meta(min_length=1, max_length=DRAFTS_PER_BATCH_MAX)]


class HoldBody(bodies.Body):
    """A reason to stop the order; `kind` is a word in lower case, `deadline_at` when it must be decided."""

    __example__: ClassVar[dict[str, Any]] = {"kind": "address_check", "reason": "The house number is missing."}

    kind: bodies.Code
    reason: Reason
    deadline_at: Moment | None = None


class HoldOneBody(HoldBody, kw_only=True):
    """One hold of many, under a key of its own."""

    __example__: ClassVar[dict[str, Any]] = {
        "order_id": "0193a000-0000-7000-8000-000000000001",
        "kind": "address_check",
        "reason": "The house number is missing.",
        "key": "hold-1001",
    }

    order_id: UUID
    key: Key | None = None


class HoldManyBody(bodies.Body):
    """Orders to put on hold."""

    __example__: ClassVar[dict[str, Any]] = {"holds": [HoldOneBody.__example__]}

    holds: Annotated[list[HoldOneBody], msgspec.Meta(min_length=1, max_length=DRAFTS_PER_BATCH_MAX)]


class ReasonBody(bodies.Body):
    """Why."""

    __example__: ClassVar[dict[str, Any]] = {"reason": "The customer confirmed by phone."}

    reason: Reason


class PerformBody(bodies.Body):
    """Services that were performed."""

    __example__: ClassVar[dict[str, Any]] = {"lines": [{"line": 1, "quantity": 1}]}

    lines: Quantities


class AllocationView(msgspec.Struct, frozen=True):
    """Units that a line has at a location."""

    location_id: UUID
    location: str
    quantity: int


class LineView(msgspec.Struct, frozen=True):
    """A line: what was ordered and where it stands.

    `ruled_minor` is what all units cost by the rules before promotions, where that is not price times quantity and is
    known; `by_hand_minor` is what of the discount was given by hand, `relief_minor` what of it is tax in the price that
    is not asked of who is exempt. `attributes` are what was said of a piece made to measure.
    """

    line_id: UUID
    line: int
    kind: str
    parent_line: int | None
    sku_id: UUID | None
    code: str
    name: str
    ordered: int
    canceled: int
    waiting: int
    allocated: int
    shipped: int
    delivered: int
    returned: int
    performed: int
    unit_minor: int
    discount_minor: int
    tax_minor: int
    tax_rate_ppm: int
    total_minor: int
    price_source: str
    price_reason: str | None
    ruled_minor: int | None
    by_hand_minor: int
    relief_minor: int
    attributes: tuple[Said, ...]
    allocations: list[AllocationView]


class ActorView(msgspec.Struct, frozen=True):
    """Who did it: staff, an API key, a customer or the system, by id."""

    kind: str
    id: str


class HoldView(msgspec.Struct, frozen=True):
    """A hold that stands, or stood; lifting it needs `lift_permission`."""

    hold_id: UUID
    kind: str
    reason: str
    lift_permission: str
    deadline_at: datetime | None
    placed_at: datetime
    placed_by: ActorView
    lifted_at: datetime | None
    lifted_by: ActorView | None
    lift_reason: str | None


class NoteView(msgspec.Struct, frozen=True):
    """A note."""

    kind: str
    text: str
    written_at: datetime


class OrderTaxView(msgspec.Struct, frozen=True):
    """What the customer had to show when the order was placed, by number, and what came of it where the order goes now.

    A note of code `certificate` or `reverse_charge` says why its tax `classes` bear no tax, with the `article` that
    invoices name; the others why what was shown does not help.
    """

    is_business: bool
    certificates: tuple[str, ...]
    vat_numbers: tuple[str, ...]
    notes: tuple[TaxNote, ...]


def tax_view(tax: OrderTax | None) -> OrderTaxView | None:
    """Return what the customer had to show, as the API shows it; None of orders without a customer."""
    if tax is None:
        return None
    shown = tax.status
    certificates = tuple([one.number for one in shown.certificates])
    return OrderTaxView(shown.is_business, certificates, tuple([one.number for one in shown.vat_numbers]), tax.notes)


class OrderDetail(msgspec.Struct, frozen=True):
    """An order whole. Amounts are minor units of `currency`; `tax` is missing of orders without a customer.

    `taxes` is the tax table, whose rows sum to `tax_minor`; it is missing of orders that are older than what is kept.
    `shipping_method` is the code of the method that ships it, `shipping_name` what that was called when it was taken.
    `refunding_minor` is asked to be given back and not answered yet; `to_pay_minor` is due, with that counted as gone.
    """

    order_id: UUID
    number: str
    channel: str
    external_id: str | None
    customer_id: UUID | None
    contact: Contact
    ship_to: Address | None
    bill_to: Address | None
    lifecycle: str
    payment_status: str
    fulfillment_status: str
    customer_status: str
    merchant_status: str
    placed_at: datetime
    expires_at: datetime | None
    promised_at: datetime | None
    promised_p50_on: date | None
    promised_p90_on: date | None
    days_late: int
    completed_at: datetime | None
    canceled_at: datetime | None
    cancel_reason: str | None
    currency: str
    total_minor: int
    tax_minor: int
    taxes: tuple[TaxRow, ...] | None
    tax: OrderTaxView | None
    authorized_minor: int
    captured_minor: int
    refunded_minor: int
    charged_back_minor: int
    balance_minor: int
    refunding_minor: int
    to_pay_minor: int
    payment_terms: str
    delivery_wish: date | None
    requested_location_id: UUID | None
    shipping_method: str | None
    shipping_name: str | None
    missing_for_completion: list[tuple[str, int]]
    lines: list[LineView]
    holds: list[HoldView]
    notes: list[NoteView]
    tags: list[str]
    attributes: dict[str, bool | int | str]
    assignee_id: UUID | None
    version: int


class HappeningView(msgspec.Struct, frozen=True):
    """One entry of the timeline, of the order or of what belongs to it; `private` is the part that erasure removes.

    What is `history` happened elsewhere and was imported.
    """

    event_id: UUID
    kind: str
    subject_kind: str
    subject_id: UUID
    occurred_at: datetime
    actor_kind: str
    actor_id: str
    is_history: bool
    data: dict[str, Any]
    private: dict[str, Any] | None


class DecisionView(msgspec.Struct, frozen=True):
    """One decision about an order; `event` is the kind of the event that told it, at the same moment."""

    decision_id: UUID
    kind: DecisionKind
    event: str
    decided_at: datetime
    rules_version: int
    data: dict[str, Any]


class OrderOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one order of a set."""

    order_id: UUID
    done: bool
    error: problems.Reason | None = None


def reason_of(refusal: Refusal, place: str, locale: str) -> problems.Reason:
    """Return a refusal as an outcome tells it, in a language; `place` is where in the body its row stands."""
    field = f"{place}.{refusal.field}" if refusal.field else place
    return problems.Reason(refusal.code, i18n.say(locale, refusal), field, dict(refusal.data()) or None)


class MethodOffer(msgspec.Struct, frozen=True):
    """What a shipping method that serves would cost before tax, and whether it is the one that is taken.

    From `free_from_minor` of goods on, after discounts, its fee is waived.
    """

    method: str
    name: str
    fee_minor: int
    is_taken: bool
    free_from_minor: int | None


def method_offers(offers: Sequence[ShippingOffer], taken: str | None) -> list[MethodOffer]:
    """Return the methods that serve, the cheapest first."""
    return [
        MethodOffer(x.method, x.name, x.asked_minor, x.method == taken, x.free_from_minor) for x in offers if x.serves
    ]


class EditPreview(msgspec.Struct, frozen=True):
    """What an edit would change; `taxes` is the tax table then, missing of orders older than what is kept of it."""

    fields: list[str]
    total_minor: int
    total_minor_before: int
    tax_minor: int
    taxes: tuple[TaxRow, ...] | None
    waiting: int
    sourcing: SourcingTrace | None
