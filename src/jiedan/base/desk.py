"""The desk: group commit for business transactions.

A queue per tenant and process. While one batch commits, the next gathers whatever arrives. An item that finds nobody
else there waits for no timer. After a batch of several the next one does wait: for a sixth of the time that batch took,
as long as more keep coming for half of it, never longer than 50 ms. Those who were answered come back just then, and
without the pause they would be split into two halves that wait for each other, with twice the statements. Contention
makes batches bigger, not slower. While some are sent away, it rests after each batch (`queueing.REST_S_MAX`). The desk
knows nothing of what it carries: `run` takes a transaction and a batch, and returns one result per item, in order.

What `run` must keep: it claims each item's (caller, key) before anything else and answers a key it finds taken with
what that key led to. Then running a batch again is safe, and that is all the desk does after a lost COMMIT reply.
"""

import asyncio
import dataclasses
import math
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import psycopg
import structlog

from jiedan.base import connections, db, errors, ids, metrics
from jiedan.base.db import Scope
from jiedan.base.queueing import AnswerPending, Counter, DeadlinePassed, Item, QueueFull, ShuttingDown, Submission, W

P = TypeVar("P")
R = TypeVar("R")

BATCH_MAX = 200
QUEUE_MAX = 2_000
"""Items that may wait, per tenant."""

WAIT_S_MAX = 1.0
"""Who brings one item and would wait longer than this, by the pace of the last full batches, is sent away at once; as
many as make a batch may always wait. A longer queue would place no more orders, only later ones."""

WAITING_MAX = 20_000
"""Items that may wait in this process, all tenants together."""

ANSWERS_AT_ONCE_MAX = 10
"""Those of a batch who are answered before everybody else gets a turn: each of them has work to do with its answer."""

BATCHES_AT_ONCE_MAX = 4
"""Batches in flight in this process; tenants take turns, first come first served."""

GATHER_STEP_SHARE = 1 / 6
GATHER_SHARE_MAX = 1 / 2
GATHER_S_MAX = 0.05
"""After a batch of several, the next begins when nobody came within a sixth of the time that batch took, or after half
of it; never later than this."""

DEADLINE_S = 30.0
BATCH_S_MAX = 60.0
"""A batch that has not ended by then is rolled back and its items are told to come again."""

RECONNECT_S_MAX = 10.0
"""How long a batch is tried again while the database does not answer."""

RECONNECT_PAUSE_S = 0.05
RECONNECT_PAUSE_S_MAX = 1.0
RETRY_AFTER_S_MAX = 30
TOLD_EVERY_S = 1.0
"""How often the log hears that a desk is full."""

BATCH_SIZE = metrics.histogram("desk_batch_size", "Items per batch.", ("desk",), buckets=metrics.SIZE_BUCKETS)
BATCH_S = metrics.histogram("desk_batch_seconds", "Time of a batch, tries included.", ("desk",))
REFUSED = metrics.counter("desk_refused", "Items that were sent away because too much waited.", ("desk",))
WAITING = metrics.gauge("desk_waiting", "Items that wait for a batch.", ("desk",))

log = structlog.get_logger()


Prepare = Callable[[db.Database, ids.TenantId, Sequence[Item[W]]], Awaitable[P]]
Run = Callable[[db.Tx, P, Sequence[Item[W]]], Awaitable[Sequence[R]]]


class Desk(Generic[W, P, R]):
    """Take work one by one, do it in batches; one desk per kind of work and process, on one event loop.

    `prepare` runs before each transaction of a batch, with nothing locked (it leases numbers, reads caches); what it
    returns is handed to `run`. `run` may run several times, so it leaves nothing behind outside its transaction.
    `check` refuses without the database, before the queue, by raising a refusal.
    """

    def __init__(
        self,
        name: str,
        *,
        database: db.Database,
        prepare: Prepare[W, P],
        run: Run[P, W, R],
        check: Callable[[Scope, W], None] | None = None,
        batch_max: int = BATCH_MAX,
        queue_max: int = QUEUE_MAX,
        wait_s_max: float = WAIT_S_MAX,
        waiting_max: int = WAITING_MAX,
        batches_at_once_max: int = BATCHES_AT_ONCE_MAX,
    ) -> None:
        self.name = name
        self._database = database
        self._prepare = prepare
        self._run = run
        self._check = check
        self._batch_max = batch_max
        self._queue_max = queue_max
        self._wait_s_max = wait_s_max
        self._waiting_max = waiting_max
        self._slots = asyncio.Semaphore(batches_at_once_max)
        self._counters: dict[ids.TenantId, Counter[W]] = {}
        self._waiting = 0
        self._closed = False
        self._batch_s = 0.0
        self._item_s = 0.0  # of the last full batches, per item
        self._told_s = -TOLD_EVERY_S

    @property
    def waiting(self) -> int:
        """Return how many items wait in this process, untaken."""
        return self._waiting

    def check_room(self, tenant: ids.TenantId, count: int = 1, *, alone: bool = True) -> None:
        """Raise ShuttingDown or QueueFull where `count` more items of the tenant would be refused now.

        `alone` are those who wait for one answer; callers who bring many at once may wait longer.
        """
        if self._closed:
            raise ShuttingDown
        counter = self._counters.get(tenant) or Counter()
        waiting = len(counter.queue)
        too_long = alone and counter.alone + count > self._room()
        if too_long or waiting + count > self._queue_max or self._waiting + count > self._waiting_max:
            counter.refuse(count)
            self._tell_refused(tenant, count)
            batches = math.ceil(max(waiting, self._waiting) / self._batch_max)
            raise QueueFull(retry_after_s=min(max(1, math.ceil(batches * self._batch_s)), RETRY_AFTER_S_MAX))

    async def submit(
        self, scope: Scope, work: W, *, caller: str = "", key: str = "", deadline_s: float = DEADLINE_S
    ) -> R:
        """Return the result of `work`, done with whatever else waits; without `key` it gets one of its own.

        Canceling leaves the queue if the work was not yet taken; once taken it commits and waits under its key.
        Raises what `check` refuses, QueueFull, ShuttingDown, DeadlinePassed, AnswerPending, Unavailable,
        or what `run` raised for this item alone.
        """
        if self._check is not None:
            self._check(scope, work)
        counter = self._admit(scope.tenant, 1, alone=True)
        item = self._enqueue(counter, scope, caller, key, work, alone=True)
        timer = asyncio.get_running_loop().call_later(deadline_s, self._too_late, counter, (item,))
        try:
            return await item.answer  # type: ignore[return-value]  # `run` returned it
        finally:
            timer.cancel()
            self._leave(counter, item)

    async def submit_many(
        self,
        scope: Scope,
        submissions: Sequence[Submission[W]],
        *,
        caller: str = "",
        deadline_s: float = DEADLINE_S,
    ) -> list[R | errors.Refusal]:
        """Return one result per submission, in order; a refusal is a value. All enter the queue, or none.

        Raises as `submit`, except for refusals of single items; a bug in one is raised after all have ended.
        """
        refused: dict[int, errors.Refusal] = {}
        for index, submission in enumerate(submissions):
            try:
                if self._check is not None:
                    self._check(scope, submission.work)
            except errors.Refusal as refusal:
                refused[index] = refusal
        counter = self._admit(scope.tenant, len(submissions) - len(refused), alone=False)
        items = {
            index: self._enqueue(counter, scope, caller, submission.key, submission.work, alone=False)
            for index, submission in enumerate(submissions)
            if index not in refused
        }
        timer = asyncio.get_running_loop().call_later(deadline_s, self._too_late, counter, tuple(items.values()))
        try:
            answers = await asyncio.gather(*(item.answer for item in items.values()), return_exceptions=True)
        finally:
            timer.cancel()
            for item in items.values():
                self._leave(counter, item)
        by_index: dict[int, object] = {**refused, **dict(zip(items, answers, strict=True))}
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, errors.Refusal):
                raise answer
        return [by_index[index] for index in range(len(submissions))]  # type: ignore[misc]  # `run` returned them

    def refuse_entry(self) -> None:
        """Take nothing new from now on; what waits is still done."""
        self._closed = True

    async def close(self, *, timeout_s: float = DEADLINE_S) -> None:
        """Take nothing new and return when all that waits is done; after `timeout_s` the rest is told to come again."""
        self.refuse_entry()
        tasks = [counter.task for counter in self._counters.values() if counter.task is not None]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=timeout_s)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    def _admit(self, tenant: ids.TenantId, count: int, *, alone: bool) -> Counter[W]:
        """Return the tenant's counter, which has room for `count` more. Raises ShuttingDown or QueueFull."""
        self.check_room(tenant, count, alone=alone)
        counter = self._counters.get(tenant)
        if counter is None:
            counter = self._counters[tenant] = Counter()
            counter.task = asyncio.create_task(self._serve(tenant, counter), name=f"desk {self.name} {tenant}")
            counter.task.add_done_callback(lambda task: self._ended(tenant, counter, task))
        return counter

    def _room(self) -> int:
        """Return how many may wait alone: as many as are served within `WAIT_S_MAX`, and at least a batch."""
        if not self._item_s:
            return self._queue_max
        return min(self._queue_max, max(self._batch_max, int(self._wait_s_max / self._item_s)))

    def _tell_refused(self, tenant: ids.TenantId, count: int) -> None:
        """Count who is sent away, and log it once a second: a line for each would be work for nobody."""
        REFUSED.labels(self.name).inc(count)
        now_s = asyncio.get_running_loop().time()
        if now_s >= self._told_s + TOLD_EVERY_S:
            self._told_s = now_s
            log.warning("desk.full", desk=self.name, tenant=str(tenant), waiting=self._waiting, room=self._room())

    def _enqueue(self, counter: Counter[W], scope: Scope, caller: str, key: str, work: W, *, alone: bool) -> Item[W]:
        own_key = key or str(self._database.uuids.new(self._database.clock.now()))
        item = Item(scope, caller, own_key, work, asyncio.get_running_loop().create_future(), alone)
        counter.join(item)
        self._waiting += 1
        return item

    def _leave(self, counter: Counter[W], item: Item[W]) -> bool:
        """Take `item` out of the queue; tell whether it was still there."""
        was_there = counter.leave(item)
        self._waiting -= was_there
        return was_there

    def _too_late(self, counter: Counter[W], items: Sequence[Item[W]]) -> None:
        for item in items:
            _fail(item, DeadlinePassed() if self._leave(counter, item) else AnswerPending())

    async def _serve(self, tenant: ids.TenantId, counter: Counter[W]) -> None:
        """Do what waits, batch after batch, until nothing does; nobody else touches this tenant's batches."""
        loop = asyncio.get_running_loop()
        while counter.queue:
            async with self._slots:
                items = counter.take(self._batch_max)
                if not items:
                    continue
                self._waiting -= len(items)
                WAITING.labels(self.name).set(self._waiting)
                BATCH_SIZE.labels(self.name).observe(len(items))
                started = loop.time()
                await self._settle(tenant, items)
                self._batch_s = loop.time() - started
                BATCH_S.labels(self.name).observe(self._batch_s)
            counter.served = []
            rest_s = 0.0 if self._closed else counter.rest_s(self._batch_s)
            if len(items) == self._batch_max:  # what small ones cost says nothing of what many will
                item_s = (self._batch_s + rest_s) / len(items)
                self._item_s = (self._item_s + item_s) / 2 if self._item_s else item_s
            if rest_s:
                await asyncio.sleep(rest_s)
            if len(items) > 1:
                await self._gather(counter)
        del self._counters[tenant]  # in the same step as the last look at the queue, so nobody is left standing

    async def _gather(self, counter: Counter[W]) -> None:
        """Return when nobody came within a step, or enough have come; it holds no slot meanwhile."""
        loop = asyncio.get_running_loop()
        step_s = min(GATHER_STEP_SHARE * self._batch_s, GATHER_S_MAX)
        until_s = loop.time() + min(GATHER_SHARE_MAX * self._batch_s, GATHER_S_MAX)
        waiting = -1
        while waiting < len(counter.queue) < self._batch_max and loop.time() < until_s and not self._closed:
            waiting = len(counter.queue)
            await asyncio.sleep(step_s)

    def _ended(self, tenant: ids.TenantId, counter: Counter[W], task: asyncio.Task[None]) -> None:
        """See what became of a loop; if it died, send its people away. The next to come starts a new one."""
        error = None if task.cancelled() else task.exception()
        if not task.cancelled() and error is None:
            return
        log.error("desk.loop_died", desk=self.name, tenant=str(tenant), exc_info=error)
        if self._counters.get(tenant) is counter:
            del self._counters[tenant]
        for item in counter.served:
            _fail(item, db.OutcomeUnknown())
        for item in list(counter.queue):
            self._leave(counter, item)
            _fail(item, errors.Unavailable())

    async def _settle(self, tenant: ids.TenantId, items: list[Item[W]]) -> None:
        """Commit a batch; halve one that fails until the culprit stands alone and the others have committed."""
        parts = [items]
        while parts:
            part = parts.pop()
            try:
                results = await self._commit(tenant, part)
            except errors.Unavailable as unavailable:  # or overtaken at every try; halving would not make it win
                for item in part:
                    _fail(item, dataclasses.replace(unavailable))
            except Exception as error:  # noqa: BLE001 - it is handed to whoever brought the culprit
                if len(part) == 1:
                    self._blame(part[0], error)
                else:
                    half = len(part) // 2
                    parts += [part[half:], part[:half]]
            else:
                await _tell(part, results)

    async def _commit(self, tenant: ids.TenantId, items: list[Item[W]]) -> Sequence[R]:
        """Run one batch in one transaction, again when the connection was lost: its keys tell what was committed.

        Raises Unavailable when the fault is not the batch's, else whatever `run` raised.
        """
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + RECONNECT_S_MAX
        pause_s = RECONNECT_PAUSE_S
        unknown = False
        while True:
            try:
                async with asyncio.timeout(BATCH_S_MAX):
                    return await self._transact(tenant, items)
            except TimeoutError:
                raise db.OutcomeUnknown from None
            except Exception as error:
                # After an unknown outcome the lost transaction may still hold the keys for a moment.
                if not _is_outage(error) and not (unknown and _waited_for_a_lock(error)):
                    raise
                unknown = unknown or isinstance(error, db.OutcomeUnknown)
                if loop.time() + pause_s > give_up_at:
                    raise (db.OutcomeUnknown if unknown else db.DatabaseUnavailable) from error
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, RECONNECT_PAUSE_S_MAX)

    async def _transact(self, tenant: ids.TenantId, items: list[Item[W]]) -> Sequence[R]:
        prepared = await self._prepare(self._database, tenant, items)

        async def work(tx: db.Tx) -> Sequence[R]:
            results = await self._run(tx, prepared, items)
            if len(results) != len(items):
                message = f"desk {self.name}: {len(results)} results for {len(items)} items"
                raise RuntimeError(message)
            return results

        return await self._database.write(Scope(tenant), work)

    def _blame(self, item: Item[W], error: Exception) -> None:
        if _waited_for_a_lock(error):
            error = errors.Unavailable()
        if item.answer.done() and not isinstance(error, errors.Refusal):
            log.error("desk.failed_unheard", desk=self.name, key=item.key, exc_info=error)
        _fail(item, error)


async def nothing_to_prepare(_database: db.Database, _tenant: ids.TenantId, _items: Sequence[Item[W]]) -> None:
    """Prepare nothing, for desks whose `run` needs no more than its transaction."""


async def _tell(items: Sequence[Item[W]], results: Sequence[object]) -> None:
    """Answer a batch, some at a time: those who come meanwhile are not kept waiting for all of them."""
    for n, (item, result) in enumerate(zip(items, results, strict=True), start=1):
        if not item.answer.done():
            item.answer.set_result(result)
        if n % ANSWERS_AT_ONCE_MAX == 0:
            await asyncio.sleep(0)


def _fail(item: Item[W], error: Exception) -> None:
    if not item.answer.done():
        item.answer.set_exception(error)


def _waited_for_a_lock(error: Exception) -> bool:
    return isinstance(connections.driver_error(error), psycopg.errors.LockNotAvailable)


def _is_outage(error: Exception) -> bool:
    """Tell whether the database, not the batch, is the trouble: gone, restarting, full, or read-only."""
    if isinstance(error, db.OutcomeUnknown | db.DatabaseUnavailable) or connections.is_connection_lost(error):
        return True
    cause = connections.driver_error(error)
    state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
    return state is not None and (state.startswith("53") or state == "25006")
