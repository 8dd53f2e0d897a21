"""The floor in a browser: packing by scanning with a wrong item in between, and goods collected for their code."""

import pytest
from playwright.async_api import Page, expect

from jiedan.base.db import Database, Scope
from jiedan.fulfillment import service
from jiedan.fulfillment.values import FulfillmentId, Readiness
from jiedan.orders.values import Contact, NewNote
from tests.browser import chromium
from tests.browser.chromium import Screen, Stage
from tests.fulfillment.factories import Floor, floor

pytestmark = [pytest.mark.browser, chromium.needs_chromium]


async def opened(db: Database, scope: Scope) -> Floor:
    return await floor(db, scope, {"TEA": {"W1": 10}, "CUP": {"W1": 10}, "POT": {"W1": 10}})


async def to_pack(at: Floor) -> FulfillmentId:
    return (await at.only(await at.place(("TEA", 2), ("CUP", 1)))).fulfillment_id


async def scan(page: Page, *codes: str) -> None:
    """Scan like a scanner: it types where the cursor is, and presses Enter at once."""
    for code in codes:
        await page.keyboard.type(code)
        await page.keyboard.press("Enter")


async def counted(page: Page, *counts: str) -> None:
    await expect(page.locator(".pk .cnt")).to_have_text([f"In boxes {x}" for x in counts])


async def test_an_order_is_packed_by_scanning_with_a_wrong_item_in_between(
    db: Database, scope: Scope, either: Screen
) -> None:
    at = await opened(db, scope)
    key = await to_pack(at)
    either.expect("409")
    page = await either.open("/pack")
    await expect(page.get_by_label("Scan an order, a pick list or an item")).to_be_focused()
    await scan(page, (await at.fulfillment(key)).number)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Pack")
    await expect(page.get_by_label("Scan an item")).to_be_focused()
    await scan(page, "TEA", "CUP")  # faster than the answers come
    await counted(page, "1 / 2", "1 / 1")
    await scan(page, "POT")
    await expect(page.locator(".wrongitem")).to_contain_text("does not belong in this order")
    await expect(page.locator("[data-close-box]")).to_be_disabled()
    await counted(page, "1 / 2", "1 / 1")
    await scan(page, "TEA")
    await counted(page, "2 / 2", "1 / 1")
    await expect(page.locator(".wrongitem")).to_have_count(0)
    await scan(page, "TEA")
    await expect(page.locator(".wrongitem")).to_contain_text("all 2 units are in the box already")
    await page.reload()  # nothing is lost
    await counted(page, "2 / 2", "1 / 1")
    await page.get_by_role("button", name="Undo the last scan").click()
    await counted(page, "1 / 2", "1 / 1")
    await expect(page.get_by_label("Scan an item")).to_be_focused()
    await scan(page, "TEA")
    await counted(page, "2 / 2", "1 / 1")
    await page.get_by_label("Weight in grams").fill("840")
    await page.keyboard.press("F2")
    await expect(page.get_by_text("Everything is in parcels.")).to_be_visible()
    (parcel,) = (await at.fulfillment(key)).parcels
    assert (parcel.weight_g, sorted(x.quantity for x in parcel.lines)) == (840, [1, 2])


async def test_scans_wait_for_the_connection_and_count_once(db: Database, scope: Scope, phone: Screen) -> None:
    at = await opened(db, scope)
    page = await phone.open(f"/fulfillment/{await to_pack(at)}/pack")
    phone.expect("ERR_INTERNET_DISCONNECTED")
    phone.expect("Failed to fetch")
    await expect(page.get_by_label("Scan an item")).to_be_focused()
    await page.context.set_offline(True)
    await scan(page, "TEA", "CUP")
    await expect(page.locator("#trouble")).to_contain_text("No connection")
    await expect(page.locator("#bench [role=status]")).to_contain_text("Not sent yet")
    await page.context.set_offline(False)
    await counted(page, "1 / 2", "1 / 1")


async def test_a_scan_that_the_server_could_not_take_is_kept(db: Database, scope: Scope, phone: Screen) -> None:
    at = await opened(db, scope)
    page = await phone.open(f"/fulfillment/{await to_pack(at)}/pack")
    phone.expect("status of 503")
    busy = {"Content-Type": "text/html", "Retry-After": "1"}
    await page.route("**/pack/scans", lambda route: route.fulfill(status=503, body="busy", headers=busy))
    await expect(page.get_by_label("Scan an item")).to_be_focused()
    await scan(page, "TEA")
    await expect(page.locator("#trouble")).to_contain_text("The server is busy")
    await page.unroute("**/pack/scans")
    await counted(page, "1 / 2", "0 / 1")


async def test_what_is_typed_for_the_box_outlives_scans_and_reading_the_notes(
    db: Database, scope: Scope, desk: Screen
) -> None:
    at = await opened(db, scope)
    order_id = await at.place(("TEA", 2), notes=(NewNote(kind="packaging", text="A ribbon, please."),))
    page = await desk.open(f"/fulfillment/{(await at.only(order_id)).fulfillment_id}/pack")
    weight = page.get_by_label("Weight in grams")
    await weight.fill("840")
    await page.get_by_role("button", name="I have read the notes").click()
    await expect(page.get_by_role("button", name="I have read the notes")).to_have_count(0)
    await expect(weight).to_have_value("840")
    for count in (1, 2):
        await page.get_by_label("Scan an item").focus()
        await scan(page, "TEA")
        await counted(page, f"{count} / 2")
        await expect(weight).to_have_value("840")


async def test_what_is_typed_for_the_box_outlives_scans_without_scripts(
    db: Database, scope: Scope, stage: Stage
) -> None:
    at = await opened(db, scope)
    key = await to_pack(at)
    async with stage.screen(scope, scripts=False) as screen:
        screen.expect("409")
        page = await screen.open(f"/fulfillment/{key}/pack")
        weight, field = page.get_by_label("Weight in grams"), page.get_by_label("Scan an item")
        await weight.fill("840")
        for code, counts in (("TEA", ("1 / 2", "0 / 1")), ("POT", ("1 / 2", "0 / 1")), ("TEA", ("2 / 2", "0 / 1"))):
            await field.fill(code)
            await field.press("Enter")
            await counted(page, *counts)
            await expect(weight).to_have_value("840")
        await page.get_by_role("button", name="Close it, more follows").click()
        await expect(page.get_by_text("The parcel is packed.")).to_be_visible()
    (parcel,) = (await at.fulfillment(key)).parcels
    assert parcel.weight_g == 840


async def test_an_order_is_packed_without_scripts(db: Database, scope: Scope, stage: Stage) -> None:
    at = await opened(db, scope)
    key = (await at.only(await at.place(("TEA", 1)))).fulfillment_id
    async with stage.screen(scope, width=390, scripts=False) as screen:
        page = await screen.open(f"/fulfillment/{key}/pack")
        await page.get_by_label("Scan an item").fill("tea")
        await page.keyboard.press("Enter")
        await counted(page, "1 / 1")
        await page.get_by_role("button", name="Close the parcel").click()
        await expect(page.get_by_text("Everything is in parcels.")).to_be_visible()


async def hand_over(page: Page, number: str, code: str) -> None:
    """Find the goods of Han Meimei at the desk, and hand them over for their code, after a wrong one."""
    await page.get_by_role("searchbox", name="Find goods to be collected").fill("meimei")
    await page.keyboard.press("Enter")
    told = page.get_by_label(f"Code for order {number}")
    await told.fill("23456789")
    await page.get_by_role("button", name="Hand over").click()
    await expect(page.get_by_role("alert")).to_contain_text("This is not the code")
    await told.fill(f"{code[:4]} {code[4:]}".lower())
    await page.get_by_role("button", name="Hand over").click()
    await expect(page.get_by_text("The goods were handed over.")).to_be_visible()


@chromium.on_desk_and_phone
async def test_goods_are_collected_for_their_code(db: Database, scope: Scope, stage: Stage, width: int) -> None:
    at = await opened(db, scope)
    order_id = await at.place(("TEA", 1), contact=Contact(name="Han Meimei"))
    await at.packed(order_id)
    ready = await at.one(service.make_ready, wishes=[Readiness((await at.only(order_id)).fulfillment_id)])
    number = (await at.order(order_id)).order.number
    async with stage.screen(scope, width=width) as screen:
        screen.expect("409")
        await hand_over(await screen.open("/collect"), number, ready.code)
    assert (await at.only(order_id)).status == "collected"
