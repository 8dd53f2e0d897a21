"""Statuses derived from facts. They are stored only to be found by; these functions are the truth."""

from collections.abc import Iterable
from datetime import date

from jiedan.orders.values import (
    STOCKED_KINDS,
    UNDELIVERED,
    CustomerStatus,
    FulfillmentStatus,
    Lifecycle,
    LineFacts,
    MerchantStatus,
    OrderFacts,
    PaymentStatus,
)

_GONE: frozenset[FulfillmentStatus] = frozenset({"partly_shipped", "shipped", "partly_delivered"})
_ARRIVED: frozenset[FulfillmentStatus] = frozenset({"delivered", "partly_returned", "returned"})
_PAID: frozenset[PaymentStatus] = frozenset({"paid", "overpaid", "not_due"})


def payment_status(facts: OrderFacts) -> PaymentStatus:
    """Return where the money stands: what was kept of what was captured, against what the order costs now."""
    kept = facts.captured_minor - facts.refunded_minor - facts.charged_back_minor
    if facts.charged_back_minor:
        return "charged_back"
    if facts.refunded_minor and kept <= 0:
        return "refunded"
    if kept > facts.total_minor:
        return "overpaid"
    if facts.captured_minor and kept == facts.total_minor:
        return "paid"
    if facts.captured_minor:
        return "partly_refunded" if facts.refunded_minor else "partly_paid"
    if not facts.total_minor:
        return "not_due"
    if facts.authorized_minor >= facts.total_minor:
        return "authorized"
    if facts.processing_count:
        return "processing"
    return "partly_authorized" if facts.authorized_minor else "pending"


def fulfillment_status(lines: Iterable[LineFacts]) -> FulfillmentStatus:
    """Return where the goods stand. Kits are told by their components; fees need nothing."""
    needed = stocked = allocated = gone = arrived = returned = 0
    is_anything = False
    for line in lines:
        if line.kind not in STOCKED_KINDS and line.kind != "service":
            continue
        is_anything = True
        wanted = line.ordered - line.canceled
        needed += wanted
        stocked += wanted if line.kind in STOCKED_KINDS else 0
        allocated += line.allocated
        gone += line.shipped + line.performed
        arrived += line.delivered + line.performed
        returned += line.returned
    if not is_anything:
        return "not_needed"
    if not needed:
        return "canceled"
    if returned:
        return "returned" if returned >= needed else "partly_returned"
    if arrived:
        return "delivered" if arrived >= needed else "partly_delivered"
    if gone:
        return "shipped" if gone >= needed else "partly_shipped"
    if allocated >= stocked:
        return "allocated"
    return "partly_allocated" if allocated else "waiting"


def customer_status(lifecycle: Lifecycle, fulfillment: FulfillmentStatus) -> CustomerStatus:
    """Return what the customer is told: pending, shipped, done, or canceled."""
    if lifecycle == "canceled":
        return "canceled"
    if lifecycle == "completed" or fulfillment in _ARRIVED:
        return "done"
    return "shipped" if fulfillment in _GONE else "pending"


def merchant_status(
    lifecycle: Lifecycle, payment: PaymentStatus, fulfillment: FulfillmentStatus, *, standing_holds: int
) -> MerchantStatus:
    """Return what staff are told: submitted while a hold stands, then reviewed, paid, shipped, signed; or canceled."""
    if lifecycle == "canceled":
        return "canceled"
    if lifecycle == "completed" or fulfillment in _ARRIVED:
        return "signed"
    if fulfillment in _GONE:
        return "shipped"
    if standing_holds:
        return "submitted"
    return "paid" if payment in _PAID else "reviewed"


def days_late(lifecycle: Lifecycle, fulfillment: FulfillmentStatus, *, promised_on: date | None, today: date) -> int:
    """Return for how many days an order should have arrived: 0 while it is on time, has arrived, or promised nothing.

    `promised_on` is the last day that was promised.
    """
    if promised_on is None or lifecycle != "open" or fulfillment not in UNDELIVERED:
        return 0
    return max(0, (today - promised_on).days)
