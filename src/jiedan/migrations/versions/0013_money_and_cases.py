"""Let merchants choose what becomes of late money, people settle operations, and staff own cases.

Revision: 0013, after 0012. Who worked on a case was free text; it names one of the staff from now on, so what stood
there is given back to the queue.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    op.add_column(
        "merchant", sa.Column("late_money", sa.Text(collation="C"), nullable=False, server_default=sa.text("'case'"))
    )
    op.alter_column("merchant", "late_money", server_default=None)
    op.create_check_constraint(
        op.f("ck_merchant_late_money_known"), "merchant", "late_money IN ('case', 'refund', 'reopen')"
    )
    op.add_column("payment_operation", sa.Column("settled_by", sa.Text(collation="C"), nullable=True))
    op.drop_column("case_file", "assignee")
    op.add_column("case_file", sa.Column("assignee_id", sa.UUID(), nullable=True))
    _create_foreign_key()
    op.create_index(
        "ix_case_file_assignee",
        "case_file",
        ["tenant_id", "assignee_id", "state", "opened_at", "case_id"],
        unique=False,
    )
    _create_case_note()


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("case_note")
    op.drop_index("ix_case_file_assignee", "case_file")
    op.drop_constraint(op.f("fk_case_file_tenant_id_assignee_id"), "case_file", type_="foreignkey")
    op.drop_column("case_file", "assignee_id")
    op.add_column("case_file", sa.Column("assignee", sa.Text(collation="C"), nullable=True))
    op.drop_column("payment_operation", "settled_by")
    op.drop_constraint(op.f("ck_merchant_late_money_known"), "merchant", type_="check")
    op.drop_column("merchant", "late_money")


def _create_foreign_key() -> None:
    """Create the key of an assignee: rows of every merchant are looked at, so row-level security steps aside."""
    for table in ("case_file", "staff"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.create_foreign_key(
        op.f("fk_case_file_tenant_id_assignee_id"),
        "case_file",
        "staff",
        ["tenant_id", "assignee_id"],
        ["tenant_id", "staff_id"],
    )
    for table in ("case_file", "staff"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _create_case_note() -> None:
    table = op.create_table(
        "case_note",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("note_id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("text", sa.Text(collation="C"), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("author_id", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("char_length(text) BETWEEN 1 AND 2000", name=op.f("ck_case_note_text_length")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["case_file.tenant_id", "case_file.case_id"],
            name=op.f("fk_case_note_tenant_id_case_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "note_id", name=op.f("pk_case_note")),
    )
    op.create_index("ix_case_note_case", "case_note", ["tenant_id", "case_id", "note_id"], unique=False)
    for statement in protection.protect(table):
        op.execute(statement)
