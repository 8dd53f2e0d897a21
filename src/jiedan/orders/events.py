"""What happened to orders: ids, codes and amounts in minor units; no personal data."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from jiedan.base import events


class LineQuantity(msgspec.Struct, frozen=True):
    """So many stock units of one line."""

    line_id: UUID
    quantity: int


class LineAllocation(msgspec.Struct, frozen=True):
    """So many stock units of one line, claimed at one location."""

    line_id: UUID
    sku_id: UUID
    location_id: UUID
    quantity: int


class _OrderEvent(events.Event, frozen=True, kw_only=True):
    """Something that happened to one order."""

    subject_kind = "order"
    subject = "order_id"

    order_id: UUID


class OrderPlaced(_OrderEvent, frozen=True, kw_only=True):
    """An order came to be; `waiting` units found no stock yet. It may be `promised` a day already."""

    kind = "orders.order_placed"

    number: str
    channel: str
    customer_id: UUID | None
    currency: str
    total_minor: int
    payment_terms: str
    line_count: int
    waiting: int
    promised: bool = False


class OrderEdited(_OrderEvent, frozen=True, kw_only=True):
    """People changed contact, address, wish, notes, tags, requested location or prices; `fields` names which."""

    kind = "orders.order_edited"

    fields: tuple[str, ...]
    version: int


class LinesCanceled(_OrderEvent, frozen=True, kw_only=True):
    """Quantity not yet shipped was given up; the order's total fell to `total_minor`."""

    kind = "orders.lines_canceled"

    lines: tuple[LineQuantity, ...]
    currency: str
    canceled_minor: int
    total_minor: int
    reason: str


class OrderCanceled(_OrderEvent, frozen=True, kw_only=True):
    """Nothing of the order is left to be delivered."""

    kind = "orders.order_canceled"

    number: str
    reason: str


class OrderExpired(_OrderEvent, frozen=True, kw_only=True):
    """A prepaid order was not paid in time and was canceled."""

    kind = "orders.order_expired"

    number: str
    expired_at: datetime


class OrderReopened(_OrderEvent, frozen=True, kw_only=True):
    """What ended an order was taken back: what of `lines` was given up is wanted again; `waiting` found no stock."""

    kind = "orders.order_reopened"

    number: str
    lines: tuple[LineQuantity, ...]
    total_minor: int
    waiting: int


class OrderCompleted(_OrderEvent, frozen=True, kw_only=True):
    """Everything is delivered or performed and the balance is settled, or staff said so."""

    kind = "orders.order_completed"

    number: str
    by_staff: bool


class HoldPlaced(_OrderEvent, frozen=True, kw_only=True):
    """A reason to stop the order was put on it."""

    kind = "orders.hold_placed"

    hold_id: UUID
    hold_kind: str


class HoldLifted(_OrderEvent, frozen=True, kw_only=True):
    """A reason to stop the order was taken away."""

    kind = "orders.hold_lifted"

    hold_id: UUID
    hold_kind: str


class ApprovalAsked(_OrderEvent, frozen=True, kw_only=True):
    """More was taken off by hand than the role of who did it may: `amount_minor`, up to `off_ppm` of a price."""

    kind = "orders.approval_asked"

    hold_id: UUID
    currency: str
    amount_minor: int
    off_ppm: int
    limit_ppm: int


class PricesRefused(_OrderEvent, frozen=True, kw_only=True):
    """Prices by hand were not approved: the order costs `total_minor` by the rules."""

    kind = "orders.prices_refused"

    hold_id: UUID
    currency: str
    total_minor: int


class LinesAllocated(_OrderEvent, frozen=True, kw_only=True):
    """Waiting lines got stock, or lines got it elsewhere than before."""

    kind = "orders.lines_allocated"

    lines: tuple[LineAllocation, ...]


class LinesBackordered(_OrderEvent, frozen=True, kw_only=True):
    """Lines wait for stock: at placement, or because what they had was needed elsewhere."""

    kind = "orders.lines_backordered"

    lines: tuple[LineQuantity, ...]


class DeliveryPromised(_OrderEvent, frozen=True, kw_only=True):
    """It is known when the order will arrive: in half of such cases, in nine of ten; `carrier` brings it, if any."""

    kind = "orders.delivery_promised"

    p50_on: date
    p90_on: date
    carrier: str | None


class PromiseTakenBack(_OrderEvent, frozen=True, kw_only=True):
    """After an edit nobody knows when the order will arrive: its goods wait, or nobody says how long the way takes."""

    kind = "orders.promise_taken_back"


class PaymentRecorded(_OrderEvent, frozen=True, kw_only=True):
    """The order's money facts changed; what they are now."""

    kind = "orders.payment_recorded"

    currency: str
    authorized_minor: int
    captured_minor: int
    refunded_minor: int
    charged_back_minor: int
    payment_status: str


class ServicesPerformed(_OrderEvent, frozen=True, kw_only=True):
    """Services of the order were done."""

    kind = "orders.services_performed"

    lines: tuple[LineQuantity, ...]


class OrderCommented(_OrderEvent, frozen=True, kw_only=True):
    """Staff said something among themselves; what, is in the private part. `mentioned` are ids of staff it calls."""

    kind = "orders.order_commented"

    comment_id: UUID
    mentioned: tuple[UUID, ...]


class OrderAssigned(_OrderEvent, frozen=True, kw_only=True):
    """An order was given to one of the staff, whoever had it before."""

    kind = "orders.order_assigned"

    assignee_id: UUID
    version: int
    fields: tuple[str, ...] = ("assignee_id",)


class OrderUnassigned(_OrderEvent, frozen=True, kw_only=True):
    """Nobody looks after an order any more; `assignee_id` did."""

    kind = "orders.order_unassigned"

    assignee_id: UUID
    version: int
    fields: tuple[str, ...] = ("assignee_id",)


class GuestIdentified(_OrderEvent, frozen=True, kw_only=True):
    """An order that was placed by a guest is that of a customer now, by its address."""

    kind = "orders.guest_identified"

    customer_id: UUID


class CustomerAsked(_OrderEvent, frozen=True, kw_only=True):
    """The customer asks for something that staff have to do; what, is said in the case."""

    kind = "orders.customer_asked"

    case_id: UUID


class LookUpRequested(events.Event, frozen=True, kw_only=True):
    """A guest looks for an order; `order_id` is None where what they know fits none."""

    kind = "orders.look_up_requested"
    subject_kind = "order_look_up"
    subject = "look_up_id"

    look_up_id: UUID
    order_id: UUID | None


class LookUpOpened(_OrderEvent, frozen=True, kw_only=True):
    """A guest proved by a mailed code that an order is theirs, and sees it."""

    kind = "orders.look_up_opened"


class WaitingLinesLeft(_OrderEvent, frozen=True, kw_only=True):
    """A set of waiting lines was filled and more may be: `sku_ids` are looked at again. The order is the last one."""

    kind = "orders.waiting_lines_left"

    sku_ids: tuple[UUID, ...]


class _ViewEvent(events.Event, frozen=True, kw_only=True):
    """Something that happened to filters under a name."""

    subject_kind = "saved_view"
    subject = "view_id"

    view_id: UUID


class DraftSaved(events.Event, frozen=True, kw_only=True):
    """An order that staff are writing was saved, as its `version`; what it says is in the draft alone."""

    kind = "orders.draft_saved"
    subject_kind = "draft"
    subject = "draft_id"

    draft_id: UUID
    version: int


class DraftDiscarded(events.Event, frozen=True, kw_only=True):
    """An order that staff were writing was thrown away."""

    kind = "orders.draft_discarded"
    subject_kind = "draft"
    subject = "draft_id"

    draft_id: UUID


class DraftRestored(events.Event, frozen=True, kw_only=True):
    """An order that was thrown away was taken back, as its `version`."""

    kind = "orders.draft_restored"
    subject_kind = "draft"
    subject = "draft_id"

    draft_id: UUID
    version: int


class ViewSaved(_ViewEvent, frozen=True, kw_only=True):
    """Filters of a list got a name."""

    kind = "orders.view_saved"

    list_name: str
    is_shared: bool


class ViewChanged(_ViewEvent, frozen=True, kw_only=True):
    """Name, filters or sharing of a view changed; `fields` names which."""

    kind = "orders.view_changed"

    fields: tuple[str, ...]
    version: int


class ViewRemoved(_ViewEvent, frozen=True, kw_only=True):
    """A view is no more."""

    kind = "orders.view_removed"

    list_name: str
