"""Jobs: scheduled and slow work, run by procrastinate in the worker.

Periodic work fires once per tick, however many workers run. A task takes ids, reads again what they name, and does
nothing if that is already done: a job may run twice. Nothing here is for events (the drain) or on the way of an order.
"""

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from uuid import UUID

import procrastinate
import procrastinate.worker
import structlog

from jiedan.base import connections, directory, idempotency, ids
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.events import Event, StoredEvent

CONCURRENCY = 4
CONNECTIONS_MAX = CONCURRENCY + 2
"""One per job while it is fetched or ended, one that listens, one for heartbeats."""

QUEUE = "jiedan"
ATTEMPTS_MAX = 8
"""How often work that failed, or whose worker was killed, is tried again; with the back-off that is a day."""

RETRY_BASE_S = 4
TELL_AGAIN_S = 3_600
TELLINGS_MAX = 48
"""How often it is tried to tell who waits for work that it will not be done: for two days."""

HEARTBEAT_S = 10.0
STALLED_S = 30.0
SETS_PER_TENANT_MAX = 1_000

log = structlog.get_logger()


class SomeTenantsFailed(RuntimeError):
    """Work for every tenant failed for some of them; the log has each error."""


class TriedTooOften(RuntimeError):
    """Work failed, or killed its worker, as often as it is tried: it is not begun any more."""


class NobodyTold(RuntimeError):
    """Work will not be tried any more, and who waits for it could not be told: that is tried again."""


@dataclasses.dataclass(frozen=True, slots=True)
class Periodic:
    """Work that falls due by the clock: `cron` has five fields in UTC, or six, the last of them seconds.

    `name` is `module.verb_noun` and never changes.
    """

    name: str
    cron: str
    work: Callable[[Database], Awaitable[None]]


@dataclasses.dataclass(frozen=True, slots=True)
class Task:
    """Slow work of one tenant, asked for by `enqueue`: `work(database, tenant, ids)`, again with back-off if it fails.

    `ids` are texts by name, as they were enqueued. `name` is `module.verb_noun` and never changes. When the last try
    fails `give_up` is called with the same, until it succeeds: whoever waits for the work must be told that it will not
    be done. A worker that is killed counts as a try that failed, so work that kills its worker comes to an end.
    """

    name: str
    work: Callable[[Database, ids.TenantId, Mapping[str, str]], Awaitable[None]]
    give_up: Callable[[Database, ids.TenantId, Mapping[str, str]], Awaitable[None]] | None = None


async def enqueue(tx: Tx, task: Task, **ids_by_name: str | UUID) -> None:
    """Ask for `task` in this tenant when the transaction commits; arguments are ids, never content."""
    arguments = {name: str(value) for name, value in ids_by_name.items()}
    deferring = _APP.configure_task(task.name, queue=QUEUE, connection=tx._driver)  # noqa: SLF001 - same package
    await deferring.defer_async(tenant=str(tx.tenant), ids=dict(arguments))


def starting(task: Task, queued: type[Event], *names: str) -> Callable[[Tx, Sequence[StoredEvent]], Awaitable[None]]:
    """Return what a handler does who asks for `task` with these fields of each event; asking twice does it once."""

    async def start(tx: Tx, happened: Sequence[StoredEvent]) -> None:
        for event in happened:
            found = queued.of(event)
            await enqueue(tx, task, **{name: getattr(found, name) for name in names})

    return start


_APP = procrastinate.App(connector=procrastinate.PsycopgConnector())
"""Never opened: it only words the jobs that go out on a transaction's own connection."""


def per_tenant(work: Callable[[Tx], Awaitable[int]]) -> Callable[[Database], Awaitable[None]]:
    """Return periodic work that runs `work` for every tenant, each time in a transaction of its own.

    `work` does one bounded set and returns how many it did; it is called again until that is 0. A tenant that fails is
    logged and does not keep the others waiting; at the end the job fails with SomeTenantsFailed.
    """

    async def bounded(database: Database) -> None:
        await for_every_tenant(database, lambda tenant: _until_done(database, tenant, work))

    return bounded


async def for_every_tenant(
    database: Database, work: Callable[[ids.TenantId], Awaitable[None]], *, failure: str = "jobs.tenant_failed"
) -> None:
    """Run `work` for every tenant, one after the other.

    One that fails is logged as `failure` and does not keep the others waiting. Raises SomeTenantsFailed at the end.
    """
    failed = 0
    async for tenant in every_tenant(database):
        try:
            await work(tenant)
        except Exception:
            failed += 1
            log.exception(failure, tenant=str(tenant))
    if failed:
        message = f"{failed} tenants"
        raise SomeTenantsFailed(message)


async def every_tenant(database: Database) -> AsyncIterator[ids.TenantId]:
    """Yield every tenant of the directory, in the order of their slugs, reading it in bounded sets."""
    after = ""
    while found := await directory.entries(database, after=after):
        for entry in found:
            yield entry.tenant
        after = found[-1].slug


PERIODIC: tuple[Periodic, ...] = (
    Periodic("base.expire_idempotency_keys", "17 * * * *", per_tenant(idempotency.expire)),
)
"""The periodic work of this package."""


class _Tries(procrastinate.BaseRetryStrategy):
    """Say when work that failed is tried again: later each time, and some day not any more."""

    def get_retry_decision(
        self, *, exception: BaseException, job: procrastinate.jobs.Job
    ) -> procrastinate.RetryDecision | None:
        """Return when, or None for never."""
        if isinstance(exception, NobodyTold):
            left, wait_s = ATTEMPTS_MAX + TELLINGS_MAX - job.attempts, TELL_AGAIN_S
        else:
            left, wait_s = ATTEMPTS_MAX - job.attempts, RETRY_BASE_S ** (job.attempts + 1)
        return procrastinate.RetryDecision(retry_in={"seconds": wait_s}) if left > 0 else None


class Jobs:
    """Run tasks and periodic work until told to stop; one per worker process."""

    def __init__(
        self,
        database: Database,
        url: str,
        *,
        tasks: Sequence[Task] = (),
        periodic: Sequence[Periodic] = (),
        stop_within_s: float = 30.0,
    ) -> None:
        connector = procrastinate.PsycopgConnector(
            conninfo=url, min_size=1, max_size=CONNECTIONS_MAX, connection_class=connections.Patient
        )
        self._app = procrastinate.App(
            connector=connector,
            worker_defaults={"concurrency": CONCURRENCY, "queues": [QUEUE]},
        )
        self._database = database
        self._stopping = False
        for task in tasks:
            self._add_task(task)
        for each in (*periodic, Periodic("base.rescue_stalled_jobs", "* * * * *", self._rescue)):
            self._add_periodic(each)
        self._worker = procrastinate.worker.Worker(
            app=self._app,
            queues=[QUEUE],
            name="jiedan",
            concurrency=CONCURRENCY,
            shutdown_graceful_timeout=stop_within_s,
            delete_jobs="successful",
            install_signal_handlers=False,
            update_heartbeat_interval=HEARTBEAT_S,
            stalled_worker_timeout=STALLED_S,
        )

    async def run(self) -> None:
        """Work until `stop`; jobs in hand are finished first, or given back after `stop_within_s`."""
        async with self._app.open_async():
            if self._stopping:  # told while it was connecting: procrastinate forgets what it was told before it runs
                return
            await self._worker.run()  # type: ignore[no-untyped-call]  # ships without this annotation

    def stop(self) -> None:
        """Let `run` return after the jobs in hand."""
        self._stopping = True
        self._worker.stop()  # type: ignore[no-untyped-call]  # as above

    async def _rescue(self, _database: Database) -> None:
        """Give back the jobs that a killed worker held; each counts as tried."""
        for job in await self._app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
            log.warning("jobs.rescued", task=job.task_name, job=job.id, attempts=job.attempts + 1)
            await self._app.job_manager.retry_job(job)

    def _add_task(self, task: Task) -> None:
        async def run(context: procrastinate.JobContext, tenant: str, ids: Mapping[str, str]) -> None:
            attempts = context.job.attempts
            if attempts > ATTEMPTS_MAX:
                await self._give_up(task, tenant, ids)
                raise TriedTooOften(task.name)
            try:
                await task.work(self._database, _tenant(tenant), ids)
            except Exception:
                if attempts == ATTEMPTS_MAX:
                    await self._give_up(task, tenant, ids)
                raise

        self._app.task(name=task.name, queue=QUEUE, retry=_Tries(), pass_context=True)(run)

    async def _give_up(self, task: Task, tenant: str, ids: Mapping[str, str]) -> None:
        """Tell who waits for work that it will not be done. Raises NobodyTold."""
        log.warning("jobs.given_up", task=task.name, tenant=tenant, **ids)
        if task.give_up is None:
            return
        try:
            await task.give_up(self._database, _tenant(tenant), ids)
        except Exception as error:
            raise NobodyTold(task.name) from error

    def _add_periodic(self, periodic: Periodic) -> None:
        async def run(timestamp: int) -> None:  # noqa: ARG001 - procrastinate tells which tick it is
            await periodic.work(self._database)

        self._app.periodic(cron=periodic.cron)(self._app.task(name=periodic.name, queue=QUEUE)(run))


async def _until_done(database: Database, tenant: ids.TenantId, work: Callable[[Tx], Awaitable[int]]) -> None:
    for _ in range(SETS_PER_TENANT_MAX):
        if not await database.write(Scope(tenant), work):
            return


def _tenant(text: str) -> ids.TenantId:
    return ids.TenantId(UUID(text))
