"""Signing in by a passkey, with a device that Chromium makes up."""

import re

import pytest
from playwright.async_api import Page, expect

from jiedan.base.db import Database, Scope
from tests.accounts import factories
from tests.browser import chromium
from tests.browser.chromium import Stage

pytestmark = [pytest.mark.browser, chromium.needs_chromium]

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


async def device(page: Page) -> None:
    """Give the page a device that knows its person."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


async def test_a_passkey_is_made_in_the_account_and_signs_in(stage: Stage, db: Database, scope: Scope) -> None:
    at = await factories.opened(db)
    async with stage.screen(scope, permissions=None) as screen:
        page = await screen.visit(f"/c/{at.slug}/sign-in")
        await device(page)
        await page.get_by_label("E-mail").fill(at.owner_email)
        await page.get_by_label("Password").fill(factories.PASSWORD)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await page.wait_for_url(re.compile(f"/c/{at.slug}/"))
        await page.goto(f"{screen.address}/c/{at.slug}/account")
        keys = page.get_by_role("region", name="Passkeys")
        await keys.get_by_label("What you call this device").fill("Laptop")
        screen.expect("422")
        await keys.get_by_label("Present password").fill("not the password")
        await keys.get_by_role("button", name="Add a passkey").click()
        await expect(keys.get_by_role("status")).to_contain_text("not your present password")
        await keys.get_by_label("Present password").fill(factories.PASSWORD)
        await keys.get_by_role("button", name="Add a passkey").click()
        await expect(keys.get_by_text("never used yet")).to_be_visible()
        await page.goto(f"{screen.address}/c/{at.slug}/account")
        await keys.get_by_label("What you call this device").fill("Once more")
        await keys.get_by_label("Present password").fill(factories.PASSWORD)
        await keys.get_by_role("button", name="Add a passkey").click()
        await expect(keys.get_by_role("status")).to_contain_text("has a passkey of yours already")
        await page.context.clear_cookies()
        await page.goto(f"{screen.address}/sign-in?next=/c/{at.slug}/account")
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await page.wait_for_url(f"{screen.address}/c/{at.slug}/account")
        await expect(keys.get_by_text("last used")).to_be_visible()


async def test_without_scripts_no_passkey_is_offered(stage: Stage, db: Database, scope: Scope) -> None:
    async with stage.screen(scope, permissions=None, scripts=False) as screen:
        page = await screen.visit("/sign-in")
        await expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
        await expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
