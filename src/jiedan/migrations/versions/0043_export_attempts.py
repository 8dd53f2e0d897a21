"""Count how often a file of an export was begun, so that of two who write it only the last goes on.

Revision: 0043, after 0042.
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the count; who writes a file at this moment was begun before it."""
    op.add_column("export_job", sa.Column("attempt", sa.BigInteger(), server_default="0", nullable=False))
    op.alter_column("export_job", "attempt", server_default=None)
    op.create_check_constraint(op.f("ck_export_job_attempt_not_negative"), "export_job", "attempt >= 0")


def downgrade() -> None:
    """Remove the count."""
    op.drop_column("export_job", "attempt")
