"""The console in a browser: without scripts, on a phone and on a desk, in every language, light and dark."""

import re

import pytest
from playwright.async_api import Page, expect

from jiedan.base.db import Database, Scope
from jiedan.orders.values import Contact, Placed
from tests.browser import chromium
from tests.browser.chromium import Stage
from tests.orders import factories, listing
from tests.orders.factories import order, place_one, shop

pytestmark = [pytest.mark.browser, chromium.needs_chromium]

NAMELESS = """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a[href]')]
    .filter(x => !x.hidden && !(x.labels && [...x.labels].some(l => l.textContent.trim()))
        && !x.getAttribute('aria-label') && !x.textContent.trim())
    .map(x => x.outerHTML.slice(0, 120))"""
"""Controls that a screen reader could not name."""


async def one_order(db: Database, scope: Scope) -> Placed:
    await shop(db, scope, {"TEA": {"W1": 10}, "CUP": {"W1": 1}}, backorder=True)
    contact = Contact(name="Anna Bell", phone="+8613912345678")
    placed = await place_one(
        db, scope, order(("TEA", 3), ("CUP", 2), contact=contact, ship_to=factories.BEIJING, tags=("Gift",))
    )
    await listing.drain(db, scope)
    return placed


async def is_wider_than_the_screen(page: Page) -> bool:
    root = page.locator("html")
    return bool(await root.evaluate("x => x.scrollWidth > x.clientWidth"))


@chromium.on_desk_and_phone
async def test_an_order_is_found_held_lifted_and_canceled_without_scripts(
    db: Database, scope: Scope, stage: Stage, width: int
) -> None:
    placed = await one_order(db, scope)
    async with stage.screen(scope, width=width, scripts=False) as console:
        page = await console.open("/orders")
        await page.get_by_role("searchbox", name="Search orders", exact=True).fill("anna 5678")
        await page.keyboard.press("Enter")
        await page.get_by_role("link", name=placed.number, exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(placed.number)

        holds = page.get_by_role("region", name="Holds")
        await holds.get_by_label("Kind of hold").select_option("address_check")
        await holds.get_by_label("Reason").fill("The house number is missing.")
        await holds.get_by_role("button", name="Put on hold").click()
        await expect(page.get_by_role("status")).to_contain_text("The order is on hold.")
        await page.get_by_label("Why the hold is lifted").fill("Called them.")
        await page.get_by_role("button", name="Lift").click()
        await expect(page.get_by_role("status")).to_contain_text("The hold was lifted.")

        await page.get_by_label("More actions").click()
        await page.get_by_role("link", name="Cancel…").click()
        await page.get_by_label("Cancel everything that is left").check()
        await page.locator("#cancel").get_by_label("Reason").fill("customer_request")
        await page.get_by_role("button", name="Cancel now").click()
        await expect(page.get_by_role("status")).to_have_text("Canceled.")
        await expect(page.get_by_text("The customer asked for it").first).to_be_visible()


@chromium.on_desk_and_phone
async def test_an_order_taken_on_the_phone_is_previewed_and_placed_without_scripts(
    db: Database, scope: Scope, stage: Stage, width: int
) -> None:
    await one_order(db, scope)
    async with stage.screen(scope, width=width, scripts=False) as console:
        page = await console.open("/orders/new")
        await page.get_by_label("SKU of row 1").fill("TEA")
        await page.get_by_label("Quantity of row 1").fill("2")
        await page.get_by_label("Full name").fill("Berta")
        await page.get_by_role("button", name="Preview").click()
        await expect(page.get_by_role("heading", name="Preview")).to_be_visible()
        await page.get_by_role("button", name="Place the order").click()
        await expect(page.get_by_role("status")).to_have_text(re.compile("was placed"))
        await expect(page.get_by_text("Berta").first).to_be_visible()


@pytest.mark.parametrize(
    "look",
    [(1440, "light", "zh-CN"), (390, "dark", "zh-TW"), (390, "light", "en-US"), (1440, "dark", "en-US")],
)
async def test_pages_fit_the_screen_keep_the_policy_and_name_their_controls(
    db: Database, scope: Scope, stage: Stage, look: tuple[int, str, str]
) -> None:
    width, theme, locale = look
    placed = await one_order(db, scope)
    at = f"/orders/{placed.order_id}"
    async with stage.screen(scope, width=width, theme=theme, locale=locale) as console:
        orders = ("/orders", "/orders?q=anna&payment=pending", at, f"{at}/edit", "/orders/new")
        for path in ("/home", *orders, "/settings", "/staff", "/roles", "/roles/new", "/api-keys"):
            page = await console.open(path)
            assert await page.locator("h1").count() == 1, path
            assert await page.evaluate(NAMELESS) == [], path
            assert not await is_wider_than_the_screen(page), path
            await page.close()
