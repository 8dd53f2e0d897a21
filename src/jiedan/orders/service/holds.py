"""Stop orders for a named reason, and lift the reason again."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from jiedan.base import cards, once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.orders import errors, events, queries, writing
from jiedan.orders.queries.hanging import Details
from jiedan.orders.rules import by_hand
from jiedan.orders.service import approving
from jiedan.orders.values import (
    REASON_CHARS_MAX,
    HoldId,
    HoldRequest,
    LiftRequest,
    OrderId,
    OrderWithLines,
)

OPERATION = "orders.place_hold"
"""What placing holds calls itself where idempotency keys are kept."""

DEADLINE_MAX = timedelta(days=730)

_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")


async def place_holds(tx: Tx, *, requests: Sequence[HoldRequest]) -> list[HoldId | Refusal]:
    """Put orders on hold; one outcome per request, same order. Several kinds may stand on one order, each once."""
    found = await queries.orders_for_update(tx, [r.order_id for r in requests])
    return await place_on(tx, found, await queries.details(tx, list(found)), requests)


async def place_on(
    tx: Tx,
    found: Mapping[OrderId, OrderWithLines],
    hanging: Mapping[OrderId, Details],
    requests: Sequence[HoldRequest],
) -> list[HoldId | Refusal]:
    """Do what `place_holds` does, to orders that this transaction has locked and read, with what hangs on them."""
    requests = [r._replace(reason=cards.masked(r.reason)) for r in requests]
    standing = {(order_id, hold.kind) for order_id, details in hanging.items() for hold in details.standing_holds}
    ids = tx.new_ids(len(requests))
    outcomes: list[HoldId | Refusal] = []
    placed: list[tuple[HoldId, HoldRequest]] = []
    for hold_id, request in zip(ids, requests, strict=True):
        order = found.get(OrderId(request.order_id))
        refusal = _refusal(order, request, stands=(OrderId(request.order_id), request.kind) in standing, now=tx.now)
        if refusal is not None:
            outcomes.append(refusal)
            continue
        standing.add((OrderId(request.order_id), request.kind))
        placed.append((HoldId(hold_id), request))
        outcomes.append(HoldId(hold_id))
    if placed:
        await tx.sql(writing.SQL["insert_holds"], **_columns(tx, placed))
    for hold_id, request in placed:
        told = events.HoldPlaced(order_id=request.order_id, hold_id=hold_id, hold_kind=request.kind)
        tx.emit(told, private={"reason": request.reason})
    return outcomes


async def place_hold(tx: Tx, *, request: HoldRequest, key: str | None) -> None:
    """Put one order on hold, once per `key`.

    Raises KeyReused, or why it cannot be held; then the key is free again.
    """
    await once.done(
        tx, operation=OPERATION, key=key, wish=request, work=lambda requests: place_holds(tx, requests=requests)
    )


async def place_each_hold(tx: Tx, *, requests: Sequence[tuple[HoldRequest, str | None]]) -> list[Refusal | None]:
    """Put orders on hold, each once per its key; None where it is held, now or before."""
    return await once.done_each(
        tx,
        operation=OPERATION,
        wishes=[(key, request) for request, key in requests],
        work=lambda fresh: place_holds(tx, requests=fresh),
    )


def _refusal(found: OrderWithLines | None, request: HoldRequest, *, stands: bool, now: datetime) -> Refusal | None:
    if found is None:
        return errors.OrderNotFound(str(request.order_id))
    if not _KIND.fullmatch(request.kind):
        return errors.HoldKindInvalid(request.kind, field="kind")
    if not 0 < len(request.reason.strip()) <= REASON_CHARS_MAX:
        return errors.ReasonMissing(REASON_CHARS_MAX, field="reason")
    if found.order.lifecycle != "open":
        return errors.OrderEnded(found.order.number, found.order.lifecycle)
    if request.deadline_at is not None and not now < request.deadline_at <= now + DEADLINE_MAX:
        moments = (request.deadline_at, now, now + DEADLINE_MAX)
        return errors.DateOutOfRange(*(moment.isoformat(timespec="seconds") for moment in moments), field="deadline_at")
    return errors.HoldStands(found.order.number, request.kind) if stands else None


def _columns(tx: Tx, placed: Sequence[tuple[HoldId, HoldRequest]]) -> dict[str, Any]:
    return {
        "hold_ids": [hold_id for hold_id, _ in placed],
        "order_ids": [r.order_id for _, r in placed],
        "kinds": [r.kind for _, r in placed],
        "reasons": [r.reason for _, r in placed],
        "lift_permissions": [r.lift_permission for _, r in placed],
        "deadlines": [r.deadline_at for _, r in placed],
        "at": tx.now,
        "by_kind": tx.actor.kind,
        "by_id": tx.actor.id,
    }


async def lift_hold(tx: Tx, *, request: LiftRequest, key: str | None) -> None:
    """Take one hold away, once per `key`; what the caller may do is no part of what the key stands for.

    Raises KeyReused, or why it cannot be lifted; then the key is free again.
    """
    await once.done(
        tx,
        operation="orders.lift_hold",
        key=key,
        wish=(request.hold_id, request.order_id, request.reason),
        work=lambda _: lift_holds(tx, requests=[request]),
    )


async def lift_holds(tx: Tx, *, requests: Sequence[LiftRequest]) -> list[HoldId | Refusal]:
    """Take holds away, each with its right and a reason; one outcome per request, same order.

    Who approves prices by hand so must have a role that may take off so much.
    """
    order_by_hold = await queries.orders_of_holds(tx, [r.hold_id for r in requests])
    found = await queries.orders_for_update(tx, list(order_by_hold.values()))
    return await lift_from(tx, found, await queries.details(tx, list(found)), requests)


async def lift_from(
    tx: Tx,
    found: Mapping[OrderId, OrderWithLines],
    hanging: Mapping[OrderId, Details],
    requests: Sequence[LiftRequest],
) -> list[HoldId | Refusal]:
    """Do what `lift_holds` does, to orders that this transaction has locked and read, with what hangs on them."""
    requests = [r._replace(reason=cards.masked(r.reason)) for r in requests]
    holds = {hold.hold_id: hold for details in hanging.values() for hold in details.holds}
    standing = [hold for hold in holds.values() if hold.kind == by_hand.APPROVAL and hold.lifted_at is None]
    wanted = {request.hold_id for request in requests}
    beyond = await approving.beyond(tx, [found[x.order_id] for x in standing if x.hold_id in wanted])
    outcomes: list[HoldId | Refusal] = []
    lifted: dict[HoldId, LiftRequest] = {}
    for request in requests:
        hold_id = HoldId(request.hold_id)
        hold = holds.get(hold_id)
        if hold is None or request.order_id not in {None, hold.order_id}:
            outcomes.append(errors.HoldNotFound(str(request.hold_id)))
        elif hold.lifted_at is not None or hold_id in lifted:
            outcomes.append(errors.HoldAlreadyLifted(str(request.hold_id)))
        elif hold.lift_permission not in request.permissions:
            outcomes.append(errors.HoldNeedsRight(hold.lift_permission))
        elif hold.kind == by_hand.APPROVAL and (asked := beyond.get(hold.order_id)) is not None:
            outcomes.append(asked)
        elif not 0 < len(request.reason.strip()) <= REASON_CHARS_MAX:
            outcomes.append(errors.ReasonMissing(REASON_CHARS_MAX, field="reason"))
        else:
            lifted[hold_id] = request
            outcomes.append(hold_id)
            told = events.HoldLifted(order_id=hold.order_id, hold_id=hold_id, hold_kind=hold.kind)
            tx.emit(told, private={"reason": request.reason})
    if lifted:
        await tx.sql(
            writing.SQL["lift_holds"],
            hold_ids=list(lifted),
            reasons=[r.reason for r in lifted.values()],
            at=tx.now,
            by_kind=tx.actor.kind,
            by_id=tx.actor.id,
        )
    return outcomes
