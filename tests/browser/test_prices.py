"""A merchant builds a promotion in a browser, sees its example fail, mends it, publishes it, sells by it, refunds.

And picks whom one is for, and reads why an order costs what it costs.
"""

import re

import pytest
import sqlalchemy as sa
from playwright.async_api import expect

from jiedan.base.db import Database, Scope
from jiedan.customers import saving
from jiedan.orders.tables import Order
from jiedan.pricing import queries, service
from tests.browser import chromium
from tests.browser.chromium import Stage
from tests.customers.factories import save as save_customers
from tests.customers.factories import wang
from tests.orders.factories import order, place_one, shop

pytestmark = [pytest.mark.browser, chromium.needs_chromium]

WRITTEN = {
    "name": "Three and one",
    "id": "three-one",
    "buy": "3",
    "get": "1",
    "off": "50%",
    "goods_any": "TEA",
    "example_sku": "TEA",
    "example_quantity": "4",
    "example_price": "99",
    "example_total": "297",
}


@chromium.on_desk_and_phone
async def test_a_promotion_is_built_mended_and_published(stage: Stage, db: Database, scope: Scope, width: int) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}})
    async with stage.screen(scope, width=width) as screen:
        page = await screen.open("/prices")
        await page.get_by_role("link", name="New promotion").first.click()
        await page.get_by_role("link", name="Buy some, get some").click()
        await page.get_by_text("Add an example").click()
        for name, text in WRITTEN.items():
            await page.locator(f"[name={name}]").first.fill(text)
        await page.get_by_role("button", name="Save the draft").click()
        # Half of the fourth: 4 × 99 − 49.50.
        await expect(page.get_by_text("346.50 CNY instead of 297.00 CNY").first).to_be_visible()
        await expect(page.get_by_text("get 1 more at half the price (the cheapest)").first).to_be_visible()
        await page.locator("[name=off]").fill("100%")
        await page.get_by_role("button", name="Save the draft").click()
        await expect(page.get_by_text("right", exact=True)).to_be_visible()
        await page.get_by_role("link", name="Back").click()
        await page.get_by_role("link", name="Look and publish").click()
        await page.locator("[name=note]").fill("Autumn")
        await page.get_by_role("button", name="Publish", exact=True).click()
        await expect(page.get_by_text("Version 1 is published.")).to_be_visible()
        await expect(page.get_by_text("In force")).to_be_visible()

        page = await screen.open("/orders/new")
        for name, text in {"contact_name": "Anna", "sku": "TEA", "quantity": "4"}.items():
            await page.locator(f"[name={name}]").first.fill(text)
        await page.locator("[name=pay]").select_option("bank_transfer")
        await expect(page.get_by_role("region", name="Preview").get_by_text("CN¥30.00").last).to_be_visible()
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("status").first).to_have_text(re.compile("was placed"))
        await page.get_by_role("link", name="Confirm the money…").click()
        await page.get_by_role("button", name="Confirm the money").click()
        await expect(page.get_by_text("The money was recorded.")).to_be_visible()
        await page.get_by_text("Refund the order…").click()
        await page.locator("[name=units]").first.fill("1")
        refunding = page.locator("#refund-order")
        await refunding.get_by_role("button", name="See what happens").click()
        # Four cost what three do: one of them cost three quarters of its price.
        await expect(refunding.get_by_text("CN¥7.50 go back")).to_be_visible()
        await refunding.get_by_role("button", name="Refund the order").click()
        await expect(page.get_by_text("The refund was asked for.")).to_be_visible()
        await expect(page.get_by_text("Partly refunded").first).to_be_visible()
    async with db.read(scope) as tx:
        book = await queries.book(tx, version=1)
        costs = sa.select(Order.total_minor, Order.refunded_minor).where(Order.tenant_id == tx.tenant)
        (order,) = (await tx.execute(costs)).all()
    assert [promotion.id for promotion in book.book.promotions] == ["three-one"]
    assert (order.total_minor, order.refunded_minor) == (3_000, 750)
    assert book.brief.note == "Autumn"


async def test_a_customer_is_picked_and_an_order_of_theirs_is_drawn(stage: Stage, db: Database, scope: Scope) -> None:
    await shop(db, scope, {"TEA": {"W1": 9}})
    (anna,) = await save_customers(db, scope, [wang(name="Anna Bell")])
    async with db.begin(scope) as tx:
        await saving.write_terms(tx, [anna])
    async with stage.screen(scope) as screen:
        page = await screen.open("/prices/promotions/new?kind=percent_off")
        for name, text in {"name": "For Anna", "id": "anna", "off": "10%"}.items():
            await page.locator(f"[name={name}]").first.fill(text)
        await page.get_by_text("More conditions").click()
        await page.locator("[name=customers_find]").fill("Anna")
        await page.get_by_role("option", name="Anna Bell").click()
        await expect(page.get_by_role("checkbox", name="Anna Bell")).to_be_checked()
        await expect(page.locator("[name=customers_find]")).to_have_value("")
        await page.get_by_role("button", name="Save the draft").click()
        await expect(page.get_by_text("only for Anna Bell").first).to_be_visible()
        async with db.begin(scope) as tx:
            await service.publish(tx)
        placed = await place_one(db, scope, order(("TEA", 3), customer_id=anna))
        page = await screen.open(f"/orders/{placed.order_id}")
        await page.get_by_role("link", name="Why these prices").click()
        line = page.get_by_role("region", name="TEA", exact=False).first
        await expect(line.get_by_text("3 × CN¥10.00")).to_be_visible()
        await expect(line.get_by_text("−CN¥3.00")).to_be_visible()
        await line.get_by_role("link", name="For Anna").click()
        await expect(page.get_by_role("region", name="The rule").get_by_text("10% off")).to_be_visible()
