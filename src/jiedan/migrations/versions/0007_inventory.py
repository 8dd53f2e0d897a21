"""Create the tables of inventory.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    _create_location()
    _create_stock_count()
    _create_transfer()
    _create_stock()
    _create_stock_count_line()
    _create_transfer_line()
    _create_reservation()
    _create_stock_count_tally()
    _create_stock_movement()


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("stock_movement")
    op.drop_table("stock_count_tally")
    op.drop_table("reservation")
    op.drop_table("transfer_line")
    op.drop_table("stock_count_line")
    op.drop_table("stock")
    op.drop_table("transfer")
    op.drop_table("stock_count")
    op.drop_table("location")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_location() -> None:
    table = op.create_table(
        "location",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("location_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('warehouse', 'store', 'kitchen', 'third_party', 'supplier', 'other')",
            name=op.f("ck_location_kind_known"),
        ),
        sa.CheckConstraint("(lat IS NULL) = (lon IS NULL)", name=op.f("ck_location_coordinates_together")),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_location_coordinates_on_earth")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_location_version_positive")),
        sa.PrimaryKeyConstraint("tenant_id", "location_id", name=op.f("pk_location")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_location_tenant_id_code")),
    )
    _protect(table)


def _create_stock_count() -> None:
    table = op.create_table(
        "stock_count",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("count_id", sa.UUID(), nullable=False),
        sa.Column("location_id", sa.UUID(), nullable=False),
        sa.Column("reference", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_applied", sa.Boolean(), nullable=False),
        sa.CheckConstraint("closed_at IS NOT NULL OR NOT is_applied", name=op.f("ck_stock_count_applied_is_closed")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["location.tenant_id", "location.location_id"],
            name=op.f("fk_stock_count_tenant_id_location_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "count_id", name=op.f("pk_stock_count")),
    )
    op.create_index("ix_stock_count_location", "stock_count", ["tenant_id", "location_id"], unique=False)
    op.create_index(
        "ix_stock_count_open",
        "stock_count",
        ["tenant_id", "count_id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    _protect(table)


def _create_transfer() -> None:
    table = op.create_table(
        "transfer",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("transfer_id", sa.UUID(), nullable=False),
        sa.Column("from_location_id", sa.UUID(), nullable=False),
        sa.Column("to_location_id", sa.UUID(), nullable=False),
        sa.Column("reference", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("from_location_id <> to_location_id", name=op.f("ck_transfer_leads_elsewhere")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "from_location_id"],
            ["location.tenant_id", "location.location_id"],
            name=op.f("fk_transfer_tenant_id_from_location_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "to_location_id"],
            ["location.tenant_id", "location.location_id"],
            name=op.f("fk_transfer_tenant_id_to_location_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "transfer_id", name=op.f("pk_transfer")),
    )
    op.create_index("ix_transfer_from", "transfer", ["tenant_id", "from_location_id"], unique=False)
    op.create_index(
        "ix_transfer_open",
        "transfer",
        ["tenant_id", "transfer_id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_transfer_to", "transfer", ["tenant_id", "to_location_id"], unique=False)
    _protect(table)


def _create_stock() -> None:
    table = op.create_table(
        "stock",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("location_id", sa.UUID(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("incoming", sa.BigInteger(), nullable=False),
        sa.Column("safety_stock", sa.BigInteger(), nullable=False),
        sa.Column("low_threshold", sa.BigInteger(), nullable=True),
        sa.Column("restock_level", sa.BigInteger(), nullable=True),
        sa.Column("low_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(low_since IS NOT NULL) = coalesce(on_hand - reserved - safety_stock <= low_threshold, false)",
            name=op.f("ck_stock_low_is_derived"),
        ),
        sa.CheckConstraint("incoming >= 0", name=op.f("ck_stock_incoming_counted")),
        sa.CheckConstraint("low_threshold >= 0", name=op.f("ck_stock_threshold_counted")),
        sa.CheckConstraint("reserved BETWEEN 0 AND on_hand", name=op.f("ck_stock_reserved_is_there")),
        sa.CheckConstraint("restock_level > low_threshold", name=op.f("ck_stock_restock_above_threshold")),
        sa.CheckConstraint("safety_stock >= 0", name=op.f("ck_stock_safety_counted")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["location.tenant_id", "location.location_id"],
            name=op.f("fk_stock_tenant_id_location_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"], name=op.f("fk_stock_tenant_id_sku_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "sku_id", "location_id", name=op.f("pk_stock")),
        info={"storage": {"fillfactor": 70}},
    )
    op.create_index("ix_stock_location", "stock", ["tenant_id", "location_id", "sku_id"], unique=False)
    op.create_index(
        "ix_stock_low",
        "stock",
        ["tenant_id", "low_since", "sku_id", "location_id"],
        unique=False,
        postgresql_where=sa.text("low_since IS NOT NULL"),
    )
    _protect(table)


def _create_stock_count_line() -> None:
    table = op.create_table(
        "stock_count_line",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("count_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "count_id"],
            ["stock_count.tenant_id", "stock_count.count_id"],
            name=op.f("fk_stock_count_line_tenant_id_count_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"], name=op.f("fk_stock_count_line_tenant_id_sku_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "count_id", "sku_id", name=op.f("pk_stock_count_line")),
        info={"append_only": True},
    )
    _protect(table)


def _create_transfer_line() -> None:
    table = op.create_table(
        "transfer_line",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("transfer_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("shipped", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("missing", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_transfer_line_quantity_positive")),
        sa.CheckConstraint("received + missing <= shipped", name=op.f("ck_transfer_line_arrivals_in_shipped")),
        sa.CheckConstraint("received >= 0 AND missing >= 0", name=op.f("ck_transfer_line_arrivals_counted")),
        sa.CheckConstraint("shipped BETWEEN 0 AND quantity", name=op.f("ck_transfer_line_shipped_in_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"], name=op.f("fk_transfer_line_tenant_id_sku_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "transfer_id"],
            ["transfer.tenant_id", "transfer.transfer_id"],
            name=op.f("fk_transfer_line_tenant_id_transfer_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "transfer_id", "sku_id", name=op.f("pk_transfer_line")),
    )
    _protect(table)


def _create_reservation() -> None:
    table = op.create_table(
        "reservation",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("owner_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("owner_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("location_id", sa.UUID(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(owner_kind = 'cart') = (expires_at IS NOT NULL)", name=op.f("ck_reservation_carts_expire")
        ),
        sa.CheckConstraint(
            "owner_kind IN ('cart', 'order_line', 'transfer')", name=op.f("ck_reservation_owner_kind_known")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_reservation_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sku_id", "location_id"],
            ["stock.tenant_id", "stock.sku_id", "stock.location_id"],
            name=op.f("fk_reservation_tenant_id_sku_id_location_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "owner_kind", "owner_id", "sku_id", "location_id", name=op.f("pk_reservation")
        ),
    )
    op.create_index(
        "ix_reservation_due",
        "reservation",
        ["tenant_id", "expires_at"],
        unique=False,
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index(
        "ix_reservation_key", "reservation", ["tenant_id", "sku_id", "location_id", "created_at"], unique=False
    )
    _protect(table)


def _create_stock_count_tally() -> None:
    table = op.create_table(
        "stock_count_tally",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("count_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("round", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("operation_key", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_id", sa.Text(collation="C"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("counted >= 0 AND on_hand >= 0", name=op.f("ck_stock_count_tally_quantities_counted")),
        sa.CheckConstraint("round >= 1", name=op.f("ck_stock_count_tally_round_positive")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "count_id", "sku_id"],
            ["stock_count_line.tenant_id", "stock_count_line.count_id", "stock_count_line.sku_id"],
            name=op.f("fk_stock_count_tally_tenant_id_count_id_sku_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "count_id", "sku_id", "round", name=op.f("pk_stock_count_tally")),
        sa.UniqueConstraint(
            "tenant_id", "count_id", "operation_key", name=op.f("uq_stock_count_tally_tenant_id_count_id_operation_key")
        ),
        info={"append_only": True},
    )
    _protect(table)


def _create_stock_movement() -> None:
    table = op.create_table(
        "stock_movement",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("movement_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("location_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(collation="C"), nullable=False),
        sa.Column("reference", sa.Text(collation="C"), nullable=False),
        sa.Column("subject_id", sa.UUID(), nullable=True),
        sa.Column("operation_key", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_id", sa.Text(collation="C"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'adjustment') = (reason <> '')", name=op.f("ck_stock_movement_adjustment_has_reason")
        ),
        sa.CheckConstraint(
            "kind IN ('receipt', 'return', 'shipment', 'adjustment', 'count', 'transfer_out', 'transfer_in')",
            name=op.f("ck_stock_movement_kind_known"),
        ),
        sa.CheckConstraint(
            "reason IN ('', 'correction', 'damaged', 'expired', 'found', 'lost', 'opening', 'quality', 'sample', 'stolen', 'used')",
            name=op.f("ck_stock_movement_reason_known"),
        ),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_stock_movement_on_hand_counted")),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_stock_movement_quantity_moves")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sku_id", "location_id"],
            ["stock.tenant_id", "stock.sku_id", "stock.location_id"],
            name=op.f("fk_stock_movement_tenant_id_sku_id_location_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "movement_id", name=op.f("pk_stock_movement")),
        sa.UniqueConstraint("tenant_id", "operation_key", name=op.f("uq_stock_movement_tenant_id_operation_key")),
        info={"append_only": True},
    )
    op.create_index(
        "ix_stock_movement_key", "stock_movement", ["tenant_id", "sku_id", "location_id", "movement_id"], unique=False
    )
    op.create_index(
        "ix_stock_movement_location", "stock_movement", ["tenant_id", "location_id", "movement_id"], unique=False
    )
    op.create_index("ix_stock_movement_sku", "stock_movement", ["tenant_id", "sku_id", "movement_id"], unique=False)
    _protect(table)
