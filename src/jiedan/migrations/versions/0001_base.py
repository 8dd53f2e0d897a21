"""Create the tables of events, keys, numbers and the directory.

Revision: 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from jiedan.base import schema as protection

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    _create_directory()
    _create_drain_lease()
    _create_event_log()
    _create_event_stream()
    _create_idempotency_key()
    _create_number_series()
    _create_outbox()
    _create_outbox_retry()
    _create_tenant()
    _create_event_private()
    op.execute(f"GRANT USAGE ON SCHEMA public TO {protection.APP_ROLE}, {protection.DISPATCH_ROLE}")
    op.execute(f"GRANT SELECT ON alembic_version TO {protection.APP_ROLE}")


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("event_private")
    op.drop_table("tenant")
    op.drop_table("outbox_retry")
    op.drop_table("outbox")
    op.drop_table("number_series")
    op.drop_table("idempotency_key")
    op.drop_table("event_stream")
    op.drop_table("event_log")
    op.drop_table("drain_lease")
    op.drop_table("directory")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_directory() -> None:
    table = op.create_table(
        "directory",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("host", sa.Text(collation="C"), nullable=True),
        sa.Column("cell", sa.Text(collation="C"), server_default="main", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_directory")),
        sa.UniqueConstraint("host", name=op.f("uq_directory_host")),
        sa.UniqueConstraint("slug", name=op.f("uq_directory_slug")),
        info={"outside_rls": True},
    )
    _protect(table)


def _create_drain_lease() -> None:
    table = op.create_table(
        "drain_lease",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("holder", sa.Text(collation="C"), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_drain_lease")),
        info={"storage": {"fillfactor": 50, "autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 1000}},
    )
    _protect(table)


def _create_event_log() -> None:
    table = op.create_table(
        "event_log",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_id", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("subject_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("subject_id", sa.UUID(), nullable=False),
        sa.Column("request_id", sa.Text(collation="C"), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("private_hash", sa.LargeBinary(), nullable=True),
        sa.Column("history", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "event_id", name=op.f("pk_event_log")),
        info={"append_only": True},
    )
    op.create_index("ix_event_log_subject", "event_log", ["tenant_id", "subject_id", "event_id"], unique=False)
    _protect(table)


def _create_event_stream() -> None:
    table = op.create_table(
        "event_stream",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "position", name=op.f("pk_event_stream")),
        sa.UniqueConstraint("tenant_id", "event_id", name=op.f("uq_event_stream_tenant_id_event_id")),
        info={"append_only": True},
    )
    _protect(table)


def _create_idempotency_key() -> None:
    table = op.create_table(
        "idempotency_key",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("operation", sa.Text(collation="C"), nullable=False),
        sa.Column("caller", sa.Text(collation="C"), nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("subject_id", sa.UUID(), nullable=False),
        sa.Column("outcome", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "operation", "caller", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index("ix_idempotency_key_created", "idempotency_key", ["tenant_id", "created_at"], unique=False)
    _protect(table)


def _create_number_series() -> None:
    table = op.create_table(
        "number_series",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("series", sa.Text(collation="C"), nullable=False),
        sa.Column("next_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("next_number >= 1", name=op.f("ck_number_series_positive")),
        sa.PrimaryKeyConstraint("tenant_id", "series", name=op.f("pk_number_series")),
        info={"storage": {"fillfactor": 50, "autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 1000}},
    )
    _protect(table)


def _create_outbox() -> None:
    table = op.create_table(
        "outbox",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "event_id", name=op.f("pk_outbox")),
        info={
            "dispatch_columns": ("tenant_id", "available_at"),
            "storage": {
                "autovacuum_vacuum_scale_factor": 0,
                "autovacuum_vacuum_threshold": 1000,
                "autovacuum_vacuum_cost_delay": 0,
                "vacuum_truncate": False,
            },
        },
    )
    op.create_index("ix_outbox_due", "outbox", ["available_at", "tenant_id"], unique=False)
    _protect(table)


def _create_outbox_retry() -> None:
    table = op.create_table(
        "outbox_retry",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("handler", sa.Text(collation="C"), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(collation="C"), nullable=False),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "handler", "event_id", name=op.f("pk_outbox_retry")),
        info={
            "dispatch_columns": ("tenant_id", "available_at", "dead_at"),
            "storage": {
                "autovacuum_vacuum_scale_factor": 0,
                "autovacuum_vacuum_threshold": 1000,
                "autovacuum_vacuum_cost_delay": 0,
                "vacuum_truncate": False,
            },
        },
    )
    op.create_index(
        "ix_outbox_retry_due",
        "outbox_retry",
        ["available_at", "tenant_id"],
        unique=False,
        postgresql_where=sa.text("dead_at IS NULL"),
    )
    _protect(table)


def _create_tenant() -> None:
    table = op.create_table(
        "tenant",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenant")),
    )
    _protect(table)


def _create_event_private() -> None:
    table = op.create_table(
        "event_private",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "event_id"],
            ["event_log.tenant_id", "event_log.event_id"],
            name=op.f("fk_event_private_tenant_id_event_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "event_id", name=op.f("pk_event_private")),
    )
    _protect(table)
