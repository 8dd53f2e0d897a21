"""What pages do by themselves: hear of changes, stand without a connection, load charts, maps and the camera."""

import re

import pytest
from playwright.async_api import Page, expect

from jiedan.base.db import Database, Scope
from tests.browser import chromium
from tests.browser.chromium import Screen, Stage
from tests.orders import listing
from tests.orders.factories import order, place_one, shop
from tools import assets

needs_scripts = pytest.mark.skipif(
    not assets.built().get("is_whole"), reason="THE ASSETS ARE BARE HERE: what needs scripts of others was not tried"
)

pytestmark = [pytest.mark.browser, chromium.needs_chromium]

HEAR = """() => {
    window.heard = [];
    for (const name of ['live-open', 'live-reset', 'order-changed']) {
        document.body.addEventListener(name, () => window.heard.push(name));
    }
}"""
KEPT = """async () => {
    const caches_ = await Promise.all((await caches.keys()).map(name => caches.open(name)));
    return (await Promise.all(caches_.map(cache => cache.keys()))).flat().map(request => request.url);
}"""

INK = "() => document.querySelector('jd-chart svg text').getAttribute('fill')"
HEARD = "name => window.heard.includes(name)"


async def listening(screen: Screen, page: Page) -> None:
    await page.add_init_script(f"document.addEventListener('DOMContentLoaded', {HEAR})")
    await page.goto(f"{screen.address}/c/{screen.slug}/api-keys")
    await page.wait_for_function(HEARD, arg="live-open")


@needs_scripts
async def test_a_page_hears_of_changes_and_the_next_one_of_those_in_between(
    db: Database, scope: Scope, desk: Screen
) -> None:
    await shop(db, scope, {"TEA": {"W1": 10}})
    page = await desk.context.new_page()
    await listening(desk, page)
    await place_one(db, scope, order(("TEA", 1)))
    await listing.drain(db, scope)
    await page.wait_for_function(HEARD, arg="order-changed")

    await page.goto("about:blank")
    await place_one(db, scope, order(("TEA", 1)))
    await listing.drain(db, scope)
    await listening(desk, page)
    await page.wait_for_function(HEARD, arg="order-changed")


async def test_without_a_connection_a_page_says_so_in_every_language(stage: Stage, db: Database, scope: Scope) -> None:
    async with stage.screen(scope, worker=True) as screen:
        page = await screen.open("/api-keys")
        await page.evaluate("async () => { await navigator.serviceWorker.ready; }")
        # The worker takes over the page once it has kept what it keeps.
        await page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        screen.expect("ERR_INTERNET_DISCONNECTED|ERR_FAILED")
        await screen.context.set_offline(True)
        await page.goto(f"{screen.address}/c/{screen.slug}/home")
        await expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
        await expect(page.locator("[lang=zh-Hans]").first).to_be_visible()
        kept = await page.evaluate(
            "async () => (await (await caches.open((await caches.keys())[0])).keys()).map(x => x.url)"
        )
        assert not [address for address in kept if f"/c/{screen.slug}" in address], "pages of people are never kept"


@needs_scripts
async def test_charts_and_maps_are_drawn_within_the_policy(desk: Screen) -> None:
    page = await desk.visit("/_ui/lazy")
    chart = page.locator("jd-chart").first
    await expect(chart.locator("svg")).to_be_visible()
    await expect(chart.get_by_role("img", name="Orders placed and shipped by month")).to_be_visible()
    await chart.get_by_text("As a table").click()
    await expect(chart.get_by_role("cell", name="641")).to_be_visible()

    await page.get_by_role("button", name="Open the map").click()
    await expect(page.locator(".leaflet-container .jd-stop")).to_have_count(3)
    await expect(page.locator(".leaflet-container .jd-land")).to_have_count(1)
    await expect(page.get_by_text("昆明 Kunming").last).to_be_visible()


@needs_scripts
async def test_a_chart_takes_over_the_theme_that_is_chosen(desk: Screen) -> None:
    page = await desk.visit("/_ui/lazy")
    drawing = page.locator("jd-chart").first.locator("svg")
    await expect(drawing).to_be_visible()
    before = await page.evaluate(INK)
    await page.evaluate("document.documentElement.dataset.theme = 'dark'")
    await page.wait_for_function(f"before => ({INK})() !== before", arg=before)


async def test_in_a_bare_build_charts_are_tables_and_maps_drawings(
    bare_stage: Stage, db: Database, scope: Scope
) -> None:
    async with bare_stage.screen(scope) as screen:
        page = await screen.visit("/_ui/lazy")
        await expect(page.get_by_role("cell", name="641")).to_be_visible()
        await expect(page.locator("svg.rmap.wide")).to_be_visible()
        await expect(page.get_by_role("button", name="Open the map")).to_have_count(0)
        await page.get_by_label("Scan item, location or carton").fill("TEA-01")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile(r"\?code=TEA-01$"))


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_bare_build_takes_an_order_from_list_to_hold(
    bare_stage: Stage, db: Database, scope: Scope, *, scripts: bool
) -> None:
    await shop(db, scope, {"TEA": {"W1": 10}})
    placed = await place_one(db, scope, order(("TEA", 1)))
    await listing.drain(db, scope)
    async with bare_stage.screen(scope, scripts=scripts) as screen:
        page = await screen.open("/orders")
        await page.get_by_role("link", name=placed.number).first.click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text(placed.number)
        assert "htmx" not in await page.content() or await page.locator("script[src*='htmx.js']").count() == 0
