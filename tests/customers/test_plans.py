"""Lists and searches of customers find their rows by index, as the app role under row-level security, among many."""

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from jiedan.base import paging
from jiedan.base.db import Database, ReadTx, Scope
from jiedan.customers import queries
from tests import plans
from tests.conftest import Urls, new_tenant

CUSTOMERS = 10_000
ROWS_READ_MAX = 2_500
"""Most rows that one step of a plan may look at: a few times the rows of the rarest word."""

FILTERED_AWAY_MAX = 1_000

FILL = """
INSERT INTO customer (tenant_id, customer_id, kind, name, phone, email, tax_number, external_id, locale, merged_into,
    created_at, updated_at, version)
SELECT %(tenant)s, ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'person', 'Anna ' || i,
    CASE WHEN i %% 50 = 0 THEN '+8613800138000' ELSE '' END, i || '@example.com', '', 'C-' || i, '',
    CASE WHEN i BETWEEN 5001 AND 7999 THEN '00000000-0000-7000-8000-000000000001'::uuid END,
    '2026-11-21 12:00Z', '2026-11-21 12:00Z', 1
FROM generate_series(1, %(customers)s) AS i;
INSERT INTO customer_term (tenant_id, term, customer_id)
SELECT c.tenant_id, w.term, c.customer_id FROM customer c CROSS JOIN LATERAL (
    VALUES ('anna'), (lower(c.external_id)), (substr(c.external_id, 3)), (CASE WHEN c.phone <> '' THEN '8000' END),
        ('8613800138000'), (':tag:common'), (CASE WHEN right(c.external_id, 2) = '77' THEN 'vip' END),
        (CASE WHEN right(c.external_id, 2) = '77' THEN ':tag:vip' END),
        (CASE WHEN right(c.external_id, 1) = '7' THEN ':consent:profiling' END)
) AS w (term)
WHERE c.tenant_id = %(tenant)s AND w.term IS NOT NULL AND c.merged_into IS NULL
ON CONFLICT DO NOTHING;
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def many(session_db: Database, urls: Urls) -> AsyncIterator[Scope]:
    """Make a merchant with `CUSTOMERS` customers and their terms."""
    scope = Scope(await new_tenant(session_db))
    with psycopg.connect(urls.superuser, autocommit=True) as owner:
        for statement in FILL.split(";")[:-1]:
            owner.execute(statement, {"tenant": str(scope.tenant), "customers": CUSTOMERS})
        owner.execute("ANALYZE customer, customer_term")
    yield scope


async def page_of(tx: ReadTx, text: str | None, cursor: str | None = None) -> paging.Page[Any]:
    """Return a page of the list, or of what a search finds."""
    cursors = paging.Cursors("a secret of this test")
    request = paging.Request.of(cursors, tenant=tx.tenant, name="x", filters={"q": text}, limit=5, cursor=cursor)
    found = await queries.matching_customers(tx, text=text) if text else None
    return await queries.customer_rows(tx, request=request, among=found.customer_ids if found else None)


@pytest.mark.parametrize("page", [1, 2])
@pytest.mark.parametrize(
    ("text", "finds"), [(None, 5), ("anna", 5), ("anna vip", 5), ("8000 anna", 5), ("C-4711", 1), ("zzz", 0)]
)
async def test_a_page_reads_little_more_than_it_shows(
    session_db: Database, many: Scope, text: str | None, finds: int, page: int
) -> None:
    async with session_db.read(many) as tx:
        cursor = (await page_of(tx, text)).next if page > 1 else None
        with plans.explained(tx) as ran:
            shown = await page_of(tx, text, cursor)
    assert len(shown.items) == finds
    refuse_reading_much(ran)


@pytest.mark.parametrize("page", [1, 2])
@pytest.mark.parametrize(
    ("text", "having"),
    [
        (None, (":tag:common",)),
        (None, (":tag:vip",)),
        (None, (":tag:none",)),
        (None, (":consent:profiling",)),
        (None, (":tag:vip", ":consent:profiling")),
        (None, (":tag:common", ":consent:profiling")),
        ("anna", (":tag:vip",)),
        ("anna", (":tag:common",)),
    ],
)
async def test_a_filter_reads_little_more_than_it_shows(
    session_db: Database, many: Scope, text: str | None, having: tuple[str, ...], page: int
) -> None:
    async def page_by(tx: ReadTx, cursor: str | None) -> paging.Page[Any]:
        cursors = paging.Cursors("a secret of this test")
        request = paging.Request.of(cursors, tenant=tx.tenant, name="x", filters={}, limit=5, cursor=cursor)
        if text is None and len(having) == 1:
            return await queries.customer_rows(tx, request=request, term=having[0])
        found = await queries.matching_customers(tx, text=text, having=having)
        return await queries.customer_rows(tx, request=request, among=found.customer_ids)

    async with session_db.read(many) as tx:
        cursor = (await page_by(tx, None)).next if page > 1 else None
        with plans.explained(tx) as ran:
            shown = await page_by(tx, cursor)
    assert len(shown.items) == (0 if having == (":tag:none",) else 5)
    refuse_reading_much(ran)


async def test_the_list_does_not_walk_past_those_who_were_merged(session_db: Database, many: Scope) -> None:
    async with session_db.read(many) as tx:
        cursors = paging.Cursors("a secret of this test")
        request = paging.Request.of(cursors, tenant=tx.tenant, name="x", filters={}, limit=200)
        page = await queries.customer_rows(tx, request=request)
        for _ in range(9):
            request = paging.Request.of(cursors, tenant=tx.tenant, name="x", filters={}, limit=200, cursor=page.next)
            page = await queries.customer_rows(tx, request=request)
        request = paging.Request.of(cursors, tenant=tx.tenant, name="x", filters={}, limit=5, cursor=page.next)
        with plans.explained(tx) as ran:
            shown = await queries.customer_rows(tx, request=request)
    assert [row.name for row in shown.items] == [f"Anna {i}" for i in (8000, 5000, 4999, 4998, 4997)]
    refuse_reading_much(ran)


def refuse_reading_much(ran: list[dict[str, Any]]) -> None:
    """Refuse plans of which one step looks at more rows than it may, or throws more of them away."""
    for plan in ran:
        for node in plans.nodes(plan):
            assert plans.rows_filtered_away(node) * node["Actual Loops"] <= FILTERED_AWAY_MAX, node
            assert plans.rows_read(node) <= ROWS_READ_MAX, node


async def test_duplicates_are_found_by_index(session_db: Database, many: Scope) -> None:
    async with session_db.read(many) as tx:
        first = (await queries.matching_customers(tx, text="8000")).customer_ids[0]
        with plans.explained(tx) as ran:
            found = await queries.possible_duplicates(tx, first)
    assert len(found) == queries.DUPLICATES_MAX
    for plan in ran:
        for node in plans.nodes(plan):
            assert plans.rows_read(node) <= FILTERED_AWAY_MAX, node


async def test_customers_of_orders_are_found_by_index(session_db: Database, many: Scope) -> None:
    async with session_db.read(many) as tx:
        found = (await queries.matching_customers(tx, text="8000")).customer_ids[:50]  # as many as a batch has
        load = queries.existing(found)
        with plans.explained(tx) as ran:
            assert len(await tx.sql(load.statement, **load.parameters)) == len(found)
    for plan in ran:
        for node in plans.nodes(plan):
            assert plans.rows_read(node) <= FILTERED_AWAY_MAX, node
