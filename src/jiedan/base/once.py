"""Do each create once per caller's key."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from jiedan.base import idempotency
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, accepted

T = TypeVar("T")
W = TypeVar("W")

HEADER = "Idempotency-Key"
"""Where the key of a single create stands."""


class Subject(NamedTuple):
    """What a create leads to: a fresh id to create under, or the id of what the same key led to before.

    `outcome` is what `created` stored with the key, if it did.
    """

    id: UUID
    is_fresh: bool
    claim: idempotency.Claim | None
    outcome: bytes | None = None


async def subjects(tx: Tx, *, operation: str, wishes: Sequence[tuple[str | None, object]]) -> list[Subject | Refusal]:
    """Return one subject per (key, body), in order; the same key and body of one caller lead to the same id.

    Without a key every create is fresh. KeyReused where a key came with another body, also within the set. No
    statement without keys, else one, and a second when some are not fresh.
    """
    ids = tx.new_ids(len(wishes))
    caller = f"{tx.actor.kind}:{tx.actor.id}"
    claims = {
        place: idempotency.Claim(caller, idempotency.check_key(key), idempotency.fingerprint(body), ids[place])
        for place, (key, body) in enumerate(wishes)
        if key is not None
    }
    verdicts: dict[int, idempotency.Verdict] = {}
    if claims:
        found = await idempotency.claim_many(tx, operation=operation, claims=list(claims.values()))
        verdicts = dict(zip(claims, found, strict=True))
    return [_subject(ids[place], claims.get(place), verdicts.get(place)) for place in range(len(wishes))]


async def subject(tx: Tx, *, operation: str, key: str | None, body: object) -> Subject:
    """Return the subject of one create. Raises KeyReused."""
    (found,) = await subjects(tx, operation=operation, wishes=[(key, body)])
    if isinstance(found, Refusal):
        found.field = HEADER
        raise found
    return found


async def created(
    tx: Tx, *, operation: str, key: str | None, body: object, make: Callable[[], Awaitable[UUID]]
) -> UUID:
    """Return the id that `make` returns, or returned when the same key and body came before. Raises KeyReused.

    For what finds its id itself, by a code or the caller's own id. What `make` raises takes the key back with it.
    """
    found = await subject(tx, operation=operation, key=key, body=body)
    if not found.is_fresh and found.outcome is not None:
        return UUID(bytes=found.outcome)
    made = await make()
    if found.claim is not None:
        await idempotency.record_outcomes(tx, operation=operation, outcomes=[(found.claim, made.bytes)])
    return made


async def each(
    tx: Tx,
    *,
    operation: str,
    wishes: Sequence[tuple[str | None, W]],
    work: Callable[[Sequence[tuple[W, UUID]]], Awaitable[Sequence[T | Refusal]]],
    again: Callable[[W, UUID], T],
) -> list[T | Refusal]:
    """Do `work` for those of (key, wish) that are new; return one outcome per wish, in order.

    `work` takes wishes with the ids of what they make, and returns one outcome each; `again` says what a repeated one
    had led to. Keys are claimed before any lock; those of what was refused are free again.
    """
    found = await subjects(tx, operation=operation, wishes=wishes)
    known = {s.id: wish for s, (_, wish) in zip(found, wishes, strict=True) if isinstance(s, Subject)}
    fresh = [(i, s.id) for i, s in enumerate(found) if isinstance(s, Subject) and s.is_fresh]
    outcomes = await work([(wishes[i][1], subject_id) for i, subject_id in fresh]) if fresh else ()
    made = {i: outcome for (i, _), outcome in zip(fresh, outcomes, strict=True)}

    async def read(_tx: Tx, subject_ids: Sequence[UUID]) -> dict[UUID, T]:
        return {subject_id: again(known[subject_id], subject_id) for subject_id in subject_ids}

    return await settle(tx, operation=operation, subjects=found, made=made, read=read)


async def done_each(
    tx: Tx,
    *,
    operation: str,
    wishes: Sequence[tuple[str | None, W]],
    work: Callable[[Sequence[W]], Awaitable[Sequence[object]]],
) -> list[Refusal | None]:
    """Do each (key, wish) as `each` does, where nobody asks what came of it: None where it is done, now or before."""

    async def unnamed(fresh: Sequence[tuple[W, UUID]]) -> list[Refusal | None]:
        outcomes = await work([wish for wish, _ in fresh])
        return [outcome if isinstance(outcome, Refusal) else None for outcome in outcomes]

    return await each(tx, operation=operation, wishes=wishes, work=unnamed, again=lambda _wish, _id: None)


async def done(
    tx: Tx, *, operation: str, key: str | None, wish: W, work: Callable[[Sequence[W]], Awaitable[Sequence[object]]]
) -> None:
    """Do one wish, once per `key`. Raises KeyReused, or why it cannot be done; then the key is free again."""
    found = await subject(tx, operation=operation, key=key, body=wish)
    if found.is_fresh:
        accepted(await work([wish]))


async def settle(
    tx: Tx,
    *,
    operation: str,
    subjects: Sequence[Subject | Refusal],
    made: Mapping[int, T | Refusal],
    read: Callable[[Tx, Sequence[Any]], Awaitable[Mapping[Any, T]]],
) -> list[T | Refusal]:
    """Return one outcome per subject: what was `made` of a fresh one, what `read` finds for one made before.

    Keys of what was refused are given back, so that trying again later is meant to work. A repetition within the set
    of what was refused is refused alike. What `read` does not find any more is refused as MadeBeforeIsGone.
    """
    refused = {
        found.id: (found.claim, outcome)
        for place, outcome in made.items()
        if isinstance(outcome, Refusal) and isinstance(found := subjects[place], Subject)
    }
    claims = [claim for claim, _ in refused.values() if claim is not None]
    await idempotency.give_back_many(tx, operation=operation, claims=claims)
    known = [s.id for s in subjects if isinstance(s, Subject) and not s.is_fresh and s.id not in refused]
    before = await read(tx, known) if known else {}
    outcomes: list[T | Refusal] = []
    for place, found in enumerate(subjects):
        if isinstance(found, Refusal):
            outcomes.append(found)
        elif found.is_fresh:
            outcomes.append(made[place])
        else:
            outcomes.append(refused[found.id][1] if found.id in refused else _before(found, before))
    return outcomes


def _before(found: Subject, before: Mapping[Any, T]) -> T | Refusal:
    if found.id not in before:
        return idempotency.MadeBeforeIsGone(found.claim.key if found.claim is not None else "")
    return before[found.id]


def _subject(new_id: UUID, claim: idempotency.Claim | None, verdict: idempotency.Verdict | None) -> Subject | Refusal:
    if claim is None or verdict is None:
        return Subject(new_id, is_fresh=True, claim=None)
    if isinstance(verdict, idempotency.Reused):
        return idempotency.KeyReused(claim.key, field="key")
    if isinstance(verdict, idempotency.Fresh):
        return Subject(verdict.subject_id, is_fresh=True, claim=claim)
    return Subject(verdict.subject_id, is_fresh=False, claim=claim, outcome=verdict.outcome)
