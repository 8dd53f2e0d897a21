"""What a reader sees when a request behind a page fails: told in words, nothing that was typed is lost, it goes on."""

import re

import pytest
from playwright.async_api import Locator, Page, Route, expect

from jiedan.base.db import Database, Scope
from tests.browser import chromium
from tests.browser.chromium import Screen, Stage
from tests.browser.test_console import one_order
from tests.browser.test_lively import needs_scripts
from tests.browser.test_order import index
from tests.browser.test_shop import put_tea_in
from tests.orders.factories import shop
from tests.portal.factories import open_shop

pytestmark = [pytest.mark.browser, chromium.needs_chromium]

NOISE = "Failed to (fetch|load)|ERR_INTERNET_DISCONNECTED|ERR_FAILED|NetworkError|network error"
"""What a browser itself says of requests that fail."""

PROBLEM = '<section data-problem="{code}"><h1>No</h1><p>{said}</p></section>'


def told(page: Page) -> Locator:
    """Return the place where it is said."""
    return page.locator("#trouble")


async def refuse(page: Page, address: str, status: int, body: str = "", **headers: str) -> None:
    """Answer requests to `address` so from now on."""

    async def answer(route: Route) -> None:
        await route.fulfill(status=status, body=body, headers={"Content-Type": "text/html", **headers})

    await page.route(re.compile(address), answer)


async def test_the_palette_keeps_what_was_typed_and_goes_on(db: Database, scope: Scope, desk: Screen) -> None:
    placed = await one_order(db, scope)
    desk.expect(NOISE)
    page = await desk.open("/orders/new")
    await page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Search everywhere")
    await expect(palette.get_by_role("option", name="Orders", exact=False).first).to_be_visible()
    await page.context.set_offline(True)
    await page.keyboard.type("anna")
    await expect(palette.locator("#trouble")).to_contain_text("No connection. What you typed is kept")
    await expect(palette.get_by_role("option")).to_have_count(0)
    await expect(palette.get_by_role("combobox")).to_have_value("anna")
    await page.context.set_offline(False)
    await expect(palette.get_by_role("option", name=placed.number)).to_be_visible()
    await expect(told(page)).to_be_hidden()


async def test_the_search_for_customers_and_skus_is_tried_again_by_its_button(
    db: Database, scope: Scope, desk: Screen
) -> None:
    opened = await shop(db, scope, {"TEA": {"W1": 100}})
    await index(db, scope, list(opened.skus.values()))
    desk.expect("status of (422|500)")
    page = await desk.open("/orders/new")
    for label, address in (("Find a customer", "/customers/search"), ("SKU of row 1", "/skus/search")):
        field = page.get_by_role("combobox", name=label)
        await refuse(page, address, 500)
        await field.fill("tea")
        await expect(told(page)).to_contain_text("something is wrong on our side")
        await expect(field).to_have_value("tea")
        await page.unroute(re.compile(address))
        await told(page).get_by_role("button", name="Try again").click()
        await expect(told(page).get_by_role("button", name="Try again")).to_be_hidden()
        await expect(field).to_be_focused()
    await expect(page.get_by_role("option", name="Product TEA")).to_be_visible()


async def test_a_busy_desk_is_asked_again_when_it_said_and_a_new_order_is_kept(
    db: Database, scope: Scope, desk: Screen
) -> None:
    opened = await shop(db, scope, {"TEA": {"W1": 100}})
    await index(db, scope, list(opened.skus.values()))
    desk.expect("status of 503")
    page = await desk.open("/orders/new")
    busy = PROBLEM.format(code="busy", said="Wait.")
    await refuse(page, "/orders/new", 503, busy, **{"Retry-After": "1", "Content-Language": "en"})
    await page.get_by_label("SKU of row 1").fill("tea")
    await page.get_by_role("option", name="Product TEA").click()
    await expect(told(page)).to_contain_text("The server is busy. What you typed is kept")
    await expect(page.get_by_label("SKU of row 1")).to_have_value("TEA")
    await page.unroute(re.compile("/orders/new"))
    await expect(page.get_by_role("region", name="Preview").get_by_text("CN¥10.00").last).to_be_visible()
    await expect(told(page).get_by_role("button", name="Close")).to_be_hidden()


async def test_a_form_that_cannot_be_sent_stays_with_all_that_was_typed(
    db: Database, scope: Scope, desk: Screen
) -> None:
    await one_order(db, scope)
    desk.expect(NOISE)
    page = await desk.visit("/_ui/fields")
    await desk.context.set_offline(True)
    form = page.locator("form[method=post]:not([hx-post])").first
    await form.evaluate("form => form.requestSubmit()")
    await expect(told(page)).to_contain_text("No connection")
    await desk.context.set_offline(False)
    await expect(told(page)).to_contain_text("The connection is back")
    await expect(told(page).get_by_role("button", name="Try again")).to_be_visible()


@needs_scripts
async def test_a_part_of_a_list_that_may_not_be_read_leaves_the_list(db: Database, scope: Scope, desk: Screen) -> None:
    placed = await one_order(db, scope)
    desk.expect("status of (403|502)")
    page = await desk.open("/orders")
    await page.keyboard.press("Escape")
    search = page.get_by_role("searchbox", name="Search orders", exact=True)
    await refuse(page, r"/orders\?.*q=anna", 403, PROBLEM.format(code="permission_missing", said="Ask an owner."))
    await search.fill("anna")
    await search.press("Enter")
    await expect(told(page)).to_contain_text("Ask an owner.")
    await expect(search).to_have_value("anna")
    await expect(page.get_by_role("link", name=placed.number, exact=True)).to_be_visible()
    await told(page).get_by_role("button", name="Close").click()
    await expect(told(page).locator(".toast")).to_be_hidden()

    await refuse(page, "/peek", 502, "<h1>Bad gateway</h1>")
    await page.get_by_role("link", name=f"At a glance: {placed.number}").click()
    drawer = page.locator("#peek")
    await expect(drawer.locator("#trouble")).to_contain_text("something is wrong on our side")
    await page.unroute(re.compile("/peek"))
    await drawer.get_by_role("button", name="Try again").click()
    await expect(drawer.get_by_text(placed.number).first).to_be_visible()
    await expect(told(page).locator(".toast")).to_be_hidden()


@needs_scripts
async def test_whoever_was_signed_out_signs_in_elsewhere_and_goes_on(stage: Stage, db: Database, scope: Scope) -> None:
    placed = await one_order(db, scope)
    async with stage.screen(scope) as screen, stage.screen(scope) as other:
        screen.expect("status of 401")
        page = await screen.open("/orders")
        before = await page.locator("[name=csrf_token]").first.input_value()
        held = await screen.context.cookies()
        await screen.context.clear_cookies()
        search = page.get_by_role("searchbox", name="Search orders", exact=True)
        await search.fill("anna")
        await search.press("Enter")
        await expect(told(page)).to_contain_text("You are not signed in any more")
        await expect(told(page).get_by_role("link", name="Sign in")).to_be_visible()
        await expect(search).to_have_value("anna")
        assert held
        await screen.context.add_cookies(await other.context.cookies())  # type: ignore[arg-type]  # a cookie as it is read may be set
        await told(page).get_by_role("button", name="Try again").click()
        await expect(page.get_by_role("link", name=placed.number, exact=True)).to_be_visible()
        await expect(told(page).locator(".toast")).to_be_hidden()
        assert await page.locator("[name=csrf_token]").first.input_value() != before


async def test_the_numbers_of_the_side_bar_say_that_they_are_old(db: Database, scope: Scope, desk: Screen) -> None:
    desk.expect(NOISE)
    page = await desk.context.new_page()
    await page.route(re.compile("/waiting$"), lambda route: route.abort())
    await page.goto(f"{desk.address}/c/{desk.slug}/api-keys")
    await expect(told(page)).to_contain_text("No connection")
    await page.unroute(re.compile("/waiting$"))
    await told(page).get_by_role("button", name="Try again").click()
    await expect(told(page).locator(".toast")).to_be_hidden()


@needs_scripts
async def test_a_cart_of_the_shop_goes_on_when_the_connection_is_back(stage: Stage, db: Database, scope: Scope) -> None:
    await open_shop(db, scope)
    async with stage.screen(scope, width=chromium.PHONE_WIDTH, permissions=None) as screen:
        screen.expect(NOISE)
        page = await screen.shop("/")
        await put_tea_in(page)
        await page.get_by_role("button", name="Into the cart").click()
        cart = page.locator("#cart")
        before = await cart.inner_text()
        await screen.context.set_offline(True)
        await cart.get_by_role("button", name="One more").first.click()
        await expect(told(page)).to_contain_text("No connection")
        await expect(cart.locator("input[name^=quantity], [data-qty] input").first).to_have_value("2")
        assert await cart.inner_text() == before
        await screen.context.set_offline(False)
        await expect(told(page).locator(".toast")).to_be_hidden()
        await expect(cart.locator("input[name^=quantity], [data-qty] input").first).to_have_value("2")
        await expect(cart).not_to_have_text(before)
