"""The one shape of every door: keys, locks, a decision per wish, one save."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.fulfillment import saving
from jiedan.fulfillment.rules import Floor
from jiedan.fulfillment.service.holding import hold

W = TypeVar("W")
R = TypeVar("R")

Decide = Callable[[Floor, W, UUID], R | Refusal]
"""What becomes of a wish; the id is for what it creates."""


async def work(
    tx: Tx,
    *,
    wishes: Sequence[W],
    about: str,
    decide: Decide[W, R],
) -> list[R | Refusal]:
    """Decide wishes in order on one floor and save it: one outcome per wish. `about` names the id they carry."""
    return await _decided(tx, wishes, tx.new_ids(len(wishes)), about=about, decide=decide)


async def work_once(
    tx: Tx,
    *,
    operation: str,
    wishes: Sequence[W],
    about: str,
    decide: Decide[W, R],
    again: Callable[[W, UUID], R],
) -> list[R | Refusal]:
    """Decide as `work` does each wish that its key has not done before; `again` says what a repeated one led to."""
    subjects = await once.subjects(
        tx,
        operation=operation,
        wishes=[(getattr(wish, "key"), wish) for wish in wishes],  # noqa: B009 - of any wish
    )
    fresh = [i for i, found in enumerate(subjects) if isinstance(found, once.Subject) and found.is_fresh]
    ids = [found.id for found in subjects if isinstance(found, once.Subject) and found.is_fresh]
    decided = await _decided(tx, [wishes[i] for i in fresh], ids, about=about, decide=decide) if fresh else []

    async def read(_: Tx, known: Sequence[Any]) -> Mapping[Any, R]:
        wish_by_id = {x.id: wish for x, wish in zip(subjects, wishes, strict=True) if isinstance(x, once.Subject)}
        return {key: again(wish_by_id[key], key) for key in known}

    made = dict(zip(fresh, decided, strict=True))
    return await once.settle(tx, operation=operation, subjects=subjects, made=made, read=read)


async def _decided(
    tx: Tx, wishes: Sequence[W], ids: Sequence[UUID], *, about: str, decide: Decide[W, R]
) -> list[R | Refusal]:
    floor = await hold(tx, **{about + "s": {getattr(wish, about) for wish in wishes}})
    outcomes = [decided(floor, wish, new_id, decide) for wish, new_id in zip(wishes, ids, strict=True)]
    await saving.save(tx, floor)
    return outcomes


def decided(floor: Floor, wish: W, new_id: UUID, decide: Decide[W, R]) -> R | Refusal:
    """Return what becomes of one wish; a refusal leaves the floor as it was."""
    return floor.attempt(lambda: decide(floor, wish, new_id))
