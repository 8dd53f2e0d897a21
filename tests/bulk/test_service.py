"""Bulk jobs: each order has an outcome of its own, nothing happens twice, and a job goes on where it was."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.bulk import errors, jobs, queries, run, service
from jiedan.bulk.values import ORDERS_PER_SET, Action, Chosen, ItemStatus, JobStatus
from jiedan.orders import errors as order_errors
from jiedan.orders import queries as orders
from jiedan.orders import service as order_service
from jiedan.orders.values import HoldRequest, NewNote, OrderEdit, Placed
from jiedan.orders.values.lists import OrderFilter
from tests.accounts import factories as staff
from tests.bulk.factories import begun, by_staff, done, may, outcomes
from tests.conftest import FakeClock
from tests.orders import factories, listing
from tests.orders.factories import order, shop

EVERYTHING = OrderFilter()


async def placed(db: Database, scope: Scope, number: int, **facts: Any) -> list[UUID]:
    """Place orders of tea, each of two."""
    made = await factories.place(db, scope, *[order(("TEA", 2), **facts) for _ in range(number)])
    return [x.order_id for x in made if isinstance(x, Placed)]


@pytest.fixture
async def desk(db: Database, scope: Scope) -> Scope:
    """Open a merchant with tea, and hire somebody who may do everything."""
    await shop(db, scope, {"TEA": {"W1": 10_000}}, payment_terms="on_delivery", backorder=True)
    return await by_staff(db, scope)


async def _seen(db: Database, scope: Scope, order_id: UUID) -> Any:
    async with db.read(scope) as tx:
        return (await orders.order(tx, order_id)).order, (await orders.details(tx, [order_id]))[order_id]  # type: ignore[index]  # the same id


@pytest.mark.parametrize(
    ("action", "wish"),
    [
        ("tag", {"tag": "gift"}),
        ("note", {"note": NewNote(kind="packaging", text="Wrap it")}),
        ("hold", {"reason": "to be looked at", "hold_kind": "manual"}),
        ("release", {}),
        ("ship", {}),
        ("cancel", {"reason": "customer_request"}),
    ],
)
async def test_an_action_is_done_to_each_order(db: Database, desk: Scope, action: Action, wish: Any) -> None:
    ids = await placed(db, desk, 3)
    job = await done(db, desk, action, order_ids=ids, **wish)
    assert (job.status, job.total, job.done, job.failed) == (JobStatus.completed, 3, 3, 0)
    for order_id in ids:
        head, details = await _seen(db, desk, order_id)
        is_so = {
            "tag": details.tags == ("gift",),
            "note": [x.text for x in details.notes] == ["Wrap it"],
            "hold": [x.kind for x in details.standing_holds] == ["manual"],
            "release": head.fulfillment_status == "allocated",
            "ship": head.fulfillment_status == "shipped",
            "cancel": head.lifecycle == "canceled",
        }
        assert is_so[action]


async def test_orders_are_given_to_somebody_and_to_nobody(db: Database, scope: Scope) -> None:
    at = await staff.opened(db, backorder=True)
    async with db.begin(at.scope) as tx:
        await factories.sku(tx, "TEA")
    ids = await placed(db, at.scope, 3)
    lin = await staff.person(db, at, "sales")
    given = await done(db, at.scope, "assign", order_ids=ids, assignee_id=lin)
    mine = await done(db, at.scope, "assign", filters=OrderFilter(assignee="me"), assignee_id=lin)
    stranger = await done(db, at.scope, "assign", order_ids=ids[:1], assignee_id=uuid4())
    taken = await done(db, at.scope, "unassign", order_ids=ids[1:])
    assert [(x.done, x.failed) for x in (given, mine, stranger, taken)] == [(3, 0), (0, 0), (0, 1), (2, 0)]
    assert [x.code for x in await outcomes(db, at.scope, stranger)] == ["assignee_unknown"]
    assert [(await _seen(db, at.scope, x))[0].assignee_id for x in ids] == [lin, None, None]
    with pytest.raises(errors.WishIncomplete):
        await begun(db, at.scope, "assign", order_ids=ids)


async def test_holds_and_tags_are_taken_off_again(db: Database, desk: Scope) -> None:
    ids = await placed(db, desk, 2, tags=("gift", "VIP"))
    await done(db, desk, "hold", order_ids=ids[:1], reason="why")
    lifted = await done(db, desk, "unhold", order_ids=ids, reason="looked at")
    untagged = await done(db, desk, "untag", order_ids=ids, tag="gift")
    assert (lifted.done, lifted.failed) == (1, 1)
    assert [x.code for x in await outcomes(db, desk, lifted, ItemStatus.failed)] == ["no_hold_stands"]
    assert (untagged.done, untagged.failed) == (2, 0)
    head, details = await _seen(db, desk, ids[0])
    assert details.standing_holds == ()
    assert details.tags == ("VIP",)
    assert head.version == 2


async def test_completing_needs_that_nothing_is_to_be_shipped(db: Database, desk: Scope) -> None:
    ids = await placed(db, desk, 2)
    await done(db, desk, "ship", order_ids=ids[:1])
    job = await done(db, desk, "complete", order_ids=ids, reason="agreed")
    assert (job.done, job.failed) == (1, 1)


async def test_what_an_order_has_already_counts_as_done_and_says_so(db: Database, desk: Scope) -> None:
    ids = await placed(db, desk, 1, tags=("gift",))
    job = await done(db, desk, "tag", order_ids=ids, tag="gift")
    (item,) = await outcomes(db, desk, job)
    assert (item.status, item.code) == ("done", "nothing_to_edit")


async def test_all_that_fit_means_those_of_the_moment_it_was_asked_for(db: Database, desk: Scope) -> None:
    ids = await placed(db, desk, 3)
    job = await begun(db, desk, "tag", filters=EVERYTHING, tag="gift")
    await placed(db, desk, 2)
    job = await run.run(db, desk.tenant, job.job_id)
    assert (job.total, job.done) == (3, 3)
    assert {x.order_id for x in await outcomes(db, desk, job)} == set(ids)


async def test_what_a_job_changes_does_not_change_what_it_is_about(db: Database, desk: Scope) -> None:
    """Lifting the hold of an order takes it out of the list of held ones; the job does the others all the same."""
    ids = await placed(db, desk, ORDERS_PER_SET + 20)
    requests = [HoldRequest(x, "manual", "why") for x in ids]
    await db.write(desk, lambda tx: order_service.place_holds(tx, requests=requests))
    await listing.drain(db, desk)
    job = await done(db, desk, "unhold", filters=OrderFilter(held=True), reason="looked at")
    assert (job.total, job.done, job.failed) == (ORDERS_PER_SET + 20, ORDERS_PER_SET + 20, 0)


async def test_each_refusal_is_told_and_the_others_go_on(db: Database, desk: Scope) -> None:
    ids = await placed(db, desk, 4)
    await done(db, desk, "cancel", order_ids=ids[:1], reason="mistake")
    job = await done(db, desk, "ship", order_ids=ids)
    assert (job.status, job.done, job.failed) == (JobStatus.completed, 3, 1)
    (failed,) = await outcomes(db, desk, job, ItemStatus.failed)
    assert failed.order_id == ids[0]
    assert failed.code == "gate_closed"
    assert failed.detail


async def test_what_failed_is_tried_again_as_it_is_now(db: Database, desk: Scope) -> None:
    ids = await placed(db, desk, 3)
    await done(db, desk, "hold", order_ids=ids[:2], reason="why")
    first = await done(db, desk, "ship", order_ids=ids)
    assert (first.done, first.failed) == (1, 2)
    await done(db, desk, "unhold", order_ids=ids[:2], reason="looked at")
    key = str(uuid4())
    retries = [
        await db.write(desk, lambda tx: service.retry_failed(tx, job_id=first.job_id, locale="en", key=key))
        for _ in range(2)
    ]
    assert retries[0].job_id == retries[1].job_id
    second = await run.run(db, desk.tenant, retries[0].job_id)
    assert (second.total, second.done, second.failed, second.retry_of) == (2, 2, 0, first.job_id)
    with pytest.raises(errors.NothingFailed):
        await db.write(desk, lambda tx: service.retry_failed(tx, job_id=second.job_id, locale="en"))


async def test_an_order_that_was_edited_since_it_was_chosen_is_not_touched(db: Database, desk: Scope) -> None:
    ids = await placed(db, desk, 2)
    edit = OrderEdit(tags=("VIP",))
    await db.write(desk, lambda tx: order_service.edit_order(tx, order_id=ids[0], edit=edit, version=1))
    job = await done(db, desk, "cancel", chosen=[Chosen(x, 1) for x in ids], reason="mistake")
    (failed,) = await outcomes(db, desk, job, ItemStatus.failed)
    assert (failed.order_id, failed.code) == (ids[0], "order_changed")
    assert (await _seen(db, desk, ids[0]))[0].lifecycle == "open"


async def test_a_job_stops_when_its_person_may_not_any_more_and_goes_on_when_they_may(
    db: Database, desk: Scope
) -> None:
    ids = await placed(db, desk, ORDERS_PER_SET + 5)
    job = await begun(db, desk, "cancel", filters=EVERYTHING, reason="mistake")
    await db.write(desk, lambda tx: service.list_orders(tx, job_id=job.job_id))
    await db.write(desk, lambda tx: service.do_set(tx, job_id=job.job_id))
    await may(db, desk, ALL_PERMISSIONS - {"orders:cancel"})
    stopped = await run.run(db, desk.tenant, job.job_id)
    assert (stopped.status, stopped.done) == (JobStatus.stopped, ORDERS_PER_SET)
    assert "orders:cancel" in stopped.stopped_by
    await may(db, desk, ALL_PERMISSIONS)
    await db.write(desk, lambda tx: service.continue_job(tx, job_id=job.job_id))
    ended = await run.run(db, desk.tenant, job.job_id)
    assert (ended.status, ended.done, ended.failed) == (JobStatus.completed, len(ids), 0)


async def test_a_job_that_was_killed_between_sets_goes_on_and_does_nothing_twice(db: Database, desk: Scope) -> None:
    ids = await placed(db, desk, ORDERS_PER_SET + 5)
    job = await begun(db, desk, "note", filters=EVERYTHING, note=NewNote(text="Thank you"))
    await db.write(desk, lambda tx: service.list_orders(tx, job_id=job.job_id))
    await db.write(desk, lambda tx: service.do_set(tx, job_id=job.job_id))
    await run.run(db, desk.tenant, job.job_id)
    again = await run.run(db, desk.tenant, job.job_id)
    assert (again.done, again.failed) == (len(ids), 0)
    async with db.read(desk) as tx:
        details = await orders.details(tx, ids)
    assert {len(x.notes) for x in details.values()} == {1}


async def test_somebody_stops_a_job(db: Database, desk: Scope) -> None:
    ids = await placed(db, desk, 2)
    job = await begun(db, desk, "tag", order_ids=ids, tag="gift")
    await db.write(desk, lambda tx: service.stop_job(tx, job_id=job.job_id, locale="en"))
    stopped = await run.run(db, desk.tenant, job.job_id)
    assert (stopped.status, stopped.done, stopped.stopped_by) == (
        JobStatus.stopped,
        0,
        "Stopped by hand. Let it go on when it is meant to.",
    )
    with pytest.raises(errors.JobEnded):
        await db.write(desk, lambda tx: service.stop_job(tx, job_id=job.job_id, locale="en"))
    await db.write(desk, lambda tx: service.continue_job(tx, job_id=job.job_id))
    with pytest.raises(errors.JobUnderWay):
        await db.write(desk, lambda tx: service.continue_job(tx, job_id=job.job_id))


async def test_an_order_that_meets_a_fault_keeps_none_of_the_others_waiting(
    db: Database, desk: Scope, owner: psycopg.Connection[Any]
) -> None:
    """The database says no to one order, as it would after a bug: its set is done again, one by one."""
    ids = await placed(db, desk, 3)
    owner.execute(f"ALTER TABLE order_tag ADD CONSTRAINT cursed CHECK (order_id <> '{ids[1]}') NOT VALID")
    try:
        job = await done(db, desk, "tag", order_ids=ids, tag="gift")
    finally:
        owner.execute("ALTER TABLE order_tag DROP CONSTRAINT cursed")
    assert (job.status, job.done, job.failed) == (JobStatus.completed, 2, 1)
    (failed,) = await outcomes(db, desk, job, ItemStatus.failed)
    assert (failed.order_id, failed.code) == (ids[1], "internal_error")


async def test_what_cannot_begin_is_refused(db: Database, desk: Scope) -> None:
    (order_id,) = await placed(db, desk, 1)
    with pytest.raises(errors.NothingChosen):
        await begun(db, desk, "release")
    with pytest.raises(errors.NothingChosen):
        await begun(db, desk, "release", order_ids=[order_id], filters=EVERYTHING)
    with pytest.raises(errors.WishIncomplete):
        await begun(db, desk, "cancel", order_ids=[order_id], reason=" ")
    with pytest.raises(errors.TooManyChosen):
        await begun(db, desk, "release", order_ids=[uuid4() for _ in range(501)])
    with pytest.raises(order_errors.OrderNotFound):
        await begun(db, desk, "release", order_ids=[uuid4()])


async def test_a_set_takes_as_many_statements_as_one_order(
    db: Database, desk: Scope, recorder: StatementRecorder
) -> None:
    counts = []
    for number in (1, 40):
        job = await begun(db, desk, "cancel", order_ids=await placed(db, desk, number), reason="mistake")
        await db.write(desk, lambda tx, job_id=job.job_id: service.list_orders(tx, job_id=job_id))  # type: ignore[misc]  # bound as it is now
        with recorder.watching() as sent:
            await db.write(desk, lambda tx, job_id=job.job_id: service.do_set(tx, job_id=job_id))  # type: ignore[misc]  # bound as it is now
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_the_worker_is_asked_for_a_job_by_its_event(db: Database, desk: Scope) -> None:
    ids = await placed(db, desk, 1)
    job = await begun(db, desk, "tag", order_ids=ids, tag="gift")
    async with db.read(desk) as tx:
        assert (await queries.under_way(tx, desk.actor)) == job
    await listing.drain(db, desk)
    await jobs.do_job(db, desk.tenant, {"job_id": str(job.job_id)})
    async with db.read(desk) as tx:
        assert await queries.under_way(tx, desk.actor) is None
        ended = await queries.job(tx, job.job_id)
    assert (ended.status, ended.done) == (JobStatus.completed, 1)


async def test_jobs_are_forgotten_after_three_months(db: Database, desk: Scope, clock: FakeClock) -> None:
    job = await done(db, desk, "tag", order_ids=await placed(db, desk, 1), tag="gift")
    assert await db.write(desk, service.forget_old) == 0
    clock.advance(timedelta(days=91))
    assert await db.write(desk, service.forget_old) == 1
    async with db.read(desk) as tx:
        with pytest.raises(errors.BulkJobNotFound):
            await queries.job(tx, job.job_id)
