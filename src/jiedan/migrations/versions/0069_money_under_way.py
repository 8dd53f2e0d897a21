"""Keep with orders what of their money is on its way back, with points their steps, with loyalty since when it is.

Revision: 0069, after 0068. What is being given back right now is counted from what was asked for. Points that were
earned before have no steps, and go back in proportion; rules that were there before have been there always.
"""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

TABLES = ("orders", "payment", "payment_operation")

_COUNT = """
/* across tenants: a migration looks at the rows of every merchant */
UPDATE orders o SET refunding_minor = x.amount_minor
FROM (
    SELECT p.tenant_id, p.order_id, sum(u.amount_minor) AS amount_minor
    FROM payment_operation u
    JOIN payment p ON p.tenant_id = u.tenant_id AND p.payment_id = u.payment_id
    WHERE u.kind = 'refund' AND u.state NOT IN ('succeeded', 'failed') AND p.order_id IS NOT NULL
    GROUP BY p.tenant_id, p.order_id
) AS x
WHERE o.tenant_id = x.tenant_id AND o.order_id = x.order_id
"""


def upgrade() -> None:
    """Create what this revision adds, and count what is on its way."""
    op.add_column("orders", sa.Column("refunding_minor", sa.BigInteger(), nullable=False, server_default="0"))
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(_COUNT)
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.create_check_constraint(op.f("ck_orders_refunding_not_negative"), "orders", "refunding_minor >= 0")
    op.add_column("wallet_movement", sa.Column("step_points", sa.BigInteger(), nullable=True))
    op.add_column("wallet_movement", sa.Column("step_minor", sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_wallet_movement_steps_fit"),
        "wallet_movement",
        "(step_points IS NULL) = (step_minor IS NULL) AND (step_points IS NULL OR kind = 'earning')",
    )
    op.create_check_constraint(
        op.f("ck_wallet_movement_steps_positive"), "wallet_movement", "step_points > 0 AND step_minor > 0"
    )
    op.add_column("loyalty_rule", sa.Column("since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_column("loyalty_rule", "since")
    op.drop_constraint(op.f("ck_wallet_movement_steps_positive"), "wallet_movement")
    op.drop_constraint(op.f("ck_wallet_movement_steps_fit"), "wallet_movement")
    op.drop_column("wallet_movement", "step_minor")
    op.drop_column("wallet_movement", "step_points")
    op.drop_constraint(op.f("ck_orders_refunding_not_negative"), "orders")
    op.drop_column("orders", "refunding_minor")
