"""Keep the coupons of carts.

Revision: 0054, after 0053.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds; carts that are there keep none."""
    op.add_column("cart", sa.Column("coupons", pg.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False))
    op.create_check_constraint(op.f("ck_cart_coupons_bounded"), "cart", "cardinality(coupons) <= 10")


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_constraint(op.f("ck_cart_coupons_bounded"), "cart")
    op.drop_column("cart", "coupons")
