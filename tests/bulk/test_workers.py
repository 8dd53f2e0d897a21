"""Two workers do one job: what one of them found wrong is said of no other order."""

import pytest_asyncio

from jiedan.base.db import Database, Scope
from jiedan.bulk import errors, jobs, queries, service
from jiedan.bulk.values import JobStatus
from tests.bulk.factories import begun, by_staff, outcomes
from tests.orders import factories


@pytest_asyncio.fixture
async def desk(db: Database, scope: Scope) -> Scope:
    return await by_staff(db, scope)


async def test_an_order_that_another_worker_has_done_is_not_refused_and_neither_is_the_next(
    db: Database, desk: Scope
) -> None:
    await factories.shop(db, desk, {"TEA": {"W1": 9}})
    placed = [await factories.place_one(db, desk, factories.order(("TEA", 1))) for _ in range(2)]
    job = await begun(db, desk, "tag", order_ids=[x.order_id for x in placed], tag="gift")
    job = await db.write(desk, lambda tx: service.list_orders(tx, job_id=job.job_id))
    key, wrong = job.job_id, errors.DoneWrong()
    first = await db.write(desk, lambda tx: service.do_set(tx, job_id=key, after=0, limit=1))
    assert (first.done, first.failed) == (1, 0)
    again = await db.write(desk, lambda tx: service.do_set(tx, job_id=key, after=0, limit=1))
    late = await db.write(desk, lambda tx: service.refuse_next(tx, job_id=key, after=0, refusal=wrong))
    assert again == late == first
    refused = await db.write(desk, lambda tx: service.refuse_next(tx, job_id=key, after=1, refusal=wrong))
    assert (refused.done, refused.failed) == (1, 1)
    assert [item.code for item in await outcomes(db, desk, refused)] == ["", wrong.code]


async def test_a_job_that_failed_each_time_is_stopped_says_so_and_may_go_on(db: Database, desk: Scope) -> None:
    await factories.shop(db, desk, {"TEA": {"W1": 9}})
    placed = await factories.place_one(db, desk, factories.order(("TEA", 1)))
    job = await begun(db, desk, "tag", order_ids=[placed.order_id], tag="gift")
    assert jobs.DO_JOB.give_up is not None
    await jobs.DO_JOB.give_up(db, desk.tenant, {"job_id": str(job.job_id)})
    async with db.read(desk) as tx:
        stopped = await queries.job(tx, job.job_id)
    assert stopped.status == JobStatus.stopped
    assert "Let it go on" in stopped.stopped_by
    again = await db.write(desk, lambda tx: service.continue_job(tx, job_id=job.job_id))
    assert again.status == JobStatus.queued
