"""An account in a browser: opened by a mailed link, the order found in it; a guest finds theirs by a code."""

import pytest
from playwright.async_api import Page, expect

from jiedan.base.db import Database, Scope
from tests.browser import chromium
from tests.browser.chromium import Screen, Stage
from tests.browser.test_shop import fill_in, put_tea_in
from tests.portal import people
from tests.portal.factories import open_shop
from tests.portal.people import MEI, PASSWORD
from tests.portal.test_track import code_of, numbers

pytestmark = [pytest.mark.browser, chromium.needs_chromium]


async def open_account(screen: Screen, page: Page, db: Database, scope: Scope) -> Page:
    """Go from the head of a page through the mail to where the account leads."""
    await page.get_by_role("link", name="My account").click()
    await page.get_by_role("link", name="Open an account").click()
    await page.get_by_label("E-mail").fill(MEI)
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_role("status")).to_contain_text(MEI)
    token = await people.mailed(db, scope)
    page = await screen.shop(f"/link?token={token}")
    await page.get_by_label("Full name").fill("韩梅梅")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Open an account").click()
    return page


@chromium.on_desk_and_phone
async def test_a_customer_registers_orders_and_finds_the_order(
    stage: Stage, db: Database, scope: Scope, width: int
) -> None:
    await open_shop(db, scope, front={"pays_on_delivery": True})
    async with stage.screen(scope, width=width, permissions=None) as screen:
        page = await screen.shop("/")
        await put_tea_in(page)
        await page.get_by_role("button", name="Into the cart").click()
        page = await open_account(screen, page, db, scope)
        await expect(page.get_by_role("heading", level=1)).to_have_text("Cart")  # which came along
        page = await screen.shop("/checkout")
        await expect(page.locator("#checkout [name=name]")).to_have_value("韩梅梅")
        await fill_in(page)
        await page.get_by_label("Keep it in my address book").check()
        await page.get_by_role("button", name="Place the order").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your order")
        (number,) = await numbers(db, scope)
        await page.get_by_role("link", name="My account").click()
        await page.get_by_role("link", name="Addresses").click()
        await expect(page.locator(".book")).to_contain_text("长安街1号")
        page = await screen.shop("/account")
        await page.get_by_role("link", name="My orders").click()
        await page.get_by_role("link", name=number).first.click()
        await expect(page.get_by_role("main")).to_contain_text(number)
        page = await screen.shop("/account")
        await page.get_by_role("button", name="Sign out", exact=True).click()
        await expect(page.get_by_role("status")).to_have_text("You are signed out.")


@chromium.on_desk_and_phone
async def test_a_guest_finds_an_order_by_number_and_code(stage: Stage, db: Database, scope: Scope, width: int) -> None:
    await open_shop(db, scope, front={"pays_on_delivery": True})
    async with stage.screen(scope, permissions=None, width=width) as screen:
        page = await screen.shop("/")
        await put_tea_in(page)
        await page.get_by_role("button", name="Into the cart").click()
        page = await screen.shop("/checkout")
        await fill_in(page)
        await page.get_by_role("button", name="Place the order").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your order")
        (number,) = await numbers(db, scope)
        page = await screen.shop("/account/sign-in")
        await page.get_by_role("link", name="Find your order").click()
        await page.get_by_label("Order number").fill(number)
        await page.get_by_label("E-mail or phone").fill("139 1234 5678")
        await page.get_by_role("button", name="Mail me a code").click()
        await page.get_by_label("Code").fill(await code_of(db, scope))
        await page.get_by_role("button", name="Show the order").click()
        await expect(page.get_by_role("main")).to_contain_text(number)
