"""What is there before and after agreements are records and orders are counted by channel."""

import alembic.command
import psycopg

from jiedan.base import migrate
from tests.base.test_migrated_rows import MERCHANTS
from tests.conftest import Urls

BEFORE, AFTER = "0074", "0077"

AGREED = "The customer agreed to the terms of sale when ordering: version 3 of the shop, text 0123456789ab."
NOTES = """
INSERT INTO order_note (tenant_id, note_id, order_id, kind, text, written_at, author_kind, author_id)
SELECT t, gen_random_uuid(), t, x.kind, x.text, now(), x.author, 'x'
FROM unnest(%(tenants)s::uuid[]) AS t CROSS JOIN (VALUES
    ('internal', 'guest', %(agreed)s),
    ('internal', 'customer', '客户下单时同意了销售条款：商店第 12 版，文本指纹 00ff00ff00ff。'),
    ('internal', 'guest', '客戶下單時同意了銷售條款：商店第 1 版，文字指紋 00ff00ff00ff。'),
    ('internal', 'staff', %(agreed)s),
    ('internal', 'guest', %(agreed)s || ' And more.'),
    ('delivery', 'guest', %(agreed)s)
) AS x (kind, author, text)
"""
ORDERS = """
INSERT INTO orders (tenant_id, order_id, number, channel, contact_name, contact_phone, contact_email, lifecycle,
    placed_at, currency, locale, payment_terms, split, line_count, total_minor, tax_minor, authorized_minor,
    captured_minor, refunded_minor, charged_back_minor, processing_count, payment_status, fulfillment_status,
    price_rules_version, history, version, created_at, actor_kind, actor_id)
SELECT t, gen_random_uuid(), x.number, x.channel, '', '', '', 'open', x.placed_at::timestamptz, 'CNY', 'en', 'prepaid',
    'freely', 1, x.total, 0, 0, 0, 0, 0, 0, 'pending', 'waiting', 1, false, 1, now(), 'system', 'tests'
FROM unnest(%(tenants)s::uuid[]) AS t CROSS JOIN (VALUES
    ('SO-1', 'web', '2026-11-01 10:10Z', 900),
    ('SO-2', 'web', '2026-11-01 10:59Z', 100),
    ('SO-3', 'api', '2026-11-01 10:59Z', 0),
    ('SO-4', 'web', '2026-11-01 12:00Z', 700)
) AS x (number, channel, placed_at, total);
INSERT INTO figure_counted (tenant_id, counted_from, counted_to)
SELECT t, '2026-11-01 00:00Z', '2026-11-01 12:00Z' FROM unnest(%(tenants)s::uuid[]) AS t;
INSERT INTO figure_hour (tenant_id, hour, figure, currency, amount)
SELECT t, '2026-11-01 10:00Z', x.figure, x.currency, x.amount
FROM unnest(%(tenants)s::uuid[]) AS t
CROSS JOIN (VALUES ('placed', 'CNY', 3), ('sales', 'CNY', 1000), ('shipped', '', 2)) AS x (figure, currency, amount);
"""


def test_agreements_are_records_and_hours_are_counted_by_channel(empty: Urls) -> None:
    engine = migrate.owner_engine(empty.owner)
    with engine.begin() as connection:
        alembic.command.upgrade(migrate.config(connection), BEFORE)
    kinds = "SELECT tenant_id, kind, author_kind, count(*) FROM order_note GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    hours = "SELECT tenant_id, figure, currency, amount FROM figure_hour ORDER BY tenant_id, figure"
    with psycopg.connect(empty.superuser, autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")  # notes alone: no merchants
        tenants = list(MERCHANTS)
        superuser.execute(NOTES, {"tenants": tenants, "agreed": AGREED})
        for statement in ORDERS.split(";")[:-1]:
            superuser.execute(statement, {"tenants": tenants})
        before = superuser.execute(hours).fetchall()
        with engine.begin() as connection:
            alembic.command.upgrade(migrate.config(connection), AFTER)
        notes = superuser.execute(kinds).fetchall()
        counted = superuser.execute(
            "SELECT tenant_id, figure, channel, amount FROM figure_hour ORDER BY tenant_id, figure, channel"
        ).fetchall()
        with engine.begin() as connection:
            alembic.command.downgrade(migrate.config(connection), BEFORE)
        after = superuser.execute(hours).fetchall()
    kept = (("delivery", "guest", 1), ("internal", "guest", 1), ("internal", "staff", 1))
    assert notes == [(t, *x) for t in MERCHANTS for x in (*kept, ("record", "customer", 1), ("record", "guest", 2))]
    of = (("placed", "api", 1), ("placed", "web", 2), ("sales", "web", 1000), ("shipped", "", 2))
    assert counted == [(t, *x) for t in MERCHANTS for x in of]
    assert after == before
