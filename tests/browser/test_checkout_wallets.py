"""Gift cards and store credit at the checkout in a browser: typed, taken out, all paid without a step."""

import pytest
from playwright.async_api import expect

from jiedan.base.db import Database, Scope
from tests.browser import chromium
from tests.browser.chromium import Stage
from tests.browser.test_account import open_account
from tests.browser.test_shop import fill_in, put_tea_in
from tests.portal.factories import open_shop
from tests.portal.test_checkout_wallets import FRONT, UNKNOWN
from tests.portal.test_wallets import issued, mei
from tests.wallets import factories
from tests.wallets.factories import credit

pytestmark = [pytest.mark.browser, chromium.needs_chromium]


@pytest.mark.parametrize(
    ("width", "scripts"),
    [(chromium.DESK_WIDTH, True), (chromium.PHONE_WIDTH, True), (chromium.PHONE_WIDTH, False)],
)
async def test_a_card_and_credit_pay_for_everything(
    stage: Stage, db: Database, scope: Scope, *, width: int, scripts: bool
) -> None:
    await open_shop(db, scope, front=FRONT)
    card = await issued(db, scope, amount=2_000)
    last = card.card.last_four
    async with stage.screen(scope, width=width, permissions=None, scripts=scripts) as screen:
        screen.expect("422")
        page = await screen.shop("/")
        await put_tea_in(page)
        await page.get_by_role("button", name="Into the cart").click()
        page = await open_account(screen, page, db, scope)
        await factories.moved(db, scope, credit(await mei(db, scope), 5_000))
        await page.get_by_role("button", name="To the checkout").click()
        await fill_in(page)

        await page.get_by_label("Gift card code").fill(UNKNOWN)
        await page.get_by_role("button", name="Use the gift card").click()
        await expect(page.get_by_role("heading", name="The gift card was not taken")).to_be_visible()
        field = await page.get_by_label("Gift card code").bounding_box()
        button = await page.get_by_role("button", name="Use the gift card").bounding_box()
        assert field is not None
        assert button is not None
        assert (button["y"], button["height"]) == (field["y"], field["height"])
        await page.get_by_label("Gift card code").fill(card.code.lower())
        await page.get_by_label("Gift card code").press("Enter")
        await expect(page.get_by_text("Pays CN¥20.00 and is used up then.")).to_be_visible()
        await page.get_by_role("button", name=f"Take the gift card that ends with {last} out").click()
        await expect(page.get_by_text(f"…{last}")).to_have_count(0)
        await page.get_by_label("Gift card code").fill(card.code)
        await page.get_by_role("button", name="Use the gift card").click()
        await expect(page.get_by_text("Pays CN¥20.00 and is used up then.")).to_be_visible()
        await expect(page.get_by_role("radio", name="Bank transfer")).to_be_visible()

        await page.get_by_label("Pay with store credit").check()
        if not scripts:
            await page.get_by_role("button", name="Update the total").click()
        await expect(page.get_by_text("Nothing else is to be paid.")).to_be_visible()
        await expect(page.get_by_text("CN¥10.00 of your CN¥50.00")).to_be_visible()
        await expect(page.get_by_role("radio", name="Bank transfer")).to_have_count(0)
        await expect(page.locator("[name=note]")).to_have_value("Ring twice.")
        await page.get_by_role("button", name="Place the order").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your order")
        await page.get_by_role("link", name="Follow the order").click()
        costs = page.get_by_role("region", name="What it costs")
        await expect(costs).to_contain_text(f"Gift card …{last}")
        await expect(costs).to_contain_text("Store credit")
