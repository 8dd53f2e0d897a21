"""Create the tables of carriers and fulfillment; count what of a line is released.

Revision: 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from jiedan.base import schema as protection

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    op.add_column("order_line", sa.Column("released", sa.BigInteger(), server_default="0", nullable=False))
    op.create_check_constraint(
        op.f("ck_order_line_released_is_allocated"), "order_line", "released BETWEEN 0 AND allocated"
    )
    _create_carrier()
    _create_waybill_series()
    _create_tracking_event()
    _create_fulfillment()
    _create_fulfillment_line()
    _create_parcel()
    _create_parcel_line()
    _create_note_acknowledgement()


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("note_acknowledgement")
    op.drop_table("parcel_line")
    op.drop_table("parcel")
    op.drop_table("fulfillment_line")
    op.drop_table("fulfillment")
    op.drop_table("tracking_event")
    op.drop_table("waybill_series")
    op.drop_table("carrier")
    op.drop_constraint(op.f("ck_order_line_released_is_allocated"), "order_line")
    op.drop_column("order_line", "released")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_carrier() -> None:
    table = op.create_table(
        "carrier",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("adapter", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("pg_column_size(settings) <= 65536", name=op.f("ck_carrier_settings_bounded")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_carrier_version_positive")),
        sa.PrimaryKeyConstraint("tenant_id", "code", name=op.f("pk_carrier")),
    )
    _protect(table)


def _create_waybill_series() -> None:
    table = op.create_table(
        "waybill_series",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("next_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("next_number >= 1", name=op.f("ck_waybill_series_positive")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "code"], ["carrier.tenant_id", "carrier.code"], name=op.f("fk_waybill_series_tenant_id_code")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "code", name=op.f("pk_waybill_series")),
        info={"storage": {"fillfactor": 50, "autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 1000}},
    )
    _protect(table)


def _create_tracking_event() -> None:
    table = op.create_table(
        "tracking_event",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("carrier", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.Text(collation="C"), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(collation="C"), nullable=True),
        sa.Column("description", sa.Text(collation="C"), nullable=False),
        sa.Column("place", sa.Text(collation="C"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('in_transit', 'out_for_delivery', 'failed', 'returned', 'delivered')",
            name=op.f("ck_tracking_event_state_known"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "carrier", "number", "code", "occurred_at", name=op.f("pk_tracking_event")
        ),
        info={"append_only": True},
    )
    _protect(table)


def _create_fulfillment() -> None:
    table = op.create_table(
        "fulfillment",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("fulfillment_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("location_id", sa.UUID(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(collation="C"), nullable=False),
        sa.Column("method", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_salt", sa.LargeBinary(), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("code_tries", sa.BigInteger(), nullable=False),
        sa.Column("code_locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("method IN ('ship', 'collect')", name=op.f("ck_fulfillment_method_known")),
        sa.CheckConstraint("ready_at IS NULL OR method = 'collect'", name=op.f("ck_fulfillment_only_collected_waits")),
        sa.CheckConstraint(
            "status IN ('released', 'picking', 'picked', 'packed', 'ready', 'partly_shipped', 'shipped', 'delivered', 'collected', 'stopped', 'canceled')",
            name=op.f("ck_fulfillment_status_known"),
        ),
        sa.CheckConstraint("(code_hash IS NULL) = (ready_at IS NULL)", name=op.f("ck_fulfillment_ready_has_a_code")),
        sa.CheckConstraint("(code_salt IS NULL) = (code_hash IS NULL)", name=op.f("ck_fulfillment_code_whole")),
        sa.CheckConstraint("sequence >= 1 AND code_tries >= 0", name=op.f("ck_fulfillment_counted")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["location.tenant_id", "location.location_id"],
            name=op.f("fk_fulfillment_tenant_id_location_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.order_id"],
            name=op.f("fk_fulfillment_tenant_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "fulfillment_id", name=op.f("pk_fulfillment")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_fulfillment_tenant_id_number")),
        sa.UniqueConstraint(
            "tenant_id", "order_id", "sequence", name=op.f("uq_fulfillment_tenant_id_order_id_sequence")
        ),
    )
    op.create_index(
        "ix_fulfillment_location",
        "fulfillment",
        ["tenant_id", "location_id", "status", "released_at", "fulfillment_id"],
        unique=False,
    )
    op.create_index(
        "ix_fulfillment_queue", "fulfillment", ["tenant_id", "status", "released_at", "fulfillment_id"], unique=False
    )
    _protect(table)


def _create_fulfillment_line() -> None:
    table = op.create_table(
        "fulfillment_line",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("fulfillment_id", sa.UUID(), nullable=False),
        sa.Column("line_id", sa.UUID(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("released", sa.BigInteger(), nullable=False),
        sa.Column("short", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.BigInteger(), nullable=False),
        sa.Column("picked", sa.BigInteger(), nullable=False),
        sa.Column("packed", sa.BigInteger(), nullable=False),
        sa.Column("shipped", sa.BigInteger(), nullable=False),
        sa.Column("delivered", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("delivered BETWEEN 0 AND shipped", name=op.f("ck_fulfillment_line_delivered_was_shipped")),
        sa.CheckConstraint("packed BETWEEN 0 AND picked", name=op.f("ck_fulfillment_line_packed_was_picked")),
        sa.CheckConstraint("picked BETWEEN 0 AND released", name=op.f("ck_fulfillment_line_picked_was_released")),
        sa.CheckConstraint("released >= 1 AND short >= 0 AND withdrawn >= 0", name=op.f("ck_fulfillment_line_counted")),
        sa.CheckConstraint("shipped BETWEEN 0 AND packed", name=op.f("ck_fulfillment_line_shipped_was_packed")),
        sa.CheckConstraint("short + withdrawn + shipped <= released", name=op.f("ck_fulfillment_line_within_released")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "fulfillment_id"],
            ["fulfillment.tenant_id", "fulfillment.fulfillment_id"],
            name=op.f("fk_fulfillment_line_tenant_id_fulfillment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "line_id"],
            ["order_line.tenant_id", "order_line.line_id"],
            name=op.f("fk_fulfillment_line_tenant_id_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"], name=op.f("fk_fulfillment_line_tenant_id_sku_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "fulfillment_id", "line_id", name=op.f("pk_fulfillment_line")),
    )
    op.create_index("ix_fulfillment_line_line", "fulfillment_line", ["tenant_id", "line_id"], unique=False)
    _protect(table)


def _create_parcel() -> None:
    table = op.create_table(
        "parcel",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("parcel_id", sa.UUID(), nullable=False),
        sa.Column("fulfillment_id", sa.UUID(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.Text(collation="C"), nullable=False),
        sa.Column("weight_g", sa.BigInteger(), nullable=True),
        sa.Column("carrier", sa.Text(collation="C"), nullable=True),
        sa.Column("tracking_number", sa.Text(collation="C"), nullable=True),
        sa.Column("packed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unpacked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name=op.f("ck_parcel_delivered_when")),
        sa.CheckConstraint("(state = 'unpacked') = (unpacked_at IS NOT NULL)", name=op.f("ck_parcel_unpacked_when")),
        sa.CheckConstraint(
            "(state IN ('packed', 'unpacked')) = (shipped_at IS NULL)", name=op.f("ck_parcel_shipped_when")
        ),
        sa.CheckConstraint(
            "state IN ('packed', 'shipped', 'in_transit', 'out_for_delivery', 'failed', 'returned', 'delivered', 'unpacked')",
            name=op.f("ck_parcel_state_known"),
        ),
        sa.CheckConstraint("tracking_number IS NULL OR carrier IS NOT NULL", name=op.f("ck_parcel_number_has_carrier")),
        sa.CheckConstraint("weight_g >= 1 AND sequence >= 1", name=op.f("ck_parcel_counted")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "fulfillment_id"],
            ["fulfillment.tenant_id", "fulfillment.fulfillment_id"],
            name=op.f("fk_parcel_tenant_id_fulfillment_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "parcel_id", name=op.f("pk_parcel")),
        sa.UniqueConstraint(
            "tenant_id", "fulfillment_id", "sequence", name=op.f("uq_parcel_tenant_id_fulfillment_id_sequence")
        ),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_parcel_tenant_id_number")),
    )
    op.create_index(
        "ix_parcel_tracking",
        "parcel",
        ["tenant_id", "carrier", "tracking_number"],
        unique=False,
        postgresql_where=sa.text("tracking_number IS NOT NULL"),
    )
    _protect(table)


def _create_parcel_line() -> None:
    table = op.create_table(
        "parcel_line",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("parcel_id", sa.UUID(), nullable=False),
        sa.Column("line_id", sa.UUID(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_parcel_line_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "line_id"],
            ["order_line.tenant_id", "order_line.line_id"],
            name=op.f("fk_parcel_line_tenant_id_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parcel_id"],
            ["parcel.tenant_id", "parcel.parcel_id"],
            name=op.f("fk_parcel_line_tenant_id_parcel_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "parcel_id", "line_id", name=op.f("pk_parcel_line")),
        info={"append_only": True},
    )
    op.create_index("ix_parcel_line_line", "parcel_line", ["tenant_id", "line_id"], unique=False)
    _protect(table)


def _create_note_acknowledgement() -> None:
    table = op.create_table(
        "note_acknowledgement",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("fulfillment_id", sa.UUID(), nullable=False),
        sa.Column("note_id", sa.UUID(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_id", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "fulfillment_id"],
            ["fulfillment.tenant_id", "fulfillment.fulfillment_id"],
            name=op.f("fk_note_acknowledgement_tenant_id_fulfillment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "note_id"],
            ["order_note.tenant_id", "order_note.note_id"],
            name=op.f("fk_note_acknowledgement_tenant_id_note_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "fulfillment_id", "note_id", name=op.f("pk_note_acknowledgement")),
        info={"append_only": True},
    )
    _protect(table)
