"""Let lines be gifts of promotions.

Revision: 0053, after 0052.
"""

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

_KNOWN = "ck_order_line_price_source_known"
_TOLD = "ck_order_line_gift_is_free_and_told"


def upgrade() -> None:
    """Create what this revision adds."""
    op.drop_constraint(op.f(_KNOWN), "order_line", type_="check")
    op.create_check_constraint(
        op.f(_KNOWN), "order_line", "price_source IN ('list', 'manual', 'as_sold', 'rule', 'included', 'gift')"
    )
    op.create_check_constraint(
        op.f(_TOLD), "order_line", "price_source <> 'gift' OR (total_minor = 0 AND price_reason IS NOT NULL)"
    )


def downgrade() -> None:
    """Remove what this revision added; gifts become goods that cost nothing."""
    op.drop_constraint(op.f(_TOLD), "order_line", type_="check")
    op.drop_constraint(op.f(_KNOWN), "order_line", type_="check")
    op.execute("ALTER TABLE order_line NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "/* across tenants: a migration looks at the rows of every merchant */"
        " UPDATE order_line SET price_source = 'rule' WHERE price_source = 'gift'"
    )
    op.execute("ALTER TABLE order_line FORCE ROW LEVEL SECURITY")
    op.create_check_constraint(
        op.f(_KNOWN), "order_line", "price_source IN ('list', 'manual', 'as_sold', 'rule', 'included')"
    )
