"""The order desk in a browser: an order taken on the phone by keyboard alone, and two people at one address."""

import re
from collections.abc import Collection
from uuid import UUID

import pytest
import sqlalchemy as sa
from playwright.async_api import expect

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.catalog import queries as catalog
from jiedan.catalog import service as catalog_service
from jiedan.customers import service as customers
from jiedan.customers.values import CustomerDraft
from jiedan.orders.tables import Order, OrderDraft
from jiedan.orders.values import Contact
from tests.browser import chromium
from tests.browser.chromium import Screen, Stage
from tests.orders import factories, listing
from tests.orders.factories import order, place_one, shop
from tests.orders.test_comments import colleague

pytestmark = [pytest.mark.browser, chromium.needs_chromium]


async def index(db: Database, scope: Scope, sku_ids: Collection[UUID]) -> None:
    """Let SKUs be found by their words."""
    async with db.begin(scope) as tx:
        skus = await tx.load_one(catalog.skus_by_id(sku_ids))
        await catalog_service.index_products(tx, product_ids={sku.product_id for sku in skus.values()})


async def test_an_order_is_taken_on_the_phone_by_keyboard_alone(db: Database, scope: Scope, either: Screen) -> None:
    opened = await shop(db, scope, {"TEA": {"W1": 10, "W2": 4}, "CUP": {"W1": 5}})
    await index(db, scope, list(opened.skus.values()))
    draft = CustomerDraft("Anna Bell", phone="+8613912345678", addresses=(factories.BEIJING,))
    await db.write(scope, lambda tx: customers.upsert_customers(tx, customers=[draft], country="CN"))
    await listing.drain(db, scope)

    page = await either.open("/orders/new")
    keys = page.keyboard
    await expect(page.get_by_role("combobox", name="Find a customer")).to_be_focused()
    await keys.type("5678")
    await expect(page.get_by_role("option", name="Anna Bell")).to_be_visible()
    await keys.press("ArrowDown")
    await keys.press("Enter")

    await expect(page.get_by_role("combobox", name="SKU of row 1")).to_be_focused()
    await expect(page.get_by_label("Street and number")).to_have_value("长安街1号")
    await keys.type("tea")
    await expect(page.get_by_role("option", name="Product TEA")).to_be_visible()
    await keys.press("ArrowDown")
    await keys.press("Enter")
    await expect(page.get_by_label("Quantity of row 1")).to_be_focused()
    await keys.type("2")
    await keys.press("Enter")
    await expect(page.get_by_role("combobox", name="SKU of row 2")).to_be_focused()
    await keys.type("CUP")
    await keys.press("Enter")
    await keys.type("3")
    await keys.press("Enter")

    preview = page.get_by_role("region", name="Preview")
    await expect(preview.get_by_text("CN¥50.00").last).to_be_visible()
    await expect(preview.get_by_text("kept as a draft")).to_be_visible()
    await keys.press("Control+Enter")
    await expect(page.get_by_role("status").first).to_have_text(re.compile("was placed"))
    await expect(page.get_by_text("Anna Bell").first).to_be_visible()
    async with db.read(scope) as tx:
        placed = (
            await tx.execute(sa.select(Order.order_id, Order.total_minor).where(Order.tenant_id == tx.tenant))
        ).all()
        kept = (
            (await tx.execute(sa.select(OrderDraft.order_id).where(OrderDraft.tenant_id == tx.tenant))).scalars().all()
        )
    assert [row.total_minor for row in placed] == [5_000]
    assert list(kept) == [placed[0].order_id], "the draft has become it"


@chromium.on_desk_and_phone
async def test_two_people_edit_one_address_and_neither_loses_anything(
    db: Database, scope: Scope, stage: Stage, width: int
) -> None:
    await shop(db, scope, {"TEA": {"W1": 10}})
    placed = await place_one(db, scope, order(("TEA", 1), contact=Contact(name="Anna"), ship_to=factories.BEIJING))
    people: list[UUID] = [await colleague(db, scope, name) for name in ("王敏", "周建军")]
    at = f"/orders/{placed.order_id}"
    async with (
        stage.screen(scope, width=width, staff=people[0], permissions=ALL_PERMISSIONS) as wang,
        stage.screen(scope, width=width, staff=people[1], permissions=ALL_PERMISSIONS) as zhou,
    ):
        wang.expect("409")
        looking = await wang.open(at)
        hers, his = await wang.open(f"{at}/edit"), await zhou.open(f"{at}/edit")
        await his.get_by_label("Street and number").fill("长安街2号")
        await his.get_by_label("Full name").fill("Berta")
        await his.get_by_role("button", name="Preview").click()
        await expect(his.get_by_text("The price stays as it is")).to_be_visible()
        await his.get_by_role("button", name="Save the change").click()
        await expect(his.get_by_role("heading", level=1)).to_have_text(placed.number)

        await looking.reload()
        await expect(looking.get_by_text("Also looking at this order: 周建军")).to_be_visible()

        await hers.get_by_label("Street and number").fill("长安街3号")
        await hers.get_by_label("District").fill("西城区")
        await hers.get_by_role("button", name="Preview").click()
        await expect(hers.get_by_role("heading", name="周建军 changed this while you were editing")).to_be_visible()
        await expect(hers.get_by_label("Full name")).to_have_value("Berta")
        await expect(hers.get_by_label("District")).to_have_value("西城区")
        await expect(hers.get_by_label("Street and number")).to_have_value("长安街3号")
        await hers.get_by_label("Take theirs: 长安街2号").check()
        await hers.get_by_role("button", name="Save the change").click()
        await expect(hers.get_by_role("heading", level=1)).to_have_text(placed.number)
        customer = hers.get_by_role("region", name="Customer")
        await expect(customer.get_by_text("长安街2号")).to_be_visible()
        await expect(customer.get_by_text("西城区")).to_be_visible()
        await expect(customer.get_by_text("Berta")).to_be_visible()
