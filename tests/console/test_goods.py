"""Products and stock in the console, where they meet orders."""

import contextlib
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from jiedan.accounts.values import ALL_PERMISSIONS
from jiedan.base.db import Database, Scope
from jiedan.base.drain import Drain
from jiedan.base.ids import TenantId
from jiedan.base.recorder import StatementRecorder
from jiedan.catalog import jobs as catalog_jobs
from jiedan.catalog import queries as catalog
from jiedan.catalog import service as catalog_service
from jiedan.console import pages
from jiedan.inventory import queries as inventory
from jiedan.inventory.service import open_transfers
from jiedan.inventory.values import NewTransfer, StockKey
from jiedan.orders import service
from jiedan.payments.providers import gateways
from tests.base import web_client
from tests.catalog.factories import goods, kit, saved, shirt
from tests.inventory import factories as stock
from tests.orders.factories import order, place_one, shop

PRODUCTS_STATEMENTS_MAX = 9
STOCK_STATEMENTS_MAX = 7
SKU_STATEMENTS_MAX = 19


@contextlib.asynccontextmanager
async def browsing(
    db: Database, scope: Scope, rights: frozenset[str] = ALL_PERMISSIONS
) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=rights, tenant=scope.tenant, locale="en")
    async with web_client.open_client(
        routers=[pages.ROUTER],
        principal=caller,
        database=db,
        session=True,
        parts=(service.open_order_desk, gateways.open_gateways),
    ) as client:
        client.headers["accept"] = "text/html"
        yield client


async def shown(client: web_client.Client, path: str, status: int = 200) -> str:
    answer = await client.get(f"/c/acme{path}")
    assert answer.status_code == status, answer.text
    return answer.text


async def indexed(db: Database, scope: Scope) -> None:
    await Drain(db, None, {"catalog.product_created": (catalog_jobs.INDEX_PRODUCTS,)}).drain_tenant(scope.tenant)


async def sku_id(db: Database, scope: Scope, code: str) -> UUID:
    async with db.read(scope) as tx:
        return (await tx.load_one(catalog.sellable_skus([code])))[code].sku_id


async def test_stock_of_a_sku_tells_who_holds_it_and_who_waits(db: Database, scope: Scope) -> None:
    at = await shop(db, scope, {"TEA": {"W1": 4, "W2": 3}, "CUP": {"W1": 1}}, backorder=True)
    held = await place_one(db, scope, order(("TEA", 2)))
    waits = await place_one(db, scope, order(("TEA", 9)))
    tea = await sku_id(db, scope, "TEA")
    async with db.begin(scope) as tx:
        wish = NewTransfer(at.locations["W1"], at.locations["W2"], ((at.skus["CUP"], 1),))
        await open_transfers(tx, wishes=[wish])
    async with browsing(db, scope) as client:
        page = await shown(client, f"/stock/skus/{tea}")
        cup = await shown(client, f"/stock/skus/{at.skus['CUP']}")
        every = await shown(client, "/stock")
    assert held.number in page
    assert page.count(waits.number) >= 1
    assert "Orders that wait for it" in page
    assert "Nobody waits." not in page
    assert "Nobody waits." in cup
    assert "/transfers/" in cup
    assert "waiting</span>" in every
    async with browsing(db, scope, frozenset({"inventory:read"})) as client:
        alone = await shown(client, f"/stock/skus/{tea}")
        listed = await shown(client, "/stock")
    assert held.number not in alone
    assert "Orders that wait for it" not in alone
    assert "waiting</span>" not in listed


async def test_what_is_no_goods_has_no_stock(db: Database, scope: Scope) -> None:
    async with db.begin(scope) as tx:
        await saved(tx, goods("CUP"), kit("SET", ("CUP", 2)))
    async with browsing(db, scope) as client:
        listed = await shown(client, "/stock")
        page = await shown(client, f"/stock/skus/{await sku_id(db, scope, 'SET')}")
    assert "A kit has the stock of its parts." in listed
    assert "never had any" in listed
    assert "A kit has the stock of its parts." in page
    assert "CUP" in page


async def test_products_are_found_filtered_and_counted(db: Database, scope: Scope, other_tenant: TenantId) -> None:
    async with db.begin(scope) as tx:
        await catalog_service.create_category(tx, code="wear", name="Wear")
        await saved(tx, goods("CUP", name="乌龙杯"), shirt("SHIRT"), goods("OLD", status="archived", category="wear"))
    await indexed(db, scope)
    async with browsing(db, scope) as client:
        everything = await shown(client, "/products")
        found = await shown(client, "/products?q=wulong")
        old = await shown(client, "/products?status=archived&category=wear&kind=goods")
        none = await shown(client, "/products?q=coffee")
        odd = await shown(client, "/products?status=maybe&category=none&kind=thing")
    for page in (everything, odd):
        assert [code in page for code in ("CUP", "SHIRT", "OLD")] == [True, True, True]
    assert "3 in all" in everything
    assert "CN¥10.00" in everything
    assert "no price" in everything
    assert "None available" in everything
    assert [code in found for code in (">CUP<", ">SHIRT<")] == [True, False]
    assert [code in old for code in (">CUP<", ">OLD<")] == [False, True]
    assert "No product fits." in none
    async with browsing(db, scope, frozenset({"catalog:read"})) as client:
        plain = await shown(client, "/products")
        assert "None available" not in plain
        assert "New product" not in plain
    async with browsing(db, Scope(other_tenant)) as client:
        assert "There are no products yet." in await shown(client, "/products")
    async with browsing(db, scope, frozenset({"orders:read"})) as client:
        await shown(client, "/products", 403)
        await shown(client, "/stock", 403)


@pytest.mark.parametrize("count", [3, 40])
async def test_lists_take_the_same_few_statements_however_long_they_are(
    db: Database, scope: Scope, recorder: StatementRecorder, count: int
) -> None:
    async with db.begin(scope) as tx:
        place = await stock.location(tx)
        await saved(tx, *(goods(f"TEA-{number}") for number in range(count)))
        skus = await tx.load_one(catalog.sellable_skus([f"TEA-{number}" for number in range(count)]))
        await stock.receive(tx, {StockKey(sku.sku_id, place.location_id): 1 for sku in skus.values()})
    await indexed(db, scope)
    async with db.read(scope) as tx:
        there = await tx.load_one(inventory.skus_at(place.location_id, limit=1000))
    assert len(there) == count
    async with browsing(db, scope) as client:
        await shown(client, "/products")
        for path, most in (
            ("/products", PRODUCTS_STATEMENTS_MAX),
            ("/products?q=tea&status=active&kind=goods", PRODUCTS_STATEMENTS_MAX),
            ("/stock", STOCK_STATEMENTS_MAX),
            ("/stock?q=tea", STOCK_STATEMENTS_MAX),
            (f"/stock/skus/{next(iter(skus.values())).sku_id}", SKU_STATEMENTS_MAX),
        ):
            with recorder.watching() as run:
                await shown(client, path)
            assert len(run) <= most, (path, run)
