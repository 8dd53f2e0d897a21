"""Create the tables of cases.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from jiedan.base import schema as protection

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    _create_case_file()


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("case_file")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_case_file() -> None:
    table = op.create_table(
        "case_file",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("subject_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("subject_id", sa.UUID(), nullable=False),
        sa.Column("state", sa.Text(collation="C"), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assignee", sa.Text(collation="C"), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(collation="C"), nullable=True),
        sa.Column("resolution", sa.Text(collation="C"), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(state = 'resolved') = (resolved_at IS NOT NULL)", name=op.f("ck_case_file_resolved_has_a_date")
        ),
        sa.CheckConstraint("state IN ('open', 'resolved')", name=op.f("ck_case_file_state_known")),
        sa.PrimaryKeyConstraint("tenant_id", "case_id", name=op.f("pk_case_file")),
    )
    op.create_index(
        "ix_case_file_kind", "case_file", ["tenant_id", "state", "kind", "opened_at", "case_id"], unique=False
    )
    op.create_index("ix_case_file_queue", "case_file", ["tenant_id", "state", "opened_at", "case_id"], unique=False)
    op.create_index("ix_case_file_subject", "case_file", ["tenant_id", "subject_id"], unique=False)
    op.create_index(
        "uq_case_file_open",
        "case_file",
        ["tenant_id", "kind", "subject_kind", "subject_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    _protect(table)
