"""A shelf with more goods than anybody looks through: every one of them is reached, in every order, page by page."""

import html
import random
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
import pytest
import pytest_asyncio

from jiedan.base import paging
from jiedan.base.db import Database, ReadTx, Scope
from jiedan.base.recorder import StatementRecorder
from jiedan.catalog import queries as catalog
from jiedan.catalog.queries.shelves import SHELF_PRODUCTS_MAX
from jiedan.inventory import queries as stock
from jiedan.inventory.queries import ORDERS, Offered, Order
from jiedan.portal import facets, shelves
from jiedan.portal.facets import Chosen, Item
from jiedan.portal.shelves import PRODUCTS_PER_PAGE
from tests import plans
from tests.conftest import Urls, new_tenant
from tests.portal.factories import Visitor, open_shop, visiting

PRODUCTS = 1_200
COLORS, SIZES = ("red", "blue", "green"), ("S", "M")
SHELF = UUID(int=1)
STATEMENTS_MAX = 30
ROWS_READ_MAX = 6 * PRODUCTS
"""Most rows that one step of a plan may look at: each of two SKUs at each of three locations, and nothing of the other
shelves, which have more."""

LOCATIONS_READ_MAX = 2 * PRODUCTS * 6
"""The few locations there are may be read for each SKU: as cheap as to look for those of its stock."""

FILL = """
INSERT INTO category (tenant_id, category_id, code, name, position, version, created_at, updated_at)
SELECT %(tenant)s, ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid, 'shelf-' || i, 'Shelf ' || i, i, 1,
    now(), now()
FROM generate_series(1, 5) AS i;
INSERT INTO product (tenant_id, product_id, code, name, description, kind, status, category_id, tax_class, version,
    created_at, updated_at)
SELECT %(tenant)s, ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'P' || i,
    'Shirt ' || (i * 7919 %% 1000), '', CASE WHEN i %% 50 = 3 THEN 'service' ELSE 'goods' END,
    CASE WHEN i %% 400 = 1 THEN 'archived' ELSE 'active' END,
    ('00000000-0000-0000-0000-' || lpad(((i - 1) / 1200 + 1)::text, 12, '0'))::uuid, 'standard', 1, now(), now()
FROM generate_series(1, 5000) AS i;
INSERT INTO product_option (tenant_id, product_id, position, name, choices)
SELECT p.tenant_id, p.product_id, a.position, a.name, a.choices
FROM product p CROSS JOIN (VALUES (0, 'Color', ARRAY['red', 'blue', 'green']), (1, 'Size', ARRAY['S', 'M']))
    AS a (position, name, choices)
WHERE p.tenant_id = %(tenant)s;
INSERT INTO sku (tenant_id, sku_id, product_id, code, option_values, is_active, may_be_sold, position, version,
    created_at, updated_at)
SELECT p.tenant_id, ('00000000-0000-7000-900' || n || '-' || right(p.product_id::text, 12))::uuid, p.product_id,
    p.code || '-' || n,
    ARRAY[(ARRAY['red', 'blue', 'green'])[1 + (substr(p.code, 2)::int + n) %% 3], (ARRAY['S', 'M'])[n]],
    true, p.status = 'active' AND substr(p.code, 2)::int %% 97 <> 5, n, 1, now(), now()
FROM product p CROSS JOIN generate_series(1, 2) AS n WHERE p.tenant_id = %(tenant)s;
INSERT INTO sku_price (tenant_id, sku_id, currency, min_quantity, unit_minor)
SELECT s.tenant_id, s.sku_id, 'CNY', 1, 100 * (1 + substr(p.code, 2)::int * 31 %% 60) + s.position
FROM sku s JOIN product p ON p.tenant_id = s.tenant_id AND p.product_id = s.product_id
WHERE s.tenant_id = %(tenant)s AND substr(p.code, 2)::int %% 11 <> 4;
INSERT INTO location (tenant_id, location_id, code, name, kind, is_active, priority, version, created_at)
SELECT %(tenant)s, ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid, 'L' || i, 'L' || i, 'warehouse',
    i < 3, i, 1, now()
FROM generate_series(1, 3) AS i;
INSERT INTO stock (tenant_id, sku_id, location_id, on_hand, reserved, incoming, safety_stock, version)
SELECT s.tenant_id, s.sku_id, l.location_id, substr(p.code, 2)::int %% 5, substr(p.code, 2)::int %% 5 / 2, 0,
    substr(p.code, 2)::int %% 2, 1
FROM sku s JOIN product p ON p.tenant_id = s.tenant_id AND p.product_id = s.product_id
JOIN location l ON l.tenant_id = s.tenant_id
WHERE s.tenant_id = %(tenant)s AND substr(p.code, 2)::int %% 7 <> 0;
INSERT INTO sku_component (tenant_id, sku_id, component_id, quantity)
SELECT s.tenant_id, s.sku_id, k.sku_id, 2
FROM sku s JOIN product p ON p.tenant_id = s.tenant_id AND p.product_id = s.product_id AND p.kind = 'goods'
JOIN sku k ON k.tenant_id = s.tenant_id AND k.code = 'P' || (substr(p.code, 2)::int + 1) || '-2'
WHERE s.tenant_id = %(tenant)s AND s.code LIKE 'P%%-1' AND substr(p.code, 2)::int %% 30 = 8;
"""


class Laid(NamedTuple):
    """A merchant with three large shelves, and everything on the first."""

    scope: Scope
    items: list[Item]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def laid(session_db: Database, urls: Urls) -> AsyncIterator[Laid]:
    """Make the merchant: shirts in colors and sizes, some without a price, kits, services, some sold out or retired."""
    scope = Scope(await new_tenant(session_db))
    with psycopg.connect(urls.superuser, autocommit=True) as owner:
        for statement in FILL.split(";")[:-1]:
            owner.execute(statement, {"tenant": str(scope.tenant)})
        await open_shop(session_db, scope)
        # As autovacuum leaves them: what other tests have deleted is weighed by plans, too.
        owner.execute("VACUUM (ANALYZE) product, sku, sku_price, stock, product_option, sku_component, location")
    ids = [UUID(f"00000000-0000-7000-8000-{i:012}") for i in range(1, PRODUCTS + 1)]
    items: list[Item] = []
    async with session_db.read(scope) as tx:
        for start in range(0, PRODUCTS, SHELF_PRODUCTS_MAX):
            some = ids[start : start + SHELF_PRODUCTS_MAX]
            found = await catalog.shelf(tx, currency="CNY", product_ids=some)
            items += await shelves.with_stock(tx, found.products)
    assert len(items) > 2 * SHELF_PRODUCTS_MAX
    yield Laid(scope, items)


def lowest(item: Item) -> int | None:
    return min(item.prices) if item.prices else None


def in_order(items: list[Item], order: Order) -> list[UUID]:
    """Return products as they are to be shown."""
    newest = sorted(items, key=lambda x: x.product.product_id, reverse=True)
    if order == "name":
        newest = sorted(items, key=lambda x: (x.product.name, x.product.product_id))
    if order == "cheapest":
        newest.sort(key=lambda x: (lowest(x) is None, lowest(x) or 0))
    if order == "dearest":
        newest.sort(key=lambda x: (lowest(x) is None, -(lowest(x) or 0)))
    return [x.product.product_id for x in newest]


async def walked(tx: ReadTx, wanted: Offered, order: Order, limit: int) -> list[paging.Page[Any]]:
    """Return every page of a shelf, from the first to the last."""
    found: list[paging.Page[Any]] = []
    cursors = paging.Cursors("a secret of this test")
    cursor: str | None = None
    while not found or cursor:
        request = paging.Request.of(cursors, tenant=tx.tenant, name="x", filters={}, limit=limit, cursor=cursor)
        found.append(await stock.offered(tx, wanted, order=order, request=request))
        cursor = found[-1].next
    back, backwards = found[-1].previous, []
    while back:
        request = paging.Request.of(cursors, tenant=tx.tenant, name="x", filters={}, limit=limit, cursor=back)
        page = await stock.offered(tx, wanted, order=order, request=request)
        backwards.append(page.items)
        back = page.previous
    assert [x for items in backwards for x in items] != [] or len(found) == 1
    assert sorted(x for items in backwards for x in items) == sorted(x for page in found[:-1] for x in page.items)
    return found


@pytest.mark.parametrize("order", ORDERS)
async def test_every_product_is_reached_once_in_every_order(session_db: Database, laid: Laid, order: Order) -> None:
    async with session_db.read(laid.scope) as tx:
        pages = await walked(tx, Offered("CNY", category_ids=[SHELF]), order, 100)
    assert [product_id for page in pages for product_id in page.items] == in_order(laid.items, order)


def choices() -> Iterator[Chosen]:
    """Yield ways of narrowing a shelf down: each alone, and many together."""
    dice = random.Random(7)
    pairs = [*(("Color", color) for color in COLORS), *(("Size", size) for size in SIZES)]
    yield Chosen(options=(("Flavor", "mint"),))
    yield Chosen(only_there=True)
    yield Chosen(price_min=3_000)
    yield Chosen(price_max=3_000)
    for _ in range(12):
        options = tuple(dice.sample(pairs, dice.randint(0, 3)))
        low, high = dice.choice([None, 1_001, 2_500]), dice.choice([None, 3_002, 5_000])
        yield Chosen(options=options, price_min=low, price_max=high, only_there=dice.random() < 0.5)


@pytest.mark.parametrize("chosen", list(choices()))
async def test_the_database_and_the_numbers_go_by_the_same_rules(
    session_db: Database, laid: Laid, chosen: Chosen
) -> None:
    expected = in_order(facets.fitting(laid.items, chosen), "cheapest")
    wanted = Offered(
        "CNY",
        category_ids=[SHELF],
        options=facets.wanted(chosen.options),
        price_min=chosen.price_min,
        price_max=chosen.price_max,
        only_there=chosen.only_there,
    )
    async with session_db.read(laid.scope) as tx:
        pages = await walked(tx, wanted, "cheapest", 200)
        number = await stock.offered_count(tx, wanted)
    assert [product_id for page in pages for product_id in page.items] == expected
    assert number == (min(len(expected), paging.COUNT_MAX), len(expected) > paging.COUNT_MAX)


@pytest.mark.parametrize("page", [1, 2, 9])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("is_narrowed", [False, True])
async def test_a_page_looks_at_its_shelf_alone(
    session_db: Database, laid: Laid, order: Order, page: int, *, is_narrowed: bool
) -> None:
    options = {"Color": {"red"}} if is_narrowed else {}
    wanted = Offered("CNY", category_ids=[SHELF], options=options, only_there=is_narrowed)
    async with session_db.read(laid.scope) as tx:
        cursors, cursor = paging.Cursors("a secret of this test"), None
        for _ in range(page - 1):
            request = paging.Request.of(cursors, tenant=tx.tenant, name="x", filters={}, limit=24, cursor=cursor)
            cursor = (await stock.offered(tx, wanted, order=order, request=request)).next
        request = paging.Request.of(cursors, tenant=tx.tenant, name="x", filters={}, limit=24, cursor=cursor)
        with plans.explained(tx) as ran:
            shown = await stock.offered(tx, wanted, order=order, request=request)
    assert shown.items or is_narrowed
    for plan in ran:
        for node in plans.nodes(plan):
            is_of_locations = "location" in (node.get("Relation Name") or node.get("Index Name", ""))
            assert plans.rows_read(node) <= (LOCATIONS_READ_MAX if is_of_locations else ROWS_READ_MAX), node


def shown_on(page: str) -> list[str]:
    return re.findall(r'href="[^"]*/products/([0-9a-f-]{36})"', page)


def link(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return html.unescape(found[1]) if found else ""


async def follow(who: Visitor, path: str, rel: str) -> list[list[str]]:
    """Return the products of each page from `path` on, by links alone."""
    pages = []
    while path:
        page = await who.get(path)
        pages.append(list(dict.fromkeys(shown_on(page))))
        path = link(page, rel).removeprefix(who.base)
    return pages


@pytest.mark.parametrize("order", ["newest", "cheapest"])
async def test_links_lead_through_the_whole_shelf(
    session_db: Database, laid: Laid, tmp_path: Path, order: Order
) -> None:
    async with visiting(session_db, laid.scope, tmp_path) as who:
        pages = await follow(who, f"/categories/{SHELF}?sort={order}", "next")
    assert {len(page) for page in pages[:-1]} == {PRODUCTS_PER_PAGE}
    assert [UUID(text) for page in pages for text in page] == in_order(laid.items, order)


async def test_a_page_tells_how_many_there_are_at_least_and_which_address_is_its_own(
    session_db: Database, laid: Laid, tmp_path: Path
) -> None:
    path = f"/categories/{SHELF}"
    async with visiting(session_db, laid.scope, tmp_path) as who:
        first = await who.get(path)
        second_path = link(first, "next").removeprefix(who.base)
        second = await who.get(second_path)
        narrowed = await who.get(f"{path}?f=Color:red&there=1&sort=dearest")
        other = await who.get(f"{second_path}&sort=dearest")
        small = await who.get(f"{path}?max=0.5")
    origin = link(first, "canonical").removesuffix(f"{who.base}{path}")
    assert "more than 1,000 products" in first
    assert re.search(r'In stock<span class="n">\d+\+</span>', first)
    assert link(second, "canonical") == f"{origin}{who.base}{second_path}"
    assert shown_on(second) != shown_on(first)
    assert link(second, "prev")
    assert link(narrowed, "canonical") == link(first, "canonical")
    assert "sort=dearest" in link(narrowed, "next")
    assert shown_on(other)[0] != shown_on(second)[0], "a place in another order begins anew"
    assert "Nothing fits." in small


async def test_a_page_takes_the_same_few_statements_wherever_it_is(
    session_db: Database, laid: Laid, tmp_path: Path, recorder: StatementRecorder
) -> None:
    async with visiting(session_db, laid.scope, tmp_path) as who:
        path: str = f"/categories/{SHELF}?sort=name"
        counts = []
        for _ in range(4):
            with recorder.watching() as run:
                page = await who.get(path)
            counts.append(len(run))
            path = link(page, "next").removeprefix(who.base)
    assert max(counts) <= STATEMENTS_MAX, run
    assert max(counts) - min(counts[1:]) <= 1, "one more for the parts of kits, where there are some"
