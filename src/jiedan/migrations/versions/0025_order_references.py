"""Keep numbers of others that orders are found by, like those of waybills.

Revision: 0025, after 0024.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

REFERENCES = """
/* across tenants: a migration looks at the rows of every merchant */
INSERT INTO order_reference (tenant_id, order_id, reference)
SELECT DISTINCT f.tenant_id, f.order_id, p.tracking_number
FROM parcel p JOIN fulfillment f ON f.tenant_id = p.tenant_id AND f.fulfillment_id = p.fulfillment_id
WHERE p.tracking_number IS NOT NULL
"""
TABLES = ("order_reference", "orders", "parcel", "fulfillment")


def upgrade() -> None:
    """Create what this revision adds, and take over the tracking numbers that parcels have."""
    _create_order_reference()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(REFERENCES)
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("order_reference")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_order_reference() -> None:
    table = op.create_table(
        "order_reference",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("reference", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint(
            "char_length(reference) BETWEEN 1 AND 100", name=op.f("ck_order_reference_reference_length")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.order_id"],
            name=op.f("fk_order_reference_tenant_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "order_id", "reference", name=op.f("pk_order_reference")),
        info={"append_only": True},
    )
    _protect(table)
