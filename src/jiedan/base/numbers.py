"""Numbers people read: unique and rising, not gap-free. Gap-free series are a counter row in the business transaction.

A process leases a block in a short transaction of its own, before the batch locks anything, and keeps the rest for the
next batch; so no batch waits for another's commit to get its numbers. Blocks grow while they are used up fast and
shrink while they last, so a small merchant's numbers have few gaps.
"""

import asyncio
import collections
import dataclasses
import functools
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import ClassVar

from jiedan.base import errors, ids, sql
from jiedan.base.db import Database, OutcomeUnknown, Scope, Tx
from jiedan.base.i18n import N_

SQL = sql.load("jiedan.base", "numbers.sql")

BLOCK_MAX = 1000
"""Most numbers kept in hand beyond what is asked for."""

BLOCK_SHORT = timedelta(seconds=10)
"""A block used up within this time is followed by one twice as big."""

BLOCK_LONG = timedelta(seconds=60)
"""A block that lasted longer than this is followed by one half as big."""

SERIES_IN_HAND_MAX = 10_000
LEASE_TRIES_MAX = 3
PATTERN_CHARACTERS_MAX = 40
NUMBER_DIGITS_MAX = 12
DAYS_KEPT = 8
"""Days whose text is remembered for each pattern: a batch has one, imported history follows the calendar."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_NUMBER = re.compile(r"number(?::0(\d{1,2})d)?")
_LITERAL = re.compile(r"[\w./#-]*")
_DATES = {"date": "%Y%m%d", "year": "%Y", "month": "%m", "day": "%d"}


@dataclasses.dataclass(eq=False)
class PatternInvalid(errors.Invalid):
    """A number pattern cannot make unique numbers, or holds something else than the known placeholders."""

    code: ClassVar[str] = "number_pattern_invalid"
    message: ClassVar[str] = N_("The number pattern {pattern} is not valid.")
    remedy: ClassVar[str] = N_(
        "Use letters, digits, - _ . / # and the placeholders {placeholders}, with the number exactly once."
    )

    pattern: str
    placeholders: str = "{date} {year} {month} {day} {number} {number:06d}"


@dataclasses.dataclass(slots=True)
class _Hand:
    """What this process has left of a series: `next` up to, not including, `end`."""

    lock: asyncio.Lock
    next: int = 0
    end: int = 0
    block: int = 0
    leased_at: datetime | None = None


class NumberLeases:
    """Hand out the numbers of every series to this process; one per process, on one event loop."""

    def __init__(self) -> None:
        self._hands: collections.OrderedDict[tuple[ids.TenantId, str], _Hand] = collections.OrderedDict()

    async def take(self, database: Database, tenant: ids.TenantId, series: str, count: int) -> list[int]:
        """Return `count` numbers of `series`, rising, never given before.

        Opens a transaction of its own when the block in hand is not enough, so it is called before, never inside,
        the one that uses the numbers. Numbers that are not used are gaps. Raises Unavailable.
        """
        hand = self._hand(tenant, series)
        async with hand.lock:
            available = hand.end - hand.next
            if available >= count:
                numbers = list(range(hand.next, hand.next + count))
                hand.next += count
                return numbers
            kept = list(range(hand.next, hand.end))
            now = database.clock.now()
            block = _next_block(hand, now)
            missing = count - available
            end = await _lease(database, tenant, series, missing + block)
            start = end - missing - block
            hand.next, hand.end, hand.block, hand.leased_at = start + missing, end, block, now
            return [*kept, *range(start, start + missing)]

    def _hand(self, tenant: ids.TenantId, series: str) -> _Hand:
        hand = self._hands.get((tenant, series))
        if hand is None:
            hand = self._hands[tenant, series] = _Hand(asyncio.Lock())
            if len(self._hands) > SERIES_IN_HAND_MAX:
                self._forget_one()
        else:
            self._hands.move_to_end((tenant, series))
        return hand

    def _forget_one(self) -> None:
        """Drop the series used longest ago that nobody is leasing; what it had left becomes a gap."""
        for name, hand in self._hands.items():
            if not hand.lock.locked():
                del self._hands[name]
                return


def check_pattern(pattern: str, *, field: str | None = None) -> str:
    """Return `pattern` as it was given. Raises PatternInvalid, naming `field`, when it cannot number anything."""
    try:
        _compiled(pattern)
    except ValueError as error:
        raise PatternInvalid(pattern=pattern, field=field) from error
    return pattern


def format_number(pattern: str, number: int, at_local: datetime) -> str:
    """Return the number as people read it: `SO-{date}-{number:06d}` makes `SO-20261121-000042`.

    `at_local` is the moment in the merchant's time zone. Every placeholder but the number has a fixed width, so two
    numbers of a series never look the same. Raises ValueError for a pattern that `check_pattern` refuses.
    """
    return _compiled(pattern)(number, at_local)


@functools.lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Callable[[int, datetime], str]:
    """Return the function that fills `pattern`; only our own placeholders ever reach `str.format`."""
    literals = _PLACEHOLDER.sub("", pattern)
    names = _PLACEHOLDER.findall(pattern)
    numbers = [match for name in names if (match := _NUMBER.fullmatch(name))]
    known = all(name in _DATES or _NUMBER.fullmatch(name) for name in names)
    fits = len(pattern) <= PATTERN_CHARACTERS_MAX and _LITERAL.fullmatch(literals)
    if not fits or not known or len(numbers) != 1 or int(numbers[0][1] or 1) > NUMBER_DIGITS_MAX:
        message = f"{pattern!r} is no number pattern"
        raise ValueError(message)
    dates = [name for name in names if name in _DATES]

    @functools.lru_cache(maxsize=DAYS_KEPT)
    def dated(day: date) -> dict[str, str]:
        return {name: day.strftime(_DATES[name]) for name in dates}

    def fill(number: int, at_local: datetime) -> str:
        return pattern.format(number=number, **dated(at_local.date()))

    return fill


def _next_block(hand: _Hand, now: datetime) -> int:
    if hand.leased_at is None:
        return 0
    lasted = now - hand.leased_at
    if lasted < BLOCK_SHORT:
        return min(max(1, hand.block * 2), BLOCK_MAX)
    return hand.block // 2 if lasted > BLOCK_LONG else hand.block


async def _lease(database: Database, tenant: ids.TenantId, series: str, count: int) -> int:
    """Move the series on by `count` and return its next number; a lost answer costs a gap, never a number twice."""

    async def work(tx: Tx) -> int:
        return int((await tx.sql(SQL["lease_numbers"], series=series, count=count))[0][0])

    for attempt in range(1, LEASE_TRIES_MAX + 1):
        try:
            return await database.write(Scope(tenant), work)
        except OutcomeUnknown:
            if attempt == LEASE_TRIES_MAX:
                raise
    message = "unreachable"
    raise AssertionError(message)
