"""Who types an @ in a comment is offered colleagues; who is chosen is called, and is told."""

import pytest
from playwright.async_api import expect

from jiedan.base.db import Database, Scope
from jiedan.orders.rules.mentions import mentioned_in
from tests.browser import chromium
from tests.browser.chromium import Stage
from tests.browser.test_console import one_order
from tests.orders.test_comments import colleague

pytestmark = [pytest.mark.browser, chromium.needs_chromium]


async def test_a_colleague_is_chosen_by_keyboard_and_called(db: Database, scope: Scope, stage: Stage) -> None:
    placed = await one_order(db, scope)
    me = await colleague(db, scope, "Lin Tao")
    wang = await colleague(db, scope, "Wang Min")
    await colleague(db, scope, "Wang Gone", is_active=False)
    async with stage.screen(scope, staff=me) as screen:
        page = await screen.open(f"/orders/{placed.order_id}")
        text = page.get_by_label("Comment or note")
        offered = page.get_by_role("listbox", name="Colleagues").get_by_role("option")
        await text.click()
        await page.keyboard.type("write to anna@wang, ")
        await expect(offered).to_have_count(0)
        await page.keyboard.type("@wa")
        await expect(offered).to_have_text(["Wang Min"])
        await expect(text).to_have_attribute("aria-activedescendant", "mentioned-0")
        await page.keyboard.press("Escape")
        await expect(offered).to_have_count(0)
        await page.keyboard.press("Backspace")
        await expect(offered).to_have_text(["Wang Min"])
        await page.keyboard.press("Enter")
        await expect(text).to_have_value("write to anna@wang, @Wang Min ")
        await page.keyboard.type("please, and @")
        await expect(offered).to_have_text(["Lin Tao", "Wang Min"])
        await page.keyboard.press("ArrowDown")
        await expect(offered.nth(1)).to_have_attribute("aria-selected", "true")
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("Tab")
        said = "write to anna@wang, @Wang Min please, and @Lin Tao"
        await expect(text).to_have_value(f"{said} ")
        await page.get_by_role("button", name="Comment", exact=True).click()
        await expect(page.locator("#happened").get_by_text(said)).to_be_visible()
    assert mentioned_in(said, {wang: "Wang Min", me: "Lin Tao"}) == (wang, me)


async def test_without_the_permission_nobody_is_offered(db: Database, scope: Scope, stage: Stage) -> None:
    placed = await one_order(db, scope)
    await colleague(db, scope, "Wang Min")
    async with stage.screen(scope, permissions=["orders:read", "orders:write"]) as screen:
        page = await screen.open(f"/orders/{placed.order_id}")
        await expect(page.get_by_label("Comment or note")).to_be_visible()
        await expect(page.locator("[data-mention]")).to_have_count(0)
