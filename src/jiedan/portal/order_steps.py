"""How far an order has come, in the words of its customer: the steps of its way, its sign, what stands above. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from jiedan.base.i18n import N_
from jiedan.fulfillment.queries import Way
from jiedan.fulfillment.values.signs import Sign
from jiedan.orders.rules import statuses
from jiedan.orders.values import CustomerStatus, Line, Order

_PAID = frozenset({"paid", "overpaid", "not_due", "authorized"})

STATUS_LABELS: Mapping[CustomerStatus, str] = {
    "pending": N_("Being prepared"),
    "shipped": N_("On its way"),
    "done": N_("Delivered"),
    "canceled": N_("Canceled"),
}
"""The filters of a customer's orders, in their order."""

SIGNS: Mapping[str, Sign] = {
    "canceled": Sign(STATUS_LABELS["canceled"], "", "empty"),
    "collected": Sign(N_("Collected"), "ok", "full"),
    "done": Sign(STATUS_LABELS["done"], "ok", "full"),
    "ready": Sign(N_("Ready to collect"), "ok", "most"),
    "shipped": Sign(STATUS_LABELS["shipped"], "info", "most"),
    "partly_shipped": Sign(N_("Partly on its way"), "info", "half"),
    "unpaid": Sign(N_("Waiting for the payment"), "warn", "empty"),
    "waiting": Sign(N_("Waiting for goods"), "warn", "quarter"),
    "pending": Sign(STATUS_LABELS["pending"], "info", "quarter"),
}


class Step(NamedTuple):
    """One step of an order's way: `label` a message id, `state` done, now or ahead; `at` where that is known."""

    label: str
    icon: str
    state: str
    at: datetime | None = None
    due_on: date | None = None


class Moments(NamedTuple):
    """When things happened to an order, as far as that is known."""

    paid_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None


def is_unpaid(order: Order) -> bool:
    """Tell whether a payment is awaited before the goods leave."""
    return order.lifecycle == "open" and order.payment_terms == "prepaid" and order.payment_status not in _PAID


def sign_of(order: Order, ways: Sequence[Way], *, is_collected: bool) -> Sign:
    """Return the sign under which a customer is shown how far the order is."""
    return SIGNS[_stage(order, ways, is_collected=is_collected)]


def sign_of_row(lifecycle: str, payment: str, fulfillment: str, status: CustomerStatus) -> Sign:
    """Return the sign of an order in a list, where less is known of it."""
    if status != "pending" or lifecycle != "open":
        return SIGNS["partly_shipped" if fulfillment == "partly_shipped" else status]
    if payment in {"pending", "partly_paid", "partly_authorized", "processing"}:
        return SIGNS["unpaid"]
    return SIGNS["waiting" if fulfillment in {"waiting", "partly_allocated"} else "pending"]


def _stage(order: Order, ways: Sequence[Way], *, is_collected: bool) -> str:
    status = statuses.customer_status(order.lifecycle, order.fulfillment_status)
    if status == "canceled":
        return "canceled"
    if status == "done":
        return "collected" if is_collected else "done"
    if any(way.status == "ready" for way in ways):
        return "ready"
    if status == "shipped":
        return "partly_shipped" if order.fulfillment_status == "partly_shipped" else "shipped"
    if is_unpaid(order):
        return "unpaid"
    return "waiting" if order.fulfillment_status in {"waiting", "partly_allocated"} else "pending"


def steps(order: Order, ways: Sequence[Way], moments: Moments, *, is_collected: bool) -> list[Step]:
    """Return the way of an order: what is done, what is under way, what is to come."""
    placed = Step(N_("Order placed"), "check", "done", order.placed_at)
    stage = _stage(order, ways, is_collected=is_collected)
    if stage == "canceled":
        return [placed, Step(N_("Canceled"), "x", "bad", order.canceled_at)]
    gone = stage in {"shipped", "partly_shipped", "ready", "done", "collected"}
    arrived = stage in {"done", "collected"}
    unpaid = stage == "unpaid"
    found = [placed]
    if order.payment_terms == "prepaid":
        paid = Step(N_("Payment"), "wallet", "now") if unpaid else Step(N_("Paid"), "wallet", "done", moments.paid_at)
        found.append(paid)
    packing = "ahead" if unpaid else "done" if gone and stage != "partly_shipped" else "now"
    found.append(Step(N_("Being packed") if packing == "now" else N_("Packed"), "package", packing))
    if is_collected:
        found += [
            Step(N_("Ready to collect"), "store", "done" if gone else "ahead"),
            Step(N_("Collected"), "hand", "done" if arrived else "ahead", moments.delivered_at),
        ]
    else:
        away = "done" if arrived else "now" if gone else "ahead"
        due_on = None if arrived else order.promised_p90_on
        found += [
            Step(N_("On its way"), "truck", away, moments.shipped_at if gone else None),
            Step(N_("Delivered"), "home", "done" if arrived else "ahead", moments.delivered_at, due_on),
        ]
    return found


def line_sign(line: Line, *, is_collected: bool) -> tuple[Sign, int]:
    """Return the sign of a line's goods and how many units it is about."""
    wanted = line.ordered - line.canceled
    if not wanted:
        return Sign(N_("Canceled")), line.canceled
    arrived = line.performed if line.kind == "service" else line.delivered
    if arrived:
        label = N_("Done") if line.kind == "service" else N_("Collected") if is_collected else N_("Delivered")
        return Sign(label, "ok", "full" if arrived >= wanted else "most"), arrived
    if line.shipped:
        return Sign(N_("On its way"), "info", "most"), line.shipped
    if line.kind == "goods" and line.waiting:
        return Sign(N_("Follows later"), "warn", "empty"), line.waiting
    return Sign(N_("Being prepared"), "info", "quarter"), wanted
