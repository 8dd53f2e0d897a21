"""Do what is asked of placed orders once per caller's key, one request or many at once."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import TypeVar
from uuid import UUID

from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, accepted

R = TypeVar("R")

Work = Callable[[Sequence[R]], Awaitable[Sequence[object]]]
"""A use case that takes a set: one outcome per request, same order."""


async def once_only(tx: Tx, *, operation: str, request: R, key: str | None, work: Work[R]) -> None:
    """Do one request, once per `key`: sent again it does nothing more.

    Raises KeyReused, or why it cannot be done; then the key is free again.
    """
    wish = await once.subject(tx, operation=operation, key=key, body=request)
    if wish.is_fresh:
        accepted(await work([request]))


async def once_each(
    tx: Tx, *, operation: str, requests: Sequence[tuple[R, str | None]], work: Work[R]
) -> list[Refusal | None]:
    """Do requests, each once per its key: the refusal of each in order, None where it is done, now or before.

    A repetition within the set shares the fate of the first. Keys of what was refused are free again.
    """
    subjects = await once.subjects(tx, operation=operation, wishes=[(key, request) for request, key in requests])
    fresh = [i for i, subject in enumerate(subjects) if isinstance(subject, once.Subject) and subject.is_fresh]
    outcomes = await work([requests[i][0] for i in fresh]) if fresh else ()
    made = {i: outcome if isinstance(outcome, Refusal) else True for i, outcome in zip(fresh, outcomes, strict=True)}
    settled = await once.settle(tx, operation=operation, subjects=subjects, made=made, read=_done)
    return [outcome if isinstance(outcome, Refusal) else None for outcome in settled]


async def _done(_tx: Tx, subject_ids: Collection[UUID]) -> dict[UUID, bool]:
    return dict.fromkeys(subject_ids, True)
