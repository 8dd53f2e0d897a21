"""Pages that do without scripts, beside those of test_shop and test_console: a customer's account, and the floor."""

import pytest
from playwright.async_api import expect

from jiedan.base.db import Database, Scope
from jiedan.fulfillment import service as fulfillment
from jiedan.fulfillment.values import Readiness
from jiedan.orders.values import Contact
from tests.browser import chromium
from tests.browser.chromium import Stage
from tests.browser.test_account import open_account
from tests.browser.test_floor import counted, hand_over, opened
from tests.portal.factories import CHECKOUT, open_shop
from tests.portal.people import MEI, PASSWORD

pytestmark = [pytest.mark.browser, chromium.needs_chromium]


@chromium.on_desk_and_phone
async def test_a_customer_keeps_an_account(stage: Stage, db: Database, scope: Scope, width: int) -> None:
    await open_shop(db, scope)
    async with stage.screen(scope, width=width, permissions=None, scripts=False) as screen:
        screen.expect("422")
        page = await open_account(screen, await screen.shop("/"), db, scope)
        await expect(page.get_by_role("status")).to_contain_text("Your account is open.")
        page = await screen.shop("/account")
        profile = page.get_by_role("region", name="About you")
        await profile.get_by_label("Full name").fill("  ")
        await profile.get_by_role("button", name="Save").click()
        await expect(profile.locator("[name=name][aria-invalid=true]")).to_be_visible()
        await profile.get_by_label("Full name").fill("Han Meimei")
        await profile.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("status")).to_have_text("It was saved.")

        await page.get_by_role("link", name="Addresses").click()
        await page.get_by_role("link", name="Add an address").click()
        await page.get_by_label("Country or region").select_option("CN")
        await page.get_by_role("button", name="Show the fields of this country").click()
        form = page.locator("#address")
        await form.get_by_label("Province").select_option(CHECKOUT["region"])
        for name in ("name", "phone", "city", "district", "line1", "postal_code"):
            await form.locator(f"[name={name}]").fill(CHECKOUT[name])
        await form.get_by_role("button", name="Save").click()
        await expect(page.locator(".book")).to_contain_text(CHECKOUT["line1"])
        await page.get_by_role("button", name="Remove").click()
        await expect(page.get_by_role("status")).to_have_text("The address was removed.")

        for path, title in (
            ("/orders", "My orders"),
            ("/account/points", "My points"),
            ("/account/wallets", "My credit"),
        ):
            page = await screen.shop(path)
            await expect(page.get_by_role("heading", level=1)).to_contain_text(title)

        page = await screen.shop("/account")
        await page.get_by_role("button", name="Sign out", exact=True).click()
        await expect(page.get_by_role("status")).to_have_text("You are signed out.")
        page = await screen.shop("/account/sign-in")
        by_password = page.get_by_role("region", name="With your password")
        await by_password.get_by_label("E-mail").fill(MEI)
        await by_password.get_by_label("Password").fill(PASSWORD)
        await by_password.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("My account")


@chromium.on_desk_and_phone
async def test_goods_are_picked_packed_and_collected(db: Database, scope: Scope, stage: Stage, width: int) -> None:
    at = await opened(db, scope)
    order_id = await at.place(("TEA", 2), contact=Contact(name="Han Meimei"))
    key = (await at.only(order_id)).fulfillment_id
    async with stage.screen(scope, width=width, scripts=False) as screen:
        screen.expect("409")
        page = await screen.open(f"/fulfillment/{key}/pick")
        quantity = page.get_by_role("spinbutton").first
        for left in (1, 1):
            await quantity.fill(str(left))
            await page.get_by_role("button", name="Picked").click()
        await expect(page.get_by_text("Everything is picked.")).to_be_visible()
        await page.get_by_role("link", name="Pack it").click()
        for packed in ("1 / 2", "2 / 2"):
            await page.get_by_label("Scan an item").fill("tea")
            await page.keyboard.press("Enter")
            await counted(page, packed)
        await page.get_by_role("button", name="Close the parcel").click()
        await expect(page.get_by_text("Everything is in parcels.")).to_be_visible()
        ready = await at.one(fulfillment.make_ready, wishes=[Readiness(key)])
        await hand_over(await screen.open("/collect"), (await at.order(order_id)).order.number, ready.code)
    assert (await at.only(order_id)).status == "collected"
