"""The order's page tells how far its goods have come."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.carriers import service as carriers
from jiedan.carriers.values import NewTrackingEvent
from jiedan.fulfillment import service
from jiedan.orders import service as order_service
from jiedan.orders.values import HoldRequest, NewNote
from jiedan.payments import service as payments
from jiedan.payments.values import NewPayment
from tests.carriers.factories import RATES
from tests.conftest import FakeClock
from tests.console.test_pages import (
    ORDER_STATEMENTS_MAX,
    PICTURE_STATEMENTS_MAX,
    ROUTE_STATEMENTS_MAX,
    open_console,
    page,
    submit,
)
from tests.fulfillment.factories import Floor, floor
from tests.fulfillment.test_pages import browser_of
from tests.orders.factories import BEIJING, receive
from tests.payments.factories import with_gateway


@pytest.fixture
async def at(db: Database, scope: Scope) -> Floor:
    return await floor(db, scope, {"TEA": {"W1": 10}}, backorder=True)


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
    assert '<span class="mono">SF123</span>' in shown
    assert shown.count("Could not be delivered") == 2, "the parcel and the case"
    async with open_console(at.db, at.scope) as client:
        cases = await page(client, "/cases")
    assert (await at.order(order_id)).order.number in cases


async def test_a_page_with_everything_on_it_costs_no_more_statements(
    at: Floor, clock: FakeClock, recorder: StatementRecorder
) -> None:
    await at.act(carriers.save_carrier, account=RATES)
    await with_gateway(at.db, at.scope)
    notes = (NewNote(kind="internal", text="Old friend."),)
    order_id = await at.place(("TEA", 2), ("TEA", 30), ship_to=BEIJING, tags=("Gift",), notes=notes)
    parcel_id = await at.shipped(order_id)
    clock.advance(timedelta(hours=1))
    failed = NewTrackingEvent("SF", "SF123", "1", clock.now(), "failed")
    await at.one(service.record_tracking, events=[failed])
    async with at.db.begin(at.scope) as tx:
        await receive(tx, at.shop, {"TEA": {"W1": 5}})
    await at.hear()
    await at.one(order_service.place_holds, requests=[HoldRequest(order_id, "manual", "why")])
    await at.one(payments.create_payments, wishes=[NewPayment(order_id, "transfer", "bank_transfer", 100)])
    wish = NewPayment(order_id, "sandbox", "card", 200, token="tok_visa", capture=True)
    await at.one(payments.create_payments, wishes=[wish])
    async with open_console(at.db, at.scope) as client:
        form = {"kind": "internal", "text": "Looked into."}
        await submit(client, f"/orders/{order_id}/notes", form, on=f"/orders/{order_id}")
        with recorder.watching() as sent:
            shown = await page(client, f"/orders/{order_id}")
    for expected in (
        "Could not be delivered",
        "5 allocated",
        "Old friend.",
        "Gift",
        "manual",
        (await at.parcel(parcel_id)).number,
    ):
        assert expected in shown, expected
    most = ORDER_STATEMENTS_MAX + PICTURE_STATEMENTS_MAX + ROUTE_STATEMENTS_MAX
    assert len(sent) == most, "this is the most that a guest's order can cost"


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
    assert re.search(r'data-queue="late"[^>]*>.*?<b class="num">1</b>', home)
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
