"""Ids and values of cases."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple, NewType
from uuid import UUID

from jiedan.base.i18n import N_

CaseId = NewType("CaseId", UUID)

CaseState = Literal["open", "resolved"]
CASE_STATES: tuple[CaseState, ...] = ("open", "resolved")

RESOLUTION_CHARACTERS_MAX = 2_000

KIND_LABELS: Mapping[str, str] = {
    "overpaid": N_("Paid too much"),
    "underpaid": N_("Paid too little"),
    "payment_without_order": N_("Money without an order"),
    "payment_after_end": N_("Money for a canceled or expired order"),
    "payment_mismatch": N_("Payment does not match"),
    "payment_unknown": N_("Payment with unknown outcome"),
    "refund_due": N_("Refund due"),
    "refund_failed": N_("Refund failed"),
    "void_failed": N_("Void failed"),
    "books_diverge": N_("The books do not balance"),
}
"""Kinds with words of their own; any other kind is shown by its code."""


class NewCase(NamedTuple):
    """A case to be opened. One open case per (kind, subject); opening it again changes nothing.

    `data` holds ids, codes and amounts; no personal data.
    """

    kind: str
    subject_kind: str
    subject_id: UUID
    data: Mapping[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """A case as its queue shows it."""

    case_id: CaseId
    kind: str
    subject_kind: str
    subject_id: UUID
    state: CaseState
    data: Mapping[str, Any]
    opened_at: datetime
    assignee: str | None
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None
    version: int
