"""What waits at a desk: pieces of work of one tenant, in the order they came; anyone may leave at any time."""

import asyncio
import collections
import dataclasses
from typing import Generic, NamedTuple, TypeVar

from jiedan.base.db import Scope

W = TypeVar("W")


@dataclasses.dataclass(eq=False, slots=True)
class Item(Generic[W]):
    """One piece of work with its own actor, request, caller and key."""

    scope: Scope
    caller: str
    key: str
    work: W
    answer: "asyncio.Future[object]" = dataclasses.field(repr=False)


class Submission(NamedTuple, Generic[W]):
    """One piece of work among several of one caller; without a key it gets one of its own."""

    work: W
    key: str = ""


class Counter(Generic[W]):
    """One tenant's queue and what is being served; the ordered dict lets anyone leave in constant time."""

    def __init__(self) -> None:
        self.queue: collections.OrderedDict[Item[W], None] = collections.OrderedDict()
        self.served: list[Item[W]] = []
        self.task: asyncio.Task[None] | None = None

    def take(self, count_max: int) -> list[Item[W]]:
        """Take the first, `count_max` at most; they are being served then."""
        self.served = [self.queue.popitem(last=False)[0] for _ in range(min(count_max, len(self.queue)))]
        return self.served
