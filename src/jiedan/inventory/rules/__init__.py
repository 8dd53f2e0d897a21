"""Decisions of inventory: pure. Locked counters come in, outcomes and the changes to save go out."""

from jiedan.inventory.rules.counts import count_state, refuse_count
from jiedan.inventory.rules.levels import changed_fields, is_low, ran_low, refuse_thresholds, suggested_quantity
from jiedan.inventory.rules.limits import refuse_coordinates, refuse_quantity
from jiedan.inventory.rules.moves import (
    Change,
    Fold,
    Holding,
    Work,
    adjust,
    correct,
    free,
    free_expired,
    receive,
    reserve,
    ship,
    shortfalls,
)
from jiedan.inventory.rules.transfers import refuse_transfer, step, transfer_status

__all__ = [
    "Change",
    "Fold",
    "Holding",
    "Work",
    "adjust",
    "changed_fields",
    "correct",
    "count_state",
    "free",
    "free_expired",
    "is_low",
    "ran_low",
    "receive",
    "refuse_coordinates",
    "refuse_count",
    "refuse_quantity",
    "refuse_thresholds",
    "refuse_transfer",
    "reserve",
    "ship",
    "shortfalls",
    "step",
    "suggested_quantity",
    "transfer_status",
]
