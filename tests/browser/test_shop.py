"""The shop in a browser: bought on desk and phone, declined and paid, in another language, and without scripts."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from granian.server.embed import Server
from playwright.async_api import Page, expect

from jiedan.base.db import Database, Scope
from jiedan.base.runtime import Runtime
from jiedan.catalog import service as catalog
from jiedan.orders import queries as orders
from jiedan.orders.rules import tickets
from jiedan.payments import service as payments
from jiedan.payments.providers.gateways import Gateways
from jiedan.payments.providers.sandbox.processor.app import Processor
from jiedan.payments.providers.sandbox.processor.store import Store
from jiedan.portal.visitor import PLACES_ABOVE_MAX
from tests.base import web_client
from tests.browser import chromium
from tests.browser.chromium import Stage
from tests.portal.factories import CHECKOUT, open_shop

pytestmark = [pytest.mark.browser, chromium.needs_chromium]

GOOD_CARD, DECLINED_CARD = "4242424242424242", "4000000000000002"


@contextlib.asynccontextmanager
async def sandbox(db: Database, scope: Scope, stage: Stage, folder: Path) -> AsyncIterator[None]:
    """Serve the sandbox's payment pages, and let the merchant take cards there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://localhost:{port}"
    store = Store(folder / "sandbox.jsonl")
    async with httpx2.AsyncClient() as http:
        processor = Processor(store, db.clock, url=url, http=http, hang_s=0)
        server = Server(processor.app, address="127.0.0.1", port=port, interface="asginl", log_enabled=False)  # type: ignore[arg-type]  # granian's name of an ASGI application without lifespan
        running = asyncio.create_task(server.serve())
        try:
            await chromium._wait_for(port)
            gateways = _runtime(stage).part(Gateways)
            await db.write(
                scope,
                lambda tx: payments.set_up_provider(tx, gateways, provider="sandbox", settings={"url": url}),
            )
            yield
        finally:
            server.stop()  # type: ignore[no-untyped-call]  # granian ships this without annotations
            await running
            store.close()


def _runtime(stage: Stage) -> Runtime:
    return stage.client.frame.runtime


async def put_tea_in(page: Page) -> None:
    await page.get_by_role("searchbox", name="Search goods").first.fill("longjing")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="龙井 Longjing").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("龙井 Longjing")


async def fill_in(page: Page) -> None:
    checkout = page.locator("#checkout")
    await checkout.get_by_label("Province").select_option(CHECKOUT["region"])
    for name in ("name", "email", "phone", "city", "district", "line1", "postal_code"):
        await checkout.locator(f"[name={name}]").fill(CHECKOUT[name])
    await checkout.locator("[name=note]").fill("Ring twice.")


@chromium.on_desk_and_phone
async def test_a_guest_orders_is_declined_and_pays_with_another_card(
    stage: Stage, db: Database, scope: Scope, tmp_path: Path, width: int
) -> None:
    await open_shop(db, scope, front={"terms": "Be kind."})
    async with sandbox(db, scope, stage, tmp_path), stage.screen(scope, width=width, permissions=None) as screen:
        screen.expect("422")
        page = await screen.shop("/")
        await put_tea_in(page)
        await page.get_by_label("100 g").check()
        await expect(page.locator(".price.l")).to_have_text("CN¥55.00")
        await page.get_by_role("button", name="One more").click()
        await page.get_by_role("button", name="Into the cart").click()
        await expect(page.get_by_text("CN¥110.00").first).to_be_visible()
        await page.get_by_role("button", name="To the checkout").click()
        await page.get_by_role("button", name="Place the order").click()
        await expect(page.get_by_role("alert")).to_contain_text("The order could not be placed yet")
        await fill_in(page)
        await page.get_by_label("I agree to the").check()
        await expect(page.get_by_role("alert")).to_have_count(0)
        await page.get_by_role("button", name="Place the order").click()

        await page.get_by_label("Card number").fill(DECLINED_CARD)
        await page.get_by_role("button", name="Pay", exact=True).click()
        await page.wait_for_load_state()
        if "/placed/" not in page.url:
            await page.get_by_role("button", name="Cancel and go back").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("The payment did not go through")
        address = page.url.partition("?")[0]
        await page.get_by_role("button", name="Try again").click()
        await page.get_by_label("Card number").fill(GOOD_CARD)
        await page.get_by_role("button", name="Pay", exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your order")
        await expect(page.get_by_text("Paid", exact=True)).to_be_visible()
    order_id = tickets.order_of(web_client.SECRET, scope.tenant, address.rpartition("/")[2])
    assert order_id is not None
    async with db.read(scope) as tx:
        order = (await orders.order(tx, order_id)).order
    assert (order.payment_status, order.channel, order.total_minor) == ("paid", "web", 11_000)


@chromium.on_desk_and_phone
async def test_a_visitor_reads_the_shop_in_another_language(
    stage: Stage, db: Database, scope: Scope, width: int
) -> None:
    await open_shop(db, scope)
    async with stage.screen(scope, width=width, permissions=None) as screen:
        page = await screen.shop("/")
        await put_tea_in(page)
        await page.get_by_role("button", name="Into the cart").click()
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await page.get_by_label("Language").select_option("zh_Hant")
        await expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
        await expect(page.get_by_role("heading", level=1)).to_have_text("購物車")
        await page.locator("select[name=value]").first.select_option("USD")
        await expect(page.locator(".cart-line .q")).to_contain_text("4.28")


@chromium.on_desk_and_phone
async def test_the_whole_way_to_an_order_is_gone_without_scripts(
    stage: Stage, db: Database, scope: Scope, width: int
) -> None:
    await open_shop(db, scope, front={"pays_on_delivery": True})
    async with stage.screen(scope, width=width, permissions=None, scripts=False) as screen:
        page = await screen.shop("/")
        await put_tea_in(page)
        await page.get_by_label("100 g").check()
        await page.get_by_role("button", name="Show this choice").click()
        await expect(page.locator(".price.l")).to_have_text("CN¥55.00")
        await page.get_by_role("button", name="Into the cart").click()
        await page.get_by_role("spinbutton").fill("2")
        await page.get_by_role("button", name="Update the cart").click()
        await expect(page.get_by_text("CN¥110.00").first).to_be_visible()
        await page.get_by_role("button", name="To the checkout").click()
        await page.get_by_label("Country or region").select_option("DE")
        await page.get_by_role("button", name="Show the fields of this country").click()
        await expect(page.get_by_label("Province")).to_have_count(0)
        await page.get_by_label("Country or region").select_option("CN")
        await page.get_by_role("button", name="Show the fields of this country").click()
        await fill_in(page)
        await page.get_by_label("Pay on delivery").check()
        await page.get_by_role("button", name="Update the total").click()
        await expect(page.get_by_label("Street and house number")).to_have_value(CHECKOUT["line1"])
        await page.get_by_role("button", name="Place the order").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your order")


async def test_no_category_in_the_head_is_cut(stage: Stage, db: Database, scope: Scope) -> None:
    await open_shop(db, scope)
    async with db.begin(scope) as tx:
        for place in range(PLACES_ABOVE_MAX):
            await catalog.create_category(tx, code=f"more-{place}", name=f"More goods number {place}")
    async with stage.screen(scope, permissions=None) as screen:
        page = await screen.shop("/")
        nav = page.get_by_role("navigation", name="Main navigation")
        around, search = await nav.bounding_box(), await page.get_by_role("searchbox").first.bounding_box()
        assert around is not None
        assert search is not None
        for link in await nav.get_by_role("link").all():
            box = await link.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= around["x"] + around["width"] <= search["x"]
            assert around["y"] <= box["y"] <= box["y"] + box["height"] <= around["y"] + around["height"]
