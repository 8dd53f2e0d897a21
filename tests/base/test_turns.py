"""Long computing lets others have the loop, and short computing keeps it."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from jiedan.base import turns
from tests.patience import PATIENCE_S


async def steps_meanwhile(made: Iterator[int]) -> tuple[list[int], int]:
    """Return what was taken, and how often somebody else had the loop until then."""
    steps = 0

    async def count() -> None:
        nonlocal steps
        while True:
            await asyncio.sleep(0)
            steps += 1

    counting = asyncio.create_task(count())
    found = await turns.taken(made)
    counting.cancel()
    return found, steps


def slow(count: int) -> Iterator[int]:
    for i in range(count):
        time.sleep(turns.TURN_S_MAX)
        yield i


async def test_others_have_the_loop_while_much_is_computed() -> None:
    found, steps = await steps_meanwhile(slow(6))
    assert found == [0, 1, 2, 3, 4, 5]
    assert steps >= 4


async def test_what_is_short_is_done_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "TURN_S_MAX", PATIENCE_S)  # short, however long the machine stands still
    assert await steps_meanwhile(iter(())) == ([], 0)
    assert await steps_meanwhile(iter((7,))) == ([7], 0)
