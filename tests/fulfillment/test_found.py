"""Orders are found by the numbers of their waybills, fulfillments and parcels."""

import pytest

from jiedan.carriers import service as carriers
from jiedan.fulfillment import service
from tests.carriers.factories import RATES
from tests.fulfillment.factories import Floor
from tests.orders import listing
from tests.orders.factories import BEIJING


async def test_an_order_is_found_by_the_tracking_numbers_of_its_parcels(at: Floor) -> None:
    order_id = await at.place(("TEA", 2))
    await at.place(("TEA", 1))
    await at.shipped(order_id)
    await at.hear()
    assert await listing.found(at.db, at.scope, q="SF123") == [order_id]
    assert await listing.found(at.db, at.scope, q="sf12") == [order_id]
    assert await listing.found(at.db, at.scope, q="SF124") == []


async def test_a_label_makes_its_order_found_before_it_leaves(at: Floor) -> None:
    await at.act(carriers.save_carrier, account=RATES)
    order_id = await at.place(("TEA", 2), ship_to=BEIJING)
    parcel_id = await at.packed(order_id)
    await service.order_labels(at.db, at.scope, parcel_ids=[parcel_id], carrier="OWN")
    await at.hear()
    number = (await at.parcel(parcel_id)).tracking_number
    assert number is not None
    assert await listing.found(at.db, at.scope, q=number) == [order_id]


@pytest.mark.parametrize("ending", ["-F1", "-F1-P1", "-f1-p12"])
async def test_an_order_is_found_by_the_numbers_of_what_came_of_it(at: Floor, ending: str) -> None:
    order_id = await at.place(("TEA", 2))
    await at.place(("TEA", 1))
    number = (await at.order(order_id)).order.number
    assert await listing.found(at.db, at.scope, q=number + ending) == [order_id]
