"""Fields to scan into, everywhere: by a camera, by a scanner, by hand; and a screen that stays on meanwhile."""

import pytest
from playwright.async_api import Page, expect

from jiedan.base.db import Database, Scope
from jiedan.fulfillment import service
from jiedan.fulfillment.values import Readiness
from tests.browser import chromium
from tests.browser.chromium import Screen, Stage
from tests.browser.test_console import one_order
from tests.browser.test_lively import needs_scripts
from tests.fulfillment.factories import floor

pytestmark = [pytest.mark.browser, chromium.needs_chromium]

READ = "([at, code]) => document.querySelector(at).take(code)"
"""What the camera does with a code that it read."""

AWAKE = """() => {
    window.locks = 0;
    const request = async () => {
        window.locks += 1;
        const lock = { released: false, release: async () => { lock.released = true; window.locks -= 1; } };
        return lock;
    };
    Object.defineProperty(navigator, 'wakeLock', { value: { request } });
}"""

NO_CAMERA = "Object.defineProperty(navigator, 'mediaDevices', { value: undefined });"
REFUSED = """navigator.mediaDevices.getUserMedia = async () => {
    throw new DOMException('no', 'NotAllowedError');
};"""


@needs_scripts
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("", "No camera could be used: scan with a scanner, or type the code."),
        (NO_CAMERA, "No camera could be used: scan with a scanner, or type the code."),
        (REFUSED, "The camera may not be used here: allow it in the browser, or type the code."),
        (NO_CAMERA + "Object.defineProperty(window, 'isSecureContext', { value: false });", "over https only"),
    ],
)
async def test_where_there_is_no_camera_the_field_says_why(
    db: Database, scope: Scope, phone: Screen, script: str, said: str
) -> None:
    page = await phone.context.new_page()
    await page.add_init_script(script)
    await page.goto(f"{phone.address}/c/{phone.slug}/pack")
    await page.get_by_role("main").get_by_role("button", name="Scan with the camera").click()
    await expect(page.get_by_role("main").locator("[data-told]")).to_contain_text(said)
    await page.get_by_label("Scan an order, a pick list or an item").fill("NOTHING")
    phone.expect("404")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("Nothing to pack was found for NOTHING.")


async def test_the_screen_stays_on_while_a_page_to_scan_on_is_open(db: Database, scope: Scope, phone: Screen) -> None:
    page = await phone.context.new_page()
    await page.add_init_script(f"({AWAKE})()")
    await page.goto(f"{phone.address}/c/{phone.slug}/api-keys")
    await expect(page.locator("html.js")).to_be_attached()
    assert await page.evaluate("window.locks") == 0
    await page.goto(f"{phone.address}/c/{phone.slug}/pack")
    await page.wait_for_function("() => window.locks === 1")
    await page.locator("main jd-scan").evaluate("element => element.remove()")
    await page.wait_for_function("() => window.locks === 0")


async def scan(page: Page, *codes: str) -> None:
    """Scan like a scanner: it types where the cursor is, and presses Enter at once."""
    for code in codes:
        await page.keyboard.type(code)
        await page.keyboard.press("Enter")


@needs_scripts
async def test_lines_are_picked_by_scanning_faster_than_answers_come(db: Database, scope: Scope, phone: Screen) -> None:
    at = await floor(db, scope, {"TEA": {"W1": 10}, "CUP": {"W1": 10}, "POT": {"W1": 10}})
    key = (await at.only(await at.place(("TEA", 2), ("CUP", 1)))).fulfillment_id
    phone.expect("status of 409|ERR_INTERNET_DISCONNECTED|Failed to fetch")
    page = await phone.open(f"/fulfillment/{key}/pick")
    field, counts = page.get_by_label("Scan an item"), page.locator(".pk .cnt")
    await expect(field).to_be_focused()
    await scan(page, "TEA", "TEA")
    await expect(counts).to_have_text(["0 / 1", "2 / 2"])
    await expect(field).to_be_focused()
    await scan(page, "POT")
    await expect(page.locator("#picks .flash.bad")).to_contain_text("does not belong in this order")
    await phone.context.set_offline(True)
    await scan(page, "CUP")
    await expect(page.locator("#trouble")).to_contain_text("No connection")
    await phone.context.set_offline(False)
    await expect(counts).to_have_text(["1 / 1", "2 / 2"])
    await expect(page.get_by_text("Everything is picked.")).to_be_visible()


async def test_lines_are_picked_by_scanning_without_scripts(db: Database, scope: Scope, stage: Stage) -> None:
    at = await floor(db, scope, {"TEA": {"W1": 10}})
    key = (await at.only(await at.place(("TEA", 1)))).fulfillment_id
    async with stage.screen(scope, width=chromium.PHONE_WIDTH, scripts=False) as screen:
        page = await screen.open(f"/fulfillment/{key}/pick")
        await page.get_by_label("Scan an item").fill("tea")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Everything is picked.")).to_be_visible()


async def test_goods_are_handed_over_for_a_code_that_the_camera_read(db: Database, scope: Scope, phone: Screen) -> None:
    at = await floor(db, scope, {"TEA": {"W1": 10}})
    order_id = await at.place(("TEA", 1))
    await at.packed(order_id)
    ready = await at.one(service.make_ready, wishes=[Readiness((await at.only(order_id)).fulfillment_id)])
    page = await phone.open("/collect")
    await expect(page.locator("html.js")).to_be_attached()
    await page.evaluate(READ, [".desk jd-scan", ready.code])
    await expect(page.get_by_text("The goods were handed over.")).to_be_visible()


async def test_what_the_camera_read_is_received_and_searched_for(db: Database, scope: Scope, phone: Screen) -> None:
    placed = await one_order(db, scope)
    page = await phone.open("/stock/receive")
    await expect(page.locator("html.js")).to_be_attached()
    await page.evaluate(READ, ["#move jd-scan", "TEA"])
    await expect(page.get_by_label("SKU of row 1")).to_have_value("TEA")
    await expect(page.get_by_label("Row 1: Units")).to_have_value("1")
    await expect(page.locator("html.js")).to_be_attached()
    await page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Search everywhere")
    await expect(palette.get_by_role("option", name="Orders", exact=False).first).to_be_visible()
    await page.evaluate(READ, ["jd-palette jd-scan", placed.number])
    await expect(palette.get_by_role("option", name=placed.number)).to_be_visible()
