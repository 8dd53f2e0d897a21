"""Migrations fill what they add from rows that are there, of every merchant, under row-level security."""

from uuid import UUID

import alembic.command
import psycopg

from jiedan.base import migrate
from tests.base.test_migrations import empty  # noqa: F401 - the fixture
from tests.conftest import Urls

MERCHANTS = (UUID(int=1), UUID(int=2))

FILL = """
INSERT INTO product (tenant_id, product_id, code, name, description, kind, status, tax_class, version, created_at,
    updated_at)
SELECT %(tenant)s, p.id::uuid, p.code, p.code, '', p.kind, p.status, 'standard', 1, now(), now()
FROM (VALUES
    ('00000000-0000-7000-8000-00000000000a', 'A', 'goods', 'active'),
    ('00000000-0000-7000-8000-00000000000b', 'B', 'goods', 'archived'),
    ('00000000-0000-7000-8000-00000000000c', 'KA', 'kit', 'active'),
    ('00000000-0000-7000-8000-00000000000d', 'KB', 'kit', 'active')
) AS p (id, code, kind, status);
INSERT INTO sku (tenant_id, sku_id, product_id, code, option_values, is_active, position, version, created_at,
    updated_at)
SELECT tenant_id, product_id, product_id, code, '{}', true, 0, 1, now(), now()
FROM product WHERE tenant_id = %(tenant)s;
INSERT INTO sku_component (tenant_id, sku_id, component_id, quantity)
SELECT k.tenant_id, k.sku_id, part.sku_id, 1
FROM sku k JOIN sku part ON part.tenant_id = k.tenant_id AND k.code = 'K' || part.code
WHERE k.tenant_id = %(tenant)s;
INSERT INTO customer (tenant_id, customer_id, kind, name, phone, email, tax_number, locale, created_at, updated_at,
    version)
VALUES (%(tenant)s, %(tenant)s, 'person', 'Wang', '', '', '', '', now(), now(), 1);
INSERT INTO customer_tag (tenant_id, customer_id, tag) VALUES (%(tenant)s, %(tenant)s, 'ＶＩＰ');
INSERT INTO customer_consent (tenant_id, consent_id, customer_id, purpose, is_granted, source, recorded_at)
VALUES (%(tenant)s, '00000000-0000-7000-8000-000000000001', %(tenant)s, 'profiling', true, '', now()),
    (%(tenant)s, '00000000-0000-7000-8000-000000000002', %(tenant)s, 'profiling', false, '', now()),
    (%(tenant)s, '00000000-0000-7000-8000-000000000003', %(tenant)s, 'marketing_email', true, '', now());
"""


def test_skus_and_customers_of_before_are_found_by_what_was_added(empty: Urls) -> None:  # noqa: F811 - the fixture
    engine = migrate.owner_engine(empty.owner)
    with engine.begin() as connection:
        alembic.command.upgrade(migrate.config(connection), "0013")
    with psycopg.connect(empty.superuser, autocommit=True) as superuser:
        for tenant in MERCHANTS:
            for statement in FILL.split(";")[:-1]:
                superuser.execute(statement, {"tenant": tenant})
        migrate.migrate(empty.owner)
        sold = superuser.execute(
            "SELECT tenant_id, code FROM sku WHERE may_be_sold ORDER BY tenant_id, code"
        ).fetchall()
        terms = superuser.execute("SELECT tenant_id, term FROM customer_term ORDER BY tenant_id, term").fetchall()
    assert sold == [(tenant, code) for tenant in MERCHANTS for code in ("A", "KA")]
    assert terms == [(tenant, term) for tenant in MERCHANTS for term in (":consent:marketing_email", ":tag:vip")]


WORDED = """
INSERT INTO order_term (tenant_id, term, placed_at, order_id)
SELECT %(tenant)s, u.term, now(), %(tenant)s
FROM unnest(ARRAY['so-1', 'anna', 'tag', 'is:held', 'tag:vip', 'channel:web', 'sku:a:b', %(long)s, %(longer)s]) AS u (
    term
);
INSERT INTO order_wording (tenant_id, order_id, terms)
SELECT tenant_id, order_id, string_agg(chr(10) || term, '') FROM order_term
WHERE tenant_id = %(tenant)s GROUP BY tenant_id, order_id;
"""


def test_marks_of_orders_of_before_get_their_sign(empty: Urls) -> None:  # noqa: F811 - the fixture
    engine = migrate.owner_engine(empty.owner)
    with engine.begin() as connection:
        alembic.command.upgrade(migrate.config(connection), "0022")
    alike = "sku:" + "x" * 59
    with psycopg.connect(empty.superuser, autocommit=True) as superuser:
        for tenant in MERCHANTS:
            for statement in WORDED.split(";")[:-1]:
                superuser.execute(statement, {"tenant": tenant, "long": alike + "1", "longer": alike + "2"})
        migrate.migrate(empty.owner)
        terms = superuser.execute("SELECT tenant_id, term FROM order_term ORDER BY tenant_id, term").fetchall()
        wordings = superuser.execute("SELECT tenant_id, terms FROM order_wording ORDER BY tenant_id").fetchall()
    expected = [":channel:web", ":is:held", ":sku:a:b", ":" + alike, ":tag:vip", "anna", "so-1", "tag"]
    assert terms == [(tenant, term) for tenant in MERCHANTS for term in expected]
    assert [(tenant, sorted(text.split("\n")[1:])) for tenant, text in wordings] == [(t, expected) for t in MERCHANTS]


DRAFTED = """
INSERT INTO order_draft (tenant_id, draft_id, data, version, created_at, updated_at, actor_kind, actor_id)
VALUES (%(tenant)s, %(tenant)s, '{}', 3, now(), now(), 'staff', 'x')
"""


def test_drafts_of_before_are_told(empty: Urls) -> None:  # noqa: F811 - the fixture
    engine = migrate.owner_engine(empty.owner)
    with engine.begin() as connection:
        alembic.command.upgrade(migrate.config(connection), "0023")
    with psycopg.connect(empty.superuser, autocommit=True) as superuser:
        for tenant in MERCHANTS:
            superuser.execute(DRAFTED, {"tenant": tenant})
        migrate.migrate(empty.owner)
        told = superuser.execute(
            "SELECT l.tenant_id, l.kind, l.subject_id, l.data FROM event_log l"
            " JOIN outbox o ON o.tenant_id = l.tenant_id AND o.event_id = l.event_id ORDER BY l.tenant_id"
        ).fetchall()
    assert told == [(t, "orders.draft_saved", t, {"draft_id": str(t), "version": 3}) for t in MERCHANTS]


BARCODED = """
INSERT INTO product (tenant_id, product_id, code, name, description, kind, status, tax_class, version, created_at,
    updated_at)
VALUES (%(tenant)s, %(tenant)s, 'A', 'A', '', 'goods', 'active', 'standard', 1, now(), now());
INSERT INTO sku (tenant_id, sku_id, product_id, code, option_values, barcode, is_active, may_be_sold, position, version,
    created_at, updated_at)
VALUES (%(tenant)s, %(tenant)s, %(tenant)s, 'A', '{S}', '96385074', true, true, 0, 1, now(), now()),
    (%(tenant)s, '00000000-0000-7000-8000-00000000000b', %(tenant)s, 'B', '{M}', NULL, true, true, 1, 1, now(), now());
"""


def test_barcodes_of_before_go_into_their_table_and_back(empty: Urls) -> None:  # noqa: F811 - the fixture
    engine = migrate.owner_engine(empty.owner)
    with engine.begin() as connection:
        alembic.command.upgrade(migrate.config(connection), "0040")
    with psycopg.connect(empty.superuser, autocommit=True) as superuser:
        for tenant in MERCHANTS:
            for statement in BARCODED.split(";")[:-1]:
                superuser.execute(statement, {"tenant": tenant})
        with engine.begin() as connection:
            alembic.command.upgrade(migrate.config(connection), "0041")
        kept = superuser.execute(
            "SELECT tenant_id, sku_id, barcode, quantity, is_main FROM sku_barcode ORDER BY tenant_id"
        ).fetchall()
        with engine.begin() as connection:
            alembic.command.downgrade(migrate.config(connection), "0040")
        back = superuser.execute("SELECT tenant_id, barcode FROM sku WHERE code = 'A' ORDER BY tenant_id").fetchall()
    assert kept == [(tenant, tenant, "96385074", 1, True) for tenant in MERCHANTS]
    assert back == [(tenant, "96385074") for tenant in MERCHANTS]
