"""Decide what may be done with a payment, and what a provider's answer means: pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from jiedan.base.errors import Refusal
from jiedan.base.i18n import Told
from jiedan.payments import errors, values

TRANSITIONS: Mapping[str, frozenset[str]] = {
    "pending": frozenset({"action_needed", "succeeded", "failed", "unknown"}),
    "action_needed": frozenset({"pending", "succeeded", "failed", "unknown"}),
    "unknown": frozenset({"pending", "action_needed", "succeeded", "failed"}),
    "succeeded": frozenset(),
    "failed": frozenset({"succeeded"}),
}
"""What an operation may become. A success heard after a failure overrules it: money that moved counts. It is pending
again when the customer has paid on the page and the provider takes its time, or knows of what we had lost."""

ENTRIES: Mapping[str, tuple[values.EntryKind, ...]] = {
    "authorize": ("authorization",),
    "sale": ("capture",),
    "capture": ("capture",),
    "void": ("void",),
    "refund": ("refund",),
}
"""What each kind of operation writes into the ledger when it succeeds."""

_TOO_LARGE: Mapping[str, type[errors.CaptureTooLarge | errors.RefundTooLarge]] = {
    "capture": errors.CaptureTooLarge,
    "refund": errors.RefundTooLarge,
}


def may_become(old: values.OperationState, new: values.OperationState) -> bool:
    """Tell whether an operation may go from `old` to `new`; an answer that changes nothing may always come again."""
    return new in TRANSITIONS[old]


def may_settle(operation: values.Operation, *, at: datetime) -> bool:
    """Tell whether somebody may say what came of an operation: its answer is lost, or has not come for long."""
    if operation.state in values.SETTLED:
        return False
    return operation.state == "unknown" or operation.requested_at <= at - values.SETTLE_AFTER


def outstanding(sums: values.Sums) -> int:
    """Return what is authorized and neither captured nor voided."""
    return max(0, sums.authorized - sums.captured - sums.voided)


def refundable(sums: values.Sums) -> int:
    """Return what was captured and has not gone back."""
    return sums.captured + sums.adjusted - sums.refunded - sums.charged_back


def kept(sums: values.Sums) -> int:
    """Return the money the merchant holds: Σ captures − Σ refunds − Σ chargebacks + adjustments."""
    return sums.captured - sums.refunded - sums.charged_back + sums.adjusted


def state_of(payment: values.Payment, operations: Sequence[values.Operation]) -> values.PaymentState:
    """Return what a payment is now, from its ledger and everything that was asked for it."""
    unsettled = {operation.state for operation in operations} - values.SETTLED
    for state in ("unknown", "pending", "action_needed"):
        if state in unsettled:
            return _IN_FLIGHT[state]
    sums = payment.sums
    if sums.captured:
        return "refunded" if refundable(sums) <= 0 else "captured"
    if outstanding(sums):
        return "authorized"
    if sums.voided:
        return "voided"
    return "failed" if operations and all(o.state == "failed" for o in operations) else "open"


_IN_FLIGHT: Mapping[str, values.PaymentState] = {
    "unknown": "unknown",
    "pending": "processing",
    "action_needed": "action_needed",
}


def check_operation(
    payment: values.Payment,
    kind: values.OperationKind,
    amount_minor: int,
    *,
    in_flight: Mapping[str, int],
) -> Refusal | None:
    """Return why the ledger, with what is already in flight, does not cover an operation; None where it does.

    `in_flight` are unsettled amounts by kind of operation: money on its way out counts as gone.
    """
    left = free_for(payment, kind, in_flight)
    if kind == "capture" and left <= 0:
        return errors.NothingToCapture(payment.payment_id)
    if kind == "void" and (left <= 0 or amount_minor != left):
        return errors.NothingToVoid(payment.payment_id)
    if amount_minor <= 0:
        return errors.AmountNotPositive(amount_minor, field="amount_minor")
    if kind in _TOO_LARGE and amount_minor > left:
        asked, free = (Told.money(x, payment.currency) for x in (amount_minor, left))
        return _TOO_LARGE[kind](payment.payment_id, asked, free, field="amount_minor")
    return None


def free_for(payment: values.Payment, kind: values.OperationKind, in_flight: Mapping[str, int]) -> int:
    """Return how much can still be captured, voided or refunded, what is in flight counted as done; never negative."""
    if kind == "refund":
        return max(0, refundable(payment.sums) - in_flight.get("refund", 0))
    return max(0, outstanding(payment.sums) - in_flight.get("capture", 0) - in_flight.get("void", 0))


def in_flight(operations: Sequence[values.Operation]) -> dict[str, int]:
    """Return the unsettled amounts of operations by kind."""
    amounts: dict[str, int] = {}
    for operation in operations:
        if operation.state not in values.SETTLED:
            amounts[operation.kind] = amounts.get(operation.kind, 0) + operation.amount_minor
    return amounts
