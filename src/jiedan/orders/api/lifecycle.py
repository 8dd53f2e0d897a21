"""REST of placed orders: read one, cancel, hold, edit, perform, complete."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from litestar import Response, get, patch, post

from jiedan.base import idempotency, paging
from jiedan.base.errors import Refusal
from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.orders import events, queries, service
from jiedan.orders.api.detail import detail
from jiedan.orders.api.shapes import (
    CancelBody,
    CancellationBody,
    CancelManyBody,
    DecisionView,
    EditPreview,
    HappeningView,
    HoldBody,
    HoldManyBody,
    HoldOneBody,
    OrderDetail,
    OrderOutcome,
    PerformBody,
    ReasonBody,
    reason_of,
)
from jiedan.orders.rules import taxing
from jiedan.orders.values import (
    CancelRequest,
    DecisionKind,
    HoldId,
    HoldRequest,
    LiftRequest,
    LineQuantity,
    OrderEdit,
    ReopenRequest,
)

DECISION_EVENTS: Mapping[DecisionKind, str] = MappingProxyType(
    {
        "placement": events.OrderPlaced.kind,
        "edit": events.OrderEdited.kind,
        "fill": events.LinesAllocated.kind,
        "short_pick": events.LinesBackordered.kind,
        "reopening": events.OrderReopened.kind,
    }
)
"""The event of the same moment that tells what was decided."""


async def _shown(unit: Unit, order_id: UUID) -> Response[OrderDetail]:
    async with unit.read() as tx:
        order = await detail(tx, order_id, time_zone=unit.principal.time_zone)
    return answers.versioned(order, order.version)


@get("/orders/{order_id:uuid}", permission="orders:read", summary="Get an order")
async def get_order(unit: Unit, order_id: UUID) -> Response[OrderDetail]:
    """Return an order with its lines, allocations, holds, notes and tags."""
    return await _shown(unit, order_id)


@get("/orders/{order_id:uuid}/timeline", permission="orders:read", summary="Get an order's timeline")
async def get_timeline(
    unit: Unit, order_id: UUID, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[HappeningView]]:
    """Return what happened to an order and what belongs to it, its payments among them, newest first."""
    request = unit.page("order-timeline", filters={"order": order_id}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        await queries.order(tx, order_id)
        subjects = await unit.part(service.OrderSubjects).of(tx, order_id, permissions=unit.principal.permissions)
        page = await queries.timeline(tx, subjects, request=request)
    return answers.listing(unit, page.each(_happening))


def _happening(entry: queries.Happening) -> HappeningView:
    return HappeningView(
        event_id=entry.event_id,
        kind=entry.kind,
        subject_kind=entry.subject_kind,
        subject_id=entry.subject_id,
        occurred_at=entry.occurred_at,
        actor_kind=entry.actor.kind,
        actor_id=entry.actor.id,
        is_history=entry.is_history,
        data=entry.data,
        private=entry.private,
    )


@get("/orders/{order_id:uuid}/decisions", permission="orders:read", summary="Get why an order is as it is")
async def get_decisions(unit: Unit, order_id: UUID) -> list[DecisionView]:
    """Return the stored decisions, the latest first: prices and locations, the nearest misses, the rules' version."""
    async with unit.read() as tx:
        await queries.order(tx, order_id)
        found = await queries.decisions(tx, order_id)
    return [
        DecisionView(x.decision_id, x.kind, DECISION_EVENTS[x.kind], x.decided_at, x.rules_version, x.data)
        for x in found
    ]


@post(
    "/orders/{order_id:uuid}/cancellations",
    permission="orders:cancel",
    status_code=200,
    idempotent=True,
    summary="Cancel an order or lines of it",
)
async def cancel_order(unit: Unit, order_id: UUID, data: CancelBody) -> Response[OrderDetail]:
    """Give up quantity that has not left: its stock is freed, and what was paid for it is due back."""
    request = CancelRequest(order_id, data.reason, _lines(data))
    key = unit.idempotency_key
    await unit.write(lambda tx: service.cancel_order(tx, request=request, key=key))
    return await _shown(unit, order_id)


@post("/orders/cancellations", permission="orders:cancel", status_code=200, summary="Cancel many orders")
async def cancel_orders(unit: Unit, data: CancelManyBody) -> list[OrderOutcome]:
    """Cancel orders, whole or by line, each once per its key: one outcome each, in order."""
    _check_keys("cancellations", data.cancellations)
    requests = [(CancelRequest(x.order_id, x.reason, _lines(x)), x.key) for x in data.cancellations]
    refusals = await unit.write(lambda tx: service.cancel_each(tx, requests=requests))
    return _outcomes(unit, "cancellations", data.cancellations, refusals)


@post("/orders/{order_id:uuid}/holds", permission="orders:hold", idempotent=True, summary="Put an order on hold")
async def hold_order(unit: Unit, order_id: UUID, data: HoldBody) -> Response[OrderDetail]:
    """Stop an order for a named reason; several reasons may stand at once."""
    request = HoldRequest(order_id, data.kind, data.reason, deadline_at=data.deadline_at)
    key = unit.idempotency_key
    await unit.write(lambda tx: service.place_hold(tx, request=request, key=key))
    shown = await _shown(unit, order_id)
    shown.status_code = 201
    return shown


@post("/orders/holds", permission="orders:hold", status_code=200, summary="Put many orders on hold")
async def hold_orders(unit: Unit, data: HoldManyBody) -> list[OrderOutcome]:
    """Stop orders, each once per its key: one outcome each, in order."""
    _check_keys("holds", data.holds)
    requests = [(HoldRequest(x.order_id, x.kind, x.reason, deadline_at=x.deadline_at), x.key) for x in data.holds]
    refusals = await unit.write(lambda tx: service.place_each_hold(tx, requests=requests))
    return _outcomes(unit, "holds", data.holds, refusals)


@post(
    "/orders/{order_id:uuid}/holds/{hold_id:uuid}/lift",
    permission="orders:lift",
    status_code=200,
    idempotent=True,
    summary="Lift a hold",
)
async def lift_hold(unit: Unit, order_id: UUID, hold_id: UUID, data: ReasonBody) -> Response[OrderDetail]:
    """Take a hold away, with a reason; the hold says which right that needs."""
    request = LiftRequest(HoldId(hold_id), data.reason, unit.principal.permissions, order_id)
    key = unit.idempotency_key
    await unit.write(lambda tx: service.lift_hold(tx, request=request, key=key))
    return await _shown(unit, order_id)


@patch("/orders/{order_id:uuid}", permission="orders:write", versioned=True, summary="Edit an order")
async def edit_order(unit: Unit, order_id: UUID, data: OrderEdit) -> Response[OrderDetail]:
    """Change contact, addresses, delivery wish, location, tags or notes before the goods leave."""
    version, may_price = unit.if_match, unit.may("orders:price")
    await unit.write(
        lambda tx: service.edit_order(tx, order_id=order_id, edit=data, version=version, may_price=may_price)
    )
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
    version, may_price = unit.if_match, unit.may("orders:price")
    edited = await unit.write(
        lambda tx: service.edit_order(
            tx, order_id=order_id, edit=data, version=version, is_preview=True, may_price=may_price
        )
    )
    return EditPreview(
        fields=list(edited.changed),
        total_minor=edited.order.total_minor,
        total_minor_before=edited.before.order.total_minor,
        tax_minor=edited.order.tax_minor,
        taxes=taxing.table(edited.lines),
        waiting=sum(line.waiting for line in edited.lines),
        sourcing=edited.sourcing,
    )


@post(
    "/orders/{order_id:uuid}/performances",
    permission="orders:write",
    status_code=200,
    idempotent=True,
    summary="Mark services as performed",
)
async def perform_services(unit: Unit, order_id: UUID, data: PerformBody) -> Response[OrderDetail]:
    """Mark services as performed; a paid order with nothing else to do completes by it."""
    work = service.Performance(order_id, tuple(LineQuantity(x.line, x.quantity) for x in data.lines))
    key = unit.idempotency_key
    await unit.write(lambda tx: service.perform_services_of(tx, performance=work, key=key))
    return await _shown(unit, order_id)


@post(
    "/orders/{order_id:uuid}/completion",
    permission="orders:complete",
    status_code=200,
    idempotent=True,
    summary="Complete an order by hand",
)
async def complete_order(unit: Unit, order_id: UUID, data: ReasonBody) -> Response[OrderDetail]:
    """Complete an order although its balance is not settled; goods must not be outstanding."""
    request = service.CompleteRequest(order_id, data.reason)
    key = unit.idempotency_key
    await unit.write(lambda tx: service.complete_order(tx, request=request, key=key))
    return await _shown(unit, order_id)


@post(
    "/orders/{order_id:uuid}/reopening",
    permission="orders:reopen",
    status_code=200,
    idempotent=True,
    summary="Open a canceled order again",
)
async def reopen_order(unit: Unit, order_id: UUID, data: ReasonBody) -> Response[OrderDetail]:
    """Take back the cancellation or expiry that ended an order: its lines take stock anew, or wait for it."""
    request = ReopenRequest(order_id, reason=data.reason)
    key = unit.idempotency_key
    await unit.write(lambda tx: service.reopen_order(tx, request=request, key=key))
    return await _shown(unit, order_id)


def _lines(data: CancelBody) -> tuple[LineQuantity, ...] | None:
    return None if data.lines is None else tuple(LineQuantity(x.line, x.quantity) for x in data.lines)


def _check_keys(name: str, wishes: Sequence[CancellationBody | HoldOneBody]) -> None:
    """Raise KeyInvalid, naming its place, for a key that cannot be one."""
    for i, wish in enumerate(wishes):
        if wish.key is not None:
            idempotency.check_key(wish.key, field=f"{name}[{i}].key")


def _outcomes(
    unit: Unit, name: str, wishes: Sequence[CancellationBody | HoldOneBody], refusals: Sequence[Refusal | None]
) -> list[OrderOutcome]:
    return [
        OrderOutcome(wish.order_id, done=True)
        if refusal is None
        else OrderOutcome(wish.order_id, done=False, error=reason_of(refusal, f"{name}[{i}]", unit.locale))
        for i, (wish, refusal) in enumerate(zip(wishes, refusals, strict=True))
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
    reopen_order,
]
