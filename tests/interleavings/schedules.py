"""Two operations at once, one statement at a time: a run follows a schedule, a tree knows which are left to run.

A schedule is a list of sides, one for each statement. Schedules that differ only in the order of statements that have
none are one (sleep sets: Godefroid, Partial-Order Methods for the Verification of Concurrent Systems, 1996, chapter 5).
"""

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

import psycopg

from tests.interleavings import footprints
from tests.interleavings.footprints import Footprint
from tests.interleavings.gates import Gate, GatedDatabase
from tests.patience import PATIENCE_S

LOOK_AFTER_S = 0.003
"""A statement that has not answered by then may be waiting for a lock."""

SIDES = (0, 1)


class Blocked(NamedTuple):
    """A moment at which a statement waited for the other side."""

    side: int
    text: str


@dataclasses.dataclass
class Run:
    """One schedule as it was run: whose turn it was each time, what both came to, and who waited for whom."""

    turns: list[int] = dataclasses.field(default_factory=list)
    outcomes: list[Any] = dataclasses.field(default_factory=list)
    blocked: list[Blocked] = dataclasses.field(default_factory=list)
    deadlocks: int = 0
    is_redundant: bool = False


class Place(NamedTuple):
    """How far both are: statements done and transactions committed, by side."""

    steps: tuple[int, int]
    commits: tuple[int, int]


class Branch(NamedTuple):
    """A schedule to begin with, and what sleeps after it: the side whose next statement was tried there before."""

    turns: tuple[int, ...]
    sleeping: Footprint | None = None
    """What the statement touches that sleeps: the one of the side that does not have the last turn."""

    place: Place = Place((0, 0), (0, 0))
    """How far both are before the last turn."""


class Tree:
    """The schedules of two operations: takes what runs show, gives the branches that are left, short ones first."""

    def __init__(self) -> None:
        self.left: list[Branch] = [Branch(())]
        self._touched: tuple[dict[int, Footprint], dict[int, Footprint]] = ({}, {})
        self._blocks: set[tuple[int, Place]] = set()
        self._dormant: list[Branch] = []

    def next(self) -> Branch | None:
        """Return a branch to run, or None when every schedule was run or equals one that was."""
        self.left.sort(key=lambda branch: len(branch.turns), reverse=True)
        while self.left:
            branch = self.left.pop()
            if self._may_matter(branch):
                return branch
            self._dormant.append(branch)
        for branch in self._dormant:  # what is touched is learnt on the way
            if self._may_matter(branch):
                self._dormant.remove(branch)
                return branch
        return None

    def saw(self, side: int, place: Place, footprint: Footprint) -> None:
        """Learn what a side's next statement touches."""
        known = self._touched[side]
        known[place.steps[side]] = known.get(place.steps[side], footprints.NOTHING) | footprint

    def saw_blocked(self, side: int, place: Place) -> None:
        """Learn that the statement a side has just sent waits: locks only grow until the other commits."""
        self._blocks.add((side, place))

    def _may_matter(self, branch: Branch) -> bool:
        """Tell whether the sleeping statement can be woken: else the schedule equals one that was run."""
        if branch.sleeping is None:
            return True
        side = branch.turns[-1]
        first, last = branch.place.steps[side], self._blocked_at(side, branch.place)
        for number, touched in self._touched[side].items():
            kinds = (touched._replace(is_commit=True), touched._replace(is_commit=False))
            if first <= number <= last and any(footprints.have_an_order(branch.sleeping, kind) for kind in kinds):
                return True
        return False

    def _blocked_at(self, side: int, place: Place) -> float:
        """Return the number of the statement at which a side that moves from here is known to be stopped."""
        stops = [
            known.steps[side] - 1
            for blocked, known in self._blocks
            if blocked == side and known.commits == place.commits and known.steps[1 - side] <= place.steps[1 - side]
        ]
        return min((stop for stop in stops if stop >= place.steps[side]), default=float("inf"))


class Scheduler:
    """Runs two operations along schedules; `watch` is a connection that may see who waits for whom."""

    def __init__(self, databases: Sequence[GatedDatabase], watch: psycopg.AsyncConnection[Any]) -> None:
        self._gates: list[Gate] = [database.gate for database in databases]
        self._watch = watch
        self._tasks: list[asyncio.Task[Any]] = []
        self._is_blocked = [False, False]
        self._pids = [0, 0]

    async def run(self, tree: Tree, branch: Branch, works: Sequence[Callable[[], Awaitable[Any]]]) -> Run:
        """Run both `works` along `branch`, then on as the tree has not seen yet; tell the tree what else there is.

        A run that turns out to equal another one is given up: `is_redundant`.
        """
        made = Run()
        self._is_blocked = [False, False]
        for gate in self._gates:
            gate.is_closed = True
            gate.moved.clear()
        self._tasks = [asyncio.create_task(_outcome(work)) for work in works]
        for gate, task in zip(self._gates, self._tasks, strict=True):
            task.add_done_callback(gate.ended)
        try:
            await asyncio.gather(*(self._settle(side, made) for side in SIDES))
            await self._walk(tree, branch, made)
        finally:
            await self._end(made)
        return made

    async def _walk(self, tree: Tree, branch: Branch, made: Run) -> None:
        asleep, sleeping = -1, footprints.NOTHING
        steps, commits = [0, 0], [0, 0]
        while able := [side for side in SIDES if self._gates[side].waiting and not self._is_blocked[side]]:
            place = Place((steps[0], steps[1]), (commits[0], commits[1]))
            if len(made.turns) == len(branch.turns) and branch.sleeping is not None:
                asleep, sleeping = 1 - branch.turns[-1], branch.sleeping
            side = self._turn(branch, made.turns, [each for each in able if each != asleep])
            if side < 0:
                made.is_redundant = True
                return
            if len(made.turns) >= len(branch.turns) and 1 - side in able and asleep < 0:
                tree.left.append(self._other_way(made.turns, side, place))
            step = self._gates[side].waiting[0][0]
            if asleep >= 0 and footprints.have_an_order(step.footprint, sleeping):
                asleep = -1
            tree.saw(side, place, step.footprint)
            made.turns.append(side)
            steps[side] += 1
            commits[side] += step.footprint.is_commit
            await self._advance(side, made)
            if self._is_blocked[side] and not self._is_blocked[1 - side]:
                tree.saw_blocked(side, Place((steps[0], steps[1]), (commits[0], commits[1])))

    def _turn(self, branch: Branch, turns: list[int], awake: list[int]) -> int:
        """Return whose turn it is, on from the branch whoever had the last one; -1 when all sleep."""
        if len(turns) < len(branch.turns):
            side = branch.turns[len(turns)]
            assert side in awake, f"a schedule did not come again: {turns} of {branch.turns}"
            return side
        if turns and turns[-1] in awake:
            return turns[-1]
        return awake[0] if awake else -1

    def _other_way(self, turns: list[int], side: int, place: Place) -> Branch:
        """Return the branch in which the other has this turn; `side`'s statement then sleeps, if they have no order."""
        mine, others = (self._gates[each].waiting[0][0].footprint for each in (side, 1 - side))
        sleeping = None if footprints.have_an_order(mine, others) else mine
        return Branch((*turns, 1 - side), sleeping, place)

    async def _advance(self, side: int, made: Run) -> None:
        step = self._gates[side].let_go()
        self._pids[side] = step.pid
        self._gates[side].moved.clear()
        await self._settle(side, made, step.text)
        if self._is_blocked[1 - side]:
            await self._settle(1 - side, made)
            if self._is_blocked == [True, True]:
                made.deadlocks += 1
                await self._until_one_moves()

    async def _settle(self, side: int, made: Run, text: str = "") -> None:
        """Wait until the side waits at its gate again, has ended, or waits for the other side in the database."""
        gate, task, began = self._gates[side], self._tasks[side], time.monotonic()
        if self._is_blocked[side] and await self._waits(side):
            return
        while not gate.waiting and not task.done():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AFTER_S):
                    await gate.moved.wait()
            if not gate.waiting and not task.done() and await self._waits(side):
                if not self._is_blocked[side]:
                    made.blocked.append(Blocked(side, text))
                self._is_blocked[side] = True
                return
            assert time.monotonic() - began < PATIENCE_S, f"stuck after {text}"
        self._is_blocked[side] = False

    async def _waits(self, side: int) -> bool:
        if not self._pids[side]:
            return False
        cursor = await self._watch.execute("SELECT pg_blocking_pids(%s)", [self._pids[side]], prepare=True)
        ((found,),) = await cursor.fetchall()
        return bool(found)

    async def _until_one_moves(self) -> None:
        """Wait while both wait for each other: the server ends one of them."""
        began = time.monotonic()
        while self._is_blocked == [True, True]:
            await asyncio.sleep(LOOK_AFTER_S)
            for side in SIDES:
                if self._gates[side].waiting or self._tasks[side].done() or not await self._waits(side):
                    self._is_blocked[side] = False
            assert time.monotonic() - began < PATIENCE_S, "both wait for each other for good"
        for side in SIDES:
            if not self._is_blocked[side]:
                await self._settle(side, Run())

    async def _end(self, made: Run) -> None:
        """Let both end as they like."""
        for gate in self._gates:
            gate.open()
        made.outcomes = await asyncio.gather(*self._tasks, return_exceptions=True)
        self._pids = [0, 0]


async def _outcome(work: Callable[[], Awaitable[Any]]) -> Any:
    return await work()
