"""What the shop owes customers beside goods, in a browser: staff give credit and a gift card, and take some off."""

from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from jiedan.base.db import Database, Scope
from tests.browser import chromium
from tests.browser.chromium import Screen, Stage
from tests.browser.test_account import open_account
from tests.bulk.factories import by_staff
from tests.portal import people
from tests.portal.factories import open_shop

pytestmark = [pytest.mark.browser, chromium.needs_chromium]


async def issue_card(screen: Screen) -> str:
    """Issue a gift card of 50, and return its code."""
    page = await screen.open("/gift-cards")
    await page.get_by_role("link", name="Issue gift cards").first.click()
    await page.get_by_label("What each is worth").fill("50")
    await page.get_by_label("Last day").fill("2999-12-31")
    await page.get_by_role("button", name="Issue and show the codes").click()
    code = await page.locator("[data-copy]").get_attribute("data-copy")
    assert code
    await expect(page.get_by_role("cell", name="Dec 31, 2999")).to_be_visible()
    return code


async def adjust(page: Page, way: str, amount: str, reason: str) -> None:
    """Change the balance that is chosen first, in the dialog of the customer's page."""
    await page.get_by_role("link", name="Adjust a balance").click()
    dialog = page.get_by_role("dialog", name="Adjust a balance")
    await dialog.get_by_label("What to do").select_option(way)
    await dialog.get_by_label("Amount").fill(amount)
    await dialog.get_by_label("Reason").select_option(reason)
    await dialog.get_by_role("button", name="Change the balance").click()


@chromium.on_desk_and_phone
async def test_credit_and_a_gift_card_are_given_seen_and_taken_off(
    stage: Stage, db: Database, scope: Scope, width: int
) -> None:
    await open_shop(db, scope)
    staff = await by_staff(db, scope)
    async with stage.screen(scope, width=width, permissions=None) as customer:
        customer.expect("404")
        await open_account(customer, await customer.shop("/"), db, scope)
        (who,) = await people.account_ids(db, scope)
        async with stage.screen(scope, width=width, staff=UUID(staff.actor.id)) as desk:
            desk.expect("409")
            code = await issue_card(desk)
            page = await desk.open(f"/customers/{who}")
            await adjust(page, "in", "20", "goodwill")
            await expect(page.get_by_role("status")).to_contain_text("The balance was changed.")
            await expect(page.get_by_role("cell", name="+CN¥20.00")).to_be_visible()
            page = await desk.open(f"/customers/{who}")
            await adjust(page, "out", "30", "payout")
            await expect(page.get_by_text("The balance of CN¥20.00 is less than CN¥30.00.")).to_be_visible()
            await page.get_by_label("Amount").fill("5.50")
            await page.get_by_role("button", name="Change the balance").click()
            await expect(page.get_by_role("cell", name="CN¥14.50")).to_be_visible()

        page = await customer.shop("/account")
        await page.get_by_role("link", name="Credit, gift cards and points").click()
        await expect(page.get_by_role("region", name="What you have")).to_contain_text("CN¥14.50")
        happened = page.get_by_role("region", name="What happened").get_by_role("listitem")
        await expect(happened).to_contain_text(["-CN¥5.50", "+CN¥20.00"])
        await page.get_by_label("Code on the card").fill(code.lower())
        await page.get_by_role("button", name="Show the balance").click()
        await expect(page.get_by_role("status")).to_contain_text("CN¥50.00")
        await expect(page.get_by_role("status")).to_contain_text("Dec 31, 2999")
        await page.get_by_label("Code on the card").fill("3467-9ACD-EFGH-JKMN")
        await page.get_by_role("button", name="Show the balance").click()
        await expect(page.get_by_text("There is no such gift card.")).to_be_visible()
