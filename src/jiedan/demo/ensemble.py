"""The crowd on the stage: its lanes act, then begin the next wave while the worker reacts to what they have done.

They place its orders, and do what is due with orders that the wave before left alone; the rest waits for the worker. So
what one lane does never meets what the other does, nor a reaction: whatever runs first, the same comes out.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from jiedan.base import numbers
from jiedan.base.db import Database, Scope
from jiedan.demo import crowd, opening
from jiedan.demo.apart import LaneApart
from jiedan.demo.crowd import Span
from jiedan.demo.lane import Casting, OpenDatabase
from jiedan.demo.opening import Shop
from jiedan.demo.people import Person
from jiedan.orders.values import NUMBER_SERIES

Advance = Callable[[int], None]
Stock = Callable[[float, datetime], Awaitable[None]]


@asynccontextmanager
async def assembled(
    database: Database,
    scope: Scope,
    span: Span,
    *,
    open_database: OpenDatabase,
    shop: Shop,
    people: Sequence[Person],
    seed: int,
    noted: Callable[[int], None],
    advance: Advance,
) -> AsyncIterator["Ensemble"]:
    """Open the crowd of a play: each lane tells its own stories, in a process and by a clock of its own.

    `open_database` is called there: it and what it holds must be something that can be sent.
    """

    async def stock(count: float, on: datetime) -> None:
        await database.write(
            scope,
            lambda tx: opening.stock_up_for_crowd(tx, shop, orders=count, on=on, warehouses=crowd.WAREHOUSES),
        )

    async with AsyncExitStack() as stack:
        lanes = []
        for place, warehouse in enumerate(crowd.WAREHOUSES):
            casting = Casting(place, warehouse, span, seed, scope, open_database, people, shop.customers)
            lane = LaneApart(casting, advance=advance)
            stack.push_async_callback(lane.leave)
            lanes.append(lane)
        made = Ensemble(database, scope, lanes, span, stock=stock, noted=noted)
        stack.push_async_callback(made.leave)
        yield made


class Ensemble:
    """The lanes of a crowd. `stock` brings what so many orders take; `noted` hears of each wave that is done."""

    def __init__(
        self,
        database: Database,
        scope: Scope,
        lanes: Sequence[LaneApart],
        span: Span,
        *,
        stock: Stock,
        noted: Callable[[int], None],
    ) -> None:
        self._database = database
        self._scope = scope
        self._lanes = lanes
        self._span = span
        self._stock = stock
        self._noted = noted
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
        for wave in range(self._span.first):
            told, leased = await self._tell(wave, not_before=self._span.first)
            if any(told):
                await self._place(wave, leased, not_before=self._span.first)
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
        begins = self._span.since + crowd.WAVE * self._wave
        if begins >= self._span.until:
            return
        told, leased = await self._tell(self._wave)
        await self._stock(float(sum(told)), begins)
        self._placing = asyncio.create_task(self._place(self._wave, leased), name="crowd")

    async def _tell(self, wave: int, *, not_before: int = 0) -> tuple[list[int], list[Sequence[int]]]:
        """Return how many orders each lane is to place, and a number for each.

        Numbers are leased for a wave in the order of its lanes, so that they do not depend on who is quicker.
        """
        told = await asyncio.gather(*(lane.tell(wave, not_before=not_before) for lane in self._lanes))
        return told, [await self._lease(count) for count in told]

    async def _place(self, wave: int, leased: Sequence[Sequence[int]], *, not_before: int = 0) -> None:
        async def place(lane: LaneApart, given: Sequence[int]) -> None:
            await lane.place(wave, given, not_before=not_before)
            if not not_before:
                await lane.act_ahead(wave)

        await asyncio.gather(*(place(lane, given) for lane, given in zip(self._lanes, leased, strict=True)))

    async def _lease(self, count: int) -> Sequence[int]:
        return await self._leases.take(self._database, self._scope.tenant, NUMBER_SERIES, count) if count else ()
