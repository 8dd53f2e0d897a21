"""The drain: events leave the outbox, get their position, and reach their handlers in sets.

A worker takes one tenant at a time by its lease row. Every transaction of the drain locks that row first, so two
workers never drain one tenant at once, whatever their clocks say. A step gives positions to what is new; then each
handler gets its set in a transaction of its own; the next step deletes what was handed out. A crash in between hands
out again, under the same positions: handlers are idempotent by event id.

What a handler cannot digest is halved until the culprit stands alone, tried again with back-off, and then is a dead
letter. It holds up neither the other events nor the other handlers.
"""

import asyncio
import dataclasses
import functools
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import structlog

from jiedan.base import dead_letters, events, faults, ids, metrics, sql
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.dispatch import Dispatch
from jiedan.base.events import StoredEvent

SQL = sql.load("jiedan.base", "drain.sql")

POLL_S = 0.2
EVENTS_PER_SET_MAX = 500
EVENTS_PER_TURN_MAX = 5_000
"""After so many events of one tenant the others get their turn."""

RETRIES_PER_STEP_MAX = 200
TENANTS_AT_ONCE_MAX = 4
LEASE = timedelta(seconds=30)
LEASE_BELIEVED = timedelta(minutes=5)
"""A lease that runs longer was taken by a clock that was wrong, which may have been put right; nobody waits for it."""

HANDLER_S_MAX = 60.0

SPLITS_MAX = 24
"""Halvings of one failing set; what still stands with the culprits then is tried again with them."""

ATTEMPTS_MAX = 15
BACKOFF_MAX = timedelta(hours=1)
REASON_CHARACTERS_MAX = 500
OUTAGE_PAUSE_S = 1.0

UNKNOWN_KIND = "?"
"""Stands for the handlers of an event whose kind this version does not know yet: a newer one may."""

HANDED_OUT = metrics.counter("drain_events", "Events handed to their handlers.")
FAILED = metrics.counter("drain_failures", "Events that a handler could not digest, each try.", ("handler",))
LAG = metrics.gauge("drain_lag_seconds", "How long the oldest due event or retry waits.")

log = structlog.get_logger()


@dataclasses.dataclass(frozen=True, slots=True)
class Handler:
    """A reaction to a set of events: `fn` runs in a transaction of its own and is idempotent by event id.

    `name` is `module.verb_noun` and never changes: retries and dead letters are stored under it. Events that tell
    imported history reach only handlers with `history`.
    """

    name: str
    fn: Callable[[Tx, Sequence[StoredEvent]], Awaitable[None]]
    history: bool = False


Subscriptions = Mapping[str, tuple[Handler, ...]]


class LeaseLost(Exception):
    """Another worker drains this tenant now."""


@dataclasses.dataclass(slots=True)
class _Retry:
    handler: str
    attempts: int
    event: StoredEvent


@dataclasses.dataclass(slots=True)
class _Failure:
    handler: str
    event: StoredEvent
    attempts: int
    reason: str

    @property
    def is_dead(self) -> bool:
        """Whether nobody tries it again."""
        return self.attempts >= ATTEMPTS_MAX


@dataclasses.dataclass(slots=True)
class _Loaded:
    events: list[StoredEvent]
    retries: list[_Retry]


@dataclasses.dataclass(slots=True)
class _Done:
    """What the next step writes down: events handed out, and what failed on the way."""

    event_ids: list[UUID] = dataclasses.field(default_factory=list)
    failures: list[_Failure] = dataclasses.field(default_factory=list)
    known_now: list[UUID] = dataclasses.field(default_factory=list)


class Drain:
    """Hand out the events of every tenant; one per worker process.

    `holder` names who holds leases, each drain being somebody else if it is left out. One that comes back under the
    name of another that was killed need not wait for its lease to end. A set has at most `events_per_set`, which is
    `EVENTS_PER_SET_MAX` where nobody says that more may wait together.
    """

    def __init__(
        self,
        database: Database,
        dispatch: Dispatch | None,
        subscriptions: Subscriptions,
        *,
        holder: str | None = None,
        events_per_set: int | None = None,
    ) -> None:
        self._database = database
        self._dispatch = dispatch
        self._subscriptions = subscriptions
        self._handlers = {handler.name: handler for several in subscriptions.values() for handler in several}
        self._holder = holder or str(database.uuids.new(database.clock.now()))
        self._events_per_set = events_per_set
        self._wake = asyncio.Event()
        self._stopping = False
        self._turns: dict[ids.TenantId, asyncio.Task[int]] = {}
        self._skipped: dict[ids.TenantId, float] = {}
        self._more_due = False

    @property
    def _set_max(self) -> int:
        return self._events_per_set or EVENTS_PER_SET_MAX

    async def run(self) -> None:
        """Drain until `stop`; what is being handed out then is finished first."""
        if self._dispatch is None:
            message = "a drain without a dispatch connection drains single tenants only"
            raise RuntimeError(message)
        listening = asyncio.create_task(self._dispatch.listen(self._wake.set), name="drain hints")
        try:
            while not self._stopping:
                pause_s = await self._look(self._dispatch)
                try:
                    async with asyncio.timeout(pause_s):
                        await self._wake.wait()
                except TimeoutError:
                    pass
                self._wake.clear()
        finally:
            listening.cancel()
            await asyncio.gather(listening, *self._turns.values(), return_exceptions=True)
            await self._dispatch.close()

    def stop(self) -> None:
        """Let `run` return after the sets in hand."""
        self._stopping = True
        self._wake.set()

    async def drain_tenant(self, tenant: ids.TenantId) -> int:
        """Hand out what is due of one tenant, at most `EVENTS_PER_TURN_MAX`; return how many events and retries.

        0 also when another worker has the lease. Raises Unavailable or psycopg.Error when the database is away.
        """
        done = _Done()
        count = 0
        try:
            while True:
                loaded = await self._step(tenant, done)
                if loaded is None:
                    return count
                done = await self._hand_out(tenant, loaded)
                HANDED_OUT.inc(len(loaded.events))
                count += len(loaded.events) + len(loaded.retries)
                full = len(loaded.events) == self._set_max or len(loaded.retries) == RETRIES_PER_STEP_MAX
                if not full or count >= EVENTS_PER_TURN_MAX or self._stopping:
                    await self._finish(tenant, done)
                    return count
        except LeaseLost:
            log.warning("drain.lease_lost", tenant=str(tenant))
            return count

    async def _look(self, dispatch: Dispatch) -> float:
        """Start turns for tenants with due work; return how long to wait before the next look."""
        now = self._database.clock.now()
        try:
            due = await dispatch.due(now)
        except psycopg.Error as error:
            log.warning("drain.database_away", reason=type(error).__name__)
            return OUTAGE_PAUSE_S
        at_s = asyncio.get_running_loop().time()
        self._skipped = {tenant: until_s for tenant, until_s in self._skipped.items() if until_s > at_s}
        LAG.set((now - due[0].since).total_seconds() if due else 0)
        waiting = [tenant for tenant, _ in due if tenant not in self._turns and tenant not in self._skipped]
        free = TENANTS_AT_ONCE_MAX - len(self._turns)
        self._more_due = len(waiting) > free
        for tenant in waiting[:free]:
            turn = asyncio.create_task(self.drain_tenant(tenant), name=f"drain {tenant}")
            self._turns[tenant] = turn
            turn.add_done_callback(functools.partial(self._turned, tenant))
        return POLL_S

    def _turned(self, tenant: ids.TenantId, turn: asyncio.Task[int]) -> None:
        """See a turn end: make room for the next, and leave alone for a while what fails or what others have."""
        del self._turns[tenant]
        if turn.cancelled():
            return
        at_s = asyncio.get_running_loop().time()
        error = turn.exception()
        if error is not None:
            log.error("drain.turn_failed", tenant=str(tenant), exc_info=error)
            self._skipped[tenant] = at_s + OUTAGE_PAUSE_S
        elif turn.result() == 0:
            self._skipped[tenant] = at_s + POLL_S
        if self._more_due or (error is None and turn.result() >= EVENTS_PER_TURN_MAX):
            self._wake.set()

    async def _step(self, tenant: ids.TenantId, done: _Done) -> _Loaded | None:
        """Write down what is done, load what is due, give it positions; None when nothing is due or others have it."""

        async def work(tx: Tx) -> _Loaded | None:
            now = {"now": tx.now}
            lease = {"holder": self._holder, "until": tx.now + LEASE, "unbelievable": tx.now + LEASE_BELIEVED}
            answers = await tx.sql_many(
                [
                    (SQL["make_lease"], now),
                    (SQL["take_lease"], lease | now),
                    *_writing_down(done, tx),
                    (SQL["load_retries"], now | {"limit": RETRIES_PER_STEP_MAX}),
                    (SQL["due_events"], now | {"limit": self._set_max}),
                ]
            )
            if not answers[1]:
                raise LeaseLost
            position = int(answers[1][0][0])
            # Apart from the look for what is due: joined to it, the plan reads whole tables while statistics are old.
            due = [row[0] for row in answers[-1]]
            rows = await tx.sql(SQL["load_events"], event_ids=due) if due else []
            loaded = _Loaded([_stored(row) for row in rows], [_retry(row) for row in answers[-2]])
            new = [event for event in loaded.events if not event.position]
            rising = range(position + 1, position + 1 + len(new))
            positions = {event.event_id: given for event, given in zip(new, rising, strict=True)}
            loaded.events = [e._replace(position=positions.get(e.event_id, e.position)) for e in loaded.events]
            loaded.events.sort(key=lambda event: event.position)
            nothing = not (loaded.events or loaded.retries)
            after = {
                "holder": self._holder,
                "position": position + len(new),
                "until": tx.now if nothing else tx.now + LEASE,
            }
            given = {"event_ids": list(positions), "positions": list(positions.values())}
            await tx.sql_many([*([(SQL["insert_positions"], given)] if new else []), (SQL["set_lease"], after)])
            return None if nothing else loaded

        try:
            return await self._database.write(Scope(tenant), work)
        except LeaseLost:
            if done.event_ids or done.failures:
                raise
            return None

    async def _finish(self, tenant: ids.TenantId, done: _Done) -> None:
        """Write down what is done and give the lease back."""

        async def work(tx: Tx) -> None:
            held = await tx.sql(SQL["hold_lease"], holder=self._holder)
            if not held:
                raise LeaseLost
            after = {"holder": self._holder, "position": held[0][0], "until": tx.now}
            await tx.sql_many([*_writing_down(done, tx), (SQL["set_lease"], after)])

        await self._database.write(Scope(tenant), work)

    async def _hand_out(self, tenant: ids.TenantId, loaded: _Loaded) -> _Done:
        done = _Done(event_ids=[event.event_id for event in loaded.events])
        fresh = loaded.events
        again: dict[str, list[_Retry]] = {}
        for retry in loaded.retries:
            if retry.handler == UNKNOWN_KIND and retry.event.kind in self._subscriptions:
                done.known_now.append(retry.event.event_id)
                fresh = [*fresh, retry.event]
            elif retry.handler in self._handlers:
                again.setdefault(retry.handler, []).append(retry)
            else:
                known = retry.handler == UNKNOWN_KIND
                reason = f"unknown kind {retry.event.kind}" if known else "no handler of this name"
                done.failures.append(_Failure(retry.handler, retry.event, retry.attempts + 1, reason))
        for name, retries in again.items():
            done.failures += await self._retry(tenant, self._handlers[name], retries)
        for handler, wanted in self._wanted(fresh, done):
            failed = await self._deliver(tenant, handler, wanted)
            done.failures += [_Failure(handler.name, event, 1, reason) for event, reason in failed]
        return done

    def _wanted(self, fresh: Sequence[StoredEvent], done: _Done) -> Iterable[tuple[Handler, list[StoredEvent]]]:
        """Return each handler with its set; events of unknown kinds are put aside in `done`."""
        sets: dict[str, list[StoredEvent]] = {}
        for event in fresh:
            handlers = self._subscriptions.get(event.kind)
            if handlers is None:
                reason = f"unknown kind {event.kind}"
                done.failures.append(_Failure(UNKNOWN_KIND, event, 1, reason))
                continue
            for handler in handlers:
                if handler.history or not event.history:
                    sets.setdefault(handler.name, []).append(event)
        return [(self._handlers[name], wanted) for name, wanted in sets.items()]

    async def _retry(self, tenant: ids.TenantId, handler: Handler, retries: Sequence[_Retry]) -> list[_Failure]:
        """Hand out again: together, but the last attempt of each event alone, so none dies of its neighbour."""
        attempts = {retry.event.event_id: retry.attempts + 1 for retry in retries}
        together = [retry.event for retry in retries if retry.attempts + 1 < ATTEMPTS_MAX]
        alone = [[retry.event] for retry in retries if retry.attempts + 1 >= ATTEMPTS_MAX]
        failed: list[tuple[StoredEvent, str]] = []
        for part in [together, *alone] if together else alone:
            failed += await self._deliver(tenant, handler, part, retried=True)
        return [_Failure(handler.name, e, attempts[e.event_id], reason) for e, reason in failed]

    async def _deliver(
        self, tenant: ids.TenantId, handler: Handler, wanted: list[StoredEvent], *, retried: bool = False
    ) -> list[tuple[StoredEvent, str]]:
        """Hand `wanted` to `handler`; return what it could not digest, each with the reason. Raises on an outage."""
        failed: list[tuple[StoredEvent, str]] = []
        first_error: Exception | None = None
        parts, splits = [wanted], 0
        while parts:
            part = parts.pop()
            try:
                await self._call(tenant, handler, part, retried=retried)
            except Exception as error:
                if isinstance(error, LeaseLost) or faults.is_outage(error):
                    raise
                if len(part) > 1 and splits < SPLITS_MAX and not faults.is_slow(error):
                    splits += 1
                    half = len(part) // 2
                    parts += [part[half:], part[:half]]
                    continue
                first_error = first_error or error
                failed += [(event, faults.reason(error)) for event in part]
        if failed:
            FAILED.labels(handler.name).inc(len(failed))
            log.warning("drain.handler_failed", handler=handler.name, events=len(failed), exc_info=first_error)
        return failed

    async def _call(self, tenant: ids.TenantId, handler: Handler, part: list[StoredEvent], *, retried: bool) -> None:
        async def work(tx: Tx) -> None:
            if not await tx.sql(SQL["hold_lease"], holder=self._holder):
                raise LeaseLost
            if retried:
                event_ids = [event.event_id for event in part]
                await tx.sql_count(SQL["delete_retries"], handler=handler.name, event_ids=event_ids)
            await handler.fn(tx, part)

        async with asyncio.timeout(HANDLER_S_MAX):
            await self._database.write(Scope(tenant), work)


def backoff(attempts: int) -> timedelta:
    """Return the pause after the `attempts`-th failure: 1 s, 2 s, 4 s … up to `BACKOFF_MAX`."""
    return min(timedelta(seconds=2 ** (attempts - 1)), BACKOFF_MAX)


def _writing_down(done: _Done, tx: Tx) -> list[tuple[sql.Statement, dict[str, Any]]]:
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


def _left(failures: Sequence[_Failure]) -> list[dead_letters.DeadLetterLeft]:
    """Return what is told of dead letters; of one that tells of another nothing is told, or it would never end."""
    return [
        dead_letters.DeadLetterLeft(event_id=f.event.event_id, handler=f.handler)
        for f in failures
        if f.is_dead and f.event.kind != dead_letters.DeadLetterLeft.kind
    ]


def _stored(row: Sequence[Any]) -> StoredEvent:
    event_id, position, occurred_at, recorded_at, actor_kind, actor_id, *rest = row
    return StoredEvent(event_id, position or 0, occurred_at, recorded_at, events.Actor(actor_kind, actor_id), *rest)


def _retry(row: Sequence[Any]) -> _Retry:
    return _Retry(row[0], row[1], _stored(row[2:]))
