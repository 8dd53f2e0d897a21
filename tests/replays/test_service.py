"""Replays: what the draft would have made of orders, none counted twice, and what nobody can know is not guessed."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from jiedan.base.db import Database, Scope
from jiedan.base.idempotency import KeyReused
from jiedan.base.recorder import StatementRecorder
from jiedan.catalog import tables as catalog
from jiedan.orders import service as orders
from jiedan.orders.values import CancelRequest
from jiedan.pricing import queries as prices
from jiedan.pricing import service as pricing
from jiedan.pricing.errors.drafts import CannotPublish
from jiedan.pricing.values import PriceList, ShippingArea, ShippingMethod, TaxRate, Tier
from jiedan.pricing.values.promotions import AmountOff, Caps, Gift, PercentOff, Promotion, When
from jiedan.replays import errors, jobs, queries, run, service
from jiedan.replays.values import ORDERS_PER_SET, ReplayStatus
from tests.conftest import FakeClock
from tests.orders import listing
from tests.orders.factories import order, shop
from tests.orders.test_history import imported
from tests.pricing import coupon_factories as coupons
from tests.pricing import shipping_methods
from tests.replays.factories import TEA, TENTH, begun, done, drafted, figures, placed, published, rows, sums

HALF = Promotion("half", "Half", PercentOff(500_000), TEA)
ONCE = Promotion("once", "For the first one", AmountOff({"CNY": 300}), TEA, caps=Caps(total=1))
EACH = Promotion("each", "Once for everybody", AmountOff({"CNY": 300}), TEA, caps=Caps(per_customer=1))
SPRING = Promotion("spring", "Spring", AmountOff({"CNY": 100}), TEA, When(coupon="required"))


@pytest.fixture
async def desk(db: Database, scope: Scope) -> Scope:
    """Open a merchant with tea, cups and mugs at 10.00."""
    await shop(db, scope, {code: {"W1": 1_000} for code in ("TEA", "CUP", "A", "MUG")}, backorder=True)
    return scope


async def _remove(db: Database, scope: Scope, code: str) -> None:
    """Take a rule out of the draft."""
    async with db.begin(scope) as tx:
        (rule,) = [x for x in await tx.load_one(prices.draft_rules()) if x.code == code]
        await pricing.remove_rule(tx, rule_id=rule.rule_id)


async def test_a_promotion_of_the_draft_is_tried_on_orders_of_the_past(db: Database, desk: Scope) -> None:
    few, many, _ = await placed(db, desk, order(("TEA", 2), ("CUP", 1)), order(("TEA", 5)), order(("CUP", 1)))
    await drafted(db, desk, TENTH)
    replay = await done(db, desk)
    assert (replay.status, replay.total, replay.done, replay.base_version, replay.changes) == (
        ReplayStatus.completed, 3, 3, 0, 1,
    )  # fmt: skip
    assert await figures(db, desk, replay) == {
        "total": (3, 9_000, 8_300),
        "discount": (2, 0, 700),
        "changed": (2, 8_000, 7_300),
        "fallen": (2, 8_000, 7_300),
        "same": (1, 1_000, 1_000),
    }
    assert {(row.order_id, row.difference_minor) for row in await rows(db, desk, replay)} == {
        (few.order_id, -200), (many.order_id, -500),
    }  # fmt: skip
    async with db.read(desk) as tx:
        worst, skus, risen = await tx.load(
            queries.orders_most(replay.replay_id, ["CNY"], is_risen=False, count=1),
            queries.most(replay.replay_id, "sku", ["CNY"], is_risen=False),
            queries.orders_most(replay.replay_id, ["CNY"], is_risen=True),
        )
    assert [(row.order_id, row.before_minor, row.after_minor) for row in worst] == [(many.order_id, 5_000, 4_500)]
    assert [tuple(row) for row in skus] == [("TEA", "CNY", 2, 7_000, 6_300, -700)]
    assert risen == []


async def test_the_same_rules_change_nothing(db: Database, desk: Scope) -> None:
    await published(db, desk, TENTH, SPRING, ONCE)
    await coupons.batch(db, desk)
    await placed(db, desk, order(("TEA", 2)), order(("TEA", 1), coupons=("SPRING10",)), order(("CUP", 3)))
    replay = await done(db, desk)
    found = await figures(db, desk, replay)
    assert found["same"][0] == 3
    assert found.keys() == {"same", "total", "discount"}
    assert await rows(db, desk, replay) == []


async def test_orders_of_several_versions_are_priced_each_by_its_own(db: Database, desk: Scope) -> None:
    await placed(db, desk, order(("TEA", 1)))
    await published(db, desk, TENTH)
    await placed(db, desk, order(("TEA", 1)))
    await published(db, desk, HALF)
    await placed(db, desk, order(("TEA", 1)))
    await _remove(db, desk, "half")
    replay = await done(db, desk)
    found = await figures(db, desk, replay)
    assert (found["total"], found["same"][0], found["fallen"], found["risen"]) == (
        (3, 1_000 + 900 + 450, 2_700), 1, (1, 1_000, 900), (1, 450, 900),
    )  # fmt: skip


async def test_what_was_canceled_or_imported_is_in_no_figure(db: Database, desk: Scope, clock: FakeClock) -> None:
    one, _ = await placed(db, desk, order(("TEA", 1)), order(("TEA", 1)))
    await db.write(desk, lambda tx: orders.cancel_orders(tx, requests=[CancelRequest(one.order_id, "mistake")]))
    await imported(db, desk, clock.now() - timedelta(days=1), 1)
    await drafted(db, desk, TENTH)
    found = await figures(db, desk, await done(db, desk))
    assert (found["total"], found["canceled"], found["imported"]) == (
        (1, 1_000, 900), (1, 1_000, 1_000), (1, 1_000, 1_000),
    )  # fmt: skip


async def test_currencies_are_never_added_up(db: Database, desk: Scope) -> None:
    async with db.begin(desk) as tx:
        await tx.execute(
            sa.insert(catalog.SkuPrice).from_select(
                ["tenant_id", "sku_id", "currency", "min_quantity", "unit_minor"],
                sa.select(catalog.Sku.tenant_id, catalog.Sku.sku_id, sa.literal("USD"), sa.literal(1), sa.literal(200))
                .where(catalog.Sku.tenant_id == tx.tenant, catalog.Sku.code == "TEA"),
            )
        )  # fmt: skip
    await placed(db, desk, order(("TEA", 1)), order(("TEA", 1), currency="USD"))
    await drafted(db, desk, TENTH)
    replay = await done(db, desk)
    assert (await figures(db, desk, replay))["total"] == (1, 1_000, 900)
    assert (await figures(db, desk, replay, "USD"))["total"] == (1, 200, 180)


async def test_goods_that_cost_something_else_today_stay_as_charged(db: Database, desk: Scope) -> None:
    await placed(db, desk, order(("TEA", 1)), order(("CUP", 1)))
    async with db.begin(desk) as tx:
        await tx.execute(
            sa.update(catalog.SkuPrice)
            .where(catalog.SkuPrice.tenant_id == tx.tenant)
            .where(catalog.SkuPrice.sku_id.in_(
                sa.select(catalog.Sku.sku_id).where(catalog.Sku.tenant_id == tx.tenant, catalog.Sku.code == "TEA")
            ))
            .values(unit_minor=9_900)
        )  # fmt: skip
        await pricing.create_rule(tx, kind="price_list", body=PriceList("all", "CNY"))
        await pricing.set_list_prices(
            tx, rows=[pricing.ListPriceRow("all", code, (Tier(1, 800),)) for code in ("TEA", "CUP")]
        )
    await drafted(db, desk, TENTH)
    found = await figures(db, desk, await done(db, desk))
    # Tea stays at 10.00, less the tenth of the draft; cups go to the 8.00 of its list.
    assert (found["total"], found["kept"][0]) == ((2, 2_000, 900 + 800), 1)


async def test_a_promotion_that_an_order_met_used_up_stays_used_up(db: Database, desk: Scope) -> None:
    await published(db, desk, ONCE)
    await placed(db, desk, order(("TEA", 1)))
    await placed(db, desk, order(("TEA", 1)))
    found = await figures(db, desk, await done(db, desk))
    assert (found["same"], "limited" in found) == ((2, 1_700, 1_700), False)


async def test_what_hangs_on_limits_nobody_counted_is_told(db: Database, desk: Scope) -> None:
    wang = await coupons.customer(db, desk)
    await placed(db, desk, *[order(("TEA", 1), customer_id=wang) for _ in range(2)])
    await drafted(db, desk, EACH)
    replay = await done(db, desk)
    found = await figures(db, desk, replay)
    assert (found["total"], found["limited"]) == ((2, 2_000, 1_400), (2, 0, 600))
    async with db.read(desk) as tx:
        (customer,) = await tx.load_one(queries.most(replay.replay_id, "customer", ["CNY"], is_risen=False))
    assert (customer.subject, customer.orders, customer.difference_minor) == (str(wang), 2, -600)


async def test_the_first_order_of_a_customer_is_known(db: Database, desk: Scope) -> None:
    wang = await coupons.customer(db, desk)
    welcome = Promotion("welcome", "Welcome", AmountOff({"CNY": 200}), TEA, When(first_order=True))
    await placed(db, desk, order(("TEA", 1), customer_id=wang))
    await placed(db, desk, order(("TEA", 1), customer_id=wang))
    await drafted(db, desk, welcome)
    found = await figures(db, desk, await done(db, desk))
    assert (found["total"], found["changed"][0], "limited" in found) == ((2, 2_000, 1_800), 1, False)


async def test_a_coupon_that_the_draft_does_not_know_is_left_away(db: Database, desk: Scope) -> None:
    await published(db, desk, SPRING)
    await coupons.batch(db, desk)
    await placed(db, desk, order(("TEA", 1), coupons=("SPRING10",)))
    await _remove(db, desk, "spring")
    found = await figures(db, desk, await done(db, desk))
    assert (found["total"], found["codes"]) == ((1, 900, 1_000), (1, 1, 0))


async def test_gifts_of_the_draft_count_as_there_and_that_is_told(db: Database, desk: Scope) -> None:
    await placed(db, desk, order(("TEA", 1)))
    await drafted(db, desk, Promotion("mug", "A mug", Gift(("MUG",)), TEA))
    found = await figures(db, desk, await done(db, desk))
    assert (found["gifts"], found["gifts_assumed"], found["total"]) == ((1, 0, 1), (1, 0, 1), (1, 1_000, 1_000))


async def test_what_the_draft_would_not_have_taken_is_told_with_the_reason(db: Database, desk: Scope) -> None:
    taken, refused = await placed(db, desk, order(("TEA", 1)), order(("CUP", 1)))
    small = shipping_methods.zone("us", 500, ShippingArea("US"))
    async with db.begin(desk) as tx:
        await pricing.create_rule(tx, kind="shipping_method", body=ShippingMethod("express", "Express", (small,)))
    replay = await done(db, desk)
    found = await figures(db, desk, replay)
    assert found["refused"] == (2, 2_000, 0)
    assert "total" not in found
    listed = await rows(db, desk, replay, "refused")
    assert {row.order_id for row in listed} == {taken.order_id, refused.order_id}
    assert all(row.code and row.detail for row in listed)


async def test_a_draft_that_contradicts_itself_is_not_replayed(db: Database, desk: Scope) -> None:
    await placed(db, desk, order(("TEA", 1)))
    async with db.begin(desk) as tx:
        for from_at in (None, tx.now):
            rate = TaxRate("standard", 130_000, from_at=from_at)
            await pricing.create_rule(tx, kind="tax_rate", body=rate)
    with pytest.raises(CannotPublish):
        await begun(db, desk)


async def test_a_replay_goes_on_where_it_was_and_counts_nothing_twice(db: Database, desk: Scope) -> None:
    await placed(db, desk, *[order(("TEA", 1 + i % 3)) for i in range(7)])
    await drafted(db, desk, TENTH)
    replay = await begun(db, desk)
    for expected in (2, 4):
        now = await db.write(desk, lambda tx: service.do_set(tx, replay_id=replay.replay_id, limit=2))
        assert (now.status, now.done) == (ReplayStatus.running, expected)

    class KilledError(Exception):
        """The worker is gone before it commits."""

    async def killed() -> None:
        async with db.begin(desk) as tx:
            assert (await service.do_set(tx, replay_id=replay.replay_id, limit=2)).done == 6
            raise KilledError

    with pytest.raises(KilledError):
        await killed()
    told: list[int] = []
    ended = await run.run(db, desk.tenant, replay.replay_id, progress=told.append)
    assert (ended.status, ended.done, sum(told), told[0]) == (ReplayStatus.completed, 7, 7, 4)
    whole = await done(db, desk)
    assert await sums(db, desk, ended) == await sums(db, desk, whole)
    assert len(await rows(db, desk, ended)) == 7


async def test_two_workers_share_the_sets(db: Database, desk: Scope) -> None:
    await placed(db, desk, *[order(("TEA", 1)) for _ in range(6)])
    await drafted(db, desk, TENTH)
    replay = await begun(db, desk)

    async def worker() -> None:
        while (await db.write(desk, lambda tx: service.do_set(tx, replay_id=replay.replay_id, limit=1))).is_under_way:
            pass

    await asyncio.gather(worker(), worker())
    assert (await figures(db, desk, replay))["total"] == (6, 6_000, 5_400)


async def test_orders_placed_meanwhile_are_none_of_it(db: Database, desk: Scope) -> None:
    await placed(db, desk, order(("TEA", 1)))
    await drafted(db, desk, TENTH)
    replay = await begun(db, desk)
    await placed(db, desk, order(("TEA", 1)))
    await drafted(db, desk, HALF)
    ended = await run.run(db, desk.tenant, replay.replay_id)
    assert (ended.done, (await figures(db, desk, ended))["total"]) == (1, (1, 1_000, 900))


async def test_only_orders_of_the_last_days_are_replayed(db: Database, desk: Scope, clock: FakeClock) -> None:
    await placed(db, desk, order(("TEA", 1)))
    clock.advance(timedelta(days=3))
    await placed(db, desk, order(("TEA", 1)))
    assert (await done(db, desk, days=2)).done == 1
    assert (await done(db, desk, days=4)).done == 2
    clock.advance(timedelta(days=3))
    with pytest.raises(errors.NothingToReplay):
        await begun(db, desk, days=2)
    with pytest.raises(errors.ReplayDaysInvalid):
        await begun(db, desk, days=0)


async def test_one_at_a_time_and_once_under_its_key(db: Database, desk: Scope) -> None:
    await placed(db, desk, order(("TEA", 1)))
    key = str(uuid4())
    first = await begun(db, desk, key=key)
    assert await begun(db, desk, key=key) == first
    with pytest.raises(KeyReused):
        await begun(db, desk, days=7, key=key)
    with pytest.raises(errors.ReplayUnderWay):
        await begun(db, desk)
    async with db.read(desk) as tx:
        assert await queries.under_way(tx) == first


async def test_a_canceled_replay_ends_and_keeps_what_it_came_to(db: Database, desk: Scope) -> None:
    await placed(db, desk, order(("TEA", 1)), order(("TEA", 1)))
    await drafted(db, desk, TENTH)
    replay = await begun(db, desk)
    await db.write(desk, lambda tx: service.do_set(tx, replay_id=replay.replay_id, limit=1))
    ended = await db.write(desk, lambda tx: service.cancel_replay(tx, replay_id=replay.replay_id))
    assert (ended.status, ended.done) == (ReplayStatus.canceled, 1)
    again = await run.run(db, desk.tenant, replay.replay_id)
    assert (again, (await figures(db, desk, replay))["total"]) == (ended, (1, 1_000, 900))
    with pytest.raises(errors.ReplayEnded):
        await db.write(desk, lambda tx: service.cancel_replay(tx, replay_id=replay.replay_id))
    await begun(db, desk)


async def test_what_failed_each_time_is_given_up_and_says_so(db: Database, desk: Scope) -> None:
    await placed(db, desk, order(("TEA", 1)))
    replay = await begun(db, desk)
    assert jobs.DO_REPLAY.give_up is not None
    ids = {"replay_id": str(replay.replay_id)}
    await jobs.DO_REPLAY.give_up(db, desk.tenant, ids)
    await jobs.DO_REPLAY.give_up(db, desk.tenant, ids)
    async with db.read(desk) as tx:
        failed = await queries.replay(tx, replay.replay_id)
    assert (failed.status, "failed each time" in failed.stopped_by) == (ReplayStatus.failed, True)


async def test_the_worker_is_asked_by_the_event(db: Database, desk: Scope) -> None:
    await placed(db, desk, order(("TEA", 1)))
    replay = await begun(db, desk)
    await listing.drain(db, desk)
    await jobs.do_replay(db, desk.tenant, {"replay_id": str(replay.replay_id)})
    async with db.read(desk) as tx:
        assert (await queries.replay(tx, replay.replay_id)).status == ReplayStatus.completed


async def test_replays_are_forgotten_after_three_months(db: Database, desk: Scope, clock: FakeClock) -> None:
    await placed(db, desk, order(("TEA", 1)))
    await drafted(db, desk, TENTH)
    replay = await done(db, desk)
    assert await db.write(desk, service.forget_old) == 0
    clock.advance(timedelta(days=91))
    assert await db.write(desk, service.forget_old) == 1
    async with db.read(desk) as tx:
        with pytest.raises(errors.ReplayNotFound):
            await queries.replay(tx, replay.replay_id)


async def test_a_set_takes_as_many_statements_as_one_order(
    db: Database, desk: Scope, recorder: StatementRecorder
) -> None:
    welcome = Promotion("welcome", "Welcome", AmountOff({"CNY": 200}), TEA, When(first_order=True))
    await published(db, desk, EACH, welcome)
    await drafted(db, desk, TENTH)
    wang = await coupons.customer(db, desk)
    counts = []
    for number in (1, ORDERS_PER_SET):
        await placed(db, desk, *[order(("TEA", 1), ("CUP", 1), customer_id=wang) for _ in range(number)])
        replay = await begun(db, desk, days=1)
        with recorder.watching() as sent:
            await db.write(desk, lambda tx, key=replay.replay_id: service.do_set(tx, replay_id=key))  # type: ignore[misc]  # bound as it is now
        counts.append(len(sent))
        await run.run(db, desk.tenant, replay.replay_id)
    assert counts[0] == counts[1]


async def test_of_two_that_begin_at_once_one_is_told_of_the_other(
    db: Database, desk: Scope, owner: psycopg.Connection[object]
) -> None:
    await placed(db, desk, order(("TEA", 1)))
    found = await asyncio.gather(begun(db, desk), begun(db, desk), return_exceptions=True)
    assert sorted(type(x).__name__ for x in found) == ["Replay", "ReplayUnderWay"]
    counted = owner.execute("SELECT count(*) FROM price_replay WHERE tenant_id = %s", [desk.tenant]).fetchone()
    assert counted == (1,)
