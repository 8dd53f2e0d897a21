"""Keep smaller copies of pictures.

Revision: 0045, after 0044.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_IMAGE = ["product_image.tenant_id", "product_image.image_id"]


def upgrade() -> None:
    """Create what this revision adds; copies of the pictures that are there are made by the worker."""
    op.add_column("product_image", sa.Column("rendered_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_product_image_unrendered",
        "product_image",
        ["tenant_id", "image_id"],
        postgresql_where=sa.text("rendered_at IS NULL"),
    )
    table = op.create_table(
        "image_rendition",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("image_id", sa.UUID(), nullable=False),
        sa.Column("edge_px", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("storage_key", sa.Text(collation="C"), nullable=False),
        sa.Column("media_type", sa.Text(collation="C"), nullable=False),
        sa.Column("width_px", sa.BigInteger(), nullable=False),
        sa.Column("height_px", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "width_px BETWEEN 1 AND edge_px AND height_px BETWEEN 1 AND edge_px",
            name=op.f("ck_image_rendition_inside_its_edge"),
        ),
        sa.ForeignKeyConstraint(["tenant_id", "image_id"], _IMAGE, name=op.f("fk_image_rendition_tenant_id_image_id")),
        sa.PrimaryKeyConstraint("tenant_id", "image_id", "edge_px", name=op.f("pk_image_rendition")),
    )
    op.create_index("ix_image_rendition_storage_key", "image_rendition", ["tenant_id", "storage_key"])
    for statement in protection.protect(table):
        op.execute(statement)


def downgrade() -> None:
    """Remove what this revision added; the bytes are swept a day later."""
    op.drop_table("image_rendition")
    op.drop_index("ix_product_image_unrendered", "product_image")
    op.drop_column("product_image", "rendered_at")
