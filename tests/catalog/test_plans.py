"""Lists of products and SKUs find their rows by index, as the app role under row-level security, among many."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
import pytest_asyncio

from jiedan.base import paging
from jiedan.base.db import Database, Load, ReadTx, Scope
from jiedan.catalog import queries
from jiedan.catalog.queries.shelves import SQL as SHELF
from jiedan.catalog.values import ProductStatus, SkuKind
from tests import plans
from tests.conftest import Urls, new_tenant

PRODUCTS = 10_000
ROWS_READ_MAX = 1_000

TEA = UUID(int=1)
FILTERS: dict[str, dict[str, Any]] = {
    "all": {},
    "common status": {"status": ProductStatus.active},
    "rare status": {"status": ProductStatus.draft},
    "common kind": {"kind": SkuKind.goods},
    "rare kind": {"kind": SkuKind.service},
    "rare kind of a common status": {"kind": SkuKind.service, "status": ProductStatus.active},
    "common kind of a rare status": {"kind": SkuKind.goods, "status": ProductStatus.draft},
    "status that the kind never has": {"kind": SkuKind.service, "status": ProductStatus.draft},
    "category": {"category_ids": [TEA]},
    "two categories": {"category_ids": [TEA, UUID(int=2)]},
    "nothing found": {"among": []},
}

FILL = """
INSERT INTO category (tenant_id, category_id, code, name, position, version, created_at, updated_at)
SELECT %(tenant)s, ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid, 'c' || i, 'c', i, 1, now(), now()
FROM generate_series(1, 50) AS i;
INSERT INTO product (tenant_id, product_id, code, name, description, kind, status, category_id, tax_class, version,
    created_at, updated_at)
SELECT %(tenant)s, ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'P' || i, 'Tea', '',
    CASE WHEN i %% 2000 = 7 THEN 'service' ELSE 'goods' END, CASE WHEN i %% 3000 = 1 THEN 'draft' ELSE 'active' END,
    ('00000000-0000-0000-0000-' || lpad((i %% 50 + 1)::text, 12, '0'))::uuid, 'standard', 1, now(), now()
FROM generate_series(1, %(products)s) AS i;
INSERT INTO sku (tenant_id, sku_id, product_id, code, option_values, is_active, may_be_sold, position, version,
    created_at, updated_at)
SELECT tenant_id, product_id, product_id, code, '{}', right(code, 4) <> '1888',
    right(code, 4) <> '1888' AND status = 'active', 0, 1, now(), now()
FROM product WHERE tenant_id = %(tenant)s;
INSERT INTO sku_price (tenant_id, sku_id, currency, min_quantity, unit_minor)
SELECT tenant_id, sku_id, 'CNY', 1, 100 FROM sku WHERE tenant_id = %(tenant)s;
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def many(session_db: Database, urls: Urls) -> AsyncIterator[Scope]:
    """Make a merchant with `PRODUCTS` products of one SKU each, in fifty categories."""
    scope = Scope(await new_tenant(session_db))
    with psycopg.connect(urls.superuser, autocommit=True) as owner:
        for statement in FILL.split(";")[:-1]:
            owner.execute(statement, {"tenant": str(scope.tenant), "products": PRODUCTS})
        owner.execute("ANALYZE category, product, sku, sku_price")
    yield scope


def request(tx: ReadTx, cursor: str | None) -> paging.Request:
    """Ask for a page of two rows."""
    cursors = paging.Cursors("a secret of this test")
    return paging.Request.of(cursors, tenant=tx.tenant, name="x", filters={}, limit=2, cursor=cursor)


def refuse_reading_much(ran: list[dict[str, Any]]) -> None:
    """Refuse plans of which one step looks at more than `ROWS_READ_MAX` rows."""
    for plan in ran:
        for node in plans.nodes(plan):
            assert plans.rows_read(node) <= ROWS_READ_MAX, node


@pytest.mark.parametrize("page", [1, 2])
@pytest.mark.parametrize("name", FILTERS)
async def test_a_page_of_products_reads_little(session_db: Database, many: Scope, name: str, page: int) -> None:
    async with session_db.read(many) as tx:
        cursor = (await queries.product_rows(tx, request=request(tx, None), **FILTERS[name])).next if page > 1 else None
        with plans.explained(tx) as ran:
            shown = await queries.product_rows(tx, request=request(tx, cursor), **FILTERS[name])
    assert bool(shown.items) is (name not in {"nothing found", "status that the kind never has"})
    refuse_reading_much(ran)


@pytest.mark.parametrize("page", [1, 2])
@pytest.mark.parametrize("is_active", [None, True, False])
async def test_a_page_of_skus_reads_little(
    session_db: Database, many: Scope, *, is_active: bool | None, page: int
) -> None:
    async with session_db.read(many) as tx:
        cursor = None
        if page > 1:
            cursor = (await queries.sku_rows(tx, request=request(tx, None), is_active=is_active)).next
        with plans.explained(tx) as ran:
            shown = await queries.sku_rows(tx, request=request(tx, cursor), is_active=is_active)
    assert len(shown.items) == 2
    refuse_reading_much(ran)


async def test_what_placement_reads_of_skus_is_found_by_index(session_db: Database, many: Scope) -> None:
    codes = [f"P{i}" for i in range(1, PRODUCTS, PRODUCTS // 100)]
    ids = [UUID(f"00000000-0000-7000-8000-{i:012}") for i in range(1, PRODUCTS, PRODUCTS // 100)]
    async with session_db.read(many) as tx:
        loads: tuple[Load[Any], ...] = (
            queries.sellable_skus(codes),
            queries.skus_by_id(ids),
            queries.price_tiers(codes),
            queries.offers(codes),
        )
        for load in loads:
            with plans.explained(tx) as ran:
                assert await tx.sql(load.statement, **load.parameters)
            refuse_reading_much(ran)


SHELVES: dict[str, dict[str, Any]] = {
    "newest": {},
    "category": {"category_ids": [TEA]},
    "every category": {"category_ids": [UUID(int=i) for i in range(1, 51)]},
    "a category of nobody": {"category_ids": [UUID(int=999)]},
    "found": {"product_ids": [UUID(f"00000000-0000-7000-8000-{i:012}") for i in range(1, PRODUCTS, PRODUCTS // 500)]},
}


@pytest.mark.parametrize("name", SHELVES)
async def test_a_shelf_reads_what_it_shows(session_db: Database, many: Scope, name: str) -> None:
    async with session_db.read(many) as tx:
        with plans.explained(tx) as ran:
            shown = await queries.shelf(tx, currency="CNY", **SHELVES[name])
            product_ids = [product.product_id for product in shown.products]
            for part in ("options", "skus", "parts"):
                await tx.sql(SHELF[part], product_ids=product_ids, currency="CNY")
    assert bool(shown.products) is (name != "a category of nobody")
    assert shown.is_capped is (name in {"newest", "every category"})
    refuse_reading_much(ran)
