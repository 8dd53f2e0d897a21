"""Callers' keys: the same wish sent again leads to the same thing; a refused wish gives its key back."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, TypeVar
from uuid import UUID

from jiedan.base import idempotency
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.payments.values import Key

T = TypeVar("T")


class Fresh(NamedTuple):
    """A wish that was not seen before, by its place among the wishes; what it makes has this id."""

    place: int
    subject_id: UUID


async def once(
    tx: Tx,
    *,
    operation: str,
    keys: Sequence[Key | None],
    work: Callable[[Sequence[Fresh]], Awaitable[Sequence[T | Refusal]]],
    again: Callable[[int, UUID], T],
) -> list[T | Refusal]:
    """Do `work` for the wishes that are new and return one outcome per wish, in order.

    `work` returns one outcome per fresh wish; `again` says what a repeated one led to. Keys come before any lock.
    """
    ids = tx.new_ids(len(keys))
    claims = {i: idempotency.Claim(*key, ids[i]) for i, key in enumerate(keys) if key is not None}
    verdicts: dict[int, idempotency.Verdict] = {}
    if claims:
        found = await idempotency.claim_many(tx, operation=operation, claims=list(claims.values()))
        verdicts = dict(zip(claims, found, strict=True))
    fresh = [Fresh(i, id_) for i, id_ in enumerate(ids) if isinstance(verdicts.get(i), idempotency.Fresh | None)]
    made = dict(zip((f.place for f in fresh), await work(fresh), strict=True))
    refused = [claims[i] for i, outcome in made.items() if isinstance(outcome, Refusal) and i in claims]
    await idempotency.give_back_many(tx, operation=operation, claims=refused)
    places = list(claims)
    outcomes: list[T | Refusal] = []
    for i, key in enumerate(keys):
        verdict = verdicts.get(i)
        if i in made:
            outcomes.append(made[i])
        elif isinstance(verdict, idempotency.Same):
            first = None if verdict.repeats is None else made.get(places[verdict.repeats])
            outcomes.append(first if isinstance(first, Refusal) else again(i, verdict.subject_id))
        else:
            outcomes.append(idempotency.KeyReused("" if key is None else key.key, field="Idempotency-Key"))
    return outcomes
