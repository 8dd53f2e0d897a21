"""Pure decisions about payments: what the ledger allows, and what providers' answers mean for it."""

from jiedan.payments.rules.answers import Settled, settle
from jiedan.payments.rules.ledger import (
    check_operation,
    in_flight,
    kept,
    may_become,
    outstanding,
    refundable,
    spread_refund,
    state_of,
    tender_shares,
)

__all__ = [
    "Settled",
    "check_operation",
    "in_flight",
    "kept",
    "may_become",
    "outstanding",
    "refundable",
    "settle",
    "spread_refund",
    "state_of",
    "tender_shares",
]
