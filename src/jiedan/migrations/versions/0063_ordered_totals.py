"""Keep what an order cost when it was placed: what was paid whole then does not expire because it costs more since.

Revision: 0063, after 0062. Orders that were there before have none, and are judged by what they cost now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    op.add_column("orders", sa.Column("ordered_minor", sa.BigInteger(), nullable=True))
    op.create_check_constraint(op.f("ck_orders_ordered_not_negative"), "orders", "ordered_minor >= 0")


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_constraint(op.f("ck_orders_ordered_not_negative"), "orders")
    op.drop_column("orders", "ordered_minor")
