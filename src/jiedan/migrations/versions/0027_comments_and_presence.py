"""Keep who has an order open, and let the roles of old comment on orders.

Revision: 0027, after 0026.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    table = op.create_table(
        "order_presence",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.order_id"],
            name=op.f("fk_order_presence_tenant_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "staff_id", "order_id", name=op.f("pk_order_presence")),
        prefixes=["UNLOGGED"],
    )
    op.create_index("ix_order_presence_order", "order_presence", ["tenant_id", "order_id", "seen_at"])
    for statement in protection.protect(table):
        op.execute(statement)
    _change_roles(
        "/* across tenants: a migration looks at the rows of every merchant */"
        " UPDATE role SET permissions = array_append(permissions, 'orders:comment')"
        " WHERE code IN ('manager', 'sales', 'warehouse', 'finance', 'support')"
        " AND NOT 'orders:comment' = ANY (permissions)"
    )


def downgrade() -> None:
    """Remove what this revision added."""
    _change_roles(
        "/* across tenants: a migration looks at the rows of every merchant */"
        " UPDATE role SET permissions = array_remove(permissions, 'orders:comment')"
    )
    op.drop_table("order_presence")


def _change_roles(statement: str) -> None:
    """Run `statement` over the roles of every merchant: the owner's policy would hide them."""
    op.execute("ALTER TABLE role NO FORCE ROW LEVEL SECURITY")
    op.execute(statement)
    op.execute("ALTER TABLE role FORCE ROW LEVEL SECURITY")
