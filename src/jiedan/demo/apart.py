"""Lanes of the crowd in processes of their own: two of them, and the database, keep two cores busy.

The play asks for one thing at a time over a wire, and hears of every set of orders that is placed. When the play ends,
however it ends, the wire closes and the process ends, at the latest with the set it has in hand.
"""

import asyncio
import contextlib
import multiprocessing
import signal
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Literal, NamedTuple

import uvloop

from jiedan.base import garbage
from jiedan.demo.hours import PlayClock
from jiedan.demo.lane import Casting, Lane

ENDS_WITHIN_S = 5.0
"""How long a process that has nothing to do may take to end."""


class LaneFailed(Exception):
    """A lane came upon something it could not go on with; the text is its traceback."""


class _Cue(NamedTuple):
    """What a lane is to do next, in which wave; orders get `numbers`."""

    do: Literal["tell", "place", "act", "act_ahead"]
    wave: int
    not_before: int = 0
    numbers: Sequence[int] = ()


class _Done(NamedTuple):
    """What came of a cue: how many stories wait to be placed, and what the lane has come to."""

    told: int
    placed: int
    refusals: Counter[str]


class _Failed(NamedTuple):
    """Why a cue was not followed."""

    traceback: str


class LaneApart:
    """A lane in another process; `advance` hears of orders that are placed, or found placed."""

    def __init__(self, casting: Casting, *, advance: Callable[[int], None]) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would share the connections of this process
        self.placed = 0
        self.refusals: Counter[str] = Counter()
        self._advance = advance
        self._is_busy = False
        self._wire, its = context.Pipe()
        self._process = context.Process(target=live, args=(its, casting), name=f"lane {casting.place}", daemon=True)
        self._process.start()
        its.close()

    async def tell(self, wave: int, *, not_before: int = 0) -> int:
        """Let the stories of the next wave be told; return how many orders `place` is to place.

        With `not_before` those of which nothing is left to do in that wave or later are passed over.
        """
        return (await self._ask(_Cue("tell", wave, not_before))).told

    async def place(self, wave: int, numbers: Sequence[int], *, not_before: int = 0) -> None:
        """Place what was told last, under these numbers, or find it placed."""
        await self._ask(_Cue("place", wave, not_before, numbers))

    async def act_ahead(self, wave: int) -> None:
        """Do what is due in a wave and need not wait for the reactions to the wave before."""
        await self._ask(_Cue("act_ahead", wave))

    async def act(self, wave: int) -> None:
        """Do what else is due in a wave."""
        await self._ask(_Cue("act", wave))

    async def leave(self) -> None:
        """End the process."""
        with contextlib.suppress(OSError):
            if not self._is_busy:
                self._wire.send(None)
                await asyncio.to_thread(self._process.join, ENDS_WITHIN_S)
        self._process.terminate()
        await asyncio.to_thread(self._process.join)
        self._wire.close()

    async def _ask(self, cue: _Cue) -> _Done:
        """Give a cue and return what came of it. Raises LaneFailed."""
        self._is_busy = True
        try:
            self._wire.send(cue)
            while isinstance(said := await asyncio.to_thread(self._wire.recv), int):
                self._advance(said)
        except (EOFError, OSError) as error:
            message = f"its process has ended, by {self._process.exitcode}"
            raise LaneFailed(message) from error
        if isinstance(said, _Failed):
            raise LaneFailed(said.traceback)
        done: _Done = said
        self._is_busy = False
        self.placed, self.refusals = done.placed, done.refusals
        return done


def live(wire: "Connection[object, object]", casting: Casting) -> None:
    """Follow the cues that come over a wire until it closes: what a process of its own does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who stops the play stops this too
    garbage.look_seldom(garbage.WORKING)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        uvloop.run(_live(wire, casting))


async def _live(wire: "Connection[object, object]", casting: Casting) -> None:
    clock = PlayClock(casting.span.since)
    database = casting.open_database(clock=clock)
    try:
        lane = Lane(database, clock, casting)
        while isinstance(cue := wire.recv(), _Cue):
            try:
                told = await _follow(lane, cue, advance=wire.send)
            except (EOFError, BrokenPipeError, ConnectionResetError):
                raise
            except Exception:  # noqa: BLE001 - told to the play, which raises it
                wire.send(_Failed(traceback.format_exc()))
            else:
                wire.send(_Done(told, lane.placed, lane.refusals))
    finally:
        await database.close()


async def _follow(lane: Lane, cue: _Cue, *, advance: Callable[[int], None]) -> int:
    match cue.do:
        case "tell":
            return lane.tell(cue.wave, not_before=cue.not_before, advance=advance)
        case "place":
            await lane.place(cue.wave, cue.numbers, not_before=cue.not_before, advance=advance)
        case "act_ahead":
            await lane.act(cue.wave, is_ahead=True)
        case "act":
            await lane.act(cue.wave, is_ahead=False)
    return 0
