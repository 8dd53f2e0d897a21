"""Do a job from where it is, set by set."""

from uuid import UUID

import structlog

from jiedan.base import faults
from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal, Unavailable
from jiedan.base.ids import TenantId
from jiedan.bulk import errors, queries, service
from jiedan.bulk.values import ORDERS_PER_SET, BulkJob, JobStatus

log = structlog.get_logger()


async def run(database: Database, tenant: TenantId, job_id: UUID) -> BulkJob:
    """Do what is left of a job and return it; one that is through, or was stopped, is left alone.

    Killed at any moment it goes on with the next order when it is called again; two that run at once share the sets.
    What concerns the whole job stops it with the reason. Raises Unavailable when the database is away.
    """
    async with database.read(Scope(tenant)) as tx:
        job = await queries.job(tx, job_id)
    scope = Scope(tenant, job.asked_by)
    try:
        while job.status in {JobStatus.queued, JobStatus.listing}:
            job = await database.write(scope, lambda tx: service.list_orders(tx, job_id=job_id))
        while job.status == JobStatus.running:
            job = await _next_set(database, scope, job)
    except (errors.MayNotAnyMore, errors.TooManyChosen) as refusal:
        why: Refusal = refusal
        job = await database.write(scope, lambda tx: service.refuse_job(tx, job_id=job_id, refusal=why))
    return job


async def _next_set(database: Database, scope: Scope, job: BulkJob) -> BulkJob:
    """Do one set together; where something of it is refused as a whole or goes wrong, each order alone."""
    try:
        return await database.write(scope, lambda tx: service.do_set(tx, job_id=job.job_id))
    except errors.MayNotAnyMore:
        raise
    except Exception as error:
        if _is_for_later(error):
            raise
        log.warning("bulk.set_divided", job=str(job.job_id), reason=faults.reason(error))
    for _ in range(ORDERS_PER_SET):
        if job.status != JobStatus.running:
            break
        job = await _next_order(database, scope, job)
    return job


async def _next_order(database: Database, scope: Scope, job: BulkJob) -> BulkJob:
    job_id, after = job.job_id, job.position
    try:
        return await database.write(scope, lambda tx: service.do_set(tx, job_id=job_id, after=after, limit=1))
    except errors.MayNotAnyMore:
        raise
    except Exception as error:
        if _is_for_later(error):
            raise
        why: Refusal = error if isinstance(error, Refusal) else errors.DoneWrong()
        if why is not error:
            log.exception("bulk.order_failed", job=str(job.job_id))
        return await database.write(scope, lambda tx: service.refuse_next(tx, job_id=job_id, after=after, refusal=why))


def _is_for_later(error: Exception) -> bool:
    """Tell whether trying again later is meant to work: the job is left as it is, and called again."""
    return isinstance(error, Unavailable) or faults.is_outage(error) or faults.is_slow(error)
