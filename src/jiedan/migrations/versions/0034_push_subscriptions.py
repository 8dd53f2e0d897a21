"""Keep the browsers that staff want notices pushed to.

Revision: 0034, after 0033.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    table = op.create_table(
        "push_subscription",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("subscription_id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("endpoint_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "staff_id"],
            ["staff.tenant_id", "staff.staff_id"],
            name=op.f("fk_push_subscription_tenant_id_staff_id_staff"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "subscription_id", name=op.f("pk_push_subscription")),
        sa.UniqueConstraint("tenant_id", "endpoint_hash", name=op.f("uq_push_subscription_tenant_id_endpoint_hash")),
    )
    op.create_index("ix_push_subscription_staff", "push_subscription", ["tenant_id", "staff_id", "subscription_id"])
    for statement in protection.protect(table):
        op.execute(statement)


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("push_subscription")
