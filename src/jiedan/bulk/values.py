"""What can be done to many orders, and how far it is."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, NewType
from uuid import UUID

import msgspec

from jiedan.base.events import Actor
from jiedan.base.i18n import N_
from jiedan.orders.values import REASON_CHARS_MAX, NewNote, Tag
from jiedan.orders.values.lists import OrderFilter

BulkJobId = NewType("BulkJobId", UUID)

ORDERS_PER_JOB_MAX = 50_000
CHOSEN_MAX = 500
"""Orders that may be named one by one; more are chosen by filters."""

ORDERS_PER_SET = 100
LISTED_PER_SET = 500
JOBS_KEPT_DAYS = 90

Action = Literal[
    "release", "ship", "assign", "unassign", "hold", "unhold", "tag", "untag", "note", "cancel", "complete"
]


class Deed(NamedTuple):
    """Something that can be done: `label` a message id, the permission, and which fields of `Wish` it needs."""

    label: str
    permission: str
    needs: tuple[str, ...] = ()
    icon: str = "check"


DEEDS: Mapping[Action, Deed] = MappingProxyType(
    {
        "release": Deed(N_("Release"), "fulfillment:release", icon="list"),
        "ship": Deed(N_("Ship"), "fulfillment:ship", icon="truck"),
        "assign": Deed(N_("Assign to…"), "orders:write", ("assignee_id",), "user-plus"),
        "tag": Deed(N_("Add a tag"), "orders:write", ("tag",), "tag"),
        "untag": Deed(N_("Take a tag off"), "orders:write", ("tag",), "tag"),
        "unassign": Deed(N_("Assign to nobody"), "orders:write", icon="user"),
        "note": Deed(N_("Write a note"), "orders:write", ("note",), "edit"),
        "hold": Deed(N_("Put on hold"), "orders:hold", ("reason",), "pause"),
        "unhold": Deed(N_("Lift holds"), "orders:lift", ("reason",), "check"),
        "complete": Deed(N_("Complete"), "orders:complete", ("reason",), "check"),
        "cancel": Deed(N_("Cancel orders"), "orders:cancel", ("reason",), "x"),
    }
)
"""Everything that can be done to many orders, in the order of the bar."""

Reason = Annotated[str, msgspec.Meta(max_length=REASON_CHARS_MAX)]


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How it is to be done; each action reads what it needs.

    `reason` is for holds, lifting them, cancellations and completions; `hold_kind` for holds; without a `carrier`
    goods leave with one's own people; `assignee_id` is who gets orders.
    """

    __example__: ClassVar[dict[str, Any]] = {"reason": "customer_request"}

    reason: Reason = ""
    hold_kind: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] = "manual"
    tag: Tag | None = None
    note: NewNote | None = None
    carrier: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    assignee_id: UUID | None = None


class Chosen(NamedTuple):
    """An order that was ticked, and its version as it was shown; None where nobody saw it."""

    order_id: UUID
    version: int | None = None


class JobStatus(StrEnum):
    """How far a job is: `listing` while its orders are written down."""

    queued = "queued"
    listing = "listing"
    running = "running"
    completed = "completed"
    stopped = "stopped"


UNDER_WAY = frozenset({JobStatus.queued, JobStatus.listing, JobStatus.running})


class ItemStatus(StrEnum):
    """What became of one order."""

    waiting = "waiting"
    done = "done"
    failed = "failed"


@dataclasses.dataclass(frozen=True, slots=True)
class BulkJob:
    """A job and how far it is; `filters` is None where orders were ticked."""

    job_id: BulkJobId
    action: Action
    wish: Wish
    filters: OrderFilter | None
    snapshot_at: datetime
    locale: str
    status: JobStatus
    listed_at: datetime | None
    """`placed_at` of the last order that was written down; with `listed_id` the place where listing goes on. Both are
    None when all are."""
    listed_id: UUID | None
    total: int
    done: int
    failed: int
    stopped_by: str
    retry_of: UUID | None
    asked_by: Actor
    created_at: datetime
    updated_at: datetime

    @property
    def position(self) -> int:
        """How many orders are dealt with."""
        return self.done + self.failed

    @property
    def is_listed(self) -> bool:
        """Tell whether all its orders are written down."""
        return self.filters is None or (self.total > 0 and self.listed_at is None)

    @property
    def is_under_way(self) -> bool:
        """Tell whether the worker has something to do."""
        return self.status in UNDER_WAY


@dataclasses.dataclass(frozen=True, slots=True)
class BulkItem:
    """One order of a job; `place` counts from 1, `code` and `detail` say why it was not done."""

    place: int
    order_id: UUID
    number: str
    version: int | None
    status: ItemStatus
    code: str
    detail: str
