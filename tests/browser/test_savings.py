"""Promotions and coupons in a browser: nearly there, one more, a code typed wrong and right, and what was saved."""

import pytest
from playwright.async_api import expect

from jiedan.base.db import Database, Scope
from tests.browser import chromium
from tests.browser.chromium import Stage
from tests.browser.test_shop import fill_in, put_tea_in
from tests.portal.test_savings import on_sale

pytestmark = [pytest.mark.browser, chromium.needs_chromium]


@pytest.mark.parametrize(
    ("width", "scripts"),
    [(chromium.DESK_WIDTH, True), (chromium.PHONE_WIDTH, True), (chromium.PHONE_WIDTH, False)],
)
async def test_one_more_and_a_coupon_save_what_the_order_tells(
    stage: Stage, db: Database, scope: Scope, *, width: int, scripts: bool
) -> None:
    await on_sale(db, scope)
    async with stage.screen(scope, width=width, permissions=None, scripts=scripts) as screen:
        screen.expect("422")
        page = await screen.shop("/")
        await put_tea_in(page)
        await page.get_by_role("spinbutton").fill("2")
        await page.get_by_role("button", name="Into the cart").click()
        await expect(page.get_by_text("Add 1 more: Buy 2 ×")).to_be_visible()
        await page.get_by_role("spinbutton").fill("3")
        await page.get_by_role("spinbutton").press("Enter")
        await expect(page.get_by_text("You save CN¥30.00")).to_be_visible()

        await page.get_by_label("Coupon code").fill("NO-SUCH")
        await page.get_by_role("button", name="Use the coupon").click()
        await expect(page.get_by_text("there is no such code").first).to_be_visible()
        await page.get_by_label("Coupon code").fill("spring 10")
        await page.get_by_label("Coupon code").press("Enter")
        await expect(page.get_by_text("It counts.")).to_be_visible()
        await page.get_by_role("button", name="To the checkout").click()

        await expect(page.get_by_text("You save CN¥40.00")).to_be_visible()
        await fill_in(page)
        await page.get_by_label("Pay on delivery").check()
        await page.get_by_role("button", name="Place the order").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your order")
        await expect(page.get_by_text("You saved CN¥40.00")).to_be_visible()
        await page.get_by_role("link", name="Follow the order").click()
        await expect(page.get_by_text("You saved CN¥40.00")).to_be_visible()
        await expect(page.get_by_text("SPRING10")).to_be_visible()
