"""Figures by hour: counted once when the hour is over, and again when it changed."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from jiedan.base import jobs as base_jobs
from jiedan.base.db import Database, Scope
from jiedan.fulfillment import service as fulfillment
from jiedan.fulfillment.values import OrderShipment
from jiedan.orders import service as orders
from jiedan.orders.values import CancelRequest, Placed
from jiedan.reports import queries, rules, service
from jiedan.reports.values import Amount
from tests.conftest import NOON, FakeClock
from tests.orders import factories, listing
from tests.orders.factories import order, shop

ZONE = "Asia/Shanghai"
BEGINS = NOON - timedelta(days=2)


async def counted(db: Database, scope: Scope) -> None:
    """Count all that is to be counted, as the worker does."""
    await base_jobs._until_done(db, scope.tenant, service.count_hours)
    await base_jobs._until_done(db, scope.tenant, service.count_due)


async def shown(db: Database, scope: Scope) -> set[tuple[str, str, int]]:
    """Return what the last two days have, hour by hour together."""
    async with db.read(scope) as tx:
        found = (await queries.figures(tx, begins=BEGINS, time_zone=ZONE)).hours
    sums: dict[tuple[str, str], int] = {}
    for x in found:
        sums[x.figure, x.currency] = sums.get((x.figure, x.currency), 0) + x.amount
    return {(figure, currency, amount) for (figure, currency), amount in sums.items()}


async def placed(db: Database, scope: Scope, number: int) -> list[UUID]:
    made = await factories.place(db, scope, *[order(("TEA", 2)) for _ in range(number)])
    return [x.order_id for x in made if isinstance(x, Placed)]


async def test_the_present_hour_is_counted_when_it_is_asked_for(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 100}}, payment_terms="on_delivery")
    await placed(db, scope, 3)
    assert await shown(db, scope) == {("placed", "CNY", 3), ("sales", "CNY", 6_000)}


async def test_an_hour_that_is_over_is_stored_and_nothing_is_counted_twice(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    clock.set(NOON)
    await shop(db, scope, {"TEA": {"W1": 100}}, payment_terms="on_delivery")
    ids = await placed(db, scope, 2)
    await db.write(scope, lambda tx: fulfillment.ship_orders(tx, wishes=[OrderShipment(ids[0])]))
    await listing.drain(db, scope)
    clock.set(NOON + timedelta(hours=1, minutes=5))
    await counted(db, scope)
    await counted(db, scope)
    await placed(db, scope, 1)
    assert await shown(db, scope) == {("placed", "CNY", 3), ("sales", "CNY", 6_000), ("shipped", "", 1)}
    async with db.read(scope) as tx:
        of = await queries.counted(tx)
    assert of is not None
    assert of.ends == NOON + timedelta(hours=1)


async def test_what_is_canceled_later_makes_its_hour_due_again(db: Database, scope: Scope, clock: FakeClock) -> None:
    clock.set(NOON)
    await shop(db, scope, {"TEA": {"W1": 100}}, payment_terms="on_delivery")
    ids = await placed(db, scope, 2)
    await listing.drain(db, scope)
    clock.set(NOON + timedelta(hours=3))
    await counted(db, scope)
    request = CancelRequest(ids[0], "mistake")
    await db.write(scope, lambda tx: orders.cancel_orders(tx, requests=[request]))
    await listing.drain(db, scope)
    await counted(db, scope)
    async with db.read(scope) as tx:
        assert await queries.due_hours(tx, hours_max=9) == []
        found = await queries.facts(tx, [rules.hour_of(NOON)], time_zone=ZONE)
    assert await shown(db, scope) == {("placed", "CNY", 2), ("sales", "CNY", 2_000)}
    assert {x.amount for x in found if x.figure == "sales"} == {2_000}


async def test_a_parcel_told_of_after_its_hour_makes_it_due_again(db: Database, scope: Scope, clock: FakeClock) -> None:
    clock.set(NOON)
    await shop(db, scope, {"TEA": {"W1": 100}}, payment_terms="on_delivery")
    ids = await placed(db, scope, 1)
    await listing.drain(db, scope)
    clock.set(NOON + timedelta(hours=3))
    await counted(db, scope)
    shipment = OrderShipment(ids[0], at=NOON + timedelta(hours=1))
    await db.write(scope, lambda tx: fulfillment.ship_orders(tx, wishes=[shipment]))
    await listing.drain(db, scope)
    async with db.read(scope) as tx:
        due = await queries.due_hours(tx, hours_max=9)
    assert NOON + timedelta(hours=1) in {x.hour for x in due}
    await counted(db, scope)
    assert ("shipped", "", 1) in await shown(db, scope)


async def test_an_order_told_of_after_its_hour_was_counted_is_counted(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    """It was placed in the last moment of the hour, and committed when the hour was counted already."""
    clock.set(NOON + timedelta(minutes=59, seconds=59))
    await shop(db, scope, {"TEA": {"W1": 100}}, payment_terms="on_delivery")
    await placed(db, scope, 1)
    clock.set(NOON + timedelta(hours=1, seconds=1))
    await db.write(scope, service.count_hours)
    await listing.drain(db, scope)
    async with db.read(scope) as tx:
        due = await queries.due_hours(tx, hours_max=9)
    assert [x.hour for x in due] == [NOON]


async def test_days_tell_the_channels_of_hours_that_are_over_and_of_the_present_one(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    clock.set(NOON)
    await shop(db, scope, {"TEA": {"W1": 100}}, payment_terms="on_delivery")
    await factories.place(db, scope, *[order(("TEA", 1), channel=x) for x in ("web", "web", "phone")])
    clock.set(NOON + timedelta(hours=2, minutes=5))
    await counted(db, scope)
    await factories.place(db, scope, order(("TEA", 1), channel="web"))
    day = NOON.astimezone(ZoneInfo(ZONE)).date()
    async with db.read(scope) as tx:
        told = await queries.figures(tx, begins=BEGINS, days_begin=BEGINS, time_zone=ZONE)
    found = rules.by_channel(told.days, last=day, number=1, channels_max=9)
    assert found == {"web": [3], "phone": [1]}
    (all_of_it,) = rules.told_days(told.days, currency="CNY", last=day, number=1)
    assert (all_of_it.placed, all_of_it.sales) == (4, 4_000)
    assert sum(x.until for x in told.days if x.figure == "placed") == 4
    async with db.read(scope) as tx:
        earlier = await queries.figures(tx, begins=BEGINS, time_zone=ZONE)
    assert earlier.days == []
    assert {(x.figure, x.amount) for x in earlier.hours if x.hour == NOON} == {("placed", 3), ("sales", 3_000)}


def test_days_are_those_of_the_merchant() -> None:
    zone = ZoneInfo(ZONE)
    evening = datetime(2026, 11, 20, 16, tzinfo=UTC)
    amounts = [
        Amount(evening, "placed", "CNY", 3),
        Amount(evening, "sales", "USD", 5_000),
        Amount(evening - timedelta(hours=1), "sales", "CNY", 7_000),
    ]
    found = rules.days(amounts, currency="CNY", zone=zone, last=datetime(2026, 11, 21, tzinfo=UTC).date(), number=2)
    assert [(x.placed, x.sales) for x in found] == [(0, 7_000), (3, 0)]
    day = datetime(2026, 11, 21, tzinfo=UTC).date()
    assert rules.by_hour(amounts, day=day, zone=zone, figure="placed") == {0: 3}
    assert rules.until(amounts, day=day, before=datetime(2026, 11, 21, 0, 30, tzinfo=UTC), zone=zone) == amounts[:2]
