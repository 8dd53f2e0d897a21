"""The crowd on the stage: its lanes act, then place the next wave while the worker reacts to what they have done.

So what one lane does never meets what the other does, nor a reaction: whatever runs first, the same comes out.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

from jiedan.base import numbers
from jiedan.base.db import Database, Scope
from jiedan.demo import crowd, opening
from jiedan.demo import stories as telling
from jiedan.demo.hours import PlayClock
from jiedan.demo.lane import Lane
from jiedan.demo.opening import Shop
from jiedan.demo.people import Person
from jiedan.demo.stories import Story
from jiedan.orders.values import NUMBER_SERIES

Advance = Callable[[int], None]
Stock = Callable[[float, datetime], Awaitable[None]]

SEEDS_PER_PLAY = 1_000_003
"""Lanes of plays with seeds next to each other tell nothing alike."""


class Span(NamedTuple):
    """From when to when a play is, in `days`; the numbers of the crowd's stories; the first wave not done yet."""

    until: datetime
    days: int
    numbers: range
    first: int = 0

    @property
    def since(self) -> datetime:
        """When it begins."""
        return self.until - timedelta(days=self.days)


@asynccontextmanager
async def assembled(
    database: Database,
    scope: Scope,
    span: Span,
    *,
    open_database: Callable[[PlayClock], Database],
    shop: Shop,
    people: Sequence[Person],
    seed: int,
    noted: Callable[[int], None],
    advance: Advance,
) -> AsyncIterator["Ensemble"]:
    """Open the crowd of a play: each lane tells its own stories, by a clock and over connections of its own."""

    async def stock(count: float, on: datetime) -> None:
        await database.write(
            scope,
            lambda tx: opening.stock_up_for_crowd(tx, shop, orders=count, on=on, warehouses=crowd.WAREHOUSES),
        )

    async with AsyncExitStack() as stack:
        lanes = []
        for place, warehouse in enumerate(crowd.WAREHOUSES):
            clock = PlayClock(span.since)
            of_lane = open_database(clock)
            stack.push_async_callback(of_lane.close)
            told = telling.stories(
                span.numbers[place :: crowd.LANES],
                people=people,
                until=span.until,
                days=span.days,
                seed=seed * SEEDS_PER_PLAY + place,
                fates=crowd.FATES,
            )
            lanes.append(
                Lane(
                    of_lane,
                    scope,
                    told,
                    clock=clock,
                    since=span.since,
                    warehouse=warehouse,
                    people=people,
                    customers=shop.customers,
                )
            )
        made = Ensemble(database, scope, lanes, span, stock=stock, noted=noted, advance=advance)
        stack.push_async_callback(made.leave)
        yield made


class Ensemble:
    """The lanes of a crowd. `stock` brings what so many orders take; `noted` hears of each wave that is done."""

    def __init__(
        self,
        database: Database,
        scope: Scope,
        lanes: Sequence[Lane],
        span: Span,
        *,
        stock: Stock,
        noted: Callable[[int], None],
        advance: Advance,
    ) -> None:
        self._database = database
        self._scope = scope
        self._lanes = lanes
        self._span = span
        self._stock = stock
        self._noted = noted
        self._advance = advance
        self._leases = numbers.NumberLeases()
        self._wave = span.first
        self._placing: asyncio.Task[None] | None = None

    @property
    def placed(self) -> int:
        """How many orders the lanes have placed, or found placed."""
        return sum(lane.placed for lane in self._lanes)

    @property
    def refusals(self) -> Counter[str]:
        """What the services did not let happen, by code."""
        return sum((lane.refusals for lane in self._lanes), Counter())

    async def enter(self) -> None:
        """Find where the play stands, and begin to place the first wave that is not done."""
        await asyncio.gather(*(lane.catch_up(self._wave, self._lease, advance=self._advance) for lane in self._lanes))
        await self._place_next()

    async def act(self, at: datetime) -> None:
        """Do the wave that ends at `at`, if one that is not done does; then begin to place the next."""
        if self._placing is None or at < self._end:
            return
        await self._placing
        self._placing = None
        await asyncio.gather(*(lane.act(self._wave) for lane in self._lanes))
        self._wave += 1
        if self._end <= self._span.until:
            await self._place_next()

    def done(self) -> None:
        """Note that everything before the wave that is being placed is done, and its reactions too."""
        self._noted(self._wave)

    async def leave(self) -> None:
        """Stop whatever is under way."""
        if self._placing is not None:
            self._placing.cancel()
            await asyncio.gather(self._placing, return_exceptions=True)

    @property
    def _end(self) -> datetime:
        return self._span.since + crowd.WAVE * (self._wave + 1)

    async def _place_next(self) -> None:
        """Lease numbers for a wave in the order of its lanes, so that they do not depend on who is quicker."""
        begins = self._span.since + crowd.WAVE * self._wave
        if begins >= self._span.until:
            return
        told = [lane.told(self._wave) for lane in self._lanes]
        await self._stock(float(sum(map(len, told))), begins)
        leased = [await self._lease(len(of_lane)) for of_lane in told]
        self._placing = asyncio.create_task(self._place(told, leased), name="crowd")

    async def _place(self, told: Sequence[Sequence[Story]], leased: Sequence[Sequence[int]]) -> None:
        await asyncio.gather(
            *(
                lane.place(stories, _Given(given).take, advance=self._advance)
                for lane, stories, given in zip(self._lanes, told, leased, strict=True)
            )
        )

    async def _lease(self, count: int) -> Sequence[int]:
        return await self._leases.take(self._database, self._scope.tenant, NUMBER_SERIES, count) if count else ()


class _Given:
    """Numbers that were leased for a lane, handed out in order."""

    def __init__(self, given: Sequence[int]) -> None:
        self._given = iter(given)

    async def take(self, count: int) -> Sequence[int]:
        return [next(self._given) for _ in range(count)]
