"""The SQL judge: what it lets through and what it refuses, by name."""

import pytest

from tools import portable_sql

GOOD = [
    """INSERT INTO order_line (tenant_id, line, ordered)
       SELECT t.tenant_id, u.line, u.ordered
       FROM tenant t CROSS JOIN unnest(%(lines)s::int[], %(ordered)s::int[]) AS u (line, ordered)
       WHERE t.tenant_id = %(tenant_id)s""",
    """UPDATE stock s SET reserved = s.reserved + u.quantity
       FROM unnest(%(skus)s::uuid[], %(quantities)s::int[]) AS u (sku, quantity)
       WHERE s.tenant_id = %(tenant_id)s AND s.sku_id = u.sku""",
    """SELECT sku_id FROM stock WHERE tenant_id = %(tenant_id)s AND sku_id = ANY(%(skus)s::uuid[])
       ORDER BY sku_id FOR NO KEY UPDATE""",
    "SELECT o.id FROM orders o JOIN line l ON l.tenant_id = o.tenant_id WHERE l.tenant_id = %(t)s::UUID",
    "SELECT o.id FROM orders o JOIN line l USING (tenant_id, order_id) WHERE o.tenant_id = %(t)s",
    "INSERT INTO k (tenant_id, a) VALUES (%(t)s, %(a)s) ON CONFLICT (tenant_id, a) DO UPDATE SET a = excluded.a",
    "SELECT tenant_id FROM outbox /* across tenants: the drain looks for tenants with due rows */",
    "SELECT tenant_id FROM directory WHERE slug = %(slug)s",
    "WITH due AS (SELECT id FROM a WHERE tenant_id = %(t)s) SELECT b.x FROM due JOIN b ON b.tenant_id = %(t)s",
    "SELECT x FROM a WHERE tenant_id = %(t)s AND NOT EXISTS (SELECT 1 FROM b WHERE tenant_id = %(t)s AND b.x = a.x)",
    "UPDATE a SET x = coalesce(a.x, %(x)s) FROM b WHERE a.tenant_id = %(t)s AND b.tenant_id = %(t)s AND b.x = a.x",
    "SET LOCAL app.tenant_id = 'x'",
]

REFUSED = [
    ("SELECT id FROM orders WHERE id = %(id)s", "orders is not tied to tenant_id"),
    ("SELECT 1 FROM a JOIN b ON b.id = a.id WHERE a.tenant_id = %(t)s", "b is not tied to tenant_id"),
    ("SELECT 1 FROM a WHERE a.tenant_id = %(t)s OR true", "a is not tied to tenant_id"),
    ("SELECT 1 FROM a WHERE NOT a.tenant_id = %(t)s", "a is not tied to tenant_id"),
    ("INSERT INTO a (x) VALUES (1)", "names no tenant_id"),
    ("INSERT INTO a (tenant_id, x) SELECT %(t)s, u.x FROM unnest(%(xs)s::int[]) AS u (x)", "CROSS JOIN unnest"),
    ("UPDATE a SET at = now() WHERE tenant_id = %(t)s", "the time comes in"),
    ("UPDATE a SET at = CURRENT_TIMESTAMP WHERE tenant_id = %(t)s", "the time comes in"),
    ("UPDATE a SET x = random() WHERE tenant_id = %(t)s", "randomness"),
    ("UPDATE a SET x = gen_random_uuid() WHERE tenant_id = %(t)s", "made in Python"),
    ("SELECT nextval('numbers')", "no sequences"),
    ("SELECT pg_advisory_xact_lock(1)", "no advisory locks"),
    ("SELECT set_config('app.tenant_id', %(t)s, true)", "SET LOCAL"),
    ("SELECT x FROM a WHERE tenant_id = %(t)s AND x = ANY(%(xs)s) FOR NO KEY UPDATE", "ORDER BY"),
    ("SELECT x FROM a WHERE tenant_id = %(t)s AND x = %(x)s FOR UPDATE", "FOR NO KEY UPDATE"),
    ("SELECT x FROM a WHERE tenant_id = %(t)s AND name ILIKE %(x)s", "term table"),
    ("SELECT x FROM a WHERE tenant_id = %(t)s AND lower(name) = %(x)s", "term table"),
    ("SELECT x FROM a WHERE tenant_id = %(t)s AND tags @> %(x)s", "term table"),
    (
        "SELECT 1 FROM a JOIN b ON b.tenant_id = a.tenant_id AND b.x = coalesce(a.y, a.x) WHERE a.tenant_id = %(t)s",
        "write CASE",
    ),
    ("MERGE INTO a USING b ON a.x = b.x WHEN MATCHED THEN DELETE", "MERGE"),
    ("CREATE TABLE a (x int)", "migrations"),
    ("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "SERIALIZABLE"),
    ("SELECT FROM WHERE", "cannot be read"),
    (
        "WITH a AS (DELETE FROM x WHERE tenant_id = %(t)s RETURNING id) DELETE FROM y WHERE tenant_id = %(t)s",
        "one statement writes one table",
    ),
]


@pytest.mark.parametrize("statement", GOOD)
def test_portable_statements_pass(statement: str) -> None:
    assert portable_sql.problems(statement) == []


@pytest.mark.parametrize(("statement", "reason"), REFUSED)
def test_others_are_refused_with_their_reason(statement: str, reason: str) -> None:
    assert reason in "\n".join(portable_sql.problems(statement))


def test_definitions_are_allowed_where_schemas_are_made() -> None:
    assert portable_sql.problems("CREATE ROLE app NOLOGIN", ddl=True) == []
    assert portable_sql.problems("SELECT x FROM stock", ddl=True) != []
