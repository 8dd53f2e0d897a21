"""Know in which session a browser was switched on for notices.

Revision: 0048, after 0047.
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds; of browsers that are there already it is not known."""
    op.add_column("push_subscription", sa.Column("session_id", sa.UUID(), nullable=True))
    op.create_index("ix_push_subscription_session", "push_subscription", ["tenant_id", "session_id"])


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_index("ix_push_subscription_session", "push_subscription")
    op.drop_column("push_subscription", "session_id")
