"""Create the tables of imports.

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from jiedan.base import schema as protection

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    _create_import_run()
    _create_import_file()
    _create_import_row_error()
    _create_imported_cancellation()


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("imported_cancellation")
    op.drop_table("import_row_error")
    op.drop_table("import_file")
    op.drop_table("import_run")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_import_run() -> None:
    table = op.create_table(
        "import_run",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("import_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("file_name", sa.Text(collation="C"), nullable=False),
        sa.Column("file_hash", sa.Text(collation="C"), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("rows_read", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("stopped_by", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_id", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'queued', 'running', 'completed', 'stopped')", name=op.f("ck_import_run_status_known")
        ),
        sa.CheckConstraint(
            "rows_read = created + updated + unchanged + refused", name=op.f("ck_import_run_counts_add_up")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "import_id", name=op.f("pk_import_run")),
    )
    op.create_index("ix_import_run_file", "import_run", ["tenant_id", "file_hash", "kind"], unique=False)
    _protect(table)


def _create_import_file() -> None:
    table = op.create_table(
        "import_file",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("import_id", sa.UUID(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "import_id"],
            ["import_run.tenant_id", "import_run.import_id"],
            name=op.f("fk_import_file_tenant_id_import_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "import_id", name=op.f("pk_import_file")),
    )
    _protect(table)


def _create_import_row_error() -> None:
    table = op.create_table(
        "import_row_error",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("import_id", sa.UUID(), nullable=False),
        sa.Column("row_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("column_name", sa.Text(collation="C"), nullable=False),
        sa.Column("field", sa.Text(collation="C"), nullable=False),
        sa.Column("value", sa.Text(collation="C"), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("detail", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "import_id"],
            ["import_run.tenant_id", "import_run.import_id"],
            name=op.f("fk_import_row_error_tenant_id_import_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "import_id", "row_number", "place", name=op.f("pk_import_row_error")),
    )
    _protect(table)


def _create_imported_cancellation() -> None:
    table = op.create_table(
        "imported_cancellation",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(collation="C"), nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_imported_cancellation_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.order_id"],
            name=op.f("fk_imported_cancellation_tenant_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "external_id", "place", name=op.f("pk_imported_cancellation")),
        info={"append_only": True},
    )
    _protect(table)
