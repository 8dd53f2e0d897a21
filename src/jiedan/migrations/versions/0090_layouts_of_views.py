"""Let views keep how they show their orders: columns, their order, the order of rows, row spacing.

Revision: 0090, after 0089.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0090"
down_revision = "0089"
branch_labels = None
depends_on = None

LAYOUT_BYTES_MAX = 2_000


def upgrade() -> None:
    """Show the views that there are as whoever looks has it."""
    op.add_column("saved_view", sa.Column("layout", pg.JSONB(), server_default="{}", nullable=False))
    op.create_check_constraint(
        op.f("ck_saved_view_layout_bounded"), "saved_view", f"pg_column_size(layout) <= {LAYOUT_BYTES_MAX}"
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_constraint(op.f("ck_saved_view_layout_bounded"), "saved_view")
    op.drop_column("saved_view", "layout")
