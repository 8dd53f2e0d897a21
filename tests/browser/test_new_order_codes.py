"""Coupons and gift cards of a new order, typed without a mouse: Enter takes a code, and the next may follow."""

import re

import pytest
from playwright.async_api import expect

from jiedan.base.db import Database, Scope
from tests.browser import chromium
from tests.browser.chromium import Stage
from tests.orders.factories import shop
from tests.orders.test_promotions import SPRING, publish
from tests.portal.test_wallets import issued
from tests.pricing import coupon_factories as coupons

pytestmark = [pytest.mark.browser, chromium.needs_chromium]


@chromium.on_desk_and_phone
async def test_codes_are_taken_by_keyboard_alone(stage: Stage, db: Database, scope: Scope, *, width: int) -> None:
    await shop(db, scope, {"TEA": {"W1": 10}})
    await publish(db, scope, SPRING)
    await coupons.batch(db, scope, uses_max=None)
    card = await issued(db, scope, amount=400)
    async with stage.screen(scope, width=width) as screen:
        screen.expect("422")
        page = await screen.open("/orders/new")
        keys, coupon = page.keyboard, page.get_by_label("Coupon code")
        preview = page.get_by_role("region", name="Preview")
        await page.get_by_role("combobox", name="SKU of row 1").focus()
        await keys.type("TEA")
        await keys.press("Enter")
        await expect(page.get_by_label("Quantity of row 1")).to_be_focused()
        await expect(preview.get_by_text("kept as a draft")).to_be_visible()

        await coupon.focus()
        await keys.type("spring11")
        await keys.press("Enter")
        await expect(page.get_by_text("there is no such code")).to_be_visible()
        await expect(coupon).to_be_focused()
        await page.wait_for_load_state()  # the keys of a page are heard once its scripts have run
        await keys.press("Control+a")
        await keys.type("spring10")
        await keys.press("Enter")
        await expect(preview.get_by_text("It counts.")).to_be_visible()
        await expect(coupon).to_be_focused()
        await page.wait_for_load_state()
        await keys.press("Enter")
        await expect(page.get_by_label("Gift card code")).to_be_focused()
        await keys.type(card.code)
        await keys.press("Enter")
        await expect(preview.get_by_text("Pays CN¥4.00 and is used up then.")).to_be_visible()
        await expect(preview.get_by_text("CN¥5.00").last).to_be_visible()
        await page.wait_for_load_state()
        await keys.press("Control+Enter")
        await expect(page.get_by_role("status").first).to_have_text(re.compile("was placed"))
