"""Begin the marks of orders with a sign that no word begins with.

Revision: 0023, after 0022.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_TABLES = ("order_term", "order_wording")

# A term has 64 characters at most: a mark of so many loses its last, and two that differ in nothing else become one.
_SIGNED = """
/* across tenants: a migration looks at the rows of every merchant */
INSERT INTO order_term (tenant_id, term, placed_at, order_id)
SELECT DISTINCT tenant_id, left(':' || term, 64), placed_at, order_id
FROM order_term WHERE strpos(term, ':') > 1 AND split_part(term, ':', 1)
    IN ('channel', 'hold', 'is', 'location', 'sku', 'tag')
"""
_DROP_UNSIGNED = """
/* across tenants: a migration looks at the rows of every merchant */
DELETE FROM order_term WHERE strpos(term, ':') > 1 AND split_part(term, ':', 1)
    IN ('channel', 'hold', 'is', 'location', 'sku', 'tag')
"""
_UNSIGNED = """
/* across tenants: a migration looks at the rows of every merchant */
UPDATE order_term SET term = substr(term, 2) WHERE strpos(term, ':') = 1
"""
_COLLECT = """
/* across tenants: a migration looks at the rows of every merchant */
UPDATE order_wording w SET terms = x.terms
FROM (
    SELECT tenant_id, order_id, string_agg(chr(10) || term, '') AS terms FROM order_term GROUP BY tenant_id, order_id
) AS x
WHERE x.tenant_id = w.tenant_id AND x.order_id = w.order_id
"""


def upgrade() -> None:
    """Change what this revision changes."""
    _run(_SIGNED, _DROP_UNSIGNED, _COLLECT)


def downgrade() -> None:
    """Take back what this revision changed."""
    _run(_UNSIGNED, _COLLECT)


def _run(*statements: str) -> None:
    """Run statements over the rows of every merchant."""
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for statement in statements:
        op.execute(statement)
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
