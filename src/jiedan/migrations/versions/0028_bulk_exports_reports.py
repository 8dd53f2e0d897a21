"""Create the tables of bulk jobs, exports and reports.

Revision: 0028, after 0027.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from jiedan.base import schema as protection

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    _create_bulk_job()
    _create_bulk_item()
    _create_export_job()
    _create_export_part()
    _create_figure_hour()
    _create_figure_counted()
    _create_figure_due()
    for moment in ("shipped", "delivered"):
        op.create_index(
            f"ix_parcel_{moment}",
            "parcel",
            ["tenant_id", f"{moment}_at"],
            postgresql_where=sa.text(f"{moment}_at IS NOT NULL"),
        )


def downgrade() -> None:
    """Remove what this revision added."""
    for moment in ("delivered", "shipped"):
        op.drop_index(f"ix_parcel_{moment}", "parcel")
    op.drop_table("figure_due")
    op.drop_table("figure_counted")
    op.drop_table("figure_hour")
    op.drop_table("export_part")
    op.drop_table("export_job")
    op.drop_table("bulk_item")
    op.drop_table("bulk_job")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_bulk_job() -> None:
    table = op.create_table(
        "bulk_job",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("job_id", sa.UUID(), nullable=False),
        sa.Column("action", sa.Text(collation="C"), nullable=False),
        sa.Column("wish", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("filters", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("snapshot_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locale", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("listed_id", sa.UUID(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("stopped_by", sa.Text(collation="C"), nullable=False),
        sa.Column("retry_of", sa.UUID(), nullable=True),
        sa.Column("actor_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_id", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "action IN ('release', 'ship', 'tag', 'untag', 'note', 'hold', 'unhold', 'complete', 'cancel')",
            name=op.f("ck_bulk_job_action_known"),
        ),
        sa.CheckConstraint(
            "status <> 'completed' OR done + failed = total", name=op.f("ck_bulk_job_completed_is_whole")
        ),
        sa.CheckConstraint(
            "status IN ('queued', 'listing', 'running', 'completed', 'stopped')", name=op.f("ck_bulk_job_status_known")
        ),
        sa.CheckConstraint("(listed_at IS NULL) = (listed_id IS NULL)", name=op.f("ck_bulk_job_place_whole")),
        sa.CheckConstraint("done >= 0 AND failed >= 0 AND done + failed <= total", name=op.f("ck_bulk_job_counted")),
        sa.PrimaryKeyConstraint("tenant_id", "job_id", name=op.f("pk_bulk_job")),
    )
    _protect(table)


def _create_bulk_item() -> None:
    table = op.create_table(
        "bulk_item",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("job_id", sa.UUID(), nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("detail", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("status <> 'failed' OR code <> ''", name=op.f("ck_bulk_item_failed_has_a_code")),
        sa.CheckConstraint("status IN ('waiting', 'done', 'failed')", name=op.f("ck_bulk_item_status_known")),
        sa.CheckConstraint("place >= 1", name=op.f("ck_bulk_item_place_positive")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "job_id"],
            ["bulk_job.tenant_id", "bulk_job.job_id"],
            name=op.f("fk_bulk_item_tenant_id_job_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "job_id", "place", name=op.f("pk_bulk_item")),
        sa.UniqueConstraint("tenant_id", "job_id", "order_id", name=op.f("uq_bulk_item_tenant_id_job_id_order_id")),
    )
    op.create_index("ix_bulk_item_status", "bulk_item", ["tenant_id", "job_id", "status", "place"], unique=False)
    _protect(table)


def _create_export_job() -> None:
    table = op.create_table(
        "export_job",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("export_id", sa.UUID(), nullable=False),
        sa.Column("rows", sa.Text(collation="C"), nullable=False),
        sa.Column("format", sa.Text(collation="C"), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("filters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("locale", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("orders_expected", sa.BigInteger(), nullable=False),
        sa.Column("orders_read", sa.BigInteger(), nullable=False),
        sa.Column("rows_written", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("stopped_by", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_id", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("format IN ('csv', 'xlsx')", name=op.f("ck_export_job_format_known")),
        sa.CheckConstraint("rows IN ('orders', 'lines')", name=op.f("ck_export_job_rows_known")),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'completed', 'stopped')", name=op.f("ck_export_job_status_known")
        ),
        sa.CheckConstraint("cardinality(fields) >= 1", name=op.f("ck_export_job_has_fields")),
        sa.CheckConstraint(
            "orders_expected >= 0 AND orders_read >= 0 AND rows_written >= 0 AND size_bytes >= 0",
            name=op.f("ck_export_job_counted"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "export_id", name=op.f("pk_export_job")),
    )
    _protect(table)


def _create_export_part() -> None:
    table = op.create_table(
        "export_part",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("export_id", sa.UUID(), nullable=False),
        sa.Column("part", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("part >= 1", name=op.f("ck_export_part_part_positive")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "export_id"],
            ["export_job.tenant_id", "export_job.export_id"],
            name=op.f("fk_export_part_tenant_id_export_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "export_id", "part", name=op.f("pk_export_part")),
    )
    _protect(table)


def _create_figure_hour() -> None:
    table = op.create_table(
        "figure_hour",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("figure", sa.Text(collation="C"), nullable=False),
        sa.Column("currency", sa.Text(collation="C"), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "figure IN ('placed', 'sales', 'shipped', 'delivered', 'on_time')", name=op.f("ck_figure_hour_figure_known")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_figure_hour_amount_positive")),
        sa.PrimaryKeyConstraint("tenant_id", "hour", "figure", "currency", name=op.f("pk_figure_hour")),
    )
    _protect(table)


def _create_figure_counted() -> None:
    table = op.create_table(
        "figure_counted",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("counted_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_to", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("counted_from <= counted_to", name=op.f("ck_figure_counted_rises")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_figure_counted")),
    )
    _protect(table)


def _create_figure_due() -> None:
    table = op.create_table(
        "figure_due",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "hour", "event_id", name=op.f("pk_figure_due")),
    )
    _protect(table)
