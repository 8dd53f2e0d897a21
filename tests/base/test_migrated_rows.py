"""Migrations fill what they add from rows that are there, of every merchant, under row-level security."""

from uuid import UUID

import alembic.command
import msgspec
import psycopg

from jiedan.base import migrate
from jiedan.pricing import rules as pricing
from jiedan.pricing.rules.drafts import parts_of
from jiedan.pricing.values import FlatShipping
from jiedan.pricing.values.books import RuleBook
from jiedan.pricing.values.drafts import RULE_TYPES
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


def test_skus_and_customers_of_before_are_found_by_what_was_added(empty: Urls) -> None:
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


def test_marks_of_orders_of_before_get_their_sign(empty: Urls) -> None:
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


def test_drafts_of_before_are_told(empty: Urls) -> None:
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


def test_barcodes_of_before_go_into_their_table_and_back(empty: Urls) -> None:
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


WORN = """
INSERT INTO product (tenant_id, product_id, code, name, description, kind, status, tax_class, brand, tags, version,
    created_at, updated_at)
SELECT %(tenant)s, p.id::uuid, p.code, '', '', 'goods', 'active', 'standard', p.brand, p.tags::text[], 1, now(), now()
FROM (VALUES
    ('00000000-0000-7000-8000-00000000000a', 'A', 'Lu Yu', '{green,loose}'),
    ('00000000-0000-7000-8000-00000000000b', 'B', '', '{green}'),
    ('00000000-0000-7000-8000-00000000000c', 'C', '', '{}')
) AS p (id, code, brand, tags)
"""


def test_brands_and_tags_of_before_are_rows(empty: Urls) -> None:
    engine = migrate.owner_engine(empty.owner)
    with engine.begin() as connection:
        alembic.command.upgrade(migrate.config(connection), "0063")
    with psycopg.connect(empty.superuser, autocommit=True) as superuser:
        for tenant in MERCHANTS:
            superuser.execute(WORN, {"tenant": tenant})
        with engine.begin() as connection:
            alembic.command.upgrade(migrate.config(connection), "0064")
        kept = superuser.execute(
            "SELECT x.tenant_id, p.code, x.trait FROM product_trait x"
            " JOIN product p ON p.tenant_id = x.tenant_id AND p.product_id = x.product_id ORDER BY 1, 2, 3"
        ).fetchall()
    worn = [("A", "brand:Lu Yu"), ("A", "tag:green"), ("A", "tag:loose"), ("B", "tag:green")]
    assert kept == [(tenant, *row) for tenant in MERCHANTS for row in worn]


RATED = """
INSERT INTO tenant (tenant_id, created_at) VALUES (%(tenant)s, now());
INSERT INTO price_rule_set (tenant_id, version) VALUES (%(tenant)s, 7);
INSERT INTO tax_rate (tenant_id, country, tax_class, rate_ppm)
VALUES (%(tenant)s, 'CN', 'standard', 130000), (%(tenant)s, '*', 'books', 0);
INSERT INTO shipping_fee (tenant_id, currency, fee_minor, free_from_minor, tax_class)
VALUES (%(tenant)s, 'CNY', 800, 9900, 'standard'), (%(tenant)s, 'EUR', 500, NULL, 'reduced');
"""


def test_rates_and_fees_of_before_become_a_book_and_its_draft(empty: Urls) -> None:
    engine = migrate.owner_engine(empty.owner)
    with engine.begin() as connection:
        alembic.command.upgrade(migrate.config(connection), "0050")
    with psycopg.connect(empty.superuser, autocommit=True) as superuser:
        for tenant in MERCHANTS:
            for statement in RATED.split(";")[:-1]:
                superuser.execute(statement, {"tenant": tenant})
        with engine.begin() as connection:
            alembic.command.upgrade(migrate.config(connection), "0051")
        books = superuser.execute("SELECT tenant_id, version, document FROM price_book ORDER BY tenant_id").fetchall()
        rules = superuser.execute(
            "SELECT kind, code, body FROM price_rule WHERE tenant_id = %(tenant)s", {"tenant": MERCHANTS[0]}
        ).fetchall()
        with engine.begin() as connection:
            alembic.command.downgrade(migrate.config(connection), "0050")
    written = [(tenant, version, msgspec.convert(document, RuleBook)) for tenant, version, document in books]
    assert [(tenant, version) for tenant, version, _ in written] == [(tenant, 7) for tenant in MERCHANTS]
    for _, _, book in written:
        flat = pricing.flat_rules(book, version=7, prices_include_tax=True)
        assert flat.tax_rates == {("CN", "standard"): 130_000, ("*", "books"): 0}
        assert flat.shipping == {"CNY": FlatShipping(800, 9_900, "standard"), "EUR": FlatShipping(500, None, "reduced")}
        assert pricing.problems_of_book(book) == ()
    drafts = {(kind, code): msgspec.convert(body, RULE_TYPES[kind]) for kind, code, body in rules}
    assert {key: rule.body for key, rule in parts_of(written[0][2]).items()} == drafts


ROLES = """
INSERT INTO role (tenant_id, role_id, code, name, permissions, version, created_at)
VALUES (%(tenant)s, '00000000-0000-7000-8000-00000000000a', 'sales', 'Sales', '{orders:read}', 1, now()),
    (%(tenant)s, '00000000-0000-7000-8000-00000000000b', 'finance', 'Finance', '{wallets:read}', 1, now()),
    (%(tenant)s, '00000000-0000-7000-8000-00000000000c', 'warehouse', 'Warehouse', '{}', 1, now()),
    (%(tenant)s, '00000000-0000-7000-8000-00000000000d', 'own', 'Of their own', '{}', 1, now())
"""


def test_roles_of_before_may_see_and_move_what_is_in_wallets(empty: Urls) -> None:
    engine = migrate.owner_engine(empty.owner)
    with engine.begin() as connection:
        alembic.command.upgrade(migrate.config(connection), "0051")
    with psycopg.connect(empty.superuser, autocommit=True) as superuser:
        for tenant in MERCHANTS:
            superuser.execute(ROLES, {"tenant": tenant})
        with engine.begin() as connection:
            alembic.command.upgrade(migrate.config(connection), "0052")
        granted = superuser.execute(
            "SELECT tenant_id, code, permissions FROM role ORDER BY tenant_id, role_id"
        ).fetchall()
        with engine.begin() as connection:
            alembic.command.downgrade(migrate.config(connection), "0051")
        back = superuser.execute("SELECT DISTINCT permissions FROM role ORDER BY permissions").fetchall()
    wanted: tuple[tuple[str, list[str]], ...] = (
        ("sales", ["orders:read", "wallets:read"]),
        ("finance", ["wallets:read", "wallets:write"]),
        ("warehouse", []),
        ("own", []),
    )
    assert granted == [(tenant, *row) for tenant in MERCHANTS for row in wanted]
    assert back == [([],), (["orders:read"],)]


ROLES_OF_PRICES = """
INSERT INTO role (tenant_id, role_id, code, name, permissions, version, created_at)
VALUES (
        %(tenant)s, '00000000-0000-7000-8000-00000000000a', 'manager', 'Manager', '{catalog:read,catalog:write}', 1,
        now()
    ),
    (%(tenant)s, '00000000-0000-7000-8000-00000000000b', 'sales', 'Sales', '{catalog:read,mail:read}', 1, now()),
    (%(tenant)s, '00000000-0000-7000-8000-00000000000c', 'own', 'Of their own', '{settings:write}', 1, now()),
    (%(tenant)s, '00000000-0000-7000-8000-00000000000d', 'other', 'Another', '{orders:read}', 1, now());
INSERT INTO api_key (tenant_id, api_key_id, name, hint, secret_hash, permissions, created_at)
VALUES (
    %(tenant)s, '00000000-0000-7000-8000-00000000000a', 'Shop', 'a', %(tenant)s::text::bytea, '{catalog:read}', now()
)
"""


def test_who_priced_before_may_price_and_roles_of_old_catch_up(empty: Urls) -> None:
    engine = migrate.owner_engine(empty.owner)
    roles = "SELECT tenant_id, code, permissions FROM role ORDER BY tenant_id, role_id"
    with engine.begin() as connection:
        alembic.command.upgrade(migrate.config(connection), "0052")
    with psycopg.connect(empty.superuser, autocommit=True) as superuser:
        for tenant in MERCHANTS:
            for statement in ROLES_OF_PRICES.split(";\n"):
                superuser.execute(statement, {"tenant": tenant})
        with engine.begin() as connection:
            alembic.command.upgrade(migrate.config(connection), "0055")
        granted = superuser.execute(roles).fetchall()
        keys = superuser.execute("SELECT permissions FROM api_key").fetchall()
        with engine.begin() as connection:
            alembic.command.downgrade(migrate.config(connection), "0052")
        back = superuser.execute(roles).fetchall()
    prices = ["prices:read", "prices:write", "prices:publish"]
    of_old = ["mail:read", "mail:send", "customers:erase"]
    wanted: tuple[tuple[str, list[str]], ...] = (
        ("manager", ["catalog:read", "catalog:write", *prices, *of_old]),
        ("sales", ["catalog:read", "mail:read", "prices:read", "mail:send"]),
        ("own", ["settings:write", "prices:publish"]),
        ("other", ["orders:read"]),
    )
    assert granted == [(tenant, *row) for tenant in MERCHANTS for row in wanted]
    assert keys == [(["catalog:read", "prices:read"],)] * 2
    without = [(code, [x for x in permissions if x not in prices]) for code, permissions in wanted]
    assert back == [(tenant, *row) for tenant in MERCHANTS for row in without]


DISCOUNTED = """
INSERT INTO order_decision (tenant_id, order_id, decision_id, kind, rules_version, data, decided_at)
SELECT %(tenant)s, d.id::uuid, d.id::uuid, 'placement', 1, d.data::jsonb, now()
FROM (VALUES
    ('00000000-0000-7000-8000-00000000000a', '{"discount": "Late.", "prices": [{"line": 2, "tier_off_minor": 100}],
        "applied": [{"promotion": "p", "name": "P", "amount_minor": 230, "lines": [[1, 200]], "fee_minor": 30}]}'),
    ('00000000-0000-7000-8000-00000000000b',
        '{"discount": "Late.", "applied": [{"promotion": "p", "name": "P", "amount_minor": 200}]}'),
    ('00000000-0000-7000-8000-00000000000c',
        '{"applied": [{"promotion": "p", "name": "P", "amount_minor": 500, "lines": [[1, 500]]}]}'),
    ('00000000-0000-7000-8000-00000000000d', '{"discount": "Late."}'),
    ('00000000-0000-7000-8000-00000000000e', '{}')
) AS d (id, data);
INSERT INTO order_line (tenant_id, line_id, order_id, line, kind, sku_id, code, name, placed_at, ordered, canceled,
    allocated, shipped, delivered, returned, performed, unit_minor, discount_minor, tax_minor, tax_rate_ppm, tax_class,
    tax_included, total_minor, price_source)
SELECT d.tenant_id, gen_random_uuid(), d.order_id, x.line, 'goods', d.tenant_id, 'A', 'A', now(), 1, 0, 0, 0, 0, 0, 0,
    1000, x.off, 0, 0, 'standard', true, 1000 - x.off, x.source
FROM order_decision d
CROSS JOIN (VALUES (1, 500, 'list'), (2, 150, 'rule'), (3, 70, 'as_sold'), (4, 0, 'list')) AS x (line, off, source)
WHERE d.tenant_id = %(tenant)s;
INSERT INTO event_log (tenant_id, event_id, occurred_at, recorded_at, actor_kind, actor_id, kind, subject_kind,
    subject_id, request_id, data, history)
VALUES (%(tenant)s, gen_random_uuid(), now(), now(), 'staff', 'x', 'orders.order_edited', 'order',
    '00000000-0000-7000-8000-00000000000d', '', '{"fields": ["tags", "discount"]}', false);
"""


def test_discounts_by_hand_of_before_are_told_where_they_are_known(empty: Urls) -> None:
    engine = migrate.owner_engine(empty.owner)
    with engine.begin() as connection:
        alembic.command.upgrade(migrate.config(connection), "0063")
    with psycopg.connect(empty.superuser, autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")  # lines alone: no orders, no SKUs
        for tenant in MERCHANTS:
            for statement in DISCOUNTED.split(";\n"):
                if statement.strip():
                    superuser.execute(statement, {"tenant": tenant})
        with engine.begin() as connection:
            alembic.command.upgrade(migrate.config(connection), "0066")
        found = superuser.execute(
            "SELECT tenant_id, right(order_id::text, 1), line, by_hand_minor, placed_source FROM order_line"
            " WHERE by_hand_minor > 0 ORDER BY tenant_id, order_id, line"
        ).fetchall()
        with engine.begin() as connection:
            alembic.command.downgrade(migrate.config(connection), "0063")
    # Of the others it is not known, there was none, or somebody has changed it since.
    assert found == [(tenant, "a", line, minor, None) for tenant in MERCHANTS for line, minor in ((1, 300), (2, 50))]


PAID = """
INSERT INTO orders (tenant_id, order_id, number, channel, contact_name, contact_phone, contact_email, lifecycle,
    placed_at, currency, locale, payment_terms, split, line_count, total_minor, tax_minor, authorized_minor,
    captured_minor, refunded_minor, charged_back_minor, processing_count, payment_status, fulfillment_status,
    price_rules_version, history, version, created_at, actor_kind, actor_id)
VALUES (%(tenant)s, %(tenant)s, 'SO-1', 'web', '', '', '', 'open', now(), 'CNY', 'en', 'prepaid', 'freely', 1, 900, 0,
    0, 900, 0, 0, 2, 'paid', 'waiting', 1, false, 1, now(), 'system', 'tests');
INSERT INTO payment (tenant_id, payment_id, order_id, provider, method, currency, amount_minor, provider_ref, pay_url,
    return_url, state, authorized_minor, captured_minor, voided_minor, refunded_minor, charged_back_minor,
    adjusted_minor, processing_count, created_at, actor_kind, actor_id, version, installments)
VALUES (%(tenant)s, %(tenant)s, %(tenant)s, 'sandbox', 'card', 'CNY', 900, '', '', '', 'processing', 900, 900, 0, 0, 0,
    0, 2, now(), 'system', 'tests', 1, 1);
INSERT INTO payment_operation (tenant_id, operation_id, payment_id, kind, amount_minor, key, state, provider_ref,
    failure, reason, refund_lines, token, requested_at, requested_by, check_at, settled_at, attempts)
SELECT %(tenant)s, x.id::uuid, %(tenant)s, x.kind, x.amount, x.id, x.state, '', '', '', '[]', '', now(), 'tests',
    now(), CASE WHEN x.state IN ('succeeded', 'failed') THEN now() END, 0
FROM (VALUES
    ('00000000-0000-7000-8000-00000000000a', 'refund', 100, 'pending'),
    ('00000000-0000-7000-8000-00000000000b', 'refund', 20, 'unknown'),
    ('00000000-0000-7000-8000-00000000000c', 'refund', 3, 'failed'),
    ('00000000-0000-7000-8000-00000000000d', 'sale', 900, 'succeeded')
) AS x (id, kind, amount, state);
"""


def test_what_is_on_its_way_back_is_counted(empty: Urls) -> None:
    engine = migrate.owner_engine(empty.owner)
    with engine.begin() as connection:
        alembic.command.upgrade(migrate.config(connection), "0067")
    with psycopg.connect(empty.superuser, autocommit=True) as superuser:
        for tenant in MERCHANTS:
            for statement in PAID.split(";")[:-1]:
                superuser.execute(statement, {"tenant": tenant})
        migrate.migrate(empty.owner)
        found = superuser.execute("SELECT tenant_id, refunding_minor FROM orders ORDER BY tenant_id").fetchall()
    assert found == [(tenant, 120) for tenant in MERCHANTS]


EXEMPT = """
INSERT INTO customer_tax_exemption
SELECT t, t, gen_random_uuid(), 'exempt', x.number, '{}', '{}', x.from_at::timestamptz, x.until_at::timestamptz, ''
FROM unnest(%s::uuid[]) AS t CROSS JOIN (VALUES ('always', '0100-01-01', '9000-01-01'), ('never', '2300-01-01', NULL),
    ('fine', '2026-06-01', '2027-06-01'), ('over', '1000-01-01', '1800-01-01')) AS x (number, from_at, until_at)
"""


def test_days_of_exemptions_that_nobody_means_are_bounded(empty: Urls) -> None:
    with migrate.owner_engine(empty.owner).begin() as connection:
        alembic.command.upgrade(migrate.config(connection), "0071")
    with psycopg.connect(empty.superuser, autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica; SET TIME ZONE 'UTC'")  # no customers
        superuser.execute(EXEMPT, [list(MERCHANTS)])
        migrate.migrate(empty.owner)
        found = superuser.execute(
            "SELECT number, extract(year FROM from_at)::int, extract(year FROM until_at)::int"
            " FROM customer_tax_exemption ORDER BY tenant_id, number"
        ).fetchall()
    assert found == 2 * [("always", None, None), ("fine", 2026, 2027), ("never", 2199, None), ("over", None, 1900)]
