"""Being forgotten, in browsers: a customer asks for it, staff confirm it, nothing is left, and no way in."""

import pytest
from playwright.async_api import expect
from pydantic import SecretStr

from jiedan.base.db import Database, Scope
from jiedan.base.settings import Settings
from jiedan.notifications import service as notifications
from jiedan.notifications.post import office
from jiedan.privacy import queries, run
from tests.base.web_client import SECRET
from tests.browser import chromium
from tests.browser.chromium import Stage
from tests.browser.test_account import open_account
from tests.orders import listing
from tests.portal import people
from tests.portal.factories import open_shop
from tests.portal.people import MEI, PASSWORD

pytestmark = [pytest.mark.browser, chromium.needs_chromium]


async def erased(db: Database, scope: Scope) -> None:
    """Do what the worker does: mail the customer, then erase what is known of them."""
    await listing.drain(db, scope)
    settings = Settings(mail_from="shop@jiedan.example", secret=SecretStr(SECRET), public_url="https://oms.example")
    async with office.opened(db, settings) as post:
        await notifications.send_due(db, scope.tenant, post)
    async with db.read(scope) as tx:
        (erasure_id,) = await queries.under_way(tx)
    await run.run(db, scope.tenant, erasure_id)


async def test_a_customer_asks_to_be_erased_and_is(stage: Stage, db: Database, scope: Scope) -> None:
    await open_shop(db, scope)
    async with stage.screen(scope, permissions=None) as shop, stage.screen(scope) as desk:
        await open_account(shop, await shop.shop("/"), db, scope)
        page = await shop.shop("/account")
        await page.get_by_text("Erase my data").click()
        await page.get_by_label("I am sure.").check()
        await page.get_by_role("button", name="Ask for erasure").click()
        await page.get_by_text("Erase my data").click()
        await expect(page.get_by_text("You have asked for it.")).to_be_visible()

        (customer_id,) = await people.account_ids(db, scope)
        page = await desk.open(f"/customers/{customer_id}/erasure")
        await page.get_by_label("Type the name to confirm").fill("韩梅梅")
        await page.get_by_role("button", name="Erase permanently").click()
        await expect(page.get_by_text("The customer is being told")).to_be_visible()
        await erased(db, scope)
        await page.reload()
        await expect(page.get_by_role("status")).to_contain_text("Nothing is left but what was bought")

        shop.expect("401")
        page = await shop.shop("/account")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        form = page.locator("form", has=page.get_by_label("Password"))
        await form.get_by_label("E-mail").fill(MEI)
        await form.get_by_label("Password").fill(PASSWORD)
        await form.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_text("The e-mail address or the password is wrong.").first).to_be_visible()
