"""The one shape of every door: keys, locks, a decision per wish, one save."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar
from uuid import UUID

from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.fulfillment import saving
from jiedan.fulfillment.rules import Floor
from jiedan.fulfillment.service.holding import hold


class Keyed(Protocol):
    """A wish with the key of its caller, None without one."""

    @property
    def key(self) -> str | None:
        """The caller's key."""
        ...


W = TypeVar("W")
K = TypeVar("K", bound=Keyed)
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
    wishes: Sequence[K],
    about: str,
    decide: Decide[K, R],
    again: Callable[[K, UUID], R],
) -> list[R | Refusal]:
    """Decide as `work` does each wish that its key has not done before; `again` says what a repeated one led to."""
    return await once.each(
        tx,
        operation=operation,
        wishes=[(wish.key, wish) for wish in wishes],
        work=lambda fresh: _decided(
            tx, [wish for wish, _ in fresh], [new_id for _, new_id in fresh], about=about, decide=decide
        ),
        again=again,
    )


async def _decided(
    tx: Tx, wishes: Sequence[W], ids: Sequence[UUID], *, about: str, decide: Decide[W, R]
) -> list[R | Refusal]:
    concerned: dict[str, Any] = {about + "s": {getattr(wish, about) for wish in wishes}}
    floor = await hold(tx, **concerned)
    outcomes = [decided(floor, wish, new_id, decide) for wish, new_id in zip(wishes, ids, strict=True)]
    await saving.save(tx, floor)
    return outcomes


def decided(floor: Floor, wish: W, new_id: UUID, decide: Decide[W, R]) -> R | Refusal:
    """Return what becomes of one wish; a refusal leaves the floor as it was."""
    return floor.attempt(lambda: decide(floor, wish, new_id))
