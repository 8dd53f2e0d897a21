"""Tell customers who collect their goods where a store is, when it is open, and whom to call.

Revision: 0082, after 0080.
"""

import sqlalchemy as sa
from alembic import op

revision = "0082"
down_revision = "0080"
branch_labels = None
depends_on = None

COLUMNS = ("address", "hours", "phone")


def upgrade() -> None:
    """Say nothing of the places that there are."""
    for name in COLUMNS:
        op.add_column("location", sa.Column(name, sa.Text(collation="C"), server_default="", nullable=False))
    op.create_check_constraint(
        op.f("ck_location_told_in_few_words"),
        "location",
        "char_length(address) <= 300 AND char_length(hours) <= 200 AND char_length(phone) <= 40",
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_constraint(op.f("ck_location_told_in_few_words"), "location")
    for name in COLUMNS:
        op.drop_column("location", name)
