"""Prices of customers with duplicates: what those ordered and used counts, and rules may name any of their ids."""

from uuid import UUID

from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.customers import service as customer_service
from jiedan.orders import service as orders
from jiedan.orders.values import Placed
from jiedan.pricing import service as pricing
from jiedan.pricing.values import PriceList, Tier
from jiedan.pricing.values.promotions import AmountOff, Caps, Promotion, When
from tests.customers import factories as customers
from tests.orders import factories
from tests.orders.test_promotions import SPRING, WELCOME, publish
from tests.pricing import coupon_factories as coupons

TWICE = Promotion("twice", "Twice each", AmountOff({"CNY": 300}), caps=Caps(per_customer=2))


async def two(db: Database, scope: Scope) -> tuple[UUID, UUID]:
    """Return a customer and her duplicate, not merged yet."""
    anna, ana = await customers.save(
        db, scope, [customers.wang(), customers.wang(phone="", email="ana@example.com", external_id="ana")]
    )
    return anna, ana


async def merge(db: Database, scope: Scope, survivor_id: UUID, merged_id: UUID) -> None:
    await db.write(scope, lambda tx: customer_service.merge_customers(tx, survivor_id=survivor_id, merged_id=merged_id))


async def totals(db: Database, scope: Scope, *customer_ids: UUID, **said: object) -> list[int]:
    """Place an order of each, one after the other, and return what they cost."""
    placed = [
        await factories.place_one(db, scope, factories.order(("TEA", 1), customer_id=one, **said))
        for one in customer_ids
    ]
    return [one.total_minor for one in placed]


async def test_a_first_order_was_the_duplicates(db: Database, scope: Scope, recorder: StatementRecorder) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 99}})
    await publish(db, scope, WELCOME)
    anna, ana = await two(db, scope)
    assert await totals(db, scope, ana) == [800]
    wanted = factories.order(("TEA", 1), customer_id=anna)
    with recorder.watching() as before:
        await factories.place(db, scope, factories.order(("TEA", 1), customer_id=ana))
    await merge(db, scope, anna, ana)
    with recorder.watching() as after:
        (placed,) = await factories.place(db, scope, wanted)
    assert isinstance(placed, Placed)
    assert placed.total_minor == 1_000
    assert len(after) == len(before), "duplicates cost no statement"
    assert await totals(db, scope, ana) == [1_000]
    async with db.read(scope) as tx:
        assert (await orders.explain_prices(tx, order_id=placed.order_id, locale="en")).is_same


async def test_an_order_of_before_the_merge_is_explained_as_it_was(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 99}})
    await publish(db, scope, Promotion("new", "New", AmountOff({"CNY": 200}), when=When(earlier_orders_max=0)))
    anna, ana = await two(db, scope)
    await totals(db, scope, ana)
    placed = await factories.place_one(db, scope, factories.order(("TEA", 1), customer_id=anna))
    await merge(db, scope, anna, ana)
    assert (placed.total_minor, await totals(db, scope, anna)) == (800, [1_000])
    async with db.read(scope) as tx:
        assert (await orders.explain_prices(tx, order_id=placed.order_id, locale="en")).is_same


async def test_what_duplicates_used_of_a_promotion_is_used(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 99}})
    await publish(db, scope, TWICE)
    anna, ana = await two(db, scope)
    assert await totals(db, scope, ana) == [700]
    await merge(db, scope, anna, ana)
    both = [factories.order(("TEA", 1), customer_id=one) for one in (anna, ana)]
    together = await factories.place(db, scope, *both)
    # One is left of two: the second of a batch pays the whole price, and so does whoever comes later.
    assert [one.total_minor for one in together if isinstance(one, Placed)] == [700, 1_000]
    assert await totals(db, scope, anna) == [1_000]
    await db.write(scope, lambda tx: customer_service.undo_merge(tx, survivor_id=anna, merged_id=ana))
    # Apart again each has what is left of her own two.
    assert await totals(db, scope, ana, ana, anna, anna) == [700, 1_000, 700, 1_000]


async def test_a_code_that_a_duplicate_used_is_used(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 99}})
    await publish(db, scope, SPRING)
    await coupons.batch(db, scope, codes=("ONCE",), uses_max=9, uses_per_customer_max=1)
    anna, ana = await two(db, scope)
    assert await totals(db, scope, ana, coupons=("ONCE",)) == [900]
    await merge(db, scope, anna, ana)
    (refused,) = await factories.place(db, scope, factories.order(("TEA", 1), customer_id=anna, coupons=("ONCE",)))
    assert factories.codes(refused) == [("coupon_refused", "coupons[0]")]


async def test_rules_that_name_a_duplicate_are_the_customers(db: Database, scope: Scope) -> None:
    await factories.shop(db, scope, {"TEA": {"A": 99}})
    anna, ana = await two(db, scope)
    async with db.begin(scope) as tx:
        body = PriceList("ANA", "CNY", kind="contract", customers=(str(ana),))
        await pricing.create_rule(tx, kind="price_list", body=body)
        await pricing.set_list_prices(tx, rows=[pricing.ListPriceRow("ANA", "TEA", (Tier(1, 900),))])
    mine = Promotion("ana", "For Ana", AmountOff({"CNY": 100}), when=When(customers=(str(ana),)))
    await publish(db, scope, mine)
    assert await totals(db, scope, anna, ana) == [1_000, 800]
    await merge(db, scope, anna, ana)
    assert await totals(db, scope, anna, ana) == [800, 800]
