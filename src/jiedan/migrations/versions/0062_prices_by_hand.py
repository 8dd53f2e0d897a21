"""Keep of each line what it costs by the rules, and what a discount by hand takes off it.

Revision: 0062, after 0061.
"""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    op.add_column("order_line", sa.Column("ruled_minor", sa.BigInteger(), nullable=True))
    op.add_column("order_line", sa.Column("by_hand_minor", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_check_constraint(op.f("ck_order_line_ruled_not_negative"), "order_line", "ruled_minor >= 0")
    op.create_check_constraint(
        op.f("ck_order_line_by_hand_is_discount"), "order_line", "by_hand_minor BETWEEN 0 AND discount_minor"
    )


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_constraint(op.f("ck_order_line_by_hand_is_discount"), "order_line")
    op.drop_constraint(op.f("ck_order_line_ruled_not_negative"), "order_line")
    op.drop_column("order_line", "by_hand_minor")
    op.drop_column("order_line", "ruled_minor")
