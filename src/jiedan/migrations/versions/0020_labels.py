"""Keep the labels of parcels.

Revision: 0020, after 0019.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    _create_parcel_label()


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("parcel_label")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_parcel_label() -> None:
    table = op.create_table(
        "parcel_label",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("parcel_id", sa.UUID(), nullable=False),
        sa.Column("carrier", sa.Text(collation="C"), nullable=False),
        sa.Column("tracking_number", sa.Text(collation="C"), nullable=False),
        sa.Column("media_type", sa.Text(collation="C"), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "octet_length(document) BETWEEN 1 AND 1048576", name=op.f("ck_parcel_label_document_bounded")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parcel_id"],
            ["parcel.tenant_id", "parcel.parcel_id"],
            name=op.f("fk_parcel_label_tenant_id_parcel_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "parcel_id", name=op.f("pk_parcel_label")),
        info={"append_only": True},
    )
    _protect(table)
