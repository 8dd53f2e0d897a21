"""The order's page tells how far its goods have come."""

from datetime import timedelta

import pytest

from jiedan.base.db import Database, Scope
from jiedan.carriers.values import NewTrackingEvent
from jiedan.fulfillment import service
from tests.conftest import FakeClock
from tests.console.test_pages import open_console, page
from tests.fulfillment.factories import Floor, floor


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


async def test_who_may_not_see_fulfillment_finds_no_links(at: Floor) -> None:
    order_id = await at.place(("TEA", 2))
    async with open_console(at.db, at.scope, frozenset({"orders:read"})) as client:
        shown = await page(client, f"/orders/{order_id}")
    assert "To pick" in shown
    assert "/c/acme/fulfillment" not in shown
