"""Decide what may be done with a payment, and what a provider's answer means: pure."""

from collections.abc import Mapping, Sequence

from jiedan.base import money
from jiedan.payments import errors, values

TRANSITIONS: Mapping[str, frozenset[str]] = {
    "pending": frozenset({"action_needed", "succeeded", "failed", "unknown"}),
    "action_needed": frozenset({"succeeded", "failed", "unknown"}),
    "unknown": frozenset({"action_needed", "succeeded", "failed"}),
    "succeeded": frozenset(),
    "failed": frozenset({"succeeded"}),
}
"""What an operation may become. A success heard after a failure overrules it: money that moved counts."""

ENTRIES: Mapping[str, tuple[values.EntryKind, ...]] = {
    "authorize": ("authorization",),
    "sale": ("capture",),
    "capture": ("capture",),
    "void": ("void",),
    "refund": ("refund",),
}
"""What each kind of operation writes into the ledger when it succeeds."""


def may_become(old: values.OperationState, new: values.OperationState) -> bool:
    """Tell whether an operation may go from `old` to `new`; an answer that changes nothing may always come again."""
    return new in TRANSITIONS[old]


def outstanding(sums: values.Sums) -> int:
    """Return what is authorized and neither captured nor voided."""
    return max(0, sums.authorized - sums.captured - sums.voided)


def refundable(sums: values.Sums) -> int:
    """Return what was captured and has not gone back."""
    return sums.captured + min(0, sums.adjusted) - sums.refunded - sums.charged_back


def kept(sums: values.Sums) -> int:
    """Return the money the merchant holds: Σ captures − Σ refunds − Σ chargebacks + adjustments."""
    return sums.captured - sums.refunded - sums.charged_back + sums.adjusted


def state_of(payment: values.Payment, unsettled: Sequence[values.OperationState] = ()) -> values.PaymentState:
    """Return what a payment is now, from its ledger and its operations in flight."""
    if "unknown" in unsettled:
        return "unknown"
    if unsettled or payment.processing_count:
        return "processing"
    sums = payment.sums
    if sums.captured:
        return "refunded" if refundable(sums) <= 0 else "captured"
    if outstanding(sums):
        return "authorized"
    if sums.voided:
        return "voided"
    return "open"


def check_operation(
    payment: values.Payment,
    kind: values.OperationKind,
    amount_minor: int,
    *,
    in_flight: Mapping[str, int],
) -> None:
    """Refuse an operation that the ledger, with what is already in flight, does not cover.

    `in_flight` are unsettled amounts by kind of operation: money on its way out counts as gone.
    Raises NothingToCapture, CaptureTooLarge, RefundTooLarge or NothingToVoid.
    """
    if amount_minor <= 0:
        raise errors.AmountNotPositive(amount_minor, field="amount_minor")
    left = outstanding(payment.sums) - in_flight.get("capture", 0) - in_flight.get("void", 0)
    if kind == "capture":
        if left <= 0:
            raise errors.NothingToCapture(payment.payment_id)
        if amount_minor > left:
            raise errors.CaptureTooLarge(payment.payment_id, amount_minor, left, field="amount_minor")
    elif kind == "void":
        if left <= 0 or amount_minor > left:
            raise errors.NothingToVoid(payment.payment_id)
    elif kind == "refund":
        free = refundable(payment.sums) - in_flight.get("refund", 0)
        if amount_minor > free:
            raise errors.RefundTooLarge(payment.payment_id, amount_minor, max(0, free), field="amount_minor")


def spread_refund(amount_minor: int, payments: Sequence[values.Payment]) -> list[tuple[values.Payment, int]]:
    """Return how much of a refund each tender gives back: in proportion to what it still holds, nothing lost.

    The amount is cut at what the tenders hold together.
    """
    held = [max(0, refundable(p.sums)) for p in payments]
    amount = min(amount_minor, sum(held))
    if amount <= 0:
        return []
    shares = money.share_out(amount, held)
    return [(payment, share) for payment, share in zip(payments, shares, strict=True) if share]


def tender_shares(captured_minor: int, line_totals: Sequence[int]) -> list[int]:
    """Return how much of a captured tender stands for each line, by largest remainder over the line totals."""
    if not line_totals:
        return []
    return money.share_out(captured_minor, line_totals)


def in_flight(operations: Sequence[values.Operation]) -> dict[str, int]:
    """Return the unsettled amounts of operations by kind."""
    amounts: dict[str, int] = {}
    for operation in operations:
        if operation.state not in values.SETTLED:
            amounts[operation.kind] = amounts.get(operation.kind, 0) + operation.amount_minor
    return amounts
