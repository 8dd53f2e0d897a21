"""Goods that are sold in packs, in a browser: the steppers of the shop and of a new order go by them."""

import pytest
from playwright.async_api import expect

from jiedan.base.db import Database, Scope
from tests.browser import chromium
from tests.browser.chromium import Screen, Stage
from tests.browser.test_order import index
from tests.catalog.factories import sold_in
from tests.orders.factories import shop
from tests.portal.factories import open_shop

pytestmark = [pytest.mark.browser, chromium.needs_chromium]

PACKS: dict[str, int] = {"order_minimum": 12, "order_pack": 6}
TOLD = "Sold in packs of 6. Sold from 12 pieces on."


async def test_a_new_order_begins_with_the_least_and_goes_by_packs(db: Database, scope: Scope, desk: Screen) -> None:
    opened = await shop(db, scope, {"TEA": {"W1": 100}})
    await sold_in(db, scope, "TEA", **PACKS)
    await index(db, scope, list(opened.skus.values()))
    desk.expect("422")
    page = await desk.open("/orders/new")
    await page.get_by_label("SKU of row 1").fill("tea")
    await page.get_by_role("option", name="Product TEA").click()
    quantity = page.get_by_label("Quantity of row 1")
    await expect(quantity).to_have_value("12")
    await expect(page.locator("[data-about]").first).to_contain_text(TOLD)
    await quantity.press("ArrowUp")
    await expect(quantity).to_have_value("18")
    await expect(page.get_by_role("region", name="Preview").get_by_text("CN¥180.00").last).to_be_visible()
    await quantity.fill("13")
    await page.get_by_role("button", name="Preview", exact=True).last.click()
    await expect(page.get_by_text("TEA comes in packs of 6; the cart has 13. Take 12 or 18.").first).to_be_visible()


@chromium.on_desk_and_phone
async def test_the_steppers_of_the_shop_go_by_packs(stage: Stage, db: Database, scope: Scope, width: int) -> None:
    await open_shop(db, scope)
    await sold_in(db, scope, "TEA-50", **PACKS)
    async with stage.screen(scope, width=width, permissions=None) as screen:
        page = await screen.shop("/search?q=longjing")
        await page.get_by_role("link", name="Longjing").click()
        await expect(page.get_by_text(TOLD)).to_be_visible()
        await page.get_by_role("button", name="6 more").click()
        await expect(page.get_by_label("Quantity", exact=True)).to_have_value("18")
        await page.get_by_role("button", name="Into the cart").click()
        await expect(page.get_by_text(TOLD)).to_be_visible()
        await page.get_by_role("button", name="6 less").click()
        await expect(page.locator("#cart").get_by_text("CN¥360.00").first).to_be_visible()
