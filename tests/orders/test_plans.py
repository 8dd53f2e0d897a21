"""Lists and searches find their rows by index, as the app role under row-level security, among many orders."""

from collections.abc import AsyncIterator
from uuid import UUID

import psycopg
import pytest
import pytest_asyncio

from jiedan.base.db import Database, Scope
from jiedan.customers.values import CustomerId
from jiedan.orders import queries
from jiedan.orders.placement import load
from jiedan.orders.queries import search
from jiedan.orders.values.lists import BUILT_IN_VIEWS, LOOKED_AT_MAX, WORD_ROWS_MAX, OrderFilter, OrderRow
from tests.conftest import Urls, new_tenant
from tests.orders import listing
from tests.orders.factories import shop
from tests.plans import explained, nodes, rows_filtered_away

ORDERS = 20_000
FILTERED_AWAY_MAX = 1_000
EARLIER_ROWS_MAX = 20
ROWS_READ_MAX = WORD_ROWS_MAX + 1
"""Rows that one step of a plan hands on: ten times the orders looked at."""

OLD = 18_000
"""Orders placed before this many others are Brown's."""

CUSTOMER = CustomerId(UUID(int=77))
DUPLICATE = CustomerId(UUID(int=78))
BUSY, IDLE = UUID(int=79), UUID(int=80)
"""Who looks after every other order, and after few."""

FILTERS = {
    "everything": OrderFilter(),
    **{f"view {key}": view.filters for key, view in BUILT_IN_VIEWS.items()},
    "common status": OrderFilter(payment=("paid",)),
    "rare status": OrderFilter(payment=("charged_back",)),
    "both axes, both common": OrderFilter(lifecycle=("open",), payment=("paid",), fulfillment=("waiting",)),
    "shown status": OrderFilter(status="signed"),
    "rare status that is no more": OrderFilter(lifecycle=("canceled",), fulfillment=("delivered",)),
    "customer": OrderFilter(customer_id=CUSTOMER),
    "customer in a channel": OrderFilter(customer_id=CUSTOMER, channel="web"),
    "common channel": OrderFilter(channel="web"),
    "rare tag": OrderFilter(tag="rare"),
    "late in a channel": OrderFilter(late=True, channel="web"),
    "late, and one of its statuses": OrderFilter(late=True, fulfillment=("waiting",)),
    "late of a customer": OrderFilter(late=True, customer_id=CUSTOMER),
    "late with a common word": OrderFilter(late=True, q="smith"),
    "on time": OrderFilter(late=False, lifecycle=("open",)),
    "rare tag among a common channel": OrderFilter(tag="rare", channel="web", lifecycle=("open",)),
    "of who is busy": OrderFilter(assignee=str(BUSY)),
    "of who is busy, with a rare status": OrderFilter(assignee=str(BUSY), payment=("charged_back",)),
    "of who is idle": OrderFilter(assignee=str(IDLE)),
    "of who is idle, in a channel": OrderFilter(assignee=str(IDLE), channel="web"),
    "nobody's": OrderFilter(assignee="nobody"),
    "nobody's, open": OrderFilter(assignee="nobody", lifecycle=("open",)),
    "SKU": OrderFilter(sku="TEA-7"),
    "two common ones that rarely meet": OrderFilter(channel="web", sku="TEA-7", total_min=1),
    "day": OrderFilter(placed_from=None, period="last_7_days"),
    "amounts": OrderFilter(total_min=500, total_max=500, currency="CNY"),
    "number": OrderFilter(q="SO-20261121-012345"),
    "common word": OrderFilter(q="smith"),
    "rare word and common word": OrderFilter(q="smith 4711"),
    "word of old orders": OrderFilter(q="brown"),
    "word of old orders in a common status": OrderFilter(q="brown", payment=("paid",)),
    "beginning of everything": OrderFilter(q="so"),
    "phone tail in a channel": OrderFilter(q="4711", channel="web"),
    "nothing": OrderFilter(q="zzzz"),
}

FILL = """
INSERT INTO role (tenant_id, role_id, code, name, permissions, version, created_at)
VALUES (%(tenant)s, %(busy)s, 'desk', 'Desk', ARRAY['orders:read'], 1, now());
INSERT INTO staff (tenant_id, staff_id, email, email_key, name, locale, role_id, is_active, version, created_at)
VALUES (%(tenant)s, %(busy)s, 'busy@example.com', 'busy@example.com', 'Busy', 'en', %(busy)s, true, 1, now()),
    (%(tenant)s, %(idle)s, 'idle@example.com', 'idle@example.com', 'Idle', 'en', %(busy)s, true, 1, now());
INSERT INTO customer (tenant_id, customer_id, kind, name, phone, email, tax_number, locale, merged_into, created_at,
    updated_at, version)
VALUES (%(tenant)s, %(customer)s, 'person', 'Smith', '', '', '', 'en', NULL, now(), now(), 1),
    (%(tenant)s, %(duplicate)s, 'person', 'Smith', '', '', '', 'en', %(customer)s, now(), now(), 1);
INSERT INTO orders (tenant_id, order_id, number, channel, external_id, external_fingerprint, customer_id, contact_name,
    contact_phone, contact_email, lifecycle, placed_at, currency, locale, payment_terms, split, requested_location_id,
    delivery_wish, line_count, total_minor, tax_minor, authorized_minor, captured_minor, refunded_minor,
    charged_back_minor, processing_count, payment_status, fulfillment_status, expires_at, promised_at,
    promised_p50_on, promised_p90_on, completed_at,
    canceled_at, cancel_reason, price_rules_version, history, version, created_at, actor_kind, actor_id, assignee_id)
SELECT %(tenant)s, gen_random_uuid(), 'SO-20261121-' || lpad(i::text, 6, '0'),
    CASE WHEN i %% 2 = 0 THEN 'web' ELSE 'shop' END, NULL, NULL,
    CASE i %% 4000 WHEN 0 THEN %(customer)s::uuid WHEN 1 THEN %(duplicate)s::uuid END, 'Smith', '', '',
    CASE WHEN i %% 5 = 0 THEN 'completed' ELSE 'open' END,
    '2026-11-21 12:00Z'::timestamptz - i * interval '1 minute', 'CNY', 'en', 'prepaid', 'freely', NULL, NULL, 1, i, 0,
    0, 0, 0, 0, 0, CASE WHEN i %% 6000 = 1 THEN 'charged_back' WHEN i %% 3 = 0 THEN 'pending' ELSE 'paid' END,
    CASE WHEN i %% 5 = 0 THEN 'delivered' WHEN i %% 7 = 0 THEN 'waiting' ELSE 'allocated' END, NULL, NULL,
    CASE WHEN i %% 4 = 0 THEN '2026-11-22'::date - i / 1440 END,
    CASE WHEN i %% 4 = 0 THEN '2026-11-24'::date - i / 1440 END,
    CASE WHEN i %% 5 = 0 THEN now() END, NULL, NULL, 1, false, 1, now(), 'system', 'tests',
    CASE WHEN i %% 2 = 0 THEN %(busy)s::uuid WHEN i %% 4001 = 0 THEN %(idle)s::uuid END
FROM generate_series(1, %(orders)s) AS i;
INSERT INTO order_term (tenant_id, term, placed_at, order_id)
SELECT o.tenant_id, w.term, o.placed_at, o.order_id FROM orders o CROSS JOIN LATERAL (
    SELECT right(o.number, 6)::int AS i
) AS n CROSS JOIN LATERAL (
    VALUES (lower(o.number)), (n.i::text), (right(o.number, 6)), ('20261121'), ('smith'), (':channel:' || o.channel),
        (':sku:tea-' || n.i %% 20), ('tea-' || n.i %% 20), ('1390000' || lpad(n.i::text, 4, '0')),
        (CASE WHEN n.i > %(old)s THEN 'brown' END), (CASE WHEN n.i %% 5000 = 0 THEN ':tag:rare' END),
        (CASE WHEN n.i %% 40 = 0 THEN ':is:held' END),
        (CASE WHEN n.i %% 7 = 0 THEN ':is:waiting' END)
) AS w (term)
WHERE o.tenant_id = %(tenant)s AND w.term IS NOT NULL
ON CONFLICT DO NOTHING;
INSERT INTO order_wording (tenant_id, order_id, terms)
SELECT tenant_id, order_id, string_agg(chr(10) || term, '') FROM order_term WHERE tenant_id = %(tenant)s
GROUP BY tenant_id, order_id;
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def many(session_db: Database, urls: Urls) -> AsyncIterator[Scope]:
    """Make a merchant with `ORDERS` orders and their terms."""
    scope = Scope(await new_tenant(session_db))
    await shop(session_db, scope, {"TEA-7": {"W1": 1}})
    with psycopg.connect(urls.superuser, autocommit=True) as owner:
        values = {
            "tenant": str(scope.tenant),
            "customer": str(CUSTOMER),
            "duplicate": str(DUPLICATE),
            "busy": str(BUSY),
            "idle": str(IDLE),
            "orders": ORDERS,
            "old": OLD,
        }
        for statement in FILL.split(";")[:-1]:
            owner.execute(statement, values)
        # As autovacuum leaves them: what it has not seen yet costs more to read in order, sometimes more than all.
        owner.execute("VACUUM (ANALYZE) orders, order_term, order_wording")
    yield scope


@pytest.mark.parametrize("page", [1, 2])
@pytest.mark.parametrize("name", FILTERS)
async def test_a_list_filters_little_away(session_db: Database, many: Scope, name: str, page: int) -> None:
    filters = FILTERS[name]
    async with session_db.read(many) as tx:
        cursor = (await listing.page_of(tx, filters, me=BUSY)).next if page > 1 else None
        with explained(tx) as plans:
            shown = await listing.page_of(tx, filters, cursor=cursor, me=BUSY)
            criteria = await queries.criteria_of(tx, [filters], time_zone=listing.TIME_ZONE, me=BUSY)
            (count,) = await queries.order_counts(tx, criteria)
    assert count.value <= LOOKED_AT_MAX
    assert len(shown.items) <= 50
    for plan in plans:
        for node in nodes(plan):
            assert rows_filtered_away(node) * node["Actual Loops"] <= FILTERED_AWAY_MAX, (name, node)
            assert node["Actual Rows"] * node["Actual Loops"] <= ROWS_READ_MAX, (name, node)


@pytest.mark.parametrize("name", ["word of old orders", "word of old orders in a common status"])
async def test_what_only_old_orders_have_is_on_the_first_page(session_db: Database, many: Scope, name: str) -> None:
    assert LOOKED_AT_MAX < ORDERS - OLD <= WORD_ROWS_MAX
    async with session_db.read(many) as tx:
        page = await listing.page_of(tx, FILTERS[name])
    assert len(page.items) == listing.request(tx).limit


async def test_late_orders_are_sorted_while_they_are_few_enough(
    session_db: Database, many: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = OrderFilter(late=True)
    async with session_db.read(many) as tx:
        (criteria,) = await queries.criteria_of(tx, [late], time_zone=listing.TIME_ZONE)
        (count,) = await queries.order_counts(tx, [criteria])
        first = await listing.page_of(tx, late)
        monkeypatch.setattr(search, "LATE_ROWS_MAX", 100)
        rows: list[OrderRow] = []
        cursor = None
        with explained(tx) as plans:
            while len(rows) < len(first.items):
                page = await listing.page_of(tx, late, cursor=cursor)
                rows, cursor = [*rows, *page.items], page.next
    assert count == (LOOKED_AT_MAX, True)
    assert len(first.items) == 50
    assert min(row.days_late for row in first.items) == 1
    assert rows[:50] == first.items
    for plan in plans:
        assert all(rows_filtered_away(node) * node["Actual Loops"] <= FILTERED_AWAY_MAX for node in nodes(plan))


@pytest.mark.parametrize("name", ["two common ones that rarely meet", "shown status", "beginning of everything"])
async def test_following_a_list_to_its_end_finds_every_order_once(session_db: Database, many: Scope, name: str) -> None:
    filters = {
        "two common ones that rarely meet": OrderFilter(channel="shop", sku="TEA-7", currency="CNY", total_max=ORDERS),
        "shown status": OrderFilter(status="reviewed", held=False, total_min=ORDERS - 5_000),
        "beginning of everything": OrderFilter(q="so", total_max=99),
    }[name]
    expected = {
        "two common ones that rarely meet": sum(i % 2 == 1 and i % 20 == 7 for i in range(1, ORDERS + 1)),
        "shown status": sum(
            i % 5 > 0 and (i % 3 == 0 or i % 6000 == 1) and i % 40 > 0 for i in range(ORDERS - 5_000, ORDERS + 1)
        ),
        "beginning of everything": 99,
    }[name]
    numbers: list[str] = []
    cursor: str | None = None
    async with session_db.read(many) as tx:
        while True:
            page = await listing.page_of(tx, filters, limit=200, cursor=cursor)
            numbers += [row.number for row in page.items]
            if (cursor := page.next) is None:
                break
    assert len(numbers) == len(set(numbers)) == expected
    assert numbers == sorted(numbers)


async def test_earlier_orders_of_a_customer_and_duplicates_are_counted_by_index(
    session_db: Database, many: Scope
) -> None:
    counted = []
    async with session_db.read(many) as tx:
        with explained(tx) as plans:
            for most in (7, 99):
                rows = await tx.sql(load.SQL["earlier_orders"], customer_ids=[CUSTOMER], most=most)
                counted += [orders for _, orders in rows]
    # Five of the customer's and five of the duplicate's, but for those that were canceled: none.
    assert counted == [7, 10]
    for plan in plans:
        for node in nodes(plan):
            assert rows_filtered_away(node) * node["Actual Loops"] <= EARLIER_ROWS_MAX, node
            assert node["Actual Rows"] * node["Actual Loops"] <= EARLIER_ROWS_MAX, node
