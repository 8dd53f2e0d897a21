"""Let a SKU have several barcodes, each of so many units, and let a scan count them.

Revision: 0041, after 0040.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_MAIN = sa.text("is_main")


def upgrade() -> None:
    """Move the barcodes of SKUs into a table of their own; what was scanned so far was one unit each."""
    table = op.create_table(
        "sku_barcode",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("barcode", sa.Text(collation="C"), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("is_main", sa.Boolean(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_sku_barcode_quantity_positive")),
        sa.CheckConstraint("quantity = 1 OR NOT is_main", name=op.f("ck_sku_barcode_main_is_one_unit")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"], name=op.f("fk_sku_barcode_tenant_id_sku_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "barcode", name=op.f("pk_sku_barcode")),
    )
    op.create_index("ix_sku_barcode_sku", "sku_barcode", ["tenant_id", "sku_id"])
    op.create_index("uq_sku_barcode_main", "sku_barcode", ["tenant_id", "sku_id"], unique=True, postgresql_where=_MAIN)
    op.execute("ALTER TABLE sku NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "/* across tenants: a migration */"
        " INSERT INTO sku_barcode (tenant_id, barcode, sku_id, quantity, is_main)"
        " SELECT tenant_id, barcode, sku_id, 1, true FROM sku WHERE barcode IS NOT NULL"
    )
    op.execute("ALTER TABLE sku FORCE ROW LEVEL SECURITY")
    for statement in protection.protect(table):
        op.execute(statement)
    op.drop_column("sku", "barcode")
    op.add_column("packing_scan", sa.Column("quantity", sa.BigInteger(), server_default="1", nullable=False))
    op.alter_column("packing_scan", "quantity", server_default=None)
    op.create_check_constraint(op.f("ck_packing_scan_quantity_positive"), "packing_scan", "quantity > 0")


def downgrade() -> None:
    """Put each SKU's own barcode back; the others, and how many units were scanned at once, are lost."""
    op.drop_column("packing_scan", "quantity")
    op.add_column("sku", sa.Column("barcode", sa.Text(collation="C"), nullable=True))
    for name in ("sku", "sku_barcode"):
        op.execute(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "/* across tenants: a migration */"
        " UPDATE sku AS s SET barcode = b.barcode FROM sku_barcode b"
        " WHERE b.tenant_id = s.tenant_id AND b.sku_id = s.sku_id AND b.is_main"
    )
    op.execute("ALTER TABLE sku FORCE ROW LEVEL SECURITY")
    op.create_index(
        "uq_sku_tenant_id_barcode",
        "sku",
        ["tenant_id", "barcode"],
        unique=True,
        postgresql_where=sa.text("barcode IS NOT NULL"),
    )
    op.drop_table("sku_barcode")
