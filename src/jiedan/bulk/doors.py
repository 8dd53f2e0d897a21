"""Where each action goes in: the batch doors of orders and fulfillment, one outcome per order."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.bulk import errors
from jiedan.bulk.values import Action, Wish
from jiedan.fulfillment import service as fulfillment
from jiedan.fulfillment.values import OrderShipment, ReleaseRequest
from jiedan.orders import queries, service
from jiedan.orders.service import CompleteRequest
from jiedan.orders.values import Assignment, CancelRequest, HoldId, HoldRequest, LiftRequest, MarkRequest, OrderId

Door = Callable[[Tx, Wish, Sequence[UUID], frozenset[str]], Awaitable[Sequence[Any]]]
"""Takes the wish, the orders, and what the person may do; returns one outcome per order, in order."""


async def _release(tx: Tx, _wish: Wish, order_ids: Sequence[UUID], _may: frozenset[str]) -> Sequence[Any]:
    return await fulfillment.release_orders(tx, requests=[ReleaseRequest(x) for x in order_ids])


async def _ship(tx: Tx, wish: Wish, order_ids: Sequence[UUID], _may: frozenset[str]) -> Sequence[Any]:
    return await fulfillment.ship_orders(tx, wishes=[OrderShipment(x, carrier=wish.carrier) for x in order_ids])


async def _hold(tx: Tx, wish: Wish, order_ids: Sequence[UUID], _may: frozenset[str]) -> Sequence[Any]:
    return await service.place_holds(tx, requests=[HoldRequest(x, wish.hold_kind, wish.reason) for x in order_ids])


async def _unhold(tx: Tx, wish: Wish, order_ids: Sequence[UUID], may: frozenset[str]) -> Sequence[Any]:
    """Lift every hold of each order that the person may lift; the first that they may not is the order's outcome."""
    found = await queries.orders(tx, order_ids)
    details = await queries.details(tx, order_ids)
    requests = [
        (order_id, LiftRequest(hold.hold_id, wish.reason, may, order_id))
        for order_id, of in details.items()
        for hold in of.standing_holds
    ]
    lifted = await service.lift_holds(tx, requests=[request for _, request in requests]) if requests else []
    by_order: dict[UUID, HoldId | Refusal] = {}
    for (order_id, _), outcome in zip(requests, lifted, strict=True):
        if not isinstance(by_order.get(order_id), Refusal):
            by_order[order_id] = outcome
    return [by_order[x] if x in by_order else errors.NoHoldStands(found[OrderId(x)].order.number) for x in order_ids]


async def _tag(tx: Tx, wish: Wish, order_ids: Sequence[UUID], _may: frozenset[str]) -> Sequence[Any]:
    return await service.mark_orders(tx, requests=[MarkRequest(x, tags=(wish.tag or "",)) for x in order_ids])


async def _untag(tx: Tx, wish: Wish, order_ids: Sequence[UUID], _may: frozenset[str]) -> Sequence[Any]:
    return await service.mark_orders(tx, requests=[MarkRequest(x, without=(wish.tag or "",)) for x in order_ids])


async def _note(tx: Tx, wish: Wish, order_ids: Sequence[UUID], _may: frozenset[str]) -> Sequence[Any]:
    notes = (wish.note,) if wish.note is not None else ()
    return await service.mark_orders(tx, requests=[MarkRequest(x, notes=notes) for x in order_ids])


async def _assign(tx: Tx, wish: Wish, order_ids: Sequence[UUID], _may: frozenset[str]) -> Sequence[Any]:
    return await service.assign_orders(tx, assignments=[Assignment(x, wish.assignee_id) for x in order_ids])


async def _unassign(tx: Tx, _wish: Wish, order_ids: Sequence[UUID], _may: frozenset[str]) -> Sequence[Any]:
    return await service.assign_orders(tx, assignments=[Assignment(x, None) for x in order_ids])


async def _complete(tx: Tx, wish: Wish, order_ids: Sequence[UUID], _may: frozenset[str]) -> Sequence[Any]:
    return await service.complete_orders(tx, requests=[CompleteRequest(x, wish.reason) for x in order_ids])


async def _cancel(tx: Tx, wish: Wish, order_ids: Sequence[UUID], _may: frozenset[str]) -> Sequence[Any]:
    return await service.cancel_orders(tx, requests=[CancelRequest(x, wish.reason) for x in order_ids])


DOORS: Mapping[Action, Door] = MappingProxyType(
    {
        "release": _release,
        "ship": _ship,
        "assign": _assign,
        "unassign": _unassign,
        "hold": _hold,
        "unhold": _unhold,
        "tag": _tag,
        "untag": _untag,
        "note": _note,
        "complete": _complete,
        "cancel": _cancel,
    }
)
"""The door of each action. A door locks its orders; they are locked already when it is entered."""
