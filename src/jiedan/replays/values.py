"""A replay of price rules, how far it is, and what it came to. Amounts are minor units of their currency."""

import dataclasses
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple, NewType, get_args
from uuid import UUID

from jiedan.base.events import Actor
from jiedan.orders.values.replays import ReplayOutcome

ReplayId = NewType("ReplayId", UUID)

DAYS_MAX = 366
ORDERS_PER_REPLAY_MAX = 100_000
ORDERS_PER_SET = 50
"""Orders that one transaction prices twice: a fraction of a second."""

MOST_SHOWN = 10
"""Orders, SKUs and customers that are told of each direction and currency: those that change most."""

REPLAYS_KEPT_DAYS = 90
REPLAYS_PER_SET_MAX = 1


class ReplayStatus(StrEnum):
    """How far a replay is."""

    queued = "queued"
    running = "running"
    completed = "completed"
    canceled = "canceled"
    failed = "failed"


UNDER_WAY = frozenset({ReplayStatus.queued, ReplayStatus.running})

Figure = Literal[
    "total",
    "discount",
    "shipping",
    "tax",
    "gifts",
    "risen",
    "fallen",
    "limited",
    "gifts_assumed",
    "kept",
    "codes",
    "bounded",
    "cut",
]
"""What is summed up of the orders that were compared: what they come to and its parts, those that would cost more or
less, and what was assumed of them (see `Assumed`). Gifts and codes are counted, the others are amounts."""

Subject = Literal["sku", "customer"]
"""Of what differences are summed up besides."""

FIGURES: tuple[str, ...] = (*get_args(ReplayOutcome), *get_args(Figure), *get_args(Subject))

LISTED: frozenset[ReplayOutcome] = frozenset({"changed", "refused", "unlike", "by_hand"})
"""What is kept order by order."""

ListedOutcome = Literal["changed", "refused", "unlike", "by_hand"]


class SumKey(NamedTuple):
    """What is summed up, of which SKU or customer (empty: of all orders), in which currency."""

    figure: str
    subject: str
    currency: str


class Sum(NamedTuple):
    """How many orders a figure is of, what they were charged of it, and what it would be."""

    orders: int = 0
    before_minor: int = 0
    after_minor: int = 0

    @property
    def difference_minor(self) -> int:
        """What would be more; negative for less."""
        return self.after_minor - self.before_minor

    def plus(self, orders: int, before_minor: int, after_minor: int) -> "Sum":
        """Return the sum with some more."""
        return Sum(self.orders + orders, self.before_minor + before_minor, self.after_minor + after_minor)


class OrderRow(NamedTuple):
    """What would become of one order; `code` and `detail` say why it would be refused, or cannot be told."""

    order_id: UUID
    outcome: ReplayOutcome
    currency: str
    before_minor: int
    after_minor: int
    code: str
    detail: str

    @property
    def difference_minor(self) -> int:
        """What the customer would pay more; negative for less."""
        return self.after_minor - self.before_minor


class Most(NamedTuple):
    """A SKU or customer whose orders change most, and by how much."""

    subject: str
    currency: str
    orders: int
    before_minor: int
    after_minor: int
    difference_minor: int


class Note(NamedTuple):
    """What has to be known beside the figures, in words; `code` never changes."""

    code: str
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Replay:
    """A replay and how far it is: orders placed from `from_at` to `until_at`, those up to `after` are done.

    `base_version` is the version that was the newest when it was asked for, `changes` in how many rules the draft
    differed from it.
    """

    replay_id: ReplayId
    days: int
    from_at: datetime
    until_at: datetime
    locale: str
    status: ReplayStatus
    total: int
    done: int
    after_at: datetime
    after_id: UUID
    base_version: int
    changes: int
    stopped_by: str
    asked_by: Actor
    created_at: datetime
    updated_at: datetime

    @property
    def is_under_way(self) -> bool:
        """Tell whether the worker has something to do."""
        return self.status in UNDER_WAY
