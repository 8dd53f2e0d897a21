"""Create the tables of catalog.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from jiedan.base import schema as protection

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    _create_catalog_revision()
    _create_category()
    _create_sku_term()
    _create_product()
    _create_product_option()
    _create_sku()
    _create_product_image()
    _create_sku_component()
    _create_sku_price()


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("sku_price")
    op.drop_table("sku_component")
    op.drop_table("product_image")
    op.drop_table("sku")
    op.drop_table("product_option")
    op.drop_table("product")
    op.drop_table("sku_term")
    op.drop_table("category")
    op.drop_table("catalog_revision")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_catalog_revision() -> None:
    table = op.create_table(
        "catalog_revision",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_catalog_revision")),
    )
    _protect(table)


def _create_category() -> None:
    table = op.create_table(
        "category",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("category_id", sa.UUID(), nullable=False),
        sa.Column("parent_id", sa.UUID(), nullable=True),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("parent_id <> category_id", name=op.f("ck_category_not_its_own_parent")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["category.tenant_id", "category.category_id"],
            name=op.f("fk_category_tenant_id_parent_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "category_id", name=op.f("pk_category")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_category_tenant_id_code")),
    )
    op.create_index("ix_category_parent", "category", ["tenant_id", "parent_id", "position"], unique=False)
    _protect(table)


def _create_sku_term() -> None:
    table = op.create_table(
        "sku_term",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("term", sa.Text(collation="C"), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "term", "sku_id", name=op.f("pk_sku_term")),
    )
    op.create_index("ix_sku_term_sku", "sku_term", ["tenant_id", "sku_id", "term"], unique=False)
    _protect(table)


def _create_product() -> None:
    table = op.create_table(
        "product",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("description", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("category_id", sa.UUID(), nullable=True),
        sa.Column("tax_class", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('goods', 'service', 'kit')", name=op.f("ck_product_kind_known")),
        sa.CheckConstraint("status IN ('draft', 'active', 'archived')", name=op.f("ck_product_status_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "category_id"],
            ["category.tenant_id", "category.category_id"],
            name=op.f("fk_product_tenant_id_category_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "product_id", name=op.f("pk_product")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_product_tenant_id_code")),
    )
    op.create_index("ix_product_category", "product", ["tenant_id", "category_id", "product_id"], unique=False)
    op.create_index("ix_product_kind", "product", ["tenant_id", "kind", "product_id"], unique=False)
    op.create_index("ix_product_status", "product", ["tenant_id", "status", "product_id"], unique=False)
    op.create_index("ix_product_status_kind", "product", ["tenant_id", "status", "kind", "product_id"], unique=False)
    _protect(table)


def _create_product_option() -> None:
    table = op.create_table(
        "product_option",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("choices", postgresql.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["product.tenant_id", "product.product_id"],
            name=op.f("fk_product_option_tenant_id_product_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "product_id", "position", name=op.f("pk_product_option")),
        sa.UniqueConstraint(
            "tenant_id", "product_id", "name", name=op.f("uq_product_option_tenant_id_product_id_name")
        ),
    )
    _protect(table)


def _create_sku() -> None:
    table = op.create_table(
        "sku",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("option_values", postgresql.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("barcode", sa.Text(collation="C"), nullable=True),
        sa.Column("weight_g", sa.BigInteger(), nullable=True),
        sa.Column("length_mm", sa.BigInteger(), nullable=True),
        sa.Column("width_mm", sa.BigInteger(), nullable=True),
        sa.Column("height_mm", sa.BigInteger(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length_mm > 0 AND width_mm > 0 AND height_mm > 0", name=op.f("ck_sku_size_positive")),
        sa.CheckConstraint("weight_g >= 0", name=op.f("ck_sku_weight_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["product.tenant_id", "product.product_id"],
            name=op.f("fk_sku_tenant_id_product_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "sku_id", name=op.f("pk_sku")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_sku_tenant_id_code")),
        sa.UniqueConstraint(
            "tenant_id", "product_id", "option_values", name=op.f("uq_sku_tenant_id_product_id_option_values")
        ),
    )
    op.create_index(
        "uq_sku_tenant_id_barcode",
        "sku",
        ["tenant_id", "barcode"],
        unique=True,
        postgresql_where=sa.text("barcode IS NOT NULL"),
    )
    _protect(table)


def _create_product_image() -> None:
    table = op.create_table(
        "product_image",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("image_id", sa.UUID(), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("storage_key", sa.Text(collation="C"), nullable=False),
        sa.Column("media_type", sa.Text(collation="C"), nullable=False),
        sa.Column("width_px", sa.BigInteger(), nullable=False),
        sa.Column("height_px", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("alt_text", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["product.tenant_id", "product.product_id"],
            name=op.f("fk_product_image_tenant_id_product_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"], name=op.f("fk_product_image_tenant_id_sku_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "image_id", name=op.f("pk_product_image")),
    )
    op.create_index("ix_product_image_product", "product_image", ["tenant_id", "product_id", "position"], unique=False)
    _protect(table)


def _create_sku_component() -> None:
    table = op.create_table(
        "sku_component",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("component_id", sa.UUID(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("component_id <> sku_id", name=op.f("ck_sku_component_not_inside_itself")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_sku_component_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "component_id"],
            ["sku.tenant_id", "sku.sku_id"],
            name=op.f("fk_sku_component_tenant_id_component_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"], name=op.f("fk_sku_component_tenant_id_sku_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "sku_id", "component_id", name=op.f("pk_sku_component")),
    )
    op.create_index("ix_sku_component_component", "sku_component", ["tenant_id", "component_id"], unique=False)
    _protect(table)


def _create_sku_price() -> None:
    table = op.create_table(
        "sku_price",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("currency", sa.Text(collation="C"), nullable=False),
        sa.Column("min_quantity", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("min_quantity >= 1", name=op.f("ck_sku_price_quantity_positive")),
        sa.CheckConstraint("unit_minor >= 0", name=op.f("ck_sku_price_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"], name=op.f("fk_sku_price_tenant_id_sku_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "sku_id", "currency", "min_quantity", name=op.f("pk_sku_price")),
    )
    _protect(table)
