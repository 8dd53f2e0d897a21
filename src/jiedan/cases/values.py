"""Ids and values of cases."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple, NewType
from uuid import UUID

from jiedan.accounts.values import StaffId
from jiedan.base.events import Actor
from jiedan.base.i18n import N_

CaseId = NewType("CaseId", UUID)
NoteId = NewType("NoteId", UUID)

CaseState = Literal["open", "resolved"]
CASE_STATES: tuple[CaseState, ...] = ("open", "resolved")

RESOLUTION_CHARACTERS_MAX = 2_000
NOTE_CHARACTERS_MAX = 2_000

KIND_LABELS: Mapping[str, str] = {
    "overpaid": N_("Paid too much"),
    "underpaid": N_("Paid too little"),
    "payment_without_order": N_("Money without an order"),
    "payment_after_end": N_("Money for a canceled or expired order"),
    "payment_mismatch": N_("Payment does not match"),
    "payment_unknown": N_("Payment with unknown outcome"),
    "refund_due": N_("Refund due"),
    "refund_failed": N_("Refund failed"),
    "refund_under_way": N_("Open again while its money goes back"),
    "void_failed": N_("Void failed"),
    "books_diverge": N_("The books do not balance"),
    "lines_missing": N_("Order without lines"),
    "goods_unavailable": N_("Goods unavailable"),
    "canceled_after_hand_over": N_("Canceled after it was handed over"),
    "canceled_yet_delivered": N_("Canceled, yet delivered"),
    "delivery_unconfirmed": N_("Delivered, date unknown"),
    "delivery_failed": N_("Could not be delivered"),
    "parcel_returned": N_("Parcel comes back"),
    "erasure_wanted": N_("A customer wants to be erased"),
    "customer_request": N_("A customer asks for something"),
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


class Successor(NamedTuple):
    """A case that goes on with the work of others about its subject: of these `kinds`, the first one first."""

    case: NewCase
    kinds: tuple[str, ...]


class Resolution(NamedTuple):
    """How a case was settled, in a person's words; `version` is the one they have read, None any."""

    case_id: UUID
    words: str
    version: int | None = None


class Assignment(NamedTuple):
    """Who works on a case from now on, None nobody; `version` is the one the caller has read, None any."""

    case_id: UUID
    assignee_id: UUID | None
    version: int | None = None


class NewNote(NamedTuple):
    """Something to be written down about a case."""

    case_id: UUID
    text: str


class CaseFilter(NamedTuple):
    """Which cases are asked for; None does not filter. `is_assigned` False asks for those nobody works on."""

    state: CaseState = "open"
    kind: str | None = None
    assignee_id: UUID | None = None
    is_assigned: bool | None = None
    subject_id: UUID | None = None


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
    assignee_id: StaffId | None
    resolved_at: datetime | None
    resolved_by: str | None
    """Id of who resolved it: one of the staff, an API key, or Jiedan itself."""
    resolution: str | None
    version: int


@dataclasses.dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote down about a case."""

    note_id: NoteId
    case_id: CaseId
    text: str
    written_at: datetime
    author: Actor
