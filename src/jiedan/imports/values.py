"""Values of imports."""

import dataclasses
import enum
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple, NewType
from uuid import UUID

from jiedan.base.errors import Refusal
from jiedan.base.events import Actor

ImportId = NewType("ImportId", UUID)

MARKETPLACE = "olist."
"""What the kinds of the parts of a whole marketplace begin with; the command line imports one, part by part."""

MARKETPLACE_PERMISSION = "orders:import"


class ImportStatus(enum.StrEnum):
    """How far a run is: uploaded, waiting for the worker, being saved, through, or stopped by a fault."""

    draft = "draft"
    queued = "queued"
    running = "running"
    completed = "completed"
    stopped = "stopped"


UNDER_WAY = frozenset({ImportStatus.queued, ImportStatus.running})


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One field of a target: its name, what people call the column, and what it means."""

    name: str
    meaning: str
    aliases: tuple[str, ...] = ()
    is_required: bool = False


class Row(NamedTuple):
    """One row of a file: its number as a spreadsheet counts (the header is 1) and its texts by field."""

    number: int
    values: Mapping[str, str]


Outcome = Literal["created", "updated", "unchanged"] | tuple[Refusal, ...]
"""What became of a row; refusals name fields of the target."""


@dataclasses.dataclass(frozen=True, slots=True)
class Counts:
    """How many rows were read, and what became of them."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0

    def plus(self, other: "Counts") -> "Counts":
        """Return the sum of both."""
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in dataclasses.fields(self)))


@dataclasses.dataclass(frozen=True, slots=True)
class RowError:
    """One reason why a row was not taken: the column and field concerned, the text that stood there, the remedy."""

    row: int
    place: int
    column: str
    field: str
    value: str
    code: str
    detail: str


@dataclasses.dataclass(frozen=True, slots=True)
class ImportRun:
    """One file on its way in; `position` is the number of the last row that was dealt with.

    Orders go through the file twice, for cancellations after all orders: there 10,000,000 is added to it.
    """

    import_id: ImportId
    kind: str
    file_name: str
    file_hash: str
    mapping: Mapping[str, str]
    status: ImportStatus
    position: int
    counts: Counts
    stopped_by: str
    begun_by: Actor
    created_at: datetime
    updated_at: datetime

    @property
    def is_under_way(self) -> bool:
        """Tell whether the worker has something to do."""
        return self.status in UNDER_WAY


@dataclasses.dataclass(frozen=True, slots=True)
class Trial:
    """What a dry run found; `is_whole` says whether every row of the file was tried."""

    counts: Counts
    errors: tuple[RowError, ...]
    is_whole: bool


class AppliedCancellation(NamedTuple):
    """What an earlier cancellation with this id took off orders: which of its rows, and the fingerprint of them all."""

    fingerprint: bytes
    places: frozenset[int]


class Cancellation(NamedTuple):
    """One row of a cancellation to be remembered: what it took off which line."""

    external_id: str
    place: int
    fingerprint: bytes
    order_id: UUID
    line: int
    quantity: int
