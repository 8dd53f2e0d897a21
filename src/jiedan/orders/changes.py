"""Saving changed orders: only what differs, one statement per table, and the event of a completion."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from jiedan.base import sql
from jiedan.base.db import Tx
from jiedan.orders import events
from jiedan.orders.values import Line, Order, OrderId, OrderWithLines

SQL = sql.load("jiedan.orders", "changes.sql")


class Change(NamedTuple):
    """An order before and after a command; the order is locked."""

    before: OrderWithLines
    order: Order
    lines: tuple[Line, ...]


async def save(tx: Tx, changes: Sequence[Change], *, by_staff: bool = False, history: Collection[OrderId] = ()) -> None:
    """Write what differs, in one round trip, and tell which orders got completed by it, unless staff did that.

    Of `history` are the orders to which this happened elsewhere, before: what is done today is none, whatever it is
    done to.
    """
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
        if change.order.lifecycle == "completed" and change.before.order.lifecycle == "open":
            completed = events.OrderCompleted(
                order_id=change.order.order_id, number=change.order.number, by_staff=False
            )
            tx.emit(completed, history=change.order.order_id in history)


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
    }


def _line_columns(lines: Sequence[Line]) -> dict[str, list[object]]:
    return {
        "line_ids": [x.line_id for x in lines],
        "canceled": [x.canceled for x in lines],
        "allocated": [x.allocated for x in lines],
        "shipped": [x.shipped for x in lines],
        "delivered": [x.delivered for x in lines],
        "returned": [x.returned for x in lines],
        "performed": [x.performed for x in lines],
        "released": [x.released for x in lines],
        "line_tax_minor": [x.tax_minor for x in lines],
        "tax_rates_ppm": [x.tax_rate_ppm for x in lines],
        "line_total_minor": [x.total_minor for x in lines],
    }
