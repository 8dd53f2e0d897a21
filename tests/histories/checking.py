"""Judges histories: what clients asked for, when, and what they were answered, against what may have happened.

An operation took effect at some moment between its beginning and its end, once if it was answered well, not at all if
it was refused, and perhaps if the answer was lost. Each checker returns what no such choice explains, in words that
begin with its kind: `lost`, `doubled`, `reordered`, `dirty` (seen though it never was), `stale` (seen too late).
Times are seconds on one clock; an operation whose answer never came ends at infinity.
"""

import bisect
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

NEVER = float("inf")


class Change(NamedTuple):
    """An addition to a counter: surely done when it `ended`, perhaps done from when it was `invoked`."""

    invoked: float
    ended: float
    delta: int


class Look(NamedTuple):
    """A reading of a counter by a client."""

    invoked: float
    ended: float
    value: int


def counter(name: str, start: int, changes: Sequence[Change], looks: Iterable[Look], final: int) -> Iterator[str]:
    """Judge a counter that only changes by additions: balances, stock.

    A reading lies between what must have happened before it began and what may have happened before it ended.
    """
    ends = sorted((change.ended, change.delta) for change in changes if change.ended < NEVER)
    sure_at = [at for at, _ in ends]
    sure = list(itertools.accumulate((delta for _, delta in ends), initial=0))
    less, more = (_Sums(changes, sign) for sign in (-1, 1))
    for look in looks:
        done = start + sure[bisect.bisect_left(sure_at, look.invoked)]
        low = done + less.under_way(look.invoked, look.ended)
        high = done + more.under_way(look.invoked, look.ended)
        if not low <= look.value <= high:
            kind = "stale" if _was(look.value, start, sure) else "dirty"
            yield f"{kind}: {name} was read as {look.value} between {low} and {high}"
    certain = start + sum(change.delta for change in changes if change.ended < NEVER)
    unknown = [change.delta for change in changes if change.ended == NEVER]
    low, high = (certain + sum(delta for delta in unknown if delta * sign > 0) for sign in (-1, 1))
    if not low <= final <= high:
        kind = "lost" if abs(final - start) < abs(certain - start) else "doubled"
        yield f"{kind}: {name} ended at {final}, not between {low} and {high}"


def _was(value: int, start: int, sure: Sequence[int]) -> bool:
    return value in {start + sum_ for sum_ in sure}


class _Sums:
    """The additions of one sign, summed by when they began and by when they ended."""

    def __init__(self, changes: Sequence[Change], sign: int) -> None:
        mine = [change for change in changes if change.delta * sign > 0]
        self._began = _Prefix((change.invoked, change.delta) for change in mine)
        self._ended = _Prefix((change.ended, change.delta) for change in mine)

    def under_way(self, since: float, until: float) -> int:
        """Return the sum of what began before `until` and had not ended before `since`."""
        return self._began.until(until, inclusive=True) - self._ended.until(since)


class _Prefix:
    def __init__(self, points: Iterable[tuple[float, int]]) -> None:
        ordered = sorted(points)
        self._at = [at for at, _ in ordered]
        self._sums = list(itertools.accumulate((delta for _, delta in ordered), initial=0))

    def until(self, at: float, *, inclusive: bool = False) -> int:
        """Return the sum of the points before `at`, or up to it."""
        find = bisect.bisect_right if inclusive else bisect.bisect_left
        return self._sums[find(self._at, at)]


class Placement(NamedTuple):
    """An order asked for under a key, for an external id: `order_id` is None when the answer was lost or a refusal."""

    key: str
    external_id: str
    invoked: float
    ended: float
    order_id: str | None
    number: int | None
    is_refused: bool = False
    was_there: bool = False
    """Whether the answer was that the same had been placed before."""

    process: str = ""
    """Who takes numbers for it: those of one rise."""


class Stored(NamedTuple):
    """An order as it is in the end."""

    order_id: str
    external_id: str
    number: int


def unique(placements: Sequence[Placement], stored: Sequence[Stored]) -> Iterator[str]:
    """Judge identities: one order per key and external id, each with a number of its own, none without a wish."""
    by_id = {order.order_id: order for order in stored}
    yield from _twice("order id", Counter(order.order_id for order in stored))
    yield from _twice("number", Counter(order.number for order in stored))
    yield from _twice("external id", Counter(order.external_id for order in stored))
    answered: dict[str, set[str]] = defaultdict(set)
    for placement in placements:
        if placement.order_id is None:
            continue
        answered[placement.key].add(placement.order_id)
        found = by_id.get(placement.order_id)
        if found is None:
            yield f"lost: the order {placement.order_id} of key {placement.key} was answered, and is not there"
        elif (found.external_id, found.number) != (placement.external_id, placement.number):
            yield f"dirty: key {placement.key} was answered with {placement.number}, stored is {found}"
    for key, ids in answered.items():
        if len(ids) > 1:
            yield f"doubled: key {key} led to {len(ids)} orders"
    yield from _new_twice(placements)
    wished = {placement.external_id for placement in placements if not placement.is_refused}
    for order in stored:
        if order.external_id not in wished:
            yield f"dirty: nobody was told of the order for {order.external_id}"


def _twice(what: str, counted: Counter[object]) -> Iterator[str]:
    for value, count in counted.items():
        if count > 1:
            yield f"doubled: the {what} {value} stands {count} times"


def _new_twice(placements: Sequence[Placement]) -> Iterator[str]:
    """Yield orders that two callers were told to be new, and those told to be old before anybody asked."""
    new = Counter(p.order_id for p in placements if p.order_id and not p.was_there)
    for order_id, count in new.items():
        if count > 1:
            yield f"doubled: {count} callers were told that the order {order_id} is new"
    began: dict[str, float] = {}
    for p in placements:
        began[p.external_id] = min(began.get(p.external_id, NEVER), p.invoked)
    for p in placements:
        if p.was_there and p.ended < began[p.external_id]:
            yield f"reordered: {p.external_id} was there before anybody asked for it"


def rising(placements: Sequence[Placement]) -> Iterator[str]:
    """Judge the order of numbers: of one process, what was asked for after another's answer has a higher number."""
    by_process: dict[str, list[Placement]] = defaultdict(list)
    for placement in placements:
        if placement.number is not None and not placement.was_there:
            by_process[placement.process].append(placement)
    for process, some in by_process.items():
        highest, ended = 0, sorted(some, key=lambda p: p.ended)
        at = 0
        for placement in sorted(some, key=lambda p: p.invoked):
            while ended[at].ended < placement.invoked:
                highest = max(highest, ended[at].number or 0)
                at += 1
            if (placement.number or 0) < highest:
                yield f"reordered: {placement.number} of {process} was given after {highest}"


class Heard(NamedTuple):
    """An event as a subscriber heard it."""

    position: int
    event_id: str
    kind: str
    subject_id: str
    at: float


class Told(NamedTuple):
    """Something that was answered well, so that it must be heard of: after it began, and exactly once."""

    kind: str
    subject_id: str
    invoked: float
    ended: float


def queue(subscribers: Sequence[Sequence[Heard]], told: Sequence[Told], first: Mapping[str, str]) -> Iterator[str]:
    """Judge a stream: positions without gap, the same for everybody, each change once, in the order of its subject.

    `first` says which kind of event must come before another of the same subject.
    """
    for heard in subscribers:
        positions = [event.position for event in heard]
        for before, after in itertools.pairwise(positions):
            if after != before + 1:
                kind = "lost" if after > before + 1 else "reordered" if after < before else "doubled"
                yield f"{kind}: position {after} was heard after {before}"
    logs = [{event.position: event.event_id for event in heard} for heard in subscribers]
    for one, other in itertools.combinations(logs, 2):
        for position in one.keys() & other.keys():
            if one[position] != other[position]:
                yield f"reordered: position {position} is not the same for two subscribers"
    yield from _changes_heard(subscribers[0], told, first)


def _changes_heard(heard: Sequence[Heard], told: Sequence[Told], first: Mapping[str, str]) -> Iterator[str]:
    yield from _twice("event", Counter(event.event_id for event in heard))
    at: dict[tuple[str, str], list[Heard]] = defaultdict(list)
    for event in heard:
        at[event.kind, event.subject_id].append(event)
    for change in told:
        found = at.get((change.kind, change.subject_id), [])
        if not found:
            yield f"lost: nobody heard of {change.kind} {change.subject_id}"
        elif len(found) > 1:
            yield f"doubled: {change.kind} {change.subject_id} was heard {len(found)} times"
        elif found[0].at < change.invoked:
            yield f"dirty: {change.kind} {change.subject_id} was heard before it was asked for"
    for (kind, subject_id), events in at.items():
        earlier = at.get((first.get(kind, ""), subject_id))
        if kind in first and (earlier is None or earlier[0].position > events[0].position):
            yield f"reordered: {kind} {subject_id} was heard before {first[kind]}"
    placed = sorted((t for t in told), key=lambda t: t.ended)
    yield from _in_real_time(placed, {key: events[0].position for key, events in at.items()})


def _in_real_time(told: Sequence[Told], position_of: Mapping[tuple[str, str], int]) -> Iterator[str]:
    """Yield changes of one subject whose positions contradict the clock."""
    last: dict[str, Told] = {}
    for change in told:
        before = last.get(change.subject_id)
        if before is not None and before.ended < change.invoked:
            one, other = (position_of.get((t.kind, t.subject_id)) for t in (before, change))
            if one is not None and other is not None and one > other:
                yield f"reordered: {change.kind} {change.subject_id} stands before {before.kind}"
        last[change.subject_id] = change


class Demand(NamedTuple):
    """Units that were asked for in vain."""

    invoked: float
    ended: float
    quantity: int


def sold_out(name: str, start: int, changes: Sequence[Change], refused: Iterable[Demand]) -> Iterator[str]:
    """Judge refusals for want of stock: at some moment of each, there may have been too little."""
    ends = sorted((change.ended, change.delta) for change in changes if change.ended < NEVER)
    sure_at = [at for at, _ in ends]
    sure = list(itertools.accumulate((delta for _, delta in ends), initial=0))
    less = _Sums(changes, -1)
    for demand in refused:
        low = start + sure[bisect.bisect_left(sure_at, demand.invoked)] + less.under_way(demand.invoked, demand.ended)
        if low >= demand.quantity:
            yield f"lost: {demand.quantity} of {name} were refused while at least {low} were there"
