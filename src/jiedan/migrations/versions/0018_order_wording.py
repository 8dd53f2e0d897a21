"""Keep the terms of an order in one row instead of a second index over all terms.

Revision: 0018, after 0017.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_COLLECT = """
/* across tenants: a migration looks at the rows of every merchant */
INSERT INTO order_wording (tenant_id, order_id, terms)
SELECT tenant_id, order_id, string_agg(chr(10) || term, '') FROM order_term GROUP BY tenant_id, order_id
"""


def upgrade() -> None:
    """Create what this revision adds."""
    table = op.create_table(
        "order_wording",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("terms", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "order_id", name=op.f("pk_order_wording")),
    )
    op.execute("ALTER TABLE order_term NO FORCE ROW LEVEL SECURITY")
    op.execute(_COLLECT)
    op.execute("ALTER TABLE order_term FORCE ROW LEVEL SECURITY")
    for statement in schema.protect(table):
        op.execute(statement)
    op.drop_index("ix_order_term_order", table_name="order_term")


def downgrade() -> None:
    """Remove what this revision added."""
    op.create_index("ix_order_term_order", "order_term", ["tenant_id", "order_id", "term"])
    op.drop_table("order_wording")
