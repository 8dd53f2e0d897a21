"""What waits at a desk: pieces of work of one tenant, in the order they came; anyone may leave at any time.

And what those are told who cannot wait, or waited too long.
"""

import asyncio
import collections
import dataclasses
from typing import ClassVar, Generic, NamedTuple, TypeVar

from jiedan.base import errors
from jiedan.base.db import Scope
from jiedan.base.i18n import N_

W = TypeVar("W")

REST_S_MAX = 0.25
"""While some are sent away, the next batch begins later than it could: by the square of their share among all who came,
of the time that the last batch took, and never by more than this.

Whoever is sent away waits for nothing but a core, and batches alone would keep all of them busy. When three times as
many come as can be served, a rest takes more than a third of the time; when a twentieth too many come, it takes none to
speak of.

A rest that did not shrink with the share might never end: a load that fits without it would not fit any more, some
would be sent away for nothing else, and for their sake the rest would go on. Here it ends: of a load that just fits, a
share `r` lets `1 / (1 + r * r)` be served the next time, which sends less than `r * r` away.
"""


@dataclasses.dataclass(eq=False)
class QueueFull(errors.Unavailable):
    """More waits than can be done soon; nothing was queued."""

    code: ClassVar[str] = "queue_full"
    message: ClassVar[str] = N_("Too much is waiting to be done.")


@dataclasses.dataclass(eq=False)
class ShuttingDown(errors.Unavailable):
    """This process takes nothing new; another one will."""

    code: ClassVar[str] = "shutting_down"
    message: ClassVar[str] = N_("The server is restarting.")


@dataclasses.dataclass(eq=False)
class DeadlinePassed(errors.Unavailable):
    """The deadline passed in the queue; nothing was done and nothing will be."""

    code: ClassVar[str] = "deadline_passed"
    message: ClassVar[str] = N_("It took too long to begin; nothing was done.")


@dataclasses.dataclass(eq=False)
class AnswerPending(errors.Unavailable):
    """The deadline passed while the work was being done; its answer will wait under its key."""

    code: ClassVar[str] = "answer_pending"
    message: ClassVar[str] = N_("It takes longer than usual and goes on.")
    remedy: ClassVar[str] = N_("Send the same request with the same key to get the answer.")


@dataclasses.dataclass(eq=False, slots=True)
class Item(Generic[W]):
    """One piece of work with its own actor, request, caller and key."""

    scope: Scope
    caller: str
    key: str
    work: W
    answer: "asyncio.Future[object]" = dataclasses.field(repr=False)
    alone: bool = True
    """Whether somebody brought it by itself and waits for nothing else; one of many is in less of a hurry."""


class Submission(NamedTuple, Generic[W]):
    """One piece of work among several of one caller; without a key it gets one of its own."""

    work: W
    key: str = ""


class Counter(Generic[W]):
    """One tenant's queue and what is being served; the ordered dict lets anyone leave in constant time."""

    def __init__(self) -> None:
        self.queue: collections.OrderedDict[Item[W], None] = collections.OrderedDict()
        self.alone = 0
        """How many of those who wait came by themselves."""

        self.served: list[Item[W]] = []
        self.task: asyncio.Task[None] | None = None
        self._joined = 0
        self._refused = 0

    def join(self, item: Item[W]) -> None:
        """Stand at the end of the queue."""
        self.queue[item] = None
        self.alone += item.alone
        self._joined += 1

    def refuse(self, count: int) -> None:
        """Note that so many found no room."""
        self._refused += count

    def rest_s(self, batch_s: float) -> float:
        """Return how long to rest after a batch that took `batch_s`; from then on who comes is counted anew."""
        came = self._joined + self._refused
        share = self._refused / came if came else 0.0
        self._joined = self._refused = 0
        return min(share**2 * batch_s, REST_S_MAX)

    def leave(self, item: Item[W]) -> bool:
        """Leave the queue; tell whether the item was still there."""
        if item not in self.queue:
            return False
        del self.queue[item]
        self.alone -= item.alone
        return True

    def take(self, count_max: int) -> list[Item[W]]:
        """Take the first, `count_max` at most; they are being served then."""
        self.served = [self.queue.popitem(last=False)[0] for _ in range(min(count_max, len(self.queue)))]
        self.alone -= sum(item.alone for item in self.served)
        return self.served
