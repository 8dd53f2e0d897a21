"""Saving changed orders: only what differs, one statement per table, and the event of a completion."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, TypeVar

import msgspec

from jiedan.base import sql
from jiedan.base.db import Tx
from jiedan.orders import events
from jiedan.orders.values import Line, Order, OrderId, OrderWithLines

SQL = sql.load("jiedan.orders", "changes.sql")

F = TypeVar("F")
K = TypeVar("K", bound=Hashable)


class Change(NamedTuple):
    """An order before and after a command; the order is locked."""

    before: OrderWithLines
    order: Order
    lines: tuple[Line, ...]


History = Mapping[OrderId, datetime]
"""Orders to which something happened elsewhere, before, with the moment; what is done today is none, whatever it is
done to."""

NOTHING_BEFORE: History = MappingProxyType({})


def summed(facts: Iterable[F], key: Callable[[F], K], names: Sequence[str]) -> dict[K, dict[str, int]]:
    """Return what facts add up to by their key: signed differences, by name; of those that differ from nothing."""
    sums: dict[K, dict[str, int]] = {}
    for fact in facts:
        of_one = sums.setdefault(key(fact), {})
        for name in names:
            if by := getattr(fact, name):
                of_one[name] = of_one.get(name, 0) + by
    return sums


async def save(
    tx: Tx, changes: Sequence[Change], *, by_staff: bool = False, history: History = NOTHING_BEFORE
) -> list[Change]:
    """Write what differs, in one round trip, and tell which orders got completed by it, unless staff did that.

    Return the changes as written: of `history`, an order was completed at the last that is told of it.
    """
    changes = await _dated(tx, changes, history)
    orders = [change.order for change in changes if change.order != change.before.order]
    lines = [
        line for change in changes for line, old in zip(change.lines, change.before.lines, strict=True) if line != old
    ]
    batch = []
    if orders:
        batch.append((SQL["update_orders"], _order_columns(orders)))
    if lines:
        batch.append((SQL["update_lines"], _line_columns(lines)))
    if batch:
        await tx.sql_many(batch)
    for change in changes if not by_staff else ():
        if _completes(change):
            order = change.order
            completed = events.OrderCompleted(order_id=order.order_id, number=order.number, by_staff=False)
            is_history = order.order_id in history
            tx.emit(completed, occurred_at=order.completed_at if is_history else None, history=is_history)
    return changes


def _completes(change: Change) -> bool:
    return change.order.lifecycle == "completed" and change.before.order.lifecycle == "open"


async def _dated(tx: Tx, changes: Sequence[Change], history: History) -> list[Change]:
    """Return the changes with imported orders completed when their last fact was, whichever was told last."""
    last = {
        x.order.order_id: history[x.order.order_id] for x in changes if _completes(x) and x.order.order_id in history
    }
    if not last:
        return list(changes)
    told = [(OrderId(key), at) for key, at in await tx.sql(SQL["last_told"], order_ids=sorted(last))]
    told += [(OrderId(getattr(x.event, x.event.subject)), x.occurred_at) for x in tx.emitted if x.history]
    for order_id, at in told:
        if order_id in last:
            last[order_id] = max(last[order_id], at)
    return [
        x._replace(order=msgspec.structs.replace(x.order, completed_at=last[x.order.order_id]))
        if x.order.order_id in last
        else x
        for x in changes
    ]


def _order_columns(orders: Sequence[Order]) -> dict[str, list[object]]:
    return {
        "order_ids": [o.order_id for o in orders],
        "lifecycles": [o.lifecycle for o in orders],
        "total_minor": [o.total_minor for o in orders],
        "tax_minor": [o.tax_minor for o in orders],
        "authorized_minor": [o.authorized_minor for o in orders],
        "captured_minor": [o.captured_minor for o in orders],
        "refunded_minor": [o.refunded_minor for o in orders],
        "charged_back_minor": [o.charged_back_minor for o in orders],
        "processing_counts": [o.processing_count for o in orders],
        "payment_statuses": [o.payment_status for o in orders],
        "fulfillment_statuses": [o.fulfillment_status for o in orders],
        "expires_at": [o.expires_at for o in orders],
        "completed_at": [o.completed_at for o in orders],
        "canceled_at": [o.canceled_at for o in orders],
        "cancel_reasons": [o.cancel_reason for o in orders],
        "from_wallets_minor": [o.from_wallets_minor for o in orders],
        "refunding_minor": [o.refunding_minor for o in orders],
    }


def _line_columns(lines: Sequence[Line]) -> dict[str, list[object]]:
    return {
        **cost_columns(lines),
        "canceled": [x.canceled for x in lines],
        "allocated": [x.allocated for x in lines],
        "shipped": [x.shipped for x in lines],
        "delivered": [x.delivered for x in lines],
        "returned": [x.returned for x in lines],
        "performed": [x.performed for x in lines],
        "released": [x.released for x in lines],
    }


def cost_columns(lines: Sequence[Line]) -> dict[str, list[object]]:
    """Return which lines these are and what they cost, by column: what every command writes that changes a price."""
    return {
        "line_ids": [x.line_id for x in lines],
        "discount_minor": [x.discount_minor for x in lines],
        "tax_minor": [x.tax_minor for x in lines],
        "tax_rates_ppm": [x.tax_rate_ppm for x in lines],
        "relief_minor": [x.relief_minor for x in lines],
        "total_minor": [x.total_minor for x in lines],
        "taxes": [None if x.taxes is None else msgspec.json.encode(x.taxes).decode() for x in lines],
    }
