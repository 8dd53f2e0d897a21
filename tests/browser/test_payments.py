"""Payments in a browser: found by a reference, looked at beside the list, and given to an order from there."""

from uuid import UUID

import pytest
from playwright.async_api import expect

from jiedan.base.db import Database, Scope
from jiedan.payments import service
from jiedan.payments.values import Receipt
from tests.browser import chromium
from tests.browser.chromium import Stage
from tests.bulk.factories import by_staff
from tests.payments import factories

pytestmark = [pytest.mark.browser, chromium.needs_chromium]


@pytest.mark.parametrize("width", [chromium.DESK_WIDTH, chromium.PHONE_WIDTH])
async def test_money_without_an_order_is_found_and_given_to_one(
    db: Database, scope: Scope, stage: Stage, width: int
) -> None:
    order_id = await factories.an_order(db, scope)
    number = (await factories.the_order(db, scope, order_id)).number
    async with db.begin(scope) as tx:
        await service.receive_money(
            tx, receipts=[Receipt("bank_transfer", x, "CNY", f"wire {x}") for x in (12_300, 45_600)]
        )
    staff = await by_staff(db, scope)
    async with stage.screen(scope, staff=UUID(staff.actor.id), width=width) as screen:
        page = await screen.open("/payments")
        rows = page.get_by_role("link", name="No order yet")
        await expect(rows).to_have_count(2)
        await page.get_by_role("searchbox", name="Search payments").fill("wire 4")
        await page.keyboard.press("Enter")
        await expect(rows).to_have_count(1)
        assert "q=wire+4" in page.url
        if width == chromium.PHONE_WIDTH:
            await rows.click()
            beside = page.get_by_role("main")
        else:
            await page.locator("a.peek").focus()
            await page.keyboard.press("Enter")
            beside = page.get_by_role("dialog", name="Payment at a glance")
        await beside.get_by_label("Number of the order").fill(number)
        await beside.get_by_role("button", name="Give it to this order").click()
        await expect(page.get_by_text("The money belongs to the order now.")).to_be_visible()
        await expect(page.get_by_role("link", name=f"Order {number}")).to_be_visible()
