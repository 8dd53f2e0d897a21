"""Bulk jobs in the worker: begun by their event, gone on with after a crash."""

from collections.abc import Mapping
from uuid import UUID

from jiedan.base.db import Database, Scope
from jiedan.base.drain import Handler
from jiedan.base.ids import TenantId
from jiedan.base.jobs import Periodic, Task, per_tenant, starting
from jiedan.bulk import errors, events, run, service


async def do_job(database: Database, tenant: TenantId, ids: Mapping[str, str]) -> None:
    """Do what is left of one job."""
    await run.run(database, tenant, UUID(ids["job_id"]))


async def give_up_job(database: Database, tenant: TenantId, ids: Mapping[str, str]) -> None:
    """Stop a job that no try has brought to its end: it may be let go on."""
    await database.write(
        Scope(tenant), lambda tx: service.refuse_job(tx, job_id=UUID(ids["job_id"]), refusal=errors.GivenUp())
    )


DO_JOB = Task("bulk.do_job", do_job, give_up=give_up_job)


START_JOBS = Handler("bulk.start_jobs", starting(DO_JOB, events.BulkJobQueued, "job_id"))

PERIODIC: tuple[Periodic, ...] = (Periodic("bulk.forget_old", "47 3 * * *", per_tenant(service.forget_old)),)
"""The periodic work of bulk jobs."""
