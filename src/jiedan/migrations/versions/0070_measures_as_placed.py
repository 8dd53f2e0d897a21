"""Keep with each line of an order what was said of a piece when it was placed, once somebody has it made otherwise.

Revision: 0070, after 0069.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    op.add_column("order_line", sa.Column("placed_attributes", postgresql.JSONB(), nullable=True))
    op.create_check_constraint(
        op.f("ck_order_line_placed_attributes_bounded"),
        "order_line",
        "CASE WHEN jsonb_typeof(placed_attributes) = 'array' THEN placed_source IS NOT NULL AND attributes IS NOT NULL"
        " AND jsonb_array_length(placed_attributes) BETWEEN 1 AND 20"
        " AND octet_length(placed_attributes::text) <= 24000 ELSE placed_attributes IS NULL END",
    )


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_constraint(op.f("ck_order_line_placed_attributes_bounded"), "order_line")
    op.drop_column("order_line", "placed_attributes")
