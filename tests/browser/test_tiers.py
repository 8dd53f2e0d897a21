"""Prices by quantity in a browser, with the option chosen, with and without scripts; and gifts that staff choose."""

import re

import pytest
from playwright.async_api import expect

from jiedan.base.db import Database, Scope
from jiedan.pricing.values.promotions import Gift, Goods, Promotion
from tests.browser import chromium
from tests.browser.chromium import Screen, Stage
from tests.console.test_new_order import gifts, stock
from tests.portal.test_tiers import listed

pytestmark = [pytest.mark.browser, chromium.needs_chromium]

EITHER = Promotion("either", "A mug or a pen", Gift(("MUG", "PEN")), Goods(any_of=("sku:TEA",)))


@pytest.mark.parametrize(
    ("width", "scripts"),
    [(chromium.DESK_WIDTH, True), (chromium.PHONE_WIDTH, True), (chromium.PHONE_WIDTH, False)],
)
async def test_the_table_follows_the_option(
    stage: Stage, db: Database, scope: Scope, *, width: int, scripts: bool
) -> None:
    await listed(db, scope)
    async with stage.screen(scope, width=width, permissions=None, scripts=scripts) as screen:
        page = await screen.shop("/search?q=longjing")
        await page.get_by_role("link", name="Longjing").click()
        table = page.get_by_label("Price by quantity")
        await expect(table).to_contain_text("from 10 pieces")
        await page.get_by_label("100 g").check()
        if not scripts:
            await page.get_by_role("button", name="Show this choice").click()
        await expect(table).to_contain_text("each piece beyond 9")
        await expect(table).to_contain_text("CN¥40.00 each")
        await expect(page.get_by_text("These are the prices before offers.")).to_be_visible()


async def test_staff_choose_a_gift_by_keyboard(db: Database, scope: Scope, desk: Screen) -> None:
    await stock(db, scope)
    await gifts(db, scope, EITHER)
    page = await desk.open("/orders/new")
    await page.get_by_label("SKU of row 1").fill("TEA")
    await page.get_by_label("Quantity of row 1").fill("2")
    await page.get_by_label("Full name").fill("Berta")
    choice = page.get_by_label("Choose the gift")
    await expect(choice).to_have_value("MUG")
    await choice.focus()
    await choice.select_option("PEN")
    line = page.get_by_role("region", name="Preview").locator(".line", has_text="Gift")
    await expect(line).to_contain_text("Product PEN")
    await expect(line.locator("small.mono")).to_have_text("PEN")
    await expect(choice).to_be_focused()
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("status").first).to_have_text(re.compile("was placed"))
    await expect(page.get_by_text("Product PEN").first).to_be_visible()
