"""Carts hold what is in them for a while, say what changed, and give it over to the order."""

import asyncio
import functools
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from jiedan.base.db import Database, Scope
from jiedan.base.errors import Refusal, Rejections
from jiedan.carts import errors, queries, service
from jiedan.carts.values import CART_QUANTITY_MAX, HOLD, KEPT, CartId, Wish
from jiedan.catalog.tables import Sku, SkuPrice
from jiedan.catalog.values import SkuKind
from jiedan.customers import service as merging
from jiedan.customers.errors import CustomerNotFound
from jiedan.inventory import service as inventory
from jiedan.orders.values import Placed, Rejected
from tests.carts.factories import fill, filled, kit, reserved, seen
from tests.conftest import FakeClock
from tests.customers import factories as people
from tests.orders import factories
from tests.orders.factories import order, place, place_one, shop


async def a_customer(db: Database, scope: Scope, **facts: Any) -> Any:
    (customer,) = await people.save(db, scope, [people.wang(**facts)])
    return customer


async def test_a_cart_holds_what_is_in_it_until_its_time_is_over(db: Database, scope: Scope, clock: FakeClock) -> None:
    await shop(db, scope, {"TEA": {"W1": 5, "W2": 5}})
    cart_id = await filled(db, scope, {"TEA": 7})
    view = await seen(db, scope, cart_id)
    (line,) = view.lines
    assert (line.quantity, line.held, line.available, line.unit_minor) == (7, 7, 10, factories.PRICE_MINOR)
    assert view.goods_minor == 7 * factories.PRICE_MINOR
    assert view.held_until is not None
    assert await reserved(db, scope) == {"cart": 7, "counted": 7}
    clock.advance(HOLD + timedelta(seconds=1))
    assert (await seen(db, scope, cart_id)).held_until is None
    await db.write(scope, inventory.release_expired)
    assert await reserved(db, scope) == {"counted": 0}
    assert (await seen(db, scope, cart_id)).lines[0].quantity == 7


async def test_each_change_holds_anew_what_is_wanted_now(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}, "CUP": {"W1": 5}})
    cart_id = await filled(db, scope, {"TEA": 5, "CUP": 1})
    await fill(db, scope, cart_id, {"TEA": 2})
    assert await reserved(db, scope) == {"cart": 3, "counted": 3}
    await db.write(scope, lambda tx: service.add_to_cart(tx, cart_id=cart_id, wish=Wish("TEA", 1)))
    assert [(x.sku, x.quantity) for x in (await seen(db, scope, cart_id)).lines] == [("TEA", 3), ("CUP", 1)]
    await fill(db, scope, cart_id, {"CUP": 4}, is_whole=True)
    assert [(x.sku, x.quantity) for x in (await seen(db, scope, cart_id)).lines] == [("CUP", 4)]
    await fill(db, scope, cart_id, {"CUP": 0})
    assert (await seen(db, scope, cart_id)).lines == ()
    assert await reserved(db, scope) == {"counted": 0}


async def test_what_is_only_held_longer_is_the_same_cart(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}})
    cart_id = await filled(db, scope, {"TEA": 2})
    before = (await seen(db, scope, cart_id)).version
    await db.write(scope, lambda tx: service.hold_cart(tx, cart_id=cart_id))
    await fill(db, scope, cart_id, {"TEA": 2}, is_whole=True)
    assert (await seen(db, scope, cart_id)).version == before
    await fill(db, scope, cart_id, {"TEA": 3})
    assert (await seen(db, scope, cart_id)).version == before + 1


async def test_no_more_is_put_in_than_is_left_unless_it_may_wait(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}, "CUP": {"W1": 0}})
    cart_id = await filled(db, scope, {"TEA": 3})
    with pytest.raises(errors.NotEnoughLeft) as refused:
        await fill(db, scope, cart_id, {"TEA": 6})
    assert (refused.value.available, refused.value.field) == (5, "lines[0].quantity")
    with pytest.raises(errors.SoldOut):
        await fill(db, scope, cart_id, {"CUP": 1})
    assert await reserved(db, scope) == {"cart": 3, "counted": 3}


async def test_what_may_wait_is_put_in_and_only_what_is_there_is_held(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 2}}, backorder=True)
    cart_id = await filled(db, scope, {"TEA": 6})
    (line,) = (await seen(db, scope, cart_id)).lines
    assert (line.quantity, line.held, line.available) == (6, 2, 2)


async def test_kits_hold_their_parts_and_services_nothing(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"TEA": {"W1": 5}, "CUP": {"W1": 8}})
    await kit(db, scope, "SET", (opened.skus["TEA"], 1), (opened.skus["CUP"], 2))
    async with db.begin(scope) as tx:
        await factories.sku(tx, "WRAP", kind=SkuKind.service)
    cart_id = await filled(db, scope, {"SET": 2, "WRAP": 9})
    assert await reserved(db, scope) == {"cart": 6, "counted": 6}
    found = {line.sku: line for line in (await seen(db, scope, cart_id)).lines}
    assert (found["SET"].held, found["SET"].available) == (2, 4)
    assert found["WRAP"].available is None
    with pytest.raises(errors.NotEnoughLeft) as refused:
        await fill(db, scope, cart_id, {"SET": 5})
    assert refused.value.available == 4


async def test_a_cart_says_what_costs_more_and_what_is_sold_no_more(db: Database, scope: Scope) -> None:
    opened = await shop(db, scope, {"TEA": {"W1": 5}, "CUP": {"W1": 5}})
    cart_id = await filled(db, scope, {"TEA": 1, "CUP": 1})
    async with db.begin(scope) as tx:
        of = SkuPrice.tenant_id == tx.tenant, SkuPrice.sku_id == opened.skus["TEA"]
        await tx.execute(sa.update(SkuPrice).where(*of).values(unit_minor=1_200))
        await tx.execute(
            sa.update(Sku).where(Sku.tenant_id == tx.tenant, Sku.sku_id == opened.skus["CUP"]).values(is_active=False)
        )
    tea, cup = (await seen(db, scope, cart_id)).lines
    assert (tea.unit_minor, tea.seen_minor, cup.is_sold) == (1_200, 1_000, False)
    await db.write(scope, lambda tx: service.hold_cart(tx, cart_id=cart_id))
    assert (await seen(db, scope, cart_id)).lines[0].seen_minor is None
    with pytest.raises(errors.SkuNotSold):
        await fill(db, scope, cart_id, {"CUP": 2})


@pytest.mark.parametrize(
    ("wishes", "refusal"),
    [
        ([Wish("TEA", -1)], errors.CartQuantityOutOfRange),
        ([Wish("TEA", CART_QUANTITY_MAX + 1)], errors.CartQuantityOutOfRange),
        ([Wish("TEA", 1), Wish("TEA", 2)], errors.SkuRepeated),
        ([Wish("NONE", 1)], errors.SkuNotSold),
        ([Wish(f"S-{n}", 1) for n in range(101)], errors.CartFull),
    ],
)
async def test_what_cannot_be_in_a_cart_is_refused(
    db: Database, scope: Scope, wishes: list[Wish], refusal: type[Refusal]
) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}})
    cart_id = await filled(db, scope, {})
    with pytest.raises(refusal):
        await db.write(scope, lambda tx: service.fill_cart(tx, cart_id=cart_id, wishes=wishes))
    two = [Wish("TEA", -1), Wish("TEA", -1)]
    with pytest.raises(Rejections):
        await db.write(scope, lambda tx: service.fill_cart(tx, cart_id=cart_id, wishes=two))


async def test_a_holder_and_a_customer_have_one_open_cart_each(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}})
    customer = await a_customer(db, scope)
    first = await filled(db, scope, {}, holder_hash=b"1")
    assert await filled(db, scope, {}, holder_hash=b"1") == first
    own = await filled(db, scope, {}, customer_id=customer)
    assert await filled(db, scope, {}, customer_id=customer) == own
    with pytest.raises(CustomerNotFound):
        await filled(db, scope, {}, customer_id=CartId(scope.tenant))


async def test_a_cart_comes_along_when_somebody_signs_in(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}, "CUP": {"W1": 9}})
    customer = await a_customer(db, scope)

    async def attach(holder: bytes) -> CartId | None:
        return await db.write(scope, lambda tx: service.attach_cart(tx, holder_hash=holder, customer_id=customer))

    assert await attach(b"1") is None
    first = await filled(db, scope, {"TEA": 2}, holder_hash=b"1")
    assert await attach(b"1") == first
    assert await attach(b"1") == first
    second = await filled(db, scope, {"TEA": 3, "CUP": 1}, holder_hash=b"2")
    assert await attach(b"2") == first
    view = await seen(db, scope, first)
    assert (view.customer_id, [(x.sku, x.quantity) for x in view.lines]) == (customer, [("TEA", 3), ("CUP", 1)])
    assert await reserved(db, scope) == {"cart": 4, "counted": 4}
    with pytest.raises(errors.CartNotFound):
        await seen(db, scope, second)


async def test_another_customers_cart_stays_whose_it_is(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}})
    one, other = await a_customer(db, scope), await a_customer(db, scope, external_id="li", phone="+8613900000001")
    cart_id = await filled(db, scope, {"TEA": 2}, holder_hash=b"1")

    async def attach(customer: Any) -> CartId | None:
        return await db.write(scope, lambda tx: service.attach_cart(tx, holder_hash=b"1", customer_id=customer))

    assert await attach(one) == cart_id
    with pytest.raises(errors.CartOfAnother):
        await attach(other)
    assert (await seen(db, scope, cart_id)).customer_id == one
    await db.write(scope, lambda tx: merging.merge_customers(tx, survivor_id=other, merged_id=one))
    assert await attach(other) == cart_id
    assert (await seen(db, scope, cart_id)).customer_id == other


async def test_the_last_piece_goes_to_the_cart_that_came_first(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 1}})
    carts = [await filled(db, scope, {}) for _ in range(6)]

    async def want(cart_id: CartId) -> str:
        try:
            await fill(db, scope, cart_id, {"TEA": 1})
        except errors.SoldOut:
            return "sold out"
        return "held"

    outcomes = await asyncio.gather(*(want(cart_id) for cart_id in carts))
    assert sorted(outcomes) == ["held"] + ["sold out"] * 5
    assert await reserved(db, scope) == {"cart": 1, "counted": 1}


async def test_placing_hands_over_what_the_cart_holds(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 1, "W2": 2}, "CUP": {"W1": 9}})
    cart_id = await filled(db, scope, {"TEA": 3, "CUP": 1})
    (other,) = await place(db, scope, order(("TEA", 1)))
    assert factories.codes(other) == [("insufficient_stock", "lines[0].quantity")]
    placed = await place_one(db, scope, order(("TEA", 3), ("CUP", 1), cart_id=cart_id))
    assert (placed.allocated, placed.waiting) == (4, 0)
    assert await reserved(db, scope) == {"order_line": 4, "counted": 4}
    assert (await seen(db, scope, cart_id)).order_id == placed.order_id
    with pytest.raises(errors.CartOrdered):
        await fill(db, scope, cart_id, {"TEA": 1})
    (again,) = await place(db, scope, order(("CUP", 1), cart_id=cart_id))
    assert factories.codes(again) == [("cart_ordered", "cart_id")]


async def test_an_order_may_take_less_than_its_cart_held_or_more(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 5}})
    less = await filled(db, scope, {"TEA": 3})
    more = await filled(db, scope, {"TEA": 1})
    outcomes = await place(
        db, scope, order(("TEA", 2), cart_id=less), order(("TEA", 3), cart_id=more), order(("TEA", 1), cart_id=less)
    )
    assert [type(x) for x in outcomes] == [Placed, Placed, Rejected]
    assert await reserved(db, scope) == {"order_line": 5, "counted": 5}


async def test_a_refused_order_leaves_the_cart_what_it_holds(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 3}, "CUP": {"W1": 0}})
    cart_id = await filled(db, scope, {"TEA": 3})
    refused, sold_out = await place(db, scope, order(("TEA", 3), ("CUP", 1), cart_id=cart_id), order(("TEA", 1)))
    assert factories.codes(refused) == [("insufficient_stock", "lines[1].quantity")]
    assert isinstance(sold_out, Rejected)
    assert await reserved(db, scope) == {"cart": 3, "counted": 3}
    (unknown,) = await place(db, scope, order(("TEA", 1), cart_id=CartId(scope.tenant)))
    assert ("unknown_cart", "cart_id") in factories.codes(unknown)


async def test_a_cart_ordered_twice_at_once_is_one_order(db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}})
    cart_id = await filled(db, scope, {"TEA": 2})
    body = order(("TEA", 2), cart_id=cart_id)
    outcomes = await asyncio.gather(*(place(db, scope, body) for _ in range(5)))
    assert sorted(type(x).__name__ for (x,) in outcomes) == ["Placed"] + ["Rejected"] * 4
    assert await reserved(db, scope) == {"order_line": 2, "counted": 2}


async def test_orders_the_sweep_and_carts_want_the_same_goods_at_once(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    await shop(db, scope, {"TEA": {"W1": 4, "W2": 4}, "CUP": {"W1": 8}})
    carts = [await filled(db, scope, {"TEA": 1, "CUP": 1}) for _ in range(4)]
    clock.advance(HOLD + timedelta(seconds=1))

    async def sweep() -> None:
        await db.write(scope, inventory.release_expired)

    async def renew(cart_id: CartId) -> None:
        await db.write(scope, lambda tx: service.hold_cart(tx, cart_id=cart_id))

    placing = [place(db, scope, order(("CUP", 1), ("TEA", 1), cart_id=cart_id)) for cart_id in carts[:2]]
    outcomes = await asyncio.gather(sweep(), *placing, *(renew(cart_id) for cart_id in carts[2:]), sweep())
    assert all(isinstance(x[0], Placed) for x in outcomes if x is not None)
    await db.write(scope, inventory.release_expired)
    assert await reserved(db, scope) == {"order_line": 4, "cart": 4, "counted": 8}


async def test_a_discarded_cart_gives_back_and_an_old_one_is_forgotten(
    db: Database, scope: Scope, clock: FakeClock
) -> None:
    await shop(db, scope, {"TEA": {"W1": 4}})
    gone, old, kept = [await filled(db, scope, {"TEA": 1}, holder_hash=bytes([n])) for n in range(3)]
    await db.write(scope, lambda tx: service.discard_cart(tx, cart_id=gone))
    assert await reserved(db, scope) == {"cart": 2, "counted": 2}
    placed = await place_one(db, scope, order(("TEA", 1), cart_id=old))
    async with db.read(scope) as tx:
        assert await queries.last_ordered(tx, bytes([1])) == (old, placed.order_id)
    clock.advance(KEPT + timedelta(days=1))
    await fill(db, scope, kept, {"TEA": 2})
    assert await db.write(scope, service.forget_old) == 1
    async with db.read(scope) as tx:
        assert await queries.last_ordered(tx, bytes([1])) is None
    assert (await seen(db, scope, kept)).units == 2
    for missing in (gone, old):
        with pytest.raises(errors.CartNotFound):
            await db.write(scope, functools.partial(service.discard_cart, cart_id=missing))
