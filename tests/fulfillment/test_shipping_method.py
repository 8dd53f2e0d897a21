"""The shipping method where goods leave: the queue and parcels are filtered by it, packing shows it, papers name it."""

from tests.fulfillment.factories import Floor
from tests.fulfillment.test_floor_pages import ALL
from tests.fulfillment.test_pages import browser_of
from tests.orders.factories import BEIJING
from tests.orders.methods import offered


async def test_express_is_found_first_shown_and_printed(at: Floor) -> None:
    await offered(at.db, at.scope)
    usual = await at.only(await at.place(("TEA", 1), ship_to=BEIJING))
    fast = await at.only(await at.place(("TEA", 1), ship_to=BEIJING, shipping_method="express"))
    async with browser_of(at, ALL) as client:
        every = (await client.get("/c/acme/fulfillment")).text
        some = (await client.get("/c/acme/fulfillment?shipping=express")).text
        packing = (await client.get(f"/c/acme/fulfillment/{fast.fulfillment_id}/pack")).text
        station = (await client.get("/c/acme/pack")).text
        paper = (await client.get(f"/c/acme/fulfillment/{fast.fulfillment_id}/pick-list")).text
    assert usual.number in every
    assert fast.number in some
    assert usual.number not in some
    for page in (every, packing, station, paper):
        assert "Express by air" in page


async def test_parcels_are_filtered_by_their_method(at: Floor) -> None:
    await offered(at.db, at.scope)
    orders = [
        await at.place(("TEA", 1), ship_to=BEIJING),
        await at.place(("TEA", 1), ship_to=BEIJING, shipping_method="express"),
    ]
    parcels = [await at.shipped(order_id) for order_id in orders]
    numbers = [(await at.parcel(parcel_id)).number for parcel_id in parcels]
    async with browser_of(at, ALL) as client:
        every = (await client.get("/c/acme/shipments")).text
        some = (await client.get("/c/acme/shipments?shipping=express")).text
        gone = (await client.get("/c/acme/shipments?shipping=pigeon")).text
    assert all(number in every for number in numbers)
    assert numbers[1] in some
    assert numbers[0] not in some
    assert '<option value="pigeon" selected>' in gone
