"""Loyalty points in a browser: staff say what they pay, a customer sees theirs and pays with them."""

from uuid import UUID

import pytest
from playwright.async_api import expect

from jiedan.base.db import Database, Scope
from tests.browser import chromium
from tests.browser.chromium import Screen, Stage
from tests.browser.test_account import open_account
from tests.browser.test_shop import fill_in, put_tea_in
from tests.bulk.factories import by_staff
from tests.portal.factories import open_shop
from tests.portal.test_checkout_wallets import FRONT
from tests.portal.test_wallets import mei
from tests.wallets import factories

pytestmark = [pytest.mark.browser, chromium.needs_chromium]


async def set_program(desk: Screen) -> None:
    """Let a hundred points pay 1.00, up to half of an order."""
    page = await desk.open("/loyalty")
    form = page.get_by_role("form", name="Points in CNY")
    await form.get_by_label("So many points").fill("100")
    await form.get_by_label("pay, in CNY").fill("1.00")
    await form.get_by_label("At most so many percent of an order").fill("50")
    await form.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_contain_text("The loyalty program was saved.")
    await expect(page.get_by_role("form", name="Points in CNY").get_by_label("So many points")).to_have_value("100")


@pytest.mark.parametrize(("width", "scripts"), [(chromium.DESK_WIDTH, True), (chromium.PHONE_WIDTH, False)])
async def test_points_are_set_seen_and_paid_with(
    stage: Stage, db: Database, scope: Scope, *, width: int, scripts: bool
) -> None:
    await open_shop(db, scope, front=FRONT)
    staff = await by_staff(db, scope)
    async with stage.screen(scope, width=width, staff=UUID(staff.actor.id)) as desk:
        await set_program(desk)
    async with stage.screen(scope, width=width, permissions=None, scripts=scripts) as screen:
        page = await screen.shop("/")
        await put_tea_in(page)
        await page.get_by_role("button", name="Into the cart").click()
        page = await open_account(screen, page, db, scope)
        await factories.moved(db, scope, factories.points(await mei(db, scope), 1_250))
        await page.get_by_role("button", name="To the checkout").click()
        await fill_in(page)
        await expect(page.get_by_text("Your 1,250 points pay up to CN¥12.00.")).to_be_visible()
        await page.get_by_label("Pay with points").check()
        if not scripts:
            await page.get_by_role("button", name="Update the total").click()
        await expect(page.get_by_text("points pay CN¥")).to_be_visible()
        await page.get_by_role("button", name="Place the order").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you – one step is left")
        page = await screen.shop("/account/points")
        await expect(page.get_by_role("heading", level=1)).to_have_text("My points")
        await expect(page.get_by_role("region", name="What happened")).to_contain_text("Paid with")
        await expect(page.get_by_role("region", name="How points work")).to_contain_text("100 points pay CN¥1.00")
