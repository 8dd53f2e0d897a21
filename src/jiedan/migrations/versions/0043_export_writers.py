"""Tell who began last to write the file of an export, so that of two who write it only that one goes on.

Revision: 0043, after 0042.
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the writer; who writes a file at this moment has no name, and goes on until another begins."""
    op.add_column("export_job", sa.Column("writer_id", sa.UUID(), nullable=True))


def downgrade() -> None:
    """Remove the writer."""
    op.drop_column("export_job", "writer_id")
