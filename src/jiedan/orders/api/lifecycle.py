"""REST of placed orders: read one, cancel, hold, edit, perform, complete."""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, get, patch, post

from jiedan.base import i18n
from jiedan.base.db import ReadTx
from jiedan.base.errors import Refusal
from jiedan.base.web import answers, bodies, problems
from jiedan.base.web.unit import Unit
from jiedan.customers.values import Address
from jiedan.inventory import queries as stock
from jiedan.orders import queries, service
from jiedan.orders.rules import derived, statuses
from jiedan.orders.values import (
    DRAFTS_PER_BATCH_MAX,
    OWNER_KIND,
    REASON_CHARS_MAX,
    CancelRequest,
    Contact,
    HoldId,
    HoldRequest,
    LiftRequest,
    Line,
    LineQuantity,
    OrderEdit,
    OrderId,
    OrderWithLines,
)
from jiedan.sourcing.values import Trace as SourcingTrace

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=REASON_CHARS_MAX)]
Quantities = Annotated[list["LineQuantityBody"], msgspec.Meta(min_length=1, max_length=1_000)]


class LineQuantityBody(bodies.Body):
    """So many units of one line."""

    line: bodies.Quantity
    quantity: bodies.Quantity


class CancelBody(bodies.Body):
    """What to cancel and why; without `lines` the whole order."""

    __example__: ClassVar[dict[str, Any]] = {"reason": "customer_request", "lines": [{"line": 1, "quantity": 1}]}

    reason: Reason
    lines: Quantities | None = None


class CancelManyBody(bodies.Body):
    """Orders to cancel whole, for one reason."""

    __example__: ClassVar[dict[str, Any]] = {
        "order_ids": ["0193a000-0000-7000-8000-000000000001"],
        "reason": "customer_request",
    }

    order_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=DRAFTS_PER_BATCH_MAX)]
    reason: Reason


class HoldBody(bodies.Body):
    """A reason to stop the order; `kind` is a word in lower case."""

    __example__: ClassVar[dict[str, Any]] = {"kind": "address_check", "reason": "The house number is missing."}

    kind: bodies.Code
    reason: Reason
    deadline_at: datetime | None = None


class HoldManyBody(bodies.Body):
    """Orders to put on hold, for one reason."""

    __example__: ClassVar[dict[str, Any]] = {
        "order_ids": ["0193a000-0000-7000-8000-000000000001"],
        "kind": "address_check",
        "reason": "The house number is missing.",
    }

    order_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=DRAFTS_PER_BATCH_MAX)]
    kind: bodies.Code
    reason: Reason


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
    """A line: what was ordered and where it stands."""

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
    allocations: list[AllocationView]


class HoldView(msgspec.Struct, frozen=True):
    """A hold that stands, or stood."""

    hold_id: UUID
    kind: str
    reason: str
    placed_at: datetime
    deadline_at: datetime | None
    lifted_at: datetime | None
    lift_reason: str | None


class NoteView(msgspec.Struct, frozen=True):
    """A note."""

    kind: str
    text: str
    written_at: datetime


class OrderDetail(msgspec.Struct, frozen=True):
    """An order whole. Amounts are minor units of `currency`."""

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
    completed_at: datetime | None
    canceled_at: datetime | None
    cancel_reason: str | None
    currency: str
    total_minor: int
    tax_minor: int
    authorized_minor: int
    captured_minor: int
    refunded_minor: int
    charged_back_minor: int
    balance_minor: int
    payment_terms: str
    delivery_wish: date | None
    requested_location_id: UUID | None
    missing_for_completion: list[tuple[str, int]]
    lines: list[LineView]
    holds: list[HoldView]
    notes: list[NoteView]
    tags: list[str]
    version: int


class HappeningView(msgspec.Struct, frozen=True):
    """One entry of the timeline; `private` is the part that erasure removes."""

    event_id: UUID
    kind: str
    occurred_at: datetime
    actor_kind: str
    actor_id: str
    data: dict[str, Any]
    private: dict[str, Any] | None


class OrderOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one order of a set."""

    order_id: UUID
    done: bool
    error: problems.Reason | None = None


class EditPreview(msgspec.Struct, frozen=True):
    """What an edit would change."""

    fields: list[str]
    total_minor: int
    total_minor_before: int
    tax_minor: int
    waiting: int
    sourcing: SourcingTrace | None


async def detail(tx: ReadTx, order_id: UUID) -> OrderDetail:
    """Return an order whole, as the API shows it. Raises OrderNotFound."""
    found = await queries.order(tx, order_id)
    details = (await queries.details(tx, [order_id]))[OrderId(order_id)]
    held, places = await tx.load(
        stock.reservations_of_owners(OWNER_KIND, [x.line_id for x in found.lines if x.allocated]), stock.locations()
    )
    codes = {place.location_id: place.code for place in places}
    order = found.order
    return OrderDetail(
        order_id=order.order_id,
        number=order.number,
        channel=order.channel,
        external_id=order.external_id,
        customer_id=order.customer_id,
        contact=order.contact,
        ship_to=details.addresses.get("ship_to"),
        bill_to=details.addresses.get("bill_to"),
        lifecycle=order.lifecycle,
        payment_status=order.payment_status,
        fulfillment_status=order.fulfillment_status,
        customer_status=statuses.customer_status(order.lifecycle, order.fulfillment_status),
        merchant_status=statuses.merchant_status(
            order.lifecycle,
            order.payment_status,
            order.fulfillment_status,
            standing_holds=len(details.standing_holds),
        ),
        placed_at=order.placed_at,
        expires_at=order.expires_at,
        promised_at=order.promised_at,
        completed_at=order.completed_at,
        canceled_at=order.canceled_at,
        cancel_reason=order.cancel_reason,
        currency=order.currency,
        total_minor=order.total_minor,
        tax_minor=order.tax_minor,
        authorized_minor=order.authorized_minor,
        captured_minor=order.captured_minor,
        refunded_minor=order.refunded_minor,
        charged_back_minor=order.charged_back_minor,
        balance_minor=order.balance_minor,
        payment_terms=order.payment_terms,
        delivery_wish=order.delivery_wish,
        requested_location_id=order.requested_location_id,
        missing_for_completion=_missing(found),
        lines=[
            _line(
                line,
                [AllocationView(r.location_id, codes[r.location_id], r.quantity) for r in held.get(line.line_id, ())],
            )
            for line in found.lines
        ],
        holds=[
            HoldView(h.hold_id, h.kind, h.reason, h.placed_at, h.deadline_at, h.lifted_at, h.lift_reason)
            for h in details.holds
        ],
        notes=[NoteView(n.kind, n.text, n.written_at) for n in details.notes],
        tags=list(details.tags),
        version=order.version,
    )


def _missing(found: OrderWithLines) -> list[tuple[str, int]]:
    return list(derived.completion(found.order, found.lines).missing) if found.order.lifecycle == "open" else []


def _line(line: Line, allocations: list[AllocationView]) -> LineView:
    return LineView(
        line_id=line.line_id,
        line=line.line,
        kind=line.kind,
        parent_line=line.parent_line,
        sku_id=line.sku_id,
        code=line.code,
        name=line.name,
        ordered=line.ordered,
        canceled=line.canceled,
        waiting=line.waiting,
        allocated=line.allocated,
        shipped=line.shipped,
        delivered=line.delivered,
        returned=line.returned,
        performed=line.performed,
        unit_minor=line.unit_minor,
        discount_minor=line.discount_minor,
        tax_minor=line.tax_minor,
        tax_rate_ppm=line.tax_rate_ppm,
        total_minor=line.total_minor,
        price_source=line.price_source,
        price_reason=line.price_reason,
        allocations=allocations,
    )


async def _shown(unit: Unit, order_id: UUID) -> Response[OrderDetail]:
    async with unit.read() as tx:
        order = await detail(tx, order_id)
    return answers.versioned(order, order.version)


@get("/orders/{order_id:uuid}", permission="orders:read", summary="Get an order")
async def get_order(unit: Unit, order_id: UUID) -> Response[OrderDetail]:
    """Return an order with its lines, allocations, holds, notes and tags."""
    return await _shown(unit, order_id)


@get("/orders/{order_id:uuid}/timeline", permission="orders:read", summary="Get an order's timeline")
async def get_timeline(unit: Unit, order_id: UUID) -> list[HappeningView]:
    """Return what happened to an order, oldest first."""
    async with unit.read() as tx:
        await queries.order(tx, order_id)
        entries = await queries.timeline(tx, [order_id])
    return [
        HappeningView(e.event_id, e.kind, e.occurred_at, e.actor.kind, e.actor.id, e.data, e.private) for e in entries
    ]


@get("/orders/{order_id:uuid}/decisions", permission="orders:read", summary="Get why an order is as it is")
async def get_decisions(unit: Unit, order_id: UUID) -> list[dict[str, Any]]:
    """Return the stored decisions: prices and locations, the nearest misses, the version of the rules."""
    async with unit.read() as tx:
        await queries.order(tx, order_id)
        return await queries.decisions(tx, order_id)


@post(
    "/orders/{order_id:uuid}/cancellations",
    permission="orders:cancel",
    status_code=200,
    summary="Cancel an order or lines of it",
)
async def cancel_order(unit: Unit, order_id: UUID, data: CancelBody) -> Response[OrderDetail]:
    """Give up quantity that has not left: its stock is freed, and what was paid for it is due back."""
    lines = None if data.lines is None else tuple(LineQuantity(x.line, x.quantity) for x in data.lines)
    request = CancelRequest(order_id, data.reason, lines)
    _raise(await unit.write(lambda tx: service.cancel_orders(tx, requests=[request])))
    return await _shown(unit, order_id)


@post("/orders/cancellations", permission="orders:cancel", status_code=200, summary="Cancel many orders")
async def cancel_orders(unit: Unit, data: CancelManyBody) -> list[OrderOutcome]:
    """Cancel orders whole: one outcome each, in order."""
    requests = [CancelRequest(order_id, data.reason) for order_id in data.order_ids]
    outcomes = await unit.write(lambda tx: service.cancel_orders(tx, requests=requests))
    return _outcomes(unit, data.order_ids, outcomes)


@post("/orders/{order_id:uuid}/holds", permission="orders:hold", summary="Put an order on hold")
async def hold_order(unit: Unit, order_id: UUID, data: HoldBody) -> Response[OrderDetail]:
    """Stop an order for a named reason; several reasons may stand at once."""
    request = HoldRequest(order_id, data.kind, data.reason, deadline_at=data.deadline_at)
    _raise(await unit.write(lambda tx: service.place_holds(tx, requests=[request])))
    shown = await _shown(unit, order_id)
    shown.status_code = 201
    return shown


@post("/orders/holds", permission="orders:hold", status_code=200, summary="Put many orders on hold")
async def hold_orders(unit: Unit, data: HoldManyBody) -> list[OrderOutcome]:
    """Stop orders for one reason: one outcome each, in order."""
    requests = [HoldRequest(order_id, data.kind, data.reason) for order_id in data.order_ids]
    outcomes = await unit.write(lambda tx: service.place_holds(tx, requests=requests))
    return _outcomes(unit, data.order_ids, outcomes)


@post(
    "/orders/{order_id:uuid}/holds/{hold_id:uuid}/lift",
    permission="orders:lift",
    status_code=200,
    summary="Lift a hold",
)
async def lift_hold(unit: Unit, order_id: UUID, hold_id: UUID, data: ReasonBody) -> Response[OrderDetail]:
    """Take a hold away, with a reason; the hold says which right that needs."""
    request = LiftRequest(HoldId(hold_id), data.reason, unit.principal.permissions)
    _raise(await unit.write(lambda tx: service.lift_holds(tx, requests=[request])))
    return await _shown(unit, order_id)


@patch("/orders/{order_id:uuid}", permission="orders:write", versioned=True, summary="Edit an order")
async def edit_order(unit: Unit, order_id: UUID, data: OrderEdit) -> Response[OrderDetail]:
    """Change contact, addresses, delivery wish, location, tags or notes before the goods leave."""
    version = unit.if_match
    await unit.write(lambda tx: service.edit_order(tx, order_id=order_id, edit=data, version=version))
    return await _shown(unit, order_id)


@post(
    "/orders/{order_id:uuid}/edit-preview",
    permission="orders:write",
    status_code=200,
    versioned=True,
    summary="Preview an edit",
)
async def preview_edit(unit: Unit, order_id: UUID, data: OrderEdit) -> EditPreview:
    """Say what an edit would change: fields, total, tax, where the goods would come from."""
    version = unit.if_match
    edited = await unit.write(
        lambda tx: service.edit_order(tx, order_id=order_id, edit=data, version=version, is_preview=True)
    )
    return EditPreview(
        fields=list(edited.changed),
        total_minor=edited.order.total_minor,
        total_minor_before=edited.before.order.total_minor,
        tax_minor=edited.order.tax_minor,
        waiting=sum(line.waiting for line in edited.lines),
        sourcing=edited.sourcing,
    )


@post(
    "/orders/{order_id:uuid}/performances",
    permission="orders:write",
    status_code=200,
    summary="Mark services as performed",
)
async def perform_services(unit: Unit, order_id: UUID, data: PerformBody) -> Response[OrderDetail]:
    """Mark services as performed; a paid order with nothing else to do completes by it."""
    work = service.Performance(order_id, tuple(LineQuantity(x.line, x.quantity) for x in data.lines))
    _raise(await unit.write(lambda tx: service.perform_services(tx, performances=[work])))
    return await _shown(unit, order_id)


@post(
    "/orders/{order_id:uuid}/completion",
    permission="orders:complete",
    status_code=200,
    summary="Complete an order by hand",
)
async def complete_order(unit: Unit, order_id: UUID, data: ReasonBody) -> Response[OrderDetail]:
    """Complete an order although its balance is not settled; goods must not be outstanding."""
    request = service.CompleteRequest(order_id, data.reason)
    _raise(await unit.write(lambda tx: service.complete_orders(tx, requests=[request])))
    return await _shown(unit, order_id)


def _raise(outcomes: list[Any]) -> None:
    if isinstance(outcomes[0], Refusal):
        raise outcomes[0]


def _outcomes(unit: Unit, order_ids: list[UUID], outcomes: list[Any]) -> list[OrderOutcome]:
    return [
        OrderOutcome(
            order_id,
            done=False,
            error=problems.Reason(
                outcome.code, i18n.say(unit.locale, outcome), outcome.field, dict(outcome.data()) or None
            ),
        )
        if isinstance(outcome, Refusal)
        else OrderOutcome(order_id, done=True)
        for order_id, outcome in zip(order_ids, outcomes, strict=True)
    ]


HANDLERS: list[Any] = [
    get_order,
    get_timeline,
    get_decisions,
    cancel_order,
    cancel_orders,
    hold_order,
    hold_orders,
    lift_hold,
    edit_order,
    preview_edit,
    perform_services,
    complete_order,
]
