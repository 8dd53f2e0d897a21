"""Pure decisions about payments: what the ledger allows, and what providers' answers mean for it."""

from jiedan.payments.rules.answers import Mismatch, Settled, added, next_check, settle
from jiedan.payments.rules.cards import has_card_number
from jiedan.payments.rules.ledger import (
    check_operation,
    free_for,
    in_flight,
    kept,
    may_become,
    may_settle,
    outstanding,
    refundable,
    state_of,
)
from jiedan.payments.rules.refunds import Asked, Planned, plan_refund, spread_refund
from jiedan.payments.rules.tenders import (
    captures_left,
    check_tender,
    due_minor,
    going_out,
    owed_minor,
    refund_lines,
    split_lines,
    split_over_captures,
    units_refunded,
)

__all__ = [
    "Asked",
    "Mismatch",
    "Planned",
    "Settled",
    "added",
    "captures_left",
    "check_operation",
    "check_tender",
    "due_minor",
    "free_for",
    "going_out",
    "has_card_number",
    "in_flight",
    "kept",
    "may_become",
    "may_settle",
    "next_check",
    "outstanding",
    "owed_minor",
    "plan_refund",
    "refund_lines",
    "refundable",
    "settle",
    "split_lines",
    "split_over_captures",
    "spread_refund",
    "state_of",
    "units_refunded",
]
