"""Stock, as people see it and move it."""

import contextlib
from collections.abc import AsyncIterator

import httpx2

from jiedan.base.db import Database, Scope
from jiedan.base.drain import Drain
from jiedan.catalog import jobs as catalog_jobs
from jiedan.inventory import pages
from tests.base import web_client
from tests.catalog import factories as catalog
from tests.inventory import factories

READ = frozenset({"catalog:read", "inventory:read"})
RIGHTS = READ | {"inventory:write", "inventory:adjust"}


@contextlib.asynccontextmanager
async def browsing(
    db: Database, scope: Scope, rights: frozenset[str] = RIGHTS, locale: str = "en"
) -> AsyncIterator[web_client.Client]:
    caller = web_client.principal(permissions=rights, tenant=scope.tenant, locale=locale)
    async with web_client.open_client(routers=[pages.ROUTER], principal=caller, database=db, session=True) as client:
        client.headers["accept"] = "text/html"
        yield client


async def shown(client: web_client.Client, path: str, status: int = 200) -> str:
    answer = await client.get(f"/c/acme{path}")
    assert answer.status_code == status, answer.text
    return answer.text


async def sent(client: web_client.Client, path: str, fields: dict[str, object], *, on: str = "") -> httpx2.Response:
    return await client.submit(f"/c/acme{path}", fields, page=f"/c/acme{on or path}")


async def stocked(db: Database, scope: Scope, quantities: dict[str, int], *, place: str = "W1") -> None:
    """Add products of one SKU each, with that many on hand at one location, and let them be found."""
    async with db.begin(scope) as tx:
        await catalog.saved(tx, *(catalog.goods(code, name=f"Oolong {code}") for code in quantities))
        at = await factories.location(tx, place)
        codes = await tx.load_one(pages.picking.catalog.sellable_skus(set(quantities)))
        keys = {factories.StockKey(codes[code].sku_id, at.location_id): count for code, count in quantities.items()}
        await factories.receive(tx, {key: count for key, count in keys.items() if count})
    await Drain(db, None, {"catalog.product_created": (catalog_jobs.INDEX_PRODUCTS,)}).drain_tenant(scope.tenant)


async def test_the_picker_shows_price_and_stock_of_what_fits(db: Database, scope: Scope) -> None:
    await stocked(db, scope, {"TEA-1": 7, "TEA-2": 0, "CUP": 3})
    async with browsing(db, scope) as client:
        found = await shown(client, "/skus/search?q=oolong tea")
        options = await shown(client, "/skus/search?q=tea-1&as=options")
        assert "No SKU fits." in await shown(client, "/skus/search?q=coffee")
        assert "Type a name, a SKU or a barcode." in await shown(client, "/skus/search")
    assert 'data-value="TEA-1"' in found
    assert 'data-available="7"' in found
    assert 'data-price-minor="1000"' in found
    assert "Place W1 7" in found
    assert "None available" in found
    assert "CUP" not in found
    assert options.strip() == '<option value="TEA-1" label="Oolong TEA-1, CN¥10.00, 7 available">Oolong TEA-1</option>'


async def test_the_picker_says_nothing_of_stock_to_whom_may_not_see_it(db: Database, scope: Scope) -> None:
    await stocked(db, scope, {"TEA-1": 7})
    async with browsing(db, scope, frozenset({"catalog:read"})) as client:
        found = await shown(client, "/skus/search?q=tea")
    assert 'data-value="TEA-1"' in found
    assert "available" not in found
    async with browsing(db, scope, frozenset({"inventory:read"})) as client:
        await shown(client, "/skus/search?q=tea", 403)
