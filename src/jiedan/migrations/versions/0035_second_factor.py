"""Let staff sign in in two steps: an app's codes, and codes for the day on which it is lost.

Revision: 0035, after 0034.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_STAFF = ["staff.tenant_id", "staff.staff_id"]


def upgrade() -> None:
    """Create what this revision adds."""
    factor = op.create_table(
        "staff_factor",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id", "staff_id"], _STAFF, name=op.f("fk_staff_factor_tenant_id_staff_id")),
        sa.PrimaryKeyConstraint("tenant_id", "staff_id", name=op.f("pk_staff_factor")),
    )
    codes = op.create_table(
        "recovery_code",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id", "staff_id"], _STAFF, name=op.f("fk_recovery_code_tenant_id_staff_id")),
        sa.PrimaryKeyConstraint("tenant_id", "staff_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    for table in (factor, codes):
        for statement in protection.protect(table):
            op.execute(statement)


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("recovery_code")
    op.drop_table("staff_factor")
