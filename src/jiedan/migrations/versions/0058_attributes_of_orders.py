"""Let orders have attributes, for which promotions may ask.

Revision: 0058, after 0057.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from jiedan.base import schema as protection

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    table = op.create_table(
        "order_attribute",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 50", name=op.f("ck_order_attribute_name_length")),
        sa.CheckConstraint(
            "jsonb_typeof(value) IN ('string', 'number', 'boolean')", name=op.f("ck_order_attribute_value_is_one")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.order_id"],
            name=op.f("fk_order_attribute_tenant_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "order_id", "name", name=op.f("pk_order_attribute")),
    )
    for statement in protection.protect(table):
        op.execute(statement)


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("order_attribute")
