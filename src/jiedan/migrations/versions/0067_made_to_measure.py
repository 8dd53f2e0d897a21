"""Keep with each line of orders and carts what was said of a piece made to measure.

Revision: 0067, after 0066.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

_FORGET = """
/* across tenants: a migration looks at the rows of every merchant */
DELETE FROM cart_line WHERE piece <> ''
"""


def upgrade() -> None:
    """Create what this revision adds."""
    op.add_column("order_line", sa.Column("attributes", postgresql.JSONB(), nullable=True))
    op.create_check_constraint(
        op.f("ck_order_line_attributes_bounded"),
        "order_line",
        "CASE WHEN jsonb_typeof(attributes) = 'array' THEN jsonb_array_length(attributes) BETWEEN 1 AND 20"
        " AND octet_length(attributes::text) <= 24000 ELSE attributes IS NULL END",
    )
    op.add_column("cart_line", sa.Column("piece", sa.Text(collation="C"), nullable=False, server_default=""))
    op.add_column("cart_line", sa.Column("attributes", postgresql.JSONB(), nullable=True))
    op.drop_constraint(op.f("pk_cart_line"), "cart_line")
    op.create_primary_key(op.f("pk_cart_line"), "cart_line", ["tenant_id", "cart_id", "sku_id", "piece"])
    op.create_check_constraint(op.f("ck_cart_line_piece_is_told"), "cart_line", "(piece = '') = (attributes IS NULL)")
    op.create_check_constraint(
        op.f("ck_cart_line_attributes_bounded"),
        "cart_line",
        "jsonb_typeof(attributes) = 'object' AND octet_length(attributes::text) <= 24000",
    )


def downgrade() -> None:
    """Remove what this revision added, and pieces made to measure from carts."""
    op.execute("ALTER TABLE cart_line NO FORCE ROW LEVEL SECURITY")
    op.execute(_FORGET)
    op.execute("ALTER TABLE cart_line FORCE ROW LEVEL SECURITY")
    op.drop_constraint(op.f("ck_cart_line_attributes_bounded"), "cart_line")
    op.drop_constraint(op.f("ck_cart_line_piece_is_told"), "cart_line")
    op.drop_constraint(op.f("pk_cart_line"), "cart_line")
    op.create_primary_key(op.f("pk_cart_line"), "cart_line", ["tenant_id", "cart_id", "sku_id"])
    op.drop_column("cart_line", "attributes")
    op.drop_column("cart_line", "piece")
    op.drop_constraint(op.f("ck_order_line_attributes_bounded"), "order_line")
    op.drop_column("order_line", "attributes")
