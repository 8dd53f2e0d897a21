"""The order's page tells how far its goods have come."""

from datetime import UTC, datetime, timedelta

import pytest

from jiedan.base.db import Database, Scope
from jiedan.carriers import service as carriers
from jiedan.carriers.values import NewTrackingEvent
from jiedan.fulfillment import service
from tests.carriers.factories import RATES
from tests.conftest import FakeClock
from tests.console.test_pages import open_console, page
from tests.fulfillment.factories import Floor, floor
from tests.fulfillment.test_pages import browser_of
from tests.orders.factories import BEIJING


@pytest.fixture
async def at(db: Database, scope: Scope) -> Floor:
    return await floor(db, scope, {"TEA": {"W1": 10}})


async def test_parcels_stand_on_the_page_of_their_order(at: Floor, clock: FakeClock) -> None:
    order_id = await at.place(("TEA", 2))
    async with open_console(at.db, at.scope) as client:
        released = await page(client, f"/orders/{order_id}")
        parcel_id = await at.shipped(order_id)
        clock.advance(timedelta(hours=1))
        failed = NewTrackingEvent("SF", "SF123", "1", clock.now(), "failed")
        await at.one(service.record_tracking, events=[failed])
        shown = await page(client, f"/orders/{order_id}")
    found = await at.only(order_id)
    assert f"/fulfillment/{found.fulfillment_id}" in released
    assert "To pick" in released
    assert (await at.parcel(parcel_id)).number in shown
    assert 'SF · <span class="mono">SF123</span>' in shown
    assert shown.count("Could not be delivered") == 2, "the parcel and the case"
    async with open_console(at.db, at.scope) as client:
        cases = await page(client, "/cases")
    assert (await at.order(order_id)).order.number in cases


async def test_late_orders_say_for_how_long_on_their_page_in_the_list_and_in_the_queue(
    at: Floor, clock: FakeClock
) -> None:
    await at.act(carriers.save_carrier, account=RATES)
    order_id = await at.place(("TEA", 2), ship_to=BEIJING)
    clock.set(datetime(2026, 11, 27, 16, tzinfo=UTC))  # midnight in Shanghai, three days after the 25th
    async with open_console(at.db, at.scope) as client:
        shown = await page(client, f"/orders/{order_id}")
        listed = await page(client, "/orders?view=late")
        home = await page(client, "/home")
    async with browser_of(at) as client:
        queue = (await client.get("/c/acme/fulfillment")).text
    assert "3 days late" in shown
    assert "3 days late" in listed
    assert 'aria-current="page">Late<span class="c">1</span>' in listed
    assert 'view=late"><span class="k">Late</span><span class="v">1</span>' in home
    assert "3 days late" in queue
    clock.set(datetime(2026, 11, 26, 15, 59, tzinfo=UTC))
    async with open_console(at.db, at.scope) as client:
        assert "1 day late" in await page(client, f"/orders/{order_id}")


async def test_who_may_not_see_fulfillment_finds_no_links(at: Floor) -> None:
    order_id = await at.place(("TEA", 2))
    async with open_console(at.db, at.scope, frozenset({"orders:read"})) as client:
        shown = await page(client, f"/orders/{order_id}")
    assert "To pick" in shown
    assert "/c/acme/fulfillment" not in shown
