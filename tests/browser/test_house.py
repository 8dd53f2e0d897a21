"""The house's own scripts in a browser: palette, shortcuts, ticks, dialogs, menus, theme, guard, copying, undo."""

import pytest
from playwright.async_api import Dialog, expect

from jiedan.base.db import Database, Scope
from tests.browser import chromium
from tests.browser.chromium import Screen
from tests.browser.test_console import one_order

pytestmark = [pytest.mark.browser, chromium.needs_chromium]


COPIED = "async text => await navigator.clipboard.readText() === text"


async def test_an_order_is_reached_from_the_palette_by_keyboard(db: Database, scope: Scope, desk: Screen) -> None:
    placed = await one_order(db, scope)
    page = await desk.open("/orders/new")
    await page.get_by_role("heading", level=1).click()
    await page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Search everywhere")
    await expect(palette.get_by_role("option", name="Orders", exact=False).first).to_be_visible()
    await page.keyboard.type("anna")
    hit = palette.get_by_role("option", name=placed.number)
    await expect(hit).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(placed.number)


async def test_keys_lead_to_places_and_can_be_switched_off(db: Database, scope: Scope, desk: Screen) -> None:
    placed = await one_order(db, scope)
    page = await desk.open("/home")
    await expect(page.locator("html.js")).to_be_attached()
    await page.keyboard.press("g")
    await page.keyboard.press("o")
    await expect(page).to_have_url(f"{desk.address}/c/{desk.slug}/orders")
    await expect(page.locator("html.js")).to_be_attached()  # the keys of the new page are listened to
    await page.keyboard.press("j")
    row = page.get_by_role("row").filter(has_text=placed.number)
    await expect(row.get_by_role("link", name=placed.number, exact=True)).to_be_focused()
    await page.keyboard.press("x")
    await expect(row.get_by_role("checkbox")).to_be_checked()
    await page.keyboard.press("/")
    await page.keyboard.type("g s?")
    await expect(page.get_by_role("searchbox", name="Search orders", exact=True)).to_have_value("g s?")
    await page.get_by_role("heading", level=1).click()
    await page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Shortcuts")
    await sheet.get_by_role("checkbox", name="Use shortcuts of single keys").uncheck()
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await expect(sheet).to_be_hidden()


async def test_rows_are_ticked_in_a_run_and_all_that_fit_are_meant(desk: Screen) -> None:
    page = await desk.visit("/_ui/lists")
    boxes, told = page.locator("[data-pick]"), page.locator("[data-picked]")
    await expect(told).to_have_text("2 chosen")
    await page.get_by_role("button", name="Choose none").click()
    await expect(told).to_have_text("0 chosen")
    await boxes.nth(0).click()
    await boxes.nth(2).click(modifiers=["Shift"])
    await expect(told).to_have_text("3 chosen")
    await page.get_by_role("checkbox", name="Choose all of this page").check()
    await expect(told).to_have_text("4 chosen")
    await page.get_by_role("button", name="Choose all 214").click()
    await expect(told).to_have_text("All 214 chosen")
    await expect(page.locator("[data-matching]")).to_have_value("1")
    await boxes.nth(1).uncheck()
    await expect(page.locator("[data-matching]")).to_have_value("")


async def test_dialogs_and_menus_open_and_close(desk: Screen) -> None:
    page = await desk.visit("/_ui/actions")
    await page.get_by_role("link", name="Refund…").click()
    dialog = page.get_by_role("dialog", name="Refund ¥120.00")
    await expect(dialog).to_be_visible()
    await dialog.get_by_role("button", name="Close").click()
    await expect(dialog).to_be_hidden()
    menu = page.get_by_label("More actions")
    await menu.click()
    await expect(page.get_by_role("link", name="Order again")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("link", name="Order again")).to_be_hidden()
    await expect(menu).to_be_focused()


async def test_light_and_dark_change_at_once_and_stay(desk: Screen) -> None:
    page = await desk.visit("/_ui")
    root = page.locator("html")
    async with page.expect_response("**/preferences/theme"):
        await page.get_by_role("button", name="Switch between light, dark and automatic").click()
    await expect(root).to_have_attribute("data-theme", "dark")
    await page.get_by_text("王敏").first.click()
    async with page.expect_response("**/preferences/density"):
        await page.get_by_role("button", name="Compact").click()
    await expect(root).to_have_attribute("data-density", "compact")
    await page.reload()
    await expect(root).to_have_attribute("data-theme", "dark")
    await expect(root).to_have_attribute("data-density", "compact")


async def test_nobody_loses_what_they_typed(desk: Screen) -> None:
    page = await desk.visit("/_ui/fields")
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.accept()

    page.on("dialog", stay)
    await page.get_by_label("Change me, then leave the page").fill("typed")
    await page.get_by_role("link", name="Back", exact=True).click()
    await page.wait_for_url("**/_ui")
    assert asked == ["beforeunload"]


async def test_numbers_step_and_texts_are_copied(desk: Screen) -> None:
    await desk.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=desk.address)
    page = await desk.visit("/_ui/fields")
    pieces = page.get_by_label("Pieces", exact=True)
    for _ in range(9):
        await page.locator("[data-qty]").first.get_by_role("button", name="One more").click()
    await expect(pieces).to_have_value("9")
    await page.goto(f"{desk.address}/_ui/marks")
    await page.get_by_role("button", name="Copy SF1439 2207 6618").click()
    await page.wait_for_function(COPIED, arg="SF1439 2207 6618")
