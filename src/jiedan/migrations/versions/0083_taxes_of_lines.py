"""Keep what each tax makes of the lines of orders: by name and rate, and of how much.

Revision: 0083, after 0082. Of lines that there are only the sum is known.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Say nothing of the lines that there are."""
    op.add_column("order_line", sa.Column("taxes", pg.JSONB(), nullable=True))
    op.create_check_constraint(
        op.f("ck_order_line_taxes_bounded"),
        "order_line",
        "jsonb_typeof(taxes) = 'array' AND octet_length(taxes::text) <= 500000",
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_constraint(op.f("ck_order_line_taxes_bounded"), "order_line")
    op.drop_column("order_line", "taxes")
