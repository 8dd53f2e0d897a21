"""Keep with an order which shipping method takes it, and what that was called.

Revision: 0080, after 0078. Of orders that were placed before, the decision alone tells what their fee was of.
"""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0078"
branch_labels = None
depends_on = None

_NAME = "ck_orders_shipping_whole"


def upgrade() -> None:
    """Keep the method and its name."""
    op.add_column("orders", sa.Column("shipping_method", sa.Text()))
    op.add_column("orders", sa.Column("shipping_name", sa.Text()))
    op.create_check_constraint(
        op.f(_NAME), "orders", "(shipping_method IS NULL) = (shipping_name IS NULL) AND shipping_method <> ''"
    )


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_constraint(op.f(_NAME), "orders")
    op.drop_column("orders", "shipping_name")
    op.drop_column("orders", "shipping_method")
