"""Find the orders that should have arrived by now.

Revision: 0026, after 0025.
"""

from alembic import op
from sqlalchemy import text

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

UNDELIVERED = (
    "promised_p90_on IS NOT NULL AND lifecycle = 'open' AND fulfillment_status IN"
    " ('waiting', 'partly_allocated', 'allocated', 'partly_shipped', 'shipped', 'partly_delivered')"
)


def upgrade() -> None:
    """Create what this revision adds."""
    op.create_index(
        "ix_orders_promised",
        "orders",
        ["tenant_id", "promised_p90_on", "placed_at", "order_id"],
        postgresql_where=text(UNDELIVERED),
    )


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_index("ix_orders_promised", "orders")
