"""What can be done with a bulk job: begin it, do a set of it, stop it, let it go on, try again what failed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from jiedan.accounts import queries as accounts
from jiedan.base import errands, i18n, ids, once, paging, sql
from jiedan.base.db import Tx
from jiedan.base.erasing import ERASED
from jiedan.base.errors import Refusal
from jiedan.bulk import doors, errors, events, queries, rules
from jiedan.bulk import tables as t
from jiedan.bulk.values import (
    DEEDS,
    JOBS_KEPT_DAYS,
    LISTED_PER_SET,
    ORDERS_PER_JOB_MAX,
    ORDERS_PER_SET,
    Action,
    BulkItem,
    BulkJob,
    BulkJobId,
    Chosen,
    ItemStatus,
    JobStatus,
    Wish,
)
from jiedan.orders import errors as order_errors
from jiedan.orders import queries as orders
from jiedan.orders.rules import assigning, ranges
from jiedan.orders.values import OrderId
from jiedan.orders.values.lists import OrderFilter, given

SQL = sql.load("jiedan.bulk", "service.sql")

OPERATION = "bulk.begin"
JOBS_PER_SET_MAX = 5


async def begin_job(
    tx: Tx,
    *,
    action: Action,
    wish: Wish,
    locale: str,
    chosen: Sequence[Chosen] = (),
    filters: OrderFilter | None = None,
    key: str | None = None,
) -> BulkJob:
    """Begin a job about the `chosen` orders, or about all that fit `filters` at this moment.

    The same `key` again answers with the job it began; `locale` is the language for what is refused. Raises
    NothingChosen, TooManyChosen, WishIncomplete, OrderNotFound, KeyReused, Rejections of RangeReversed.
    """
    chosen = rules.once(chosen)
    rules.check(action, wish, chosen=chosen, filters=filters)
    if filters is not None:
        ranges.check(filters, place="filters.")
    found = await once.subject(tx, operation=OPERATION, key=key, body=(action, wish, filters, chosen))
    job_id = BulkJobId(found.id)
    if not found.is_fresh:
        return await queries.job(tx, job_id)
    orders_found = await _as_they_are(tx, chosen)
    await _insert(tx, job_id, action, wish, locale, filters=filters, total=len(orders_found))
    await _write_down(tx, job_id, orders_found, after=0)
    return await queries.job(tx, job_id)


async def _as_they_are(tx: Tx, chosen: Sequence[Chosen]) -> list[tuple[UUID, str, int]]:
    """Return id, number and version of each order; the version is that which was seen, where one was."""
    rows = await tx.sql(SQL["chosen_orders"], order_ids=[x.order_id for x in chosen]) if chosen else []
    known = {row[0]: row for row in rows}
    missing = next((x.order_id for x in chosen if x.order_id not in known), None)
    if missing is not None:
        raise order_errors.OrderNotFound(str(missing), field="order_ids")
    return [(x.order_id, known[x.order_id][1], x.version or known[x.order_id][2]) for x in chosen]


async def _insert(
    tx: Tx,
    job_id: BulkJobId,
    action: Action,
    wish: Wish,
    locale: str,
    *,
    filters: OrderFilter | None,
    total: int,
    retry_of: UUID | None = None,
) -> None:
    await errands.insert(
        tx,
        t.BulkJob,
        job_id=job_id,
        action=action,
        wish=msgspec.to_builtins(wish),
        filters=None if filters is None else given(filters),
        snapshot_at=tx.now,
        locale=locale,
        status=JobStatus.queued,
        total=total,
        done=0,
        failed=0,
        retry_of=retry_of,
    )
    tx.emit(events.BulkJobQueued(job_id=job_id, action=action))


async def retry_failed(tx: Tx, *, job_id: UUID, locale: str, key: str | None = None) -> BulkJob:
    """Begin a job about the orders that another one failed with, as they are now. Raises NothingFailed."""
    before = await queries.job_for_update(tx, job_id)
    found = await once.subject(tx, operation="bulk.retry", key=key, body=job_id)
    if not found.is_fresh:
        return await queries.job(tx, found.id)
    rows = await tx.sql(SQL["failed_orders"], job_id=job_id, orders_max=ORDERS_PER_JOB_MAX)
    if not rows:
        raise errors.NothingFailed
    new_id = BulkJobId(found.id)
    await _insert(tx, new_id, before.action, before.wish, locale, filters=None, total=len(rows), retry_of=job_id)
    await _write_down(tx, new_id, [(row[0], row[1], row[2]) for row in rows], after=0)
    return await queries.job(tx, new_id)


async def stop_job(tx: Tx, *, job_id: UUID, locale: str) -> BulkJob:
    """Let a job end after the set in hand; it can go on from there. Raises BulkJobNotFound, JobEnded."""
    job = await queries.job_for_update(tx, job_id)
    if not job.is_under_way:
        raise errors.JobEnded
    return await _stop(tx, job, errors.StoppedByHand(), locale=locale)


async def continue_job(tx: Tx, *, job_id: UUID) -> BulkJob:
    """Hand a job that was stopped to the worker again. Raises BulkJobNotFound, JobUnderWay."""
    job = await queries.job_for_update(tx, job_id)
    if job.status != JobStatus.stopped:
        raise errors.JobUnderWay
    await _update(tx, job, status=JobStatus.queued, stopped_by="")
    tx.emit(events.BulkJobQueued(job_id=job.job_id, action=job.action))
    return await queries.job(tx, job_id)


async def refuse_job(tx: Tx, *, job_id: UUID, refusal: Refusal) -> BulkJob:
    """Stop a job for a reason that lies in the whole of it; one that is through, or stopped, stays as it is."""
    job = await queries.job_for_update(tx, job_id)
    return await _stop(tx, job, refusal, locale=job.locale) if job.is_under_way else job


async def list_orders(tx: Tx, *, job_id: UUID) -> BulkJob:
    """Write down the next orders that fit the filters of a job, newest first; when none is left, it may run.

    Orders that were placed after the job was asked for are none of its. Raises TooManyChosen.
    """
    job = await queries.job_for_update(tx, job_id)
    if job.status not in {JobStatus.queued, JobStatus.listing}:
        return job
    if job.is_listed or job.filters is None:
        await _update(tx, job, status=JobStatus.running)
        return await queries.job(tx, job_id)
    settings = await tx.load_one(accounts.settings())
    whose = assigning.own(job.asked_by)
    (criteria,) = await orders.criteria_of(tx, [job.filters], time_zone=settings.time_zone, me=whose)
    ends = job.snapshot_at + timedelta(microseconds=1)
    criteria = criteria._replace(placed_before=min(criteria.placed_before or ends, ends))
    cursors = paging.Cursors(str(job.job_id))
    position = None if job.listed_at is None or job.listed_id is None else (job.listed_at, job.listed_id)
    asked = paging.Request(LISTED_PER_SET, position, backwards=False, scope=b"", cursors=cursors)
    page = await orders.order_rows(tx, request=asked, criteria=criteria)
    if job.total + len(page.items) > ORDERS_PER_JOB_MAX:
        raise errors.TooManyChosen(ORDERS_PER_JOB_MAX)
    await _write_down(tx, job.job_id, [(x.order_id, x.number, x.version) for x in page.items], after=job.total)
    total = job.total + len(page.items)
    if page.next is None:
        await _update(tx, job, status=JobStatus.running, total=total, listed_at=None, listed_id=None)
    else:
        (listed_at, listed_id), _ = cursors.open(page.next, scope=b"")
        await _update(tx, job, status=JobStatus.listing, total=total, listed_at=listed_at, listed_id=listed_id)
    return await queries.job(tx, job_id)


async def do_set(tx: Tx, *, job_id: UUID, limit: int = ORDERS_PER_SET, after: int | None = None) -> BulkJob:
    """Do the next orders of a job and store what became of each, in this one transaction.

    With `after` only while the job still stands there: another worker may have gone on with it. Raises MayNotAnyMore;
    what else a door raises concerns one of the orders.
    """
    job = await queries.job_for_update(tx, job_id)
    if job.status != JobStatus.running or after not in {None, job.position}:
        return job
    items = await queries.next_items(tx, job_id, after=job.position, limit=limit)
    if not items:
        return await _complete(tx, job)
    may = await tx.load_one(accounts.permissions_of(job.asked_by))
    permission = DEEDS[job.action].permission
    if permission not in may:
        raise errors.MayNotAnyMore(permission)
    outcomes = await _outcomes(tx, job, items, may)
    await _save(tx, job, items, outcomes)
    now = await queries.job(tx, job_id)
    return await _complete(tx, now) if now.position == now.total else now


async def refuse_next(tx: Tx, *, job_id: UUID, after: int, refusal: Refusal) -> BulkJob:
    """Store the refusal of the order behind place `after`, which its door did not return; `after` as in `do_set`."""
    job = await queries.job_for_update(tx, job_id)
    if job.position != after:
        return job
    items = await queries.next_items(tx, job_id, after=job.position, limit=1)
    if job.status == JobStatus.running and items:
        await _save(tx, job, items, [refusal])
    return await queries.job(tx, job_id)


async def _outcomes(tx: Tx, job: BulkJob, items: Sequence[BulkItem], may: frozenset[str]) -> list[Any]:
    """Return one outcome per order: what its door says, unless it was edited since it was chosen."""
    found = await orders.orders_for_update(tx, [item.order_id for item in items])
    refused: dict[int, Refusal] = {}
    for item in items:
        order = found.get(OrderId(item.order_id))
        if order is None:
            refused[item.place] = order_errors.OrderNotFound(str(item.order_id))
        elif order.order.version != item.version:
            refused[item.place] = errors.OrderChanged(item.number)
    fit = [item for item in items if item.place not in refused]
    told = await doors.DOORS[job.action](tx, job.wish, [item.order_id for item in fit], may) if fit else []
    done = dict(zip((item.place for item in fit), told, strict=True))
    return [refused[item.place] if item.place in refused else done[item.place] for item in items]


async def _save(tx: Tx, job: BulkJob, items: Sequence[BulkItem], outcomes: Sequence[object]) -> None:
    """Store what became of orders; what was so already counts as done, and says so."""
    refusals = [x if isinstance(x, Refusal) else None for x in outcomes]
    is_failed = [x is not None and not isinstance(x, order_errors.NothingToEdit) for x in refusals]
    await tx.sql_count(
        SQL["save_outcomes"],
        job_id=job.job_id,
        places=[item.place for item in items],
        statuses=[ItemStatus.failed if failed else ItemStatus.done for failed in is_failed],
        codes=[x.code if x is not None else "" for x in refusals],
        details=[i18n.say(job.locale, x) if x is not None else "" for x in refusals],
    )
    failed = sum(is_failed)
    await _update(tx, job, done=job.done + len(items) - failed, failed=job.failed + failed)


async def _complete(tx: Tx, job: BulkJob) -> BulkJob:
    await _update(tx, job, status=JobStatus.completed)
    tx.emit(events.BulkJobCompleted(job_id=job.job_id, action=job.action, done=job.done, failed=job.failed))
    return await queries.job(tx, job.job_id)


async def _stop(tx: Tx, job: BulkJob, refusal: Refusal, *, locale: str) -> BulkJob:
    await _update(tx, job, status=JobStatus.stopped, stopped_by=errands.why(locale, refusal))
    tx.emit(events.BulkJobStopped(job_id=job.job_id, action=job.action, code=refusal.code))
    return await queries.job(tx, job.job_id)


async def _write_down(tx: Tx, job_id: BulkJobId, found: Sequence[tuple[UUID, str, int]], *, after: int) -> None:
    if not found:
        return
    await tx.sql_count(
        SQL["insert_items"],
        job_id=job_id,
        places=list(range(after + 1, after + 1 + len(found))),
        order_ids=[order_id for order_id, _, _ in found],
        numbers=[number for _, number, _ in found],
        versions=[version for _, _, version in found],
    )


async def forget_old(tx: Tx) -> int:
    """Delete jobs that nobody touched for `JOBS_KEPT_DAYS`, with their outcomes; return how many, 0 when done."""
    before = tx.now - timedelta(days=JOBS_KEPT_DAYS)
    statement = (
        sa.select(t.BulkJob.job_id)
        .where(t.BulkJob.tenant_id == tx.tenant, t.BulkJob.updated_at < before)
        .order_by(t.BulkJob.job_id)
        .limit(JOBS_PER_SET_MAX)
        .with_for_update(key_share=True)  # one that somebody lets go on at this moment is old no more
    )
    old: Mapping[str, Any] = {"job_ids": list((await tx.execute(statement)).scalars())}
    if old["job_ids"]:
        await tx.sql_count(SQL["delete_items_of"], **old)
        await tx.sql_count(SQL["delete_jobs"], **old)
    return len(old["job_ids"])


async def erase_jobs(tx: Tx, *, order_ids: Collection[UUID]) -> None:
    """Wipe the notes of jobs that these orders were in and that are over, and what the jobs said of the orders."""
    wanted = {"order_ids": ids.in_order(order_ids)}
    found = {"job_ids": [row[0] for row in await tx.sql(SQL["jobs_of_orders"], **wanted)]}
    if found["job_ids"]:
        await tx.sql_many(
            [(SQL["erase_wishes"], {**found, "erased": ERASED}), (SQL["erase_details"], {**found, **wanted})]
        )


async def _update(tx: Tx, job: BulkJob, **changes: Any) -> None:
    await errands.update(tx, t.BulkJob, t.BulkJob.job_id == job.job_id, **changes)
