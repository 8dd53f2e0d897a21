"""Keep of each order whether its lines claim stock: imported ones may, or not.

Revision: 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TOLD_ONLY = """
/* across tenants: a migration looks at every merchant's orders */
UPDATE orders o SET claims_stock = false
WHERE o.history AND NOT EXISTS (
    SELECT 1 FROM order_line l
    WHERE l.tenant_id = o.tenant_id AND l.order_id = o.order_id AND (l.allocated > 0 OR l.canceled > 0)
)
"""
"""Until now nothing said so; an imported order that holds goods, or gave some back, claims stock."""


def upgrade() -> None:
    """Create what this revision adds."""
    op.add_column("orders", sa.Column("claims_stock", sa.Boolean(), server_default=sa.true(), nullable=False))
    for table in ("orders", "order_line"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(_TOLD_ONLY)
    for table in ("orders", "order_line"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.create_check_constraint(op.f("ck_orders_only_history_is_told"), "orders", "claims_stock OR history")


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_constraint(op.f("ck_orders_only_history_is_told"), "orders")
    op.drop_column("orders", "claims_stock")
