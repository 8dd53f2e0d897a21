"""Let a merchant choose the hue of its accent.

Revision: 0032, after 0031.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    op.add_column("merchant", sa.Column("accent_hue", sa.BigInteger(), nullable=True))
    op.create_check_constraint(op.f("ck_merchant_accent_hue_is_hue"), "merchant", "accent_hue BETWEEN 0 AND 359")


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_constraint(op.f("ck_merchant_accent_hue_is_hue"), "merchant")
    op.drop_column("merchant", "accent_hue")
