"""Taking turns on the event loop: long computing in pieces, so that whoever waits is heard in between.

A batch of two hundred orders is tens of milliseconds of Python. Done in one go they would be added to every other
answer of the process, and a server that is too busy would be slow to say so.
"""

import asyncio
import time
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")

TURN_S_MAX = 0.002
"""How long one computation keeps the loop before the others get their turn."""


async def taken(made: Iterable[T]) -> list[T]:
    """Return all that `made` yields; while it is computed, everything else that is ready runs every few milliseconds.

    What is short enough is done in one go.
    """
    found: list[T] = []
    until_s = time.monotonic() + TURN_S_MAX
    for each in made:
        found.append(each)
        if time.monotonic() >= until_s:
            await asyncio.sleep(0)
            until_s = time.monotonic() + TURN_S_MAX
    return found
