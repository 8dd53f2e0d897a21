"""The drain: events leave the outbox and reach their handlers in sets.

A worker takes one tenant at a time by its lease (`leases`), in steps: what is due gets its position, then each handler
gets its set in a transaction of its own, and the next step deletes what was handed out. A crash in between hands out
again, under the same positions: handlers are idempotent by event id.

What a handler cannot digest is halved until the culprit stands alone, tried again with back-off, and then is a dead
letter. It holds up neither the other events nor the other handlers.
"""

import asyncio
import dataclasses
import functools
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import psycopg
import structlog

from jiedan.base import faults, ids, leases, metrics
from jiedan.base.backlog import EVENTS
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.dispatch import Dispatch
from jiedan.base.events import StoredEvent
from jiedan.base.leases import Done, Failure, LeaseLost, Loaded, Retry

POLL_S = 0.2
EVENTS_PER_SET_MAX = 500
EVENTS_PER_TURN_MAX = 5_000
"""After so many events of one tenant the others get their turn."""

TENANTS_AT_ONCE_MAX = 4
HANDLER_S_MAX = 60.0

SPLITS_MAX = 24
"""Halvings of one failing set; what still stands with the culprits then is tried again with them."""

OUTAGE_PAUSE_S = 1.0

HANDED_OUT = metrics.counter("drain_events", "Events handed to their handlers.")
FAILED = metrics.counter("drain_failures", "Events that a handler could not digest, each try.", ("handler",))
LAG = metrics.gauge("drain_lag_seconds", "How long the oldest due event or retry waits.")

log = structlog.get_logger()

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Joint:
    """Reactions that would each read the same rows: `fn` does those of several handlers in one transaction.

    It gets the set of each handler by name, and does what they would do one after the other. When it cannot, each of
    them gets its set alone, so that what one cannot digest holds up none of the others.
    """

    fn: Callable[[Tx, Mapping[str, Sequence[StoredEvent]]], Awaitable[None]]


@dataclasses.dataclass(frozen=True, slots=True)
class Handler:
    """A reaction to a set of events: `fn` runs in a transaction of its own and is idempotent by event id.

    `name` is `module.verb_noun` and never changes: retries and dead letters are stored under it. Events that tell
    imported history reach only handlers with `history`. One that is `beside` the others writes nothing that any other
    handler reads or locks (what things are found by, what is to be counted again), so it may run at the same time as
    one of them. Those of one `joint` are handed out together where several have something to do.
    """

    name: str
    fn: Callable[[Tx, Sequence[StoredEvent]], Awaitable[None]]
    history: bool = False
    beside: bool = False
    joint: Joint | None = None


Subscriptions = Mapping[str, tuple[Handler, ...]]
HandlerSet = tuple[Handler, list[StoredEvent]]
"""A handler, and the events it gets together."""


class Drain:
    """Hand out the events of every tenant; one per worker process.

    `holder` names who holds leases, each drain being somebody else if it is left out. One that comes back under the
    name of another that was killed need not wait for its lease to end. A set has at most `events_per_set`, which is
    `EVENTS_PER_SET_MAX` where nobody says that more may wait together. With `in_two`, handlers that are beside the
    others run at the same time as them: one computes while the database works for the other.
    """

    def __init__(
        self,
        database: Database,
        dispatch: Dispatch | None,
        subscriptions: Subscriptions,
        *,
        holder: str | None = None,
        events_per_set: int | None = None,
        in_two: bool = False,
    ) -> None:
        self._database = database
        self._dispatch = dispatch
        self._subscriptions = subscriptions
        self._handlers = {handler.name: handler for several in subscriptions.values() for handler in several}
        self._leases = leases.Leases(
            database,
            holder or str(database.uuids.new(database.clock.now())),
            silent=[kind for kind, several in subscriptions.items() if not several],
        )
        self._events_per_set = events_per_set
        self._in_two = in_two
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
        done = Done()
        count = 0
        try:
            while True:
                loaded = await self._leases.step(tenant, done, events_max=self._set_max)
                if loaded is None:
                    return count
                done = await self._hand_out(tenant, loaded)
                HANDED_OUT.inc(len(loaded.event_ids))
                count += len(loaded.event_ids) + len(loaded.retries)
                full = len(loaded.event_ids) == self._set_max or len(loaded.retries) == leases.RETRIES_PER_STEP_MAX
                if full:
                    EVENTS.mark()
                if not full or count >= EVENTS_PER_TURN_MAX or self._stopping:
                    await self._leases.give_back(tenant, done)
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

    async def _hand_out(self, tenant: ids.TenantId, loaded: Loaded) -> Done:
        done = Done(event_ids=loaded.event_ids)
        fresh = loaded.events
        again: dict[str, list[Retry]] = {}
        for retry in loaded.retries:
            if retry.handler == leases.UNKNOWN_KIND and retry.event.kind in self._subscriptions:
                done.known_now.append(retry.event.event_id)
                fresh = [*fresh, retry.event]
            elif retry.handler in self._handlers:
                again.setdefault(retry.handler, []).append(retry)
            else:
                known = retry.handler == leases.UNKNOWN_KIND
                reason = f"unknown kind {retry.event.kind}" if known else "no handler of this name"
                done.failures.append(Failure(retry.handler, retry.event, retry.attempts + 1, reason))
        for name, retries in again.items():
            done.failures += await self._retry(tenant, self._handlers[name], retries)
        sets = self._wanted(fresh, done)
        for failures in await _all(self._run_through(tenant, track) for track in self._tracks(sets)):
            done.failures += failures
        return done

    def _tracks(self, sets: Sequence[HandlerSet]) -> list[list[HandlerSet]]:
        """Return what is to be handed out one after the other, and what at the same time as that."""
        apart = {False: [x for x in sets if not x[0].beside], True: [x for x in sets if x[0].beside]}
        return [x for x in apart.values() if x] if self._in_two else [list(sets)]

    async def _run_through(self, tenant: ids.TenantId, track: Sequence[HandlerSet]) -> list[Failure]:
        failures: list[Failure] = []
        for sets in _joined(track):
            joint = sets[0][0].joint
            if joint is not None and len(sets) > 1 and await self._deliver_at_once(tenant, joint, sets):
                continue
            for handler, wanted in sets:
                failed = await self._deliver(tenant, handler, wanted)
                failures += [Failure(handler.name, event, 1, reason) for event, reason in failed]
        return failures

    def _wanted(self, fresh: Sequence[StoredEvent], done: Done) -> list[HandlerSet]:
        """Return each handler with its set; events of unknown kinds are put aside in `done`."""
        sets: dict[str, list[StoredEvent]] = {}
        for event in fresh:
            handlers = self._subscriptions.get(event.kind)
            if handlers is None:
                reason = f"unknown kind {event.kind}"
                done.failures.append(Failure(leases.UNKNOWN_KIND, event, 1, reason))
                continue
            for handler in handlers:
                if handler.history or not event.history:
                    sets.setdefault(handler.name, []).append(event)
        return [(self._handlers[name], wanted) for name, wanted in sets.items()]

    async def _retry(self, tenant: ids.TenantId, handler: Handler, retries: Sequence[Retry]) -> list[Failure]:
        """Hand out again: together, but the last attempt of each event alone, so none dies of its neighbour."""
        attempts = {retry.event.event_id: retry.attempts + 1 for retry in retries}
        together = [retry.event for retry in retries if retry.attempts + 1 < leases.ATTEMPTS_MAX]
        alone = [[retry.event] for retry in retries if retry.attempts + 1 >= leases.ATTEMPTS_MAX]
        failed: list[tuple[StoredEvent, str]] = []
        for part in [together, *alone] if together else alone:
            failed += await self._deliver(tenant, handler, part, retried=True)
        return [Failure(handler.name, e, attempts[e.event_id], reason) for e, reason in failed]

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

    async def _deliver_at_once(self, tenant: ids.TenantId, joint: Joint, sets: Sequence[HandlerSet]) -> bool:
        """Hand several handlers their sets at once; False when nothing was done of it. Raises on an outage."""
        try:
            await self._write(tenant, lambda tx: joint.fn(tx, {handler.name: wanted for handler, wanted in sets}))
        except Exception as error:
            if isinstance(error, LeaseLost) or faults.is_outage(error):
                raise
            log.warning("drain.joint_failed", handlers=[handler.name for handler, _ in sets], exc_info=error)
            return False
        return True

    async def _call(self, tenant: ids.TenantId, handler: Handler, part: list[StoredEvent], *, retried: bool) -> None:
        async def work(tx: Tx) -> None:
            if retried:
                event_ids = [event.event_id for event in part]
                await leases.forget_retries(tx, handler=handler.name, event_ids=event_ids)
            await handler.fn(tx, part)

        await self._write(tenant, work)

    async def _write(self, tenant: ids.TenantId, work: Callable[[Tx], Awaitable[None]]) -> None:
        """Do `work` in a transaction that keeps the tenant for this drain."""

        async def shared(tx: Tx) -> None:
            await self._leases.share(tx)
            await work(tx)

        async with asyncio.timeout(HANDLER_S_MAX):
            await self._database.write(Scope(tenant), shared)


def _joined(track: Sequence[HandlerSet]) -> list[list[HandlerSet]]:
    """Return what is to be handed out together, in the order of what comes first: sets of one joint, or one alone."""
    found: dict[object, list[HandlerSet]] = {}
    for each in track:
        found.setdefault(each[0].joint or each[0].name, []).append(each)
    return list(found.values())


async def _all(several: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Return what each returns; when one raises, the others end with it."""
    tasks = [asyncio.create_task(each) for each in several]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
