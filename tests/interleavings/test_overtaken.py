"""What somebody else overtakes is done again by what is there now: one case for each way that a pair has found."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pyotp
import pytest
import sqlalchemy as sa

from jiedan.accounts import queries as people
from jiedan.accounts import service as accounts
from jiedan.accounts.errors import FactorExists
from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base import books
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.errors import Overtaken
from jiedan.base.sealing import Sealer
from jiedan.base.tables import EventLog
from jiedan.bulk import queries as bulk_queries
from jiedan.bulk import service as bulk
from jiedan.bulk.errors import BulkJobNotFound
from jiedan.bulk.values import JOBS_KEPT_DAYS, JobStatus
from jiedan.carriers import service as carriers
from jiedan.carriers.values import Transit
from jiedan.carts import queries as cart_queries
from jiedan.carts import service as carts
from jiedan.carts.values import Wish
from jiedan.exports import jobs as export_jobs
from jiedan.exports import service as exports
from jiedan.exports.errors import ExportNotFound
from jiedan.exports.values import KEPT_DAYS, Wanted
from jiedan.fulfillment import queries as fulfillment_queries
from jiedan.fulfillment import service as fulfillment
from jiedan.fulfillment.values import PackingBox
from jiedan.notifications import queries as mails
from jiedan.notifications import service as notifications
from jiedan.notifications.values import Push
from jiedan.orders import service as orders
from jiedan.orders.values import DraftRef, Placed, Rejected
from jiedan.orders.values.lists import OrderFilter
from jiedan.reports import queries as report_queries
from jiedan.reports import service as reports
from jiedan.reports.values import HOUR, HOURS_PER_SET
from tests.accounts import factories as staff
from tests.base import web_client
from tests.bulk.factories import begun
from tests.carriers import factories as carrier_factories
from tests.conftest import FakeClock
from tests.customers import factories as customers
from tests.orders import factories
from tests.patience import until_it_waits

Work = Callable[[Tx], Awaitable[Any]]

HOLDER_HASH = b"h" * 32
"""What the cart of a browser is found by that nobody has signed in with yet."""


async def met(db: Database, owner: psycopg.Connection[Any], scope: Scope, first: Work, second: Work) -> Any:
    """Run `second` while `first` is not committed, until it waits or ends; commit, and return what `second` came to."""
    async with db.begin(scope) as tx:
        await first(tx)
        late = asyncio.create_task(db.write(scope, second))
        await until_it_waits(late, owner)
    return await late


async def told(db: Database, scope: Scope, kind: str) -> int:
    """Return how often something happened."""
    counted = sa.select(sa.func.count()).where(EventLog.tenant_id == scope.tenant, EventLog.kind == kind)
    async with db.read(scope) as tx:
        return int((await tx.execute(counted)).scalar_one())


async def test_a_person_is_found_whose_role_changes(db: Database, owner: psycopg.Connection[Any]) -> None:
    at = await staff.opened(db)
    person = await staff.person(db, at, "sales")
    found = await met(
        db, owner, at.scope,
        lambda tx: accounts.change_staff(tx, staff_id=person, changes={"role": "warehouse"}, held=ALL_PERMISSIONS),
        lambda tx: people.person_for_update(tx, person),
    )  # fmt: skip
    assert (found.staff_id, found.role.code) == (person, "warehouse")


async def test_a_cart_opened_by_a_key_is_found_by_it_again(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 5}})
    (wang,) = await customers.save(db, scope, [customers.wang()])
    opened = await db.write(scope, lambda tx: carts.open_cart(tx, customer_id=wang))
    for _ in range(2):
        assert await db.write(scope, lambda tx: carts.open_cart(tx, customer_id=wang, key="k-1")) == opened


async def test_a_cart_that_goes_makes_room_for_another(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 5}})
    (wang,) = await customers.save(db, scope, [customers.wang()])
    opened = await db.write(scope, lambda tx: carts.open_cart(tx, customer_id=wang))
    new = await met(
        db, owner, scope,
        lambda tx: carts.discard_cart(tx, cart_id=opened),
        lambda tx: carts.open_cart(tx, customer_id=wang),
    )  # fmt: skip
    assert new != opened


async def test_a_cart_comes_into_one_that_is_opened_meanwhile(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 5}})
    (wang,) = await customers.save(db, scope, [customers.wang()])
    brought = await db.write(scope, lambda tx: carts.open_cart(tx, holder_hash=HOLDER_HASH))
    await db.write(scope, lambda tx: carts.add_to_cart(tx, cart_id=brought, wish=Wish("TEA", 2)))
    kept = await met(
        db, owner, scope,
        lambda tx: carts.open_cart(tx, customer_id=wang),
        lambda tx: carts.attach_cart(tx, holder_hash=HOLDER_HASH, customer_id=wang),
    )  # fmt: skip
    assert kept != brought
    async with db.read(scope) as tx:
        assert [line.quantity for line in (await cart_queries.cart(tx, kept)).lines] == [2]


async def test_an_app_that_has_just_been_confirmed_stays(db: Database, owner: psycopg.Connection[Any]) -> None:
    at = await staff.opened(db)
    begun = await db.write(at.scope, lambda tx: accounts.begin_second_factor(tx, staff.SEALER, staff_id=at.owner_id))
    code = pyotp.TOTP(begun.secret).at(db.clock.now())
    with pytest.raises(FactorExists):
        await met(
            db, owner, at.scope,
            lambda tx: accounts.confirm_second_factor(tx, staff.SEALER, staff_id=at.owner_id, code=code),
            lambda tx: accounts.begin_second_factor(tx, staff.SEALER, staff_id=at.owner_id),
        )  # fmt: skip
    async with db.read(at.scope) as tx:
        factor = await accounts.second_factor(tx, staff_id=at.owner_id)
    assert factor is not None
    assert factor.is_confirmed


async def test_mail_settings_keep_what_both_changed(db: Database, owner: psycopg.Connection[Any]) -> None:
    at = await staff.opened(db)
    both = await met(
        db, owner, at.scope,
        lambda tx: notifications.change_settings(tx, changes={"reply_to": "li@example.com"}),
        lambda tx: notifications.change_settings(tx, changes={"silenced": ("payment_received",)}),
    )  # fmt: skip
    assert (both.reply_to, both.silenced, both.version) == ("li@example.com", ("payment_received",), 3)


async def test_of_two_choices_of_notices_the_second_stands(db: Database, owner: psycopg.Connection[Any]) -> None:
    at = await staff.opened(db)
    await met(
        db, owner, at.scope,
        lambda tx: notifications.choose_notice_mails(tx, staff_id=at.owner_id, kinds=["low_stock"]),
        lambda tx: notifications.choose_notice_mails(tx, staff_id=at.owner_id, kinds=["mail_failed"]),
    )  # fmt: skip
    async with db.read(at.scope) as tx:
        assert list(await mails.wishes_of(tx, staff_id=at.owner_id)) == ["mail_failed"]


async def test_a_browser_that_tells_of_itself_twice_is_told_of_once(
    db: Database, owner: psycopg.Connection[Any]
) -> None:
    at = await staff.opened(db)
    sealer, push = Sealer(web_client.SECRET), Push("https://push.example/send/f00d", "B" * 87, "A" * 22)

    async def add(tx: Tx) -> Any:
        return await notifications.add_device(tx, sealer=sealer, staff_id=at.owner_id, push=push, browser="Firefox")

    await met(db, owner, at.scope, add, add)
    assert await told(db, at.scope, "notifications.device_added") == 1


async def test_a_kind_of_box_set_up_twice_has_two_versions(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    box = PackingBox("M", "Medium", 320, 240, 140, 180)
    larger = await met(
        db, owner, scope,
        lambda tx: fulfillment.save_box(tx, box=box),
        lambda tx: fulfillment.save_box(tx, box=box._replace(name="Larger")),
    )  # fmt: skip
    assert (larger.name, larger.version) == ("Larger", 2)
    async with db.read(scope) as tx:
        assert await tx.load_one(fulfillment_queries.boxes()) == {"M": larger}


async def test_a_carrier_set_up_twice_has_two_versions(
    db: Database, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    account = carrier_factories.HAND
    renamed = await met(
        db, owner, scope,
        lambda tx: carriers.save_carrier(tx, account=account),
        lambda tx: carriers.save_carrier(tx, account=account._replace(name="SF")),
    )  # fmt: skip
    assert (renamed.name, renamed.version) == ("SF", 2)


async def test_days_set_twice_are_told_once(db: Database, scope: Scope, owner: psycopg.Connection[Any]) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 5}})
    days = {"W1": Transit(1, 2)}
    await met(
        db, owner, scope,
        lambda tx: fulfillment.set_handling(tx, days=days),
        lambda tx: fulfillment.set_handling(tx, days=days),
    )  # fmt: skip
    assert await told(db, scope, "fulfillment.handling_set") == 1


async def test_two_who_ask_for_a_check_get_one(db: Database, scope: Scope, owner: psycopg.Connection[Any]) -> None:
    first = []

    async def ask(tx: Tx) -> None:
        first.append(await books.ask(tx))

    second = await met(db, owner, scope, ask, books.ask)
    assert [second.check_id] == [x.check_id for x in first]


async def test_a_check_is_found_again_by_its_key(db: Database, scope: Scope) -> None:
    asked = await db.write(scope, lambda tx: books.ask(tx, key="k-1"))
    await books.CHECK.work(db, scope.tenant, {"check_id": str(asked.check_id)})
    again = await db.write(scope, lambda tx: books.ask(tx, key="k-1"))
    other = await db.write(scope, lambda tx: books.ask(tx, key="k-2"))
    assert (again.check_id, again.ended_at is None) == (asked.check_id, False)
    assert other.check_id != asked.check_id


async def test_counting_begins_once(db: Database, scope: Scope, owner: psycopg.Connection[Any]) -> None:
    await factories.shop(db, scope, {})
    await met(db, owner, scope, reports.count_hours, reports.count_hours)
    async with db.read(scope) as tx:
        counted = await report_queries.counted(tx)
    assert counted is not None
    assert counted.ends - counted.begins == 2 * HOURS_PER_SET * HOUR


async def test_a_job_that_goes_on_is_not_forgotten(
    db: Database, scope: Scope, owner: psycopg.Connection[Any], clock: FakeClock
) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 5}})
    placed = await factories.place_one(db, scope, factories.order(("TEA", 1)))
    job = await begun(db, scope, "tag", order_ids=[placed.order_id], tag="gift")
    await db.write(scope, lambda tx: bulk.stop_job(tx, job_id=job.job_id, locale="en"))
    clock.advance((JOBS_KEPT_DAYS + 1) * 24 * HOUR)
    await met(db, owner, scope, lambda tx: bulk.continue_job(tx, job_id=job.job_id), bulk.forget_old)
    async with db.read(scope) as tx:
        assert (await bulk_queries.job(tx, job.job_id)).status == JobStatus.queued


async def test_a_job_that_is_tried_again_is_forgotten_before_or_after(
    db: Database, scope: Scope, owner: psycopg.Connection[Any], clock: FakeClock
) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 5}})
    placed = await factories.place_one(db, scope, factories.order(("TEA", 1)))
    job = await begun(db, scope, "tag", order_ids=[placed.order_id], tag="gift")
    clock.advance((JOBS_KEPT_DAYS + 1) * 24 * HOUR)
    with pytest.raises(BulkJobNotFound):
        await met(db, owner, scope, bulk.forget_old, lambda tx: bulk.retry_failed(tx, job_id=job.job_id, locale="en"))


async def test_a_file_that_is_forgotten_is_left_alone(db: Database, scope: Scope, clock: FakeClock) -> None:
    await factories.shop(db, scope, {})
    wanted = Wanted("orders", "csv", OrderFilter(), "en")
    job = await db.write(scope, lambda tx: exports.begin_export(tx, wanted=wanted))
    clock.advance((KEPT_DAYS + 1) * 24 * HOUR)
    assert await db.write(scope, exports.forget_old) == 1
    await export_jobs.write_file(db, scope.tenant, {"export_id": str(job.export_id)})
    with pytest.raises(ExportNotFound):
        await db.write(scope, lambda tx: exports.store_part(tx, job=job, part=1, content=b""))


async def test_a_draft_is_placed_as_it_says_now(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"W1": 5}})
    saved = await db.write(scope, lambda tx: orders.save_draft(tx, data={"lines": []}, caller="tests"))
    await db.write(scope, lambda tx: orders.change_draft(tx, draft_id=saved.draft_id, data={"tags": ["gift"]}))
    wish = factories.draft(factories.order(("TEA", 1)))
    (stale,) = await factories.place(db, scope, wish._replace(saved=DraftRef(saved.draft_id, saved.version)))
    assert isinstance(stale, Rejected)
    assert isinstance(stale.reasons[0], Overtaken)
    (placed,) = await factories.place(db, scope, wish._replace(saved=DraftRef(saved.draft_id, saved.version + 1)))
    assert isinstance(placed, Placed)
    again = factories.draft(factories.order(("TEA", 1)))
    (late,) = await factories.place(db, scope, again._replace(saved=DraftRef(saved.draft_id)))
    assert factories.codes(late) == [("draft_already_placed", None)]
    nobodys = DraftRef(placed.order_id)
    (gone,) = await factories.place(db, scope, again._replace(key="k-9", saved=nobodys))
    assert factories.codes(gone) == [("draft_not_found", None)]
