"""Decide whether an order that has ended can be open again, and what it is then: pure."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from jiedan.base.errors import Refusal
from jiedan.base.i18n import Told
from jiedan.orders import errors
from jiedan.orders.rules import derived, lifecycle
from jiedan.orders.values import REASON_CHARS_MAX, LineId, Order, OrderWithLines, ReopenRequest


def reopen(
    found: OrderWithLines | None,
    request: ReopenRequest,
    ended: Mapping[LineId, int],
    *,
    at: datetime,
    expiry_minutes: int,
) -> OrderWithLines | Refusal:
    """Return an order as it was before the cancellation that ended it, with all its units waiting; or why not.

    `ended` are the units that cancellation gave up, by line; what had been canceled before stays so. An unpaid prepaid
    order gets a new term.
    """
    if found is None:
        return errors.OrderNotFound(str(request.order_id))
    order = found.order
    if request.reason is not None and not 0 < len(request.reason.strip()) <= REASON_CHARS_MAX:
        return errors.ReasonMissing(REASON_CHARS_MAX, field="reason")
    if order.history:
        return errors.HistoryStaysEnded(order.number)
    if not lifecycle.may_become(order.lifecycle, "open"):
        return errors.OrderNotCanceled(order.number, order.lifecycle)
    lines = tuple(msgspec.structs.replace(x, canceled=x.canceled - ended.get(x.line_id, 0)) for x in found.lines)
    order = msgspec.structs.replace(order, lifecycle="open", canceled_at=None, cancel_reason=None, expires_at=None)
    order = derived.refreshed(order, lines, at=at, expiry_minutes=expiry_minutes)
    held = _held(order)
    if request.only_covered and held < order.total_minor:
        total, there = (Told.money(x, order.currency) for x in (order.total_minor, held))
        return errors.MoneyShort(order.number, total, there)
    return OrderWithLines(order, lines)


def _held(order: Order) -> int:
    """Return what is kept of what was captured and is not on its way back, and what is set aside."""
    kept = order.captured_minor - order.refunded_minor - order.charged_back_minor - order.refunding_minor
    return kept + order.authorized_minor
