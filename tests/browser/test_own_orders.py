"""Customers at their orders in a browser: canceled on desk and phone, followed by a guest who has the mailed link."""

import re

import pytest
from playwright.async_api import Page, expect

from jiedan.base.db import Database, Scope
from jiedan.carriers import service as carriers
from jiedan.carriers.values import NewAccount, NewTrackingEvent
from jiedan.fulfillment import service as fulfillment
from jiedan.fulfillment.values import Ship
from jiedan.orders import queries as orders
from tests.browser import chromium
from tests.browser.chromium import Screen, Stage
from tests.browser.test_shop import fill_in, put_tea_in
from tests.portal.factories import open_shop
from tests.portal.test_orders import at_work, id_of

pytestmark = [pytest.mark.browser, chromium.needs_chromium]


async def bought(screen: Screen) -> Page:
    """Buy two packets of tea and go on to the order's page."""
    page = await screen.shop("/")
    await put_tea_in(page)
    await page.get_by_role("button", name="One more").click()
    await page.get_by_role("button", name="Into the cart").click()
    await page.get_by_role("button", name="To the checkout").click()
    await fill_in(page)
    await page.get_by_label("Pay on delivery").check()
    await page.get_by_role("button", name="Place the order").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your order")
    await page.get_by_role("link", name="Follow the order").click()
    await expect(page.get_by_text("Being prepared").first).to_be_visible()
    return page


@chromium.on_desk_and_phone
async def test_a_customer_cancels_some_and_then_all(stage: Stage, db: Database, scope: Scope, width: int) -> None:
    await open_shop(db, scope, front={"pays_on_delivery": True})
    async with stage.screen(scope, width=width, permissions=None) as screen:
        page = await bought(screen)
        await page.get_by_role("link", name="Cancel the order").click()
        await expect(page.get_by_text("Nothing is left of the order then.")).to_be_visible()
        await page.get_by_label("Some of it").check()
        await expect(page.get_by_role("button", name="Cancel this now")).to_have_count(0)
        await page.get_by_role("button", name="One more").click()
        await expect(page.get_by_text("CN¥30.00")).to_be_visible()
        await page.get_by_role("button", name="Cancel this now").click()
        await expect(page.get_by_role("status").first).to_contain_text("the rest of your order goes on")
        await expect(page.locator(".line").first).to_contain_text("1 canceled")
        await page.get_by_role("link", name="Cancel the order").click()
        await page.get_by_label("Why?").select_option("mistake")
        await page.get_by_role("button", name="Cancel the order now").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("This order was canceled")
        await expect(page.get_by_role("link", name="Cancel the order")).to_have_count(0)
        path = page.url
    async with db.read(scope) as tx:
        order = (await orders.order(tx, id_of(path))).order
    assert (order.lifecycle, order.cancel_reason) == ("canceled", "mistake")


@chromium.on_desk_and_phone
async def test_a_guest_follows_a_parcel_and_changes_nothing_any_more(
    stage: Stage, db: Database, scope: Scope, width: int
) -> None:
    await open_shop(db, scope, front={"pays_on_delivery": True})
    carrier = NewAccount("SF", "hand", "顺丰速运", {"tracking_url": "https://sf.example/{number}"})
    await db.write(scope, lambda tx: carriers.save_carrier(tx, account=carrier))
    async with stage.screen(scope, width=width, permissions=None) as screen:
        page = await bought(screen)
        await page.get_by_role("link", name="Change address or contact").click()
        await page.locator("[name=line1]").fill("长安街2号")
        await page.locator("[name=line2]").focus()
        await expect(page.get_by_text("The price stays as it is.")).to_be_visible()
        await page.get_by_role("button", name="Save the change").click()
        await expect(page.get_by_role("button", name="Save the change")).to_have_count(0)
        await expect(page.get_by_text("长安街2号")).to_be_visible()
        floor = at_work(db, scope)
        await floor.hear()
        parcel_id = await floor.packed(id_of(page.url))
        await floor.one(fulfillment.ship_parcels, wishes=[Ship(parcel_id, "SF", "SF1439")])
        said = NewTrackingEvent("SF", "SF1439", "50", db.clock.now(), "in_transit", "已到达武汉转运中心", "武汉")
        await db.write(scope, lambda tx: carriers.record_tracking(tx, events=[said]))
        address = page.url
    async with stage.screen(scope, width=width, permissions=None) as screen:
        page = await screen.visit(address.removeprefix(stage.address))
        await expect(page.get_by_text("顺丰速运")).to_be_visible()
        follow = page.get_by_role("link", name=re.compile("Follow it at the carrier"))
        await expect(follow).to_have_attribute("href", "https://sf.example/SF1439")
        await expect(page.locator(".rmap:visible")).to_have_count(1)
        await expect(page.get_by_role("link", name="Change address or contact")).to_have_count(0)
        await page.get_by_label("What can we do for you?").fill("Please leave it with my neighbor.")
        await page.get_by_role("button", name="Send the request").click()
        await expect(page.get_by_text("we look into it")).to_be_visible()
