"""The lists find their rows by index, as the app role under row-level security, in a merchant with many SKUs."""

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from jiedan.base import paging
from jiedan.base.db import Database, ReadTx, Scope
from jiedan.inventory import queries
from jiedan.inventory.values import StockKey
from tests import plans
from tests.conftest import Urls, new_tenant
from tests.inventory import factories

SKUS = 3000
ROWS_READ_MAX = 1000
"""Most rows that one step of a plan may look at for one page, shown or filtered away."""

LISTS = ("all", "of some", "at a place", "low", "ledger", "ledger of a SKU", "ledger of a place")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def many(session_db: Database, urls: Urls) -> AsyncIterator[tuple[Scope, list[StockKey]]]:
    """Make a merchant with `SKUS` SKUs at one location, two movements each, five of them low."""
    scope = Scope(await new_tenant(session_db))
    keys = await factories.keys_with_stock(session_db, scope, [5] * SKUS)
    async with session_db.begin(scope) as tx:
        await factories.receive(tx, dict.fromkeys(keys, 1))
    for key in keys[:5]:
        async with session_db.begin(scope) as tx:
            await factories.levels(tx, key, low=9)
    with psycopg.connect(urls.superuser, autocommit=True) as owner:
        owner.execute("ANALYZE stock, stock_movement, sku, location")
    yield scope, keys


@pytest.mark.parametrize("page", [1, 2])
@pytest.mark.parametrize(
    "name", ["all", "of some", "at a place", "low", "ledger", "ledger of a SKU", "ledger of a place"]
)
async def test_a_page_reads_little_more_than_it_shows(
    session_db: Database, many: tuple[Scope, list[StockKey]], name: str, page: int
) -> None:
    scope, keys = many
    place = keys[0].location_id
    cursors = paging.Cursors("a secret of this test")

    async def read(tx: ReadTx, cursor: str | None) -> paging.Page[Any]:
        limit = 2 if name in {"low", "ledger of a SKU"} else 50
        request = paging.Request.of(cursors, tenant=tx.tenant, name=name, filters={}, limit=limit, cursor=cursor)
        if name == "all":
            return await queries.stock_rows(tx, request=request)
        if name == "of some":
            return await queries.stock_rows(tx, request=request, sku_ids=[key.sku_id for key in keys[-100:]])
        if name == "at a place":
            return await queries.stock_rows(tx, request=request, location_id=place)
        if name == "low":
            return await queries.low_stock(tx, request=request, location_id=place)
        if name == "ledger":
            return await queries.movements(tx, request=request)
        if name == "ledger of a SKU":
            return await queries.movements(tx, request=request, sku_id=keys[7].sku_id)
        return await queries.movements(tx, request=request, location_id=place)

    async with session_db.read(scope) as tx:
        cursor = (await read(tx, None)).next if page > 1 else None
        with plans.explained(tx) as ran:
            shown = await read(tx, cursor)
        # Before version 17 PostgreSQL could not look up a list and keep the order: for so few SKUs it reads them all.
        is_short_of_order = name == "of some" and await plans.server_version(tx) < 17
    assert shown.items or name == "ledger of a SKU"
    for node in plans.nodes(ran[0]):
        assert plans.rows_read(node) <= (SKUS if is_short_of_order else ROWS_READ_MAX), node
