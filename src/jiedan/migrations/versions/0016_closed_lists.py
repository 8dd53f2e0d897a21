"""Find closed transfers and counts by index: a list of them does not read past those that are open.

Revision: 0016, after 0015.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CLOSED = sa.text("closed_at IS NOT NULL")


def upgrade() -> None:
    """Create what this revision adds."""
    op.create_index("ix_transfer_closed", "transfer", ["tenant_id", "transfer_id"], postgresql_where=CLOSED)
    op.create_index("ix_stock_count_closed", "stock_count", ["tenant_id", "count_id"], postgresql_where=CLOSED)


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_index("ix_stock_count_closed", "stock_count")
    op.drop_index("ix_transfer_closed", "transfer")
