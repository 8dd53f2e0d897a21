"""Create the tables of the pack station, and find parcels by state, carrier and number.

Revision: 0031, after 0030.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

PARCEL_INDEXES = {
    "ix_parcel_state": ["tenant_id", "state", "packed_at", "parcel_id"],
    "ix_parcel_carrier": ["tenant_id", "carrier", "state", "packed_at", "parcel_id"],
}


def upgrade() -> None:
    """Create what this revision adds."""
    op.add_column("parcel", sa.Column("box", sa.Text(collation="C"), nullable=True))
    for name, columns in PARCEL_INDEXES.items():
        op.create_index(name, "parcel", columns)
    op.create_index(
        "ix_parcel_number",
        "parcel",
        ["tenant_id", "tracking_number", "parcel_id"],
        postgresql_where=sa.text("tracking_number IS NOT NULL"),
    )
    _create_parcel_print()
    _create_packing_scan()
    _create_packing_box()


def downgrade() -> None:
    """Remove what this revision added."""
    for name in ("packing_box", "packing_scan", "parcel_print"):
        op.drop_table(name)
    for name in ("ix_parcel_number", *PARCEL_INDEXES):
        op.drop_index(name, "parcel")
    op.drop_column("parcel", "box")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_parcel_print() -> None:
    table = op.create_table(
        "parcel_print",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("print_id", sa.UUID(), nullable=False),
        sa.Column("parcel_id", sa.UUID(), nullable=False),
        sa.Column("document", sa.Text(collation="C"), nullable=False),
        sa.Column("reason", sa.Text(collation="C"), nullable=True),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_id", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("document IN ('label', 'packing_slip')", name=op.f("ck_parcel_print_document_known")),
        sa.CheckConstraint(
            "reason IN ('jammed', 'unreadable', 'lost', 'damaged', 'other')", name=op.f("ck_parcel_print_reason_known")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parcel_id"],
            ["parcel.tenant_id", "parcel.parcel_id"],
            name=op.f("fk_parcel_print_tenant_id_parcel_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "print_id", name=op.f("pk_parcel_print")),
        info={"append_only": True},
    )
    columns = ["tenant_id", "parcel_id", "document"]
    op.create_index("ix_parcel_print_parcel", "parcel_print", columns)
    op.create_index(
        "uq_parcel_print_first", "parcel_print", columns, unique=True, postgresql_where=sa.text("reason IS NULL")
    )
    _protect(table)


def _create_packing_scan() -> None:
    table = op.create_table(
        "packing_scan",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("scan_id", sa.UUID(), nullable=False),
        sa.Column("fulfillment_id", sa.UUID(), nullable=False),
        sa.Column("line_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_id", sa.Text(collation="C"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parcel_id", sa.UUID(), nullable=True),
        sa.CheckConstraint("undone_at IS NULL OR parcel_id IS NULL", name=op.f("ck_packing_scan_undone_or_packed")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "fulfillment_id", "line_id"],
            ["fulfillment_line.tenant_id", "fulfillment_line.fulfillment_id", "fulfillment_line.line_id"],
            name=op.f("fk_packing_scan_tenant_id_fulfillment_id_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parcel_id"],
            ["parcel.tenant_id", "parcel.parcel_id"],
            name=op.f("fk_packing_scan_tenant_id_parcel_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "scan_id", name=op.f("pk_packing_scan")),
    )
    op.create_index(
        "ix_packing_scan_fulfillment", "packing_scan", ["tenant_id", "fulfillment_id", "scanned_at", "scan_id"]
    )
    op.create_index(
        "ix_packing_scan_parcel",
        "packing_scan",
        ["tenant_id", "parcel_id"],
        postgresql_where=sa.text("parcel_id IS NOT NULL"),
    )
    _protect(table)


def _create_packing_box() -> None:
    table = op.create_table(
        "packing_box",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("length_mm", sa.BigInteger(), nullable=False),
        sa.Column("width_mm", sa.BigInteger(), nullable=False),
        sa.Column("height_mm", sa.BigInteger(), nullable=False),
        sa.Column("tare_g", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "length_mm >= 1 AND width_mm >= 1 AND height_mm >= 1 AND tare_g >= 0", name=op.f("ck_packing_box_sized")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_packing_box_version_positive")),
        sa.PrimaryKeyConstraint("tenant_id", "code", name=op.f("pk_packing_box")),
    )
    _protect(table)
