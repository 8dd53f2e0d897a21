"""A faster way is chosen at the checkout, with scripts and without."""

import pytest
from playwright.async_api import expect

from jiedan.base.db import Database, Scope
from tests.browser import chromium
from tests.browser.chromium import Stage
from tests.browser.test_shop import fill_in, put_tea_in
from tests.orders.methods import offered
from tests.portal.factories import open_shop

pytestmark = [pytest.mark.browser, chromium.needs_chromium]


@pytest.mark.parametrize(
    ("width", "scripts"),
    [(chromium.DESK_WIDTH, True), (chromium.PHONE_WIDTH, True), (chromium.PHONE_WIDTH, False)],
)
async def test_express_is_chosen_at_the_checkout(
    stage: Stage, db: Database, scope: Scope, *, width: int, scripts: bool
) -> None:
    await open_shop(db, scope, front={"pays_on_delivery": True})
    await offered(db, scope)
    async with stage.screen(scope, width=width, permissions=None, scripts=scripts) as screen:
        page = await screen.shop("/")
        await put_tea_in(page)
        await page.get_by_role("button", name="Into the cart").click()
        await page.get_by_role("button", name="To the checkout").click()
        await expect(page.get_by_label("Standard")).to_be_checked()
        await fill_in(page)
        await page.get_by_label("Express by air").check()
        if not scripts:
            await page.get_by_role("button", name="Update the total").click()
        total = page.locator("aside dd.t")
        await expect(total).to_contain_text("55.00")
        await expect(page.get_by_label("Express by air")).to_be_checked()
        await page.get_by_role("button", name="Place the order").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
        await expect(page.get_by_text("Express by air").first).to_be_visible()
