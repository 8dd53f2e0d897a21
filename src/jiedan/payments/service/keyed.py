"""Wishes under callers' keys: one outcome per wish; sent again, a wish leads to the same and does nothing more."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from jiedan.base import once
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal

T = TypeVar("T")


class Wish(Protocol):
    """What a caller may send again: a value with the caller's key, None without one."""

    @property
    def key(self) -> str | None:
        """The caller's key."""
        ...


W = TypeVar("W", bound=Wish)


async def once_each(
    tx: Tx,
    *,
    operation: str,
    wishes: Sequence[W],
    work: Callable[[Sequence[tuple[W, UUID]]], Awaitable[Sequence[T | Refusal]]],
    again: Callable[[W, UUID], T],
) -> list[T | Refusal]:
    """Do `work` for the wishes that are new and return one outcome per wish, in order.

    `work` takes wishes with the ids of what they make, and returns one outcome each; `again` says what a repeated one
    had led to. Keys are claimed before any lock.
    """
    subjects = await once.subjects(tx, operation=operation, wishes=[(wish.key, wish) for wish in wishes])
    known = {s.id: wish for s, wish in zip(subjects, wishes, strict=True) if isinstance(s, once.Subject)}
    fresh = [(i, s.id) for i, s in enumerate(subjects) if isinstance(s, once.Subject) and s.is_fresh]
    outcomes = await work([(wishes[i], subject_id) for i, subject_id in fresh]) if fresh else ()
    made = {i: outcome for (i, _), outcome in zip(fresh, outcomes, strict=True)}

    async def read(_tx: Tx, subject_ids: Sequence[UUID]) -> dict[UUID, T]:
        return {subject_id: again(known[subject_id], subject_id) for subject_id in subject_ids}

    return await once.settle(tx, operation=operation, subjects=subjects, made=made, read=read)
