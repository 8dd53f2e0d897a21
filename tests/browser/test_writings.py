"""A text on goods in the shop: its price follows the letters, its address never does, with scripts and without."""

import re

import pytest
from playwright.async_api import expect

from jiedan.base.db import Database, Scope
from tests.browser import chromium
from tests.browser.chromium import Stage
from tests.portal.test_writings import opened

pytestmark = [pytest.mark.browser, chromium.needs_chromium]

LONG = "M" * 40
"""Forty wide letters without a break: 500.00 + 20.00 + 40 × 1.50 = 580.00."""


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_text_is_priced_and_bought_on_a_phone(
    db: Database, scope: Scope, stage: Stage, *, scripts: bool
) -> None:
    await opened(db, scope)
    async with stage.screen(scope, permissions=None, width=chromium.PHONE_WIDTH, scripts=scripts) as screen:
        page = await screen.shop("/search?q=ring")
        await page.get_by_role("link", name="Ring").first.click()
        await expect(page.locator(".product")).to_contain_text("CN¥500.00")
        await page.get_by_label("Engraving").fill("Anna")
        if scripts:
            await page.get_by_label("Engraving").blur()
        else:
            await page.get_by_role("button", name="Show the price").click()
        await expect(page.locator(".product")).to_contain_text("CN¥526.00")
        assert "Anna" not in page.url
        await page.get_by_label("Engraving").fill(LONG)
        await page.get_by_role("button", name="Into the cart").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Cart")
        await expect(page.locator(".cart-line")).to_have_text(re.compile(f"Engraving “{LONG}” · CN¥580.00 each"))
        assert not await page.locator("html").evaluate("x => x.scrollWidth > x.clientWidth")
