"""Make coupons for single customers: batches that only the customers named beside them may use.

Revision: 0085, after 0083.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0085"
down_revision = "0083"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Leave the batches that there are for everybody."""
    op.add_column(
        "coupon_batch", sa.Column("is_personal", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    table = op.create_table(
        "coupon_customer",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("batch_id", sa.UUID(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "batch_id"],
            ["coupon_batch.tenant_id", "coupon_batch.batch_id"],
            name=op.f("fk_coupon_customer_tenant_id_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.customer_id"],
            name=op.f("fk_coupon_customer_tenant_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "batch_id", "customer_id", name=op.f("pk_coupon_customer")),
    )
    op.create_index("ix_coupon_customer_customer", "coupon_customer", ["tenant_id", "customer_id", "batch_id"])
    for statement in protection.protect(table):
        op.execute(statement)


def downgrade() -> None:
    """Make every batch one for everybody again: those for single customers are blocked."""
    op.drop_table("coupon_customer")
    op.execute("ALTER TABLE coupon_batch NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE coupon_batch SET blocked_at = created_at WHERE is_personal AND blocked_at IS NULL "
        "/* across tenants: a migration looks at the rows of every merchant */"
    )
    op.execute("ALTER TABLE coupon_batch FORCE ROW LEVEL SECURITY")
    op.drop_column("coupon_batch", "is_personal")
