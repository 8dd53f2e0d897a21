"""What numbers stand for, on PostgreSQL."""

from uuid import UUID

import pytest

from jiedan.base.db import Scope
from jiedan.base.ids import TenantId
from jiedan.fulfillment import service
from jiedan.fulfillment.queries.numbers import Kind, numbered
from jiedan.fulfillment.values import Delivery, Ship
from tests.fulfillment.factories import Floor


async def named(at: Floor, kind: Kind, *numbers: str) -> dict[str, list[UUID]]:
    """Return what numbers stand for."""
    async with at.db.read(at.scope) as tx:
        return await numbered(tx, kind, numbers)


async def number_of(at: Floor, order_id: UUID) -> str:
    """Return the number of an order."""
    return (await at.order(order_id)).order.number


async def test_an_orders_number_stands_for_it(at: Floor) -> None:
    first, second = await at.place(("TEA", 1)), await at.place(("CUP", 1))
    numbers = [await number_of(at, first), await number_of(at, second)]
    wanted = {numbers[0]: [first], numbers[1]: [second]}
    assert await named(at, "orders", *reversed(numbers), numbers[0], "SO-NONE") == wanted
    assert await named(at, "orders") == {}


async def test_an_orders_number_stands_for_its_fulfillments_that_are_not_done(at: Floor) -> None:
    order_id = await at.place(("TEA", 12), ("CUP", 1))
    number = await number_of(at, order_id)
    made = await at.of(order_id)
    assert sorted(x.number for x in made) == [f"{number}-F1", f"{number}-F2"]
    ids = sorted(x.fulfillment_id for x in made)
    assert await named(at, "fulfillments", number) == {number: ids}
    by_number = {x.number: [x.fulfillment_id] for x in made}
    assert await named(at, "fulfillments", *by_number, f"{number}-F3") == by_number
    assert await named(at, "fulfillments", number, f"{number}-F1") == {number: ids} | {
        f"{number}-F1": by_number[f"{number}-F1"]
    }


async def test_what_has_arrived_is_found_by_its_own_number_only(at: Floor) -> None:
    order_id = await at.place(("TEA", 1))
    parcel_id = await at.packed(order_id)
    parcel, made = await at.parcel(parcel_id), await at.only(order_id)
    order = await number_of(at, order_id)
    on_the_way = {made.number: [parcel_id], parcel.number: [parcel_id]}
    assert await named(at, "parcels", order, made.number, parcel.number) == on_the_way
    await at.one(service.ship_parcels, wishes=[Ship(parcel_id, "SF", "SF123")])
    assert await named(at, "parcels", made.number, parcel.number) == on_the_way
    await at.one(service.deliver_parcels, wishes=[Delivery(parcel_id)])
    assert await named(at, "parcels", made.number, parcel.number) == {parcel.number: [parcel_id]}
    assert await named(at, "fulfillments", order, made.number) == {made.number: [made.fulfillment_id]}


@pytest.mark.parametrize("kind", ["orders", "fulfillments", "parcels"])
async def test_numbers_of_another_merchant_stand_for_nothing(at: Floor, kind: Kind, other_tenant: TenantId) -> None:
    order_id = await at.place(("TEA", 1))
    parcel_id = await at.packed(order_id)
    numbers = [await number_of(at, order_id), (await at.only(order_id)).number, (await at.parcel(parcel_id)).number]
    assert await named(at, kind, *numbers) != {}
    assert await named(at._replace(scope=Scope(other_tenant)), kind, *numbers) == {}
