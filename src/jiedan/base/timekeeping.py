"""Whether this process's clock agrees with the database's.

Several machines work on one database, each by its own clock: leases, back-offs, and what falls due. A small difference
is allowed for everywhere. A worker goes by the database's clock (`AgreedClock`), or it would let orders and carts
expire before their time; where its own is off by more than `CLOCK_OFF_S_MAX` it does not begin, or ends, and a server
says that it is not ready.
"""

import asyncio
import dataclasses
from datetime import datetime, timedelta
from typing import ClassVar

import psycopg

from jiedan.base import errors, failures
from jiedan.base.clock import Clock
from jiedan.base.db import Database
from jiedan.base.i18n import N_

CLOCK_OFF_S_MAX = 300.0
"""As long as the drain believes a lease of another worker: beyond it two of them would not see each other's."""

AGREED_S = 1.0
"""Clocks that differ by less agree: a look is no more exact on a machine that has much to do."""

LOOK_EVERY_S = 30.0
AWAY_S = 1.0
ROUND_TRIP_S_MAX = 10.0
LOOKS_MAX = 3
"""A look that took longer than the round trip may says little: the process, or its machine, stood still meanwhile."""


@dataclasses.dataclass(eq=False)
class ClockWrong(failures.Failure):
    """This process and the database differ too much about the time."""

    message: ClassVar[str] = N_(
        "The clock of this machine is {seconds} s off the database server's, and {allowed} s are allowed: set both by "
        "NTP, then start again."
    )

    seconds: int
    allowed: int = int(CLOCK_OFF_S_MAX)


class AgreedClock:
    """Tell the database's time, as far as a process's own clock was last seen to be off it."""

    def __init__(self, own: Clock) -> None:
        self._own = own
        self._off = timedelta(0)

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return self._own.now() - self._off

    def correct(self, ahead_s: float) -> float:
        """Take note that what it tells is so far ahead; return how far its own clock is."""
        if abs(ahead_s) >= AGREED_S:
            self._off += timedelta(seconds=ahead_s)
            return self._off.total_seconds()
        return self._off.total_seconds() + ahead_s


_THEIRS = "SELECT clock_timestamp() /* across tenants: the server's own clock is what is asked for */"


async def off_s(database: Database) -> float:
    """Return how many seconds this process's clock is ahead of the database's, or behind it if below zero.

    It is exact to half the time the answer took. Raises DatabaseUnavailable.
    """
    off = 0.0
    async with database.connect() as (_, driver):
        for _ in range(LOOKS_MAX):
            before = database.clock.now()
            cursor = await driver.execute(_THEIRS, prepare=False)
            (theirs,) = await cursor.fetchone()
            took = database.clock.now() - before
            off = (before + took / 2 - theirs).total_seconds()
            if took.total_seconds() <= ROUND_TRIP_S_MAX:
                break
    return off


async def check(database: Database) -> bool:
    """Tell whether the clocks could be compared; the database may be away. Raises ClockWrong when they differ.

    One that can be is corrected.
    """
    try:
        off = await off_s(database)
    except (errors.Unavailable, psycopg.Error):
        return False
    if isinstance(database.clock, AgreedClock):
        off = database.clock.correct(off)
    if abs(off) > CLOCK_OFF_S_MAX:
        raise ClockWrong(round(off))
    return True


async def watch(database: Database, *, every_s: float = LOOK_EVERY_S) -> None:
    """Look again and again, until it raises ClockWrong; a database that is away is asked again soon."""
    while True:
        was_told = await check(database)
        await asyncio.sleep(every_s if was_told else min(every_s, AWAY_S))
