"""Put customers into groups.

Revision: 0047, after 0046.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

_GROUP = ["customer_group.tenant_id", "customer_group.group_id"]
_CUSTOMER = ["customer.tenant_id", "customer.customer_id"]


def upgrade() -> None:
    """Create what this revision adds."""
    group = op.create_table(
        "customer_group",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("group_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "group_id", name=op.f("pk_customer_group")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_customer_group_tenant_id_code")),
    )
    member = op.create_table(
        "customer_group_member",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("group_id", sa.UUID(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"], _CUSTOMER, name=op.f("fk_customer_group_member_tenant_id_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "group_id"], _GROUP, name=op.f("fk_customer_group_member_tenant_id_group_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "group_id", "customer_id", name=op.f("pk_customer_group_member")),
    )
    op.create_index(
        "ix_customer_group_member_customer", "customer_group_member", ["tenant_id", "customer_id", "group_id"]
    )
    for table in (group, member):
        for statement in protection.protect(table):
            op.execute(statement)


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("customer_group_member")
    op.drop_table("customer_group")
