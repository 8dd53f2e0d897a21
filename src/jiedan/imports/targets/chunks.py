"""Save what the rows of a chunk come to, so many at a call as its module takes, and tell each row what became of it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from jiedan.imports.values import Outcome, Row

D = TypeVar("D")
S = TypeVar("S")


async def save_drafts(
    drafted: Sequence[tuple[Sequence[Row], D]],
    *,
    save: Callable[[Sequence[D]], Awaitable[Sequence[S]]],
    at_once_max: int,
    outcome: Callable[[S, D], Outcome],
) -> dict[int, Outcome]:
    """Return what became of rows, by number, after a `save` of the drafts that they were read as.

    It takes at most `at_once_max` and returns one result for each, which `outcome` puts into the words of the row.
    """
    outcomes: dict[int, Outcome] = {}
    for start in range(0, len(drafted), at_once_max):
        some = drafted[start : start + at_once_max]
        saved = await save([draft for _, draft in some])
        for (rows, draft), done in zip(some, saved, strict=True):
            outcomes |= dict.fromkeys([row.number for row in rows], outcome(done, draft))
    return outcomes
