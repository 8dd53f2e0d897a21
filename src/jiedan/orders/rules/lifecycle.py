"""The life of an order: which states follow which, and when an unpaid one ends."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from jiedan.accounts.values import PaymentTerms
from jiedan.orders.values import Lifecycle, Order

TRANSITIONS: Mapping[Lifecycle, frozenset[Lifecycle]] = MappingProxyType(
    {
        "open": frozenset({"completed", "canceled"}),
        "completed": frozenset(),
        # Money that arrives for an expired order may re-open it, by the merchant's policy.
        "canceled": frozenset({"open"}),
    }
)


def may_become(now: Lifecycle, then: Lifecycle) -> bool:
    """Tell whether an order may go from one state to the other."""
    return then in TRANSITIONS[now]


def expires_at(
    *, terms: PaymentTerms, total_minor: int, placed_at: datetime, expiry_minutes: int, is_history: bool
) -> datetime | None:
    """Return when the order is canceled if nobody pays; None where it does not wait for payment."""
    if terms != "prepaid" or not total_minor or is_history:
        return None
    return placed_at + timedelta(minutes=expiry_minutes)


def is_expired(order: Order, *, at: datetime) -> bool:
    """Tell whether an order's time to be paid is over; never while a payment is under way, never imported history."""
    return (
        order.lifecycle == "open"
        and order.expires_at is not None
        and order.expires_at <= at
        and not order.processing_count
        and not order.history
    )
