"""Two workers do one job: what one of them found wrong is said of no other order."""

import pytest_asyncio

from jiedan.base.db import Database, Scope
from jiedan.bulk import errors, service
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
