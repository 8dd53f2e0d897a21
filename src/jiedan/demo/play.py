"""Play stories through the services, in waves, on a clock of their own; events reach their handlers in between.

Killed anywhere and begun again with the same seed it does what is left: every step has a key of its own, and an order
that is placed is found again.
"""

import heapq
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from jiedan.base import terms
from jiedan.base.db import Database, Scope
from jiedan.base.drain import Drain
from jiedan.demo import opening, steps, wishes
from jiedan.demo.acts import Part, Stage
from jiedan.demo.ensemble import Ensemble
from jiedan.demo.hours import PlayClock
from jiedan.demo.offers import NOBODY, NOTHING, Given
from jiedan.demo.opening import Shop
from jiedan.demo.people import Person
from jiedan.demo.steps import TRIED_AGAIN_AFTER, Next, Step
from jiedan.demo.stories import Story
from jiedan.orders import service as orders
from jiedan.orders.service import OrderDesk
from jiedan.orders.values import AlreadyPlaced, OrderId, Outcome, Placed
from jiedan.payments.service import Gateways

PAID_EVERY = timedelta(hours=6)
WORKED_EVERY = timedelta(days=1)
SWEPT_EVERY = timedelta(days=1)
PARTS_PER_ACT = 200
REACTED_AFTER = timedelta(seconds=1)
"""The moment of reactions to what the crowd did in a wave, which took less time."""

EVENTS_PER_SET = 4_000
"""A play drains more at once than a worker does, whom somebody waits for: some hundred orders in each transaction."""

RESTOCKED_EVERY = timedelta(days=7)
CALLER = "demo"
DRAIN = "demo"
"""Who drains during a play: one that was killed goes on at an earlier hour, when its own lease has not ended."""

_ORDER: tuple[Step, ...] = (
    "decline", "hold", "pay", "lift", "cancel", "cancel_line", "short", "pick",
    "pick_part", "pack", "ship", "ready", "track", "deliver", "collect", "settle",
)  # fmt: skip
"""In which order the steps of one wave are done."""

_BY_CUSTOMERS: frozenset[Step] = frozenset({"decline", "pay"})
"""Steps that wait for no wave of the staff."""


class Played(NamedTuple):
    """What came of a play: how many orders, and what was refused, by code."""

    orders: int
    refusals: Counter[str]


class _Due(NamedTuple):
    """A step that is to be done."""

    at: datetime
    number: int
    step: Step
    part: Part


class Play:
    """One play: the shop is open, and `clock` is that of `database`. Each order is placed at its own moment.

    `brought` says what stories bring to their orders. With a `crowd` many more orders are placed and live beside the
    stories that are played here.
    """

    def __init__(
        self,
        database: Database,
        scope: Scope,
        *,
        clock: PlayClock,
        desk: OrderDesk,
        drain: Drain,
        gateways: Gateways,
        shop: Shop,
        people: Sequence[Person],
        brought: Given = NOBODY,
        crowd: Ensemble | None = None,
    ) -> None:
        self._database = database
        self._scope = scope
        self._clock = clock
        self._desk = desk
        self._drain = drain
        self._shop = shop
        self._people = people
        self._brought = brought
        self._crowd = crowd
        self._stage = Stage(database, scope, gateways)
        self._acts = _acts(self._stage)
        self._at_home: list[_Due] = []
        self._at_work: list[_Due] = []
        self._placed = 0
        self._until: datetime

    async def run(
        self, stories: Iterable[Story], *, count: int, since: datetime, until: datetime, advance: Callable[[int], None]
    ) -> Played:
        """Play `count` stories, which lie between `since` and `until`; `advance` hears of orders that are placed."""
        terms.read_dictionaries()  # outside any transaction
        told = _Ahead(iter(stories))
        orders_a_week = count / max(1, (until - since) / RESTOCKED_EVERY)
        restocked = worked = swept = since
        self._until = until
        if self._crowd is not None:
            await self._crowd.enter()
        for at in _moments(since, until):
            if self._crowd is not None:
                await self._crowd.act(at)
            if at >= restocked:
                await self._restock(restocked, orders=orders_a_week)
                restocked += RESTOCKED_EVERY
            await self._place(told.before(at), advance=advance)
            self._clock.reach(at)
            await self._pay(at)
            if at >= worked or at == until:
                await self._work(at)
                worked += WORKED_EVERY
            if at >= swept or at == until:
                await self._sweep()
                swept += SWEPT_EVERY
            if self._crowd is not None:
                await self._follow(self._crowd, at)
        return self._played()

    def _played(self) -> Played:
        if self._crowd is None:
            return Played(self._placed, self._stage.refusals)
        return Played(self._placed + self._crowd.placed, self._stage.refusals + self._crowd.refusals)

    async def _follow(self, crowd: Ensemble, at: datetime) -> None:
        """React to what the crowd has done up to now."""
        self._clock.reach(at + REACTED_AFTER)
        await self.react()
        crowd.done()

    async def _sweep(self) -> None:
        """Do what falls due by the clock: unpaid orders end, gateways are asked for what is to be given back."""
        await self._stage.expire()
        await self.react()
        await self._stage.refund()
        await self.react()

    async def _restock(self, at: datetime, *, orders: float) -> None:
        self._clock.reach(at)
        await self._database.write(self._scope, lambda tx: opening.stock_up(tx, self._shop, orders=orders, on=at))

    async def _place(self, told: list[Story], *, advance: Callable[[int], None]) -> None:
        for story in told:
            self._clock.reach(story.placed_at)
            body = wishes.order(
                story,
                self._people[story.person],
                self._shop.customers[story.person],
                brought=self._brought.get(story.number, NOTHING),
            )
            asked = [(orders.wish_of(body, None), wishes.key(story))]
            (outcome,) = await self._desk.place_many(self._scope, asked, caller=CALLER)
            self._noted(story, outcome)
            advance(1)

    def _noted(self, story: Story, outcome: Outcome) -> None:
        match outcome:
            case Placed():
                order_id = outcome.order_id
            case AlreadyPlaced():
                order_id = outcome.order.order_id
            case _:
                self._stage.refusals.update(reason.code for reason in outcome.reasons)
                return
        self._placed += 1
        self._then(story, order_id, steps.first(story), after=story.placed_at)

    async def _pay(self, at: datetime) -> None:
        """Let customers do what they do by themselves."""
        while self._at_home and self._at_home[0].at <= at:
            await self._act(self._at_home, at)

    async def _work(self, at: datetime) -> None:
        """Let staff do what is due; what follows at once is done in the same wave."""
        if self._at_work and self._at_work[0].at <= at:
            await self.react()
        while self._at_work and self._at_work[0].at <= at:
            await self._act(self._at_work, at)
            await self.react()

    async def _act(self, queue: list[_Due], at: datetime) -> None:
        """Do the steps that are due now, kind by kind."""
        found: dict[Step, list[Part]] = {}
        while queue and queue[0].at <= at:
            due = heapq.heappop(queue)
            step = steps.as_far_as(due.part.story, due.step, due=due.at, until=self._until)
            if step is not None:
                found.setdefault(step, []).append(due.part)
        for step in _ORDER:
            parts = found.get(step, [])
            for start in range(0, len(parts), PARTS_PER_ACT):
                await self._do(step, parts[start : start + PARTS_PER_ACT], at)

    async def _do(self, step: Step, parts: list[Part], at: datetime) -> None:
        waiting = await self._acts[step](parts) or set()
        for part in parts:
            again = step == "pick" and part.order_id in waiting
            following = (
                Next("pick", TRIED_AGAIN_AFTER)
                if again
                else steps.following(part.story, step, left=step == "ship" and part.order_id in waiting)
            )
            self._then(part.story, part.order_id, following, after=at)

    def _then(self, story: Story, order_id: OrderId, following: Next | None, *, after: datetime) -> None:
        if following is None:
            return
        due = _Due(after + following.after, story.number, following.step, Part(order_id, story))
        heapq.heappush(self._at_home if due.step in _BY_CUSTOMERS else self._at_work, due)

    async def react(self) -> None:
        """Let events reach their handlers."""
        while await self._drain.drain_tenant(self._scope.tenant):
            pass


class _Ahead:
    """Stories that are told as far as they are wanted."""

    def __init__(self, stories: Iterator[Story]) -> None:
        self._stories = stories
        self._next = next(stories, None)

    def before(self, moment: datetime) -> list[Story]:
        """Return the stories placed up to `moment` that were not returned yet."""
        found = []
        while self._next is not None and self._next.placed_at <= moment:
            found.append(self._next)
            self._next = next(self._stories, None)
        return found


def _moments(since: datetime, until: datetime) -> Iterator[datetime]:
    at = since + PAID_EVERY
    while at < until:
        yield at
        at += PAID_EVERY
    yield until


def _acts(stage: Stage) -> Mapping[Step, Callable[[Sequence[Part]], Awaitable[set[OrderId] | None]]]:
    """Return what is done at each step; some tell of which orders something is left to do."""
    return {
        "decline": stage.decline,
        "pay": stage.pay,
        "hold": stage.hold,
        "lift": stage.lift,
        "cancel": stage.cancel,
        "cancel_line": stage.cancel_line,
        "short": stage.short,
        "pick": stage.pick,
        "pick_part": stage.pick_part,
        "pack": stage.pack,
        "ship": stage.ship,
        "track": stage.track,
        "deliver": stage.deliver,
        "ready": stage.ready,
        "collect": stage.collect,
        "settle": stage.settle,
    }
