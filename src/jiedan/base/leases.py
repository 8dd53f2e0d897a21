"""Leases: who drains a tenant now, which of its events are due, and what has become of them.

Every transaction of a drain locks the tenant's lease row first, so two workers never drain one tenant at once, whatever
their clocks say. A step writes down what was handed out since the last one, takes what is due, and gives positions to
what is new. What failed waits under its handler, longer each time, and then is a dead letter.
"""

import dataclasses
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from jiedan.base import dead_letters, events, ids, sql
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.events import StoredEvent

SQL = sql.load("jiedan.base", "leases.sql")

RETRIES_PER_STEP_MAX = 200
LEASE = timedelta(seconds=30)
LEASE_BELIEVED = timedelta(minutes=5)
"""A lease that runs longer was taken by a clock that was wrong, which may have been put right; nobody waits for it."""

ATTEMPTS_MAX = 15
BACKOFF_MAX = timedelta(hours=1)
REASON_CHARACTERS_MAX = 500

UNKNOWN_KIND = "?"
"""Stands for the handlers of an event whose kind this version does not know yet: a newer one may."""


class LeaseLost(Exception):
    """Another worker drains this tenant now."""


@dataclasses.dataclass(slots=True)
class Retry:
    """An event that the handler of this name could not digest `attempts` times, due again."""

    handler: str
    attempts: int
    event: StoredEvent


@dataclasses.dataclass(slots=True)
class Failure:
    """An event that a handler could not digest; `attempts` counts this time too."""

    handler: str
    event: StoredEvent
    attempts: int
    reason: str

    @property
    def is_dead(self) -> bool:
        """Whether nobody tries it again."""
        return self.attempts >= ATTEMPTS_MAX


@dataclasses.dataclass(slots=True)
class Loaded:
    """What is due: the ids of all events, those that somebody hears in the order of their positions, and retries."""

    event_ids: list[UUID]
    events: list[StoredEvent]
    retries: list[Retry]


@dataclasses.dataclass(slots=True)
class Done:
    """What the next step writes down: events handed out, and what failed on the way."""

    event_ids: list[UUID] = dataclasses.field(default_factory=list)
    failures: list[Failure] = dataclasses.field(default_factory=list)
    known_now: list[UUID] = dataclasses.field(default_factory=list)


class Leases:
    """The leases of one `holder`; whoever has the same name has the same leases.

    Events of `silent` kinds, which nobody hears, get their positions without being read.
    """

    def __init__(self, database: Database, holder: str, *, silent: Collection[str] = ()) -> None:
        self._database = database
        self._holder = holder
        self._silent = sorted(silent)

    async def step(self, tenant: ids.TenantId, done: Done, *, events_max: int) -> Loaded | None:
        """Write down what is `done`, load what is due, give it positions; None when nothing is due or others have it.

        Raises LeaseLost when others have the tenant now and something is done that cannot be written down.
        """

        async def work(tx: Tx) -> Loaded | None:
            now = {"now": tx.now}
            lease = {"holder": self._holder, "until": tx.now + LEASE, "unbelievable": tx.now + LEASE_BELIEVED}
            answers = await tx.sql_many(
                [
                    (SQL["make_lease"], now),
                    (SQL["take_lease"], lease | now),
                    *_writing_down(done, tx),
                    (SQL["load_retries"], now | {"limit": RETRIES_PER_STEP_MAX}),
                    (SQL["due_events"], now | {"limit": events_max}),
                ]
            )
            if not answers[1]:
                raise LeaseLost
            position = int(answers[1][0][0])
            # Apart from the look for what is due: joined to it, the plan reads whole tables while statistics are old.
            due = [row[0] for row in answers[-1]]
            known, rows = await self._read(tx, due)
            new = [event_id for event_id in due if event_id not in known]
            rising = range(position + 1, position + 1 + len(new))
            positions = dict(zip(new, rising, strict=True))
            found = sorted((known.get(row[0]) or positions[row[0]], row) for row in rows)
            heard = [_stored(row[0], at, row[1:]) for at, row in found]
            loaded = Loaded(due, heard, [_retry(row) for row in answers[-2]])
            nothing = not (due or loaded.retries)
            after = {
                "holder": self._holder,
                "position": position + len(new),
                "until": tx.now if nothing else tx.now + LEASE,
            }
            given = {"event_ids": new, "positions": list(rising)}
            await tx.sql_many([*([(SQL["insert_positions"], given)] if new else []), (SQL["set_lease"], after)])
            return None if nothing else loaded

        try:
            return await self._database.write(Scope(tenant), work)
        except LeaseLost:
            if done.event_ids or done.failures:
                raise
            return None

    async def _read(self, tx: Tx, due: Sequence[UUID]) -> tuple[dict[UUID, int], list[tuple[Any, ...]]]:
        """Return the positions that events have already, and the rows of those that somebody hears."""
        if not due:
            return {}, []
        wanted = {"event_ids": due}
        given, rows = await tx.sql_many(
            [(SQL["positions"], wanted), (SQL["load_events"], wanted | {"silent": self._silent})]
        )
        return dict(given), rows

    async def share(self, tx: Tx) -> None:
        """Keep the tenant for this drain until the transaction ends, beside others of it. Raises LeaseLost."""
        if not await tx.sql(SQL["share_lease"], holder=self._holder):
            raise LeaseLost

    async def hold(self, tx: Tx) -> int:
        """Lock the lease for this transaction and return the tenant's last position. Raises LeaseLost."""
        held = await tx.sql(SQL["hold_lease"], holder=self._holder)
        if not held:
            raise LeaseLost
        return int(held[0][0])

    async def give_back(self, tenant: ids.TenantId, done: Done) -> None:
        """Write down what is `done` and let the next have the tenant. Raises LeaseLost."""

        async def work(tx: Tx) -> None:
            after = {"holder": self._holder, "position": await self.hold(tx), "until": tx.now}
            await tx.sql_many([*_writing_down(done, tx), (SQL["set_lease"], after)])

        await self._database.write(Scope(tenant), work)


async def forget_retries(tx: Tx, *, handler: str, event_ids: Sequence[UUID]) -> None:
    """Take away what waits for another try by `handler`: it is being handed out, in this transaction."""
    await tx.sql_count(SQL["delete_retries"], handler=handler, event_ids=event_ids)


def backoff(attempts: int) -> timedelta:
    """Return the pause after the `attempts`-th failure: 1 s, 2 s, 4 s … up to `BACKOFF_MAX`."""
    return min(timedelta(seconds=2 ** (attempts - 1)), BACKOFF_MAX)


def _writing_down(done: Done, tx: Tx) -> list[tuple[sql.Statement, dict[str, Any]]]:
    statements: list[tuple[sql.Statement, dict[str, Any]]] = []
    if done.event_ids:
        statements.append((SQL["delete_handed_out"], {"event_ids": done.event_ids}))
    if done.known_now:
        statements.append((SQL["delete_retries"], {"handler": UNKNOWN_KIND, "event_ids": done.known_now}))
    if done.failures:
        failures = list({(f.handler, f.event.event_id): f for f in done.failures}.values())
        tx.emit(*_left(failures))
        rows = {
            "handlers": [f.handler for f in failures],
            "event_ids": [f.event.event_id for f in failures],
            "attempts": [f.attempts for f in failures],
            "available_at": [tx.now + backoff(f.attempts) for f in failures],
            "reasons": [f.reason[:REASON_CHARACTERS_MAX] for f in failures],
            "dead_at": [tx.now if f.is_dead else None for f in failures],
        }
        statements.append((SQL["save_failures"], rows))
    return statements


def _left(failures: Sequence[Failure]) -> list[dead_letters.DeadLetterLeft]:
    """Return what is told of dead letters; of one that tells of another nothing is told, or it would never end."""
    return [
        dead_letters.DeadLetterLeft(event_id=f.event.event_id, handler=f.handler)
        for f in failures
        if f.is_dead and f.event.kind != dead_letters.DeadLetterLeft.kind
    ]


def _stored(event_id: UUID, position: int, row: Sequence[Any]) -> StoredEvent:
    occurred_at, recorded_at, actor_kind, actor_id, *rest = row
    return StoredEvent(event_id, position, occurred_at, recorded_at, events.Actor(actor_kind, actor_id), *rest)


def _retry(row: Sequence[Any]) -> Retry:
    return Retry(row[0], row[1], _stored(row[2], row[3], row[4:]))
