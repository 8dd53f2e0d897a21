"""Perform services, and complete orders: by themselves when all is done, or by staff with a reason."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from jiedan.accounts import queries as accounts
from jiedan.base import cards, once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.orders import changes, errors, events, queries
from jiedan.orders.rules import derived
from jiedan.orders.values import (
    REASON_CHARS_MAX,
    Line,
    LineQuantity,
    Order,
    OrderId,
    OrderWithLines,
)


class Performance(NamedTuple):
    """Services done: quantities of lines of one order. Of imported history `happened_at` tells when that was."""

    order_id: UUID
    lines: tuple[LineQuantity, ...]
    happened_at: datetime | None = None


async def perform_services(tx: Tx, *, performances: Sequence[Performance]) -> list[Order | Refusal]:
    """Mark services as performed; one outcome per performance, same order. An order that is done by it completes."""
    found = await queries.orders_for_update(tx, [p.order_id for p in performances])
    settings = await tx.load_one(accounts.settings())
    first = dict(found)
    outcomes: list[Order | Refusal] = []
    for performance in performances:
        order_id = OrderId(performance.order_id)
        lines = _performed(found.get(order_id), performance)
        if isinstance(lines, Refusal):
            outcomes.append(lines)
            continue
        order = derived.refreshed(found[order_id].order, lines, at=tx.now, expiry_minutes=settings.expiry_minutes)
        found[order_id] = OrderWithLines(order, lines)
        outcomes.append(order)
        _tell_performed(tx, first[order_id], performance)
    made = [changes.Change(first[key], *now) for key, now in found.items() if now != first[key]]
    saved = await changes.save(tx, made, history=_moments(found, performances))
    now = {change.order.order_id: change.order for change in saved}
    return [x if isinstance(x, Refusal) else now.get(x.order_id, x) for x in outcomes]


def _moments(found: Mapping[OrderId, OrderWithLines], performances: Sequence[Performance]) -> dict[OrderId, datetime]:
    """Return when imported orders were last served, of those that were served elsewhere."""
    moments: dict[OrderId, datetime] = {}
    for order_id, _, happened_at in performances:
        key = OrderId(order_id)
        if happened_at is not None and key in found and found[key].order.history:
            moments[key] = max(happened_at, moments.get(key, happened_at))
    return moments


async def perform_services_of(tx: Tx, *, performance: Performance, key: str | None) -> None:
    """Mark services of one order as performed, once per `key`: sent again it marks nothing more.

    Raises KeyReused, or why they cannot be performed; then the key is free again.
    """
    await once.done(
        tx,
        operation="orders.perform_services",
        key=key,
        wish=performance,
        work=lambda performances: perform_services(tx, performances=performances),
    )


def _performed(found: OrderWithLines | None, performance: Performance) -> tuple[Line, ...] | Refusal:
    if found is None:
        return errors.OrderNotFound(str(performance.order_id))
    if found.order.lifecycle != "open":
        return errors.OrderEnded(found.order.number, found.order.lifecycle)
    lines = {line.line: line for line in found.lines}
    for i, (number, quantity) in enumerate(performance.lines):
        line = lines.get(number)
        if line is None:
            return errors.LineNotFound(found.order.number, number, field=f"lines[{i}].line")
        left = line.ordered - line.canceled - line.performed if line.kind == "service" else 0
        if not 0 < quantity <= left:
            return errors.NothingToPerform(number, quantity, left, field=f"lines[{i}].quantity")
        lines[number] = msgspec.structs.replace(line, performed=line.performed + quantity)
    return tuple(lines.values())


def _tell_performed(tx: Tx, found: OrderWithLines, performance: Performance) -> None:
    ids = {line.line: line.line_id for line in found.lines}
    lines = tuple(events.LineQuantity(ids[x.line], x.quantity) for x in performance.lines)
    told = events.ServicesPerformed(order_id=found.order.order_id, lines=lines)
    happened_at = performance.happened_at if found.order.history else None
    tx.emit(told, occurred_at=happened_at, history=happened_at is not None)


class CompleteRequest(NamedTuple):
    """A wish to complete an order although not all is done. Of imported history `happened_at` tells when that was."""

    order_id: UUID
    reason: str
    happened_at: datetime | None = None


async def complete_orders(tx: Tx, *, requests: Sequence[CompleteRequest]) -> list[Order | Refusal]:
    """Complete open orders by decision of staff; one outcome per request, same order. The reason is kept.

    An order with goods still to be shipped is refused, so a completed one holds no stock and waits for none; its
    balance may be left open.
    """
    requests = [r._replace(reason=cards.masked(r.reason)) for r in requests]
    found = await queries.orders_for_update(tx, [r.order_id for r in requests])
    outcomes: list[Order | Refusal] = []
    made: dict[OrderId, changes.Change] = {}
    for request in requests:
        before = found.get(OrderId(request.order_id))
        refusal = _refusal(before, request, is_done=OrderId(request.order_id) in made)
        if before is None or refusal is not None:
            outcomes.append(refusal or errors.OrderNotFound(str(request.order_id)))
            continue
        happened_at = request.happened_at if before.order.history else None
        order = msgspec.structs.replace(
            before.order, lifecycle="completed", completed_at=happened_at or tx.now, expires_at=None
        )
        outcomes.append(order)
        made[order.order_id] = changes.Change(before, order, before.lines)
        completed = events.OrderCompleted(order_id=order.order_id, number=order.number, by_staff=True)
        tx.emit(completed, occurred_at=happened_at, history=happened_at is not None, private={"reason": request.reason})
    await changes.save(tx, list(made.values()), by_staff=True)
    return outcomes


async def complete_order(tx: Tx, *, request: CompleteRequest, key: str | None) -> None:
    """Complete one order by decision of staff, once per `key`.

    Raises KeyReused, or why it cannot be completed; then the key is free again.
    """
    await once.done(
        tx,
        operation="orders.complete_order",
        key=key,
        wish=request,
        work=lambda requests: complete_orders(tx, requests=requests),
    )


def _refusal(found: OrderWithLines | None, request: CompleteRequest, *, is_done: bool) -> Refusal | None:
    if found is None:
        return errors.OrderNotFound(str(request.order_id))
    if found.order.lifecycle != "open" or is_done:
        return errors.OrderEnded(found.order.number, "completed" if is_done else found.order.lifecycle)
    if derived.has_goods_outstanding(found.lines):
        return errors.GoodsOutstanding(found.order.number)
    if not 0 < len(request.reason.strip()) <= REASON_CHARS_MAX:
        return errors.ReasonMissing(REASON_CHARS_MAX, field="reason")
    return None
