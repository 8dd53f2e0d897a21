"""What a publication reads of the catalog stays little among many products, under row-level security."""

from collections.abc import AsyncIterator

import psycopg
import pytest
import pytest_asyncio

from jiedan.base.db import Database, Scope
from jiedan.pricing import queries
from tests import plans
from tests.conftest import Urls, new_tenant

PRODUCTS = 10_000
ROWS_READ_MAX = 50

ASKED = {
    "common": {"product:P7", "category:TEA", "brand:Common", "tag:common"},
    "rare": {"product:P9999", "brand:Rare", "tag:rare"},
    "nowhere": {"product:Q", "category:NONE", "brand:common", "tag:Common", "brand:", "tag:"},
    "SKUs are not asked for": {"sku:P7"},
    "nothing": set[str](),
}
THERE = {name: ASKED[name] if name in {"common", "rare"} else set() for name in ASKED}

FILL = """
INSERT INTO category (tenant_id, category_id, code, name, position, version, created_at, updated_at)
VALUES (%(tenant)s, %(tenant)s, 'TEA', 'Tea', 1, 1, now(), now());
INSERT INTO product (tenant_id, product_id, code, name, description, kind, status, tax_class, brand, tags, version,
    created_at, updated_at)
SELECT %(tenant)s, ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'P' || i, 'Tea', '', 'goods', 'active',
    'standard', CASE WHEN i = 5000 THEN 'Rare' ELSE 'Common' END,
    CASE WHEN i = 5000 THEN ARRAY['rare'] ELSE ARRAY['common', 'of ' || i] END, 1, now(), now()
FROM generate_series(1, %(products)s) AS i;
INSERT INTO product_trait (tenant_id, trait, product_id)
SELECT tenant_id, 'brand:' || brand, product_id FROM product WHERE tenant_id = %(tenant)s
UNION SELECT tenant_id, 'tag:' || unnest(tags), product_id FROM product WHERE tenant_id = %(tenant)s;
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def many(session_db: Database, urls: Urls) -> AsyncIterator[Scope]:
    """Make a merchant with `PRODUCTS` products, all but one of them of one brand and with one tag."""
    scope = Scope(await new_tenant(session_db))
    with psycopg.connect(urls.superuser, autocommit=True) as owner:
        for statement in FILL.split(";")[:-1]:
            owner.execute(statement, {"tenant": str(scope.tenant), "products": PRODUCTS})
        owner.execute("VACUUM (ANALYZE) category, product, product_trait")
    yield scope


@pytest.mark.parametrize("name", ASKED)
async def test_whether_any_product_has_a_trait_is_found_by_index(session_db: Database, many: Scope, name: str) -> None:
    load = queries.traits_there(ASKED[name])
    async with session_db.read(many) as tx:
        found = await tx.load_one(load)
        with plans.explained(tx) as ran:
            await tx.sql(load.statement, **load.parameters)
    assert found == THERE[name]
    for plan in ran:
        for node in plans.nodes(plan):
            assert plans.rows_read(node) <= ROWS_READ_MAX, node
