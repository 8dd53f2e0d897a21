"""Tables of the catalog."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import TenantTable, one_of
from jiedan.catalog.values import ProductStatus, SkuKind


class Category(TenantTable):
    """A node of the category tree; a root has no parent."""

    __tablename__ = "category"

    category_id: Mapped[UUID] = mapped_column(primary_key=True)
    parent_id: Mapped[UUID | None]
    code: Mapped[str]
    name: Mapped[str]
    position: Mapped[int]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "code"),
        sa.ForeignKeyConstraint(["tenant_id", "parent_id"], ["category.tenant_id", "category.category_id"]),
        sa.CheckConstraint("parent_id <> category_id", name="not_its_own_parent"),
        sa.Index("ix_category_parent", "tenant_id", "parent_id", "position"),
    )


class Product(TenantTable):
    """The marketing parent of one or more SKUs; `code` is the merchant's own."""

    __tablename__ = "product"

    product_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    description: Mapped[str]
    kind: Mapped[str]
    status: Mapped[str]
    category_id: Mapped[UUID | None]
    tax_class: Mapped[str]
    brand: Mapped[str] = mapped_column(server_default="")
    """Empty where it has none, or nobody said."""
    tags: Mapped[list[str]] = mapped_column(server_default=sa.text("'{}'"))
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "code"),
        sa.ForeignKeyConstraint(["tenant_id", "category_id"], ["category.tenant_id", "category.category_id"]),
        one_of("kind", [*SkuKind]),
        one_of("status", [*ProductStatus]),
        sa.CheckConstraint("char_length(brand) <= 100", name="brand_is_short"),
        sa.CheckConstraint("cardinality(tags) <= 50", name="tags_are_few"),
        sa.Index("ix_product_status", "tenant_id", "status", "product_id"),
        sa.Index("ix_product_kind", "tenant_id", "kind", "product_id"),
        sa.Index("ix_product_status_kind", "tenant_id", "status", "kind", "product_id"),
        sa.Index("ix_product_category", "tenant_id", "category_id", "product_id"),
    )


class ProductTrait(TenantTable):
    """A brand or tag of a product as rules of prices name it, like `brand:Acme`; written with each change of it."""

    __tablename__ = "product_trait"

    trait: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[UUID] = mapped_column(primary_key=True)

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "product_id"], ["product.tenant_id", "product.product_id"]),
        sa.Index("ix_product_trait_product", "tenant_id", "product_id"),
    )


class ProductOption(TenantTable):
    """One axis of a product's variants, with its values in the order they are shown."""

    __tablename__ = "product_option"

    product_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    choices: Mapped[list[str]]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "product_id"], ["product.tenant_id", "product.product_id"]),
        sa.UniqueConstraint("tenant_id", "product_id", "name"),
    )


class Sku(TenantTable):
    """The sellable unit: one choice of each option of its product; lengths in mm, weight in g, null where unknown."""

    __tablename__ = "sku"

    sku_id: Mapped[UUID] = mapped_column(primary_key=True)
    product_id: Mapped[UUID]
    code: Mapped[str]
    option_values: Mapped[list[str]]
    weight_g: Mapped[int | None]
    length_mm: Mapped[int | None]
    width_mm: Mapped[int | None]
    height_mm: Mapped[int | None]
    is_active: Mapped[bool]
    may_be_sold: Mapped[bool]
    """Whether it, its product and every part of a kit are active; written with each change of one of them."""
    position: Mapped[int]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    order_minimum: Mapped[int] = mapped_column(server_default=sa.text("0"))
    order_maximum: Mapped[int] = mapped_column(server_default=sa.text("0"))
    order_step: Mapped[int] = mapped_column(server_default=sa.text("1"))
    order_pack: Mapped[int] = mapped_column(server_default=sa.text("1"))

    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "code"),
        sa.UniqueConstraint("tenant_id", "product_id", "option_values"),
        sa.Index("ix_sku_may_be_sold", "tenant_id", "may_be_sold", "sku_id"),
        sa.ForeignKeyConstraint(["tenant_id", "product_id"], ["product.tenant_id", "product.product_id"]),
        sa.CheckConstraint("weight_g >= 0", name="weight_not_negative"),
        sa.CheckConstraint("length_mm > 0 AND width_mm > 0 AND height_mm > 0", name="size_positive"),
        sa.CheckConstraint(
            "order_minimum BETWEEN 0 AND 1000000000 AND order_maximum BETWEEN 0 AND 1000000000"
            " AND order_step BETWEEN 1 AND 1000000000 AND order_pack BETWEEN 1 AND 1000000000",
            name="order_quantities_within",
        ),
        sa.CheckConstraint(
            "order_maximum = 0"
            " OR order_maximum >= greatest(coalesce(nullif(order_minimum, 0), order_step), order_pack)",
            name="order_maximum_reached",
        ),
        # Steps count from the minimum and packs from nothing: they only meet where what they share divides the minimum.
        sa.CheckConstraint("order_minimum % gcd(order_step, order_pack) = 0", name="order_steps_meet_packs"),
    )


class SkuBarcode(TenantTable):
    """A barcode of a SKU and how many units it stands for; the main one is that of a single unit."""

    __tablename__ = "sku_barcode"

    barcode: Mapped[str] = mapped_column(primary_key=True)
    sku_id: Mapped[UUID]
    quantity: Mapped[int]
    is_main: Mapped[bool]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"]),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("quantity = 1 OR NOT is_main", name="main_is_one_unit"),
        sa.Index("ix_sku_barcode_sku", "tenant_id", "sku_id"),
        sa.Index("uq_sku_barcode_main", "tenant_id", "sku_id", unique=True, postgresql_where=sa.text("is_main")),
    )


class SkuComponent(TenantTable):
    """How many of a goods SKU are in one kit."""

    __tablename__ = "sku_component"

    sku_id: Mapped[UUID] = mapped_column(primary_key=True)
    component_id: Mapped[UUID] = mapped_column(primary_key=True)
    quantity: Mapped[int]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"]),
        sa.ForeignKeyConstraint(["tenant_id", "component_id"], ["sku.tenant_id", "sku.sku_id"]),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("component_id <> sku_id", name="not_inside_itself"),
        sa.Index("ix_sku_component_component", "tenant_id", "component_id"),
    )


class SkuPrice(TenantTable):
    """The unit price of a SKU in one currency from a quantity upwards."""

    __tablename__ = "sku_price"

    sku_id: Mapped[UUID] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    min_quantity: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unit_minor: Mapped[int]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"]),
        sa.CheckConstraint("min_quantity >= 1", name="quantity_positive"),
        sa.CheckConstraint("unit_minor >= 0", name="price_not_negative"),
    )


class ProductImage(TenantTable):
    """A picture of a product, or of one of its SKUs; the bytes lie in the storage under `storage_key`."""

    __tablename__ = "product_image"

    image_id: Mapped[UUID] = mapped_column(primary_key=True)
    product_id: Mapped[UUID]
    sku_id: Mapped[UUID | None]
    position: Mapped[int]
    storage_key: Mapped[str]
    media_type: Mapped[str]
    width_px: Mapped[int]
    height_px: Mapped[int]
    size_bytes: Mapped[int]
    alt_text: Mapped[str]
    created_at: Mapped[datetime]
    rendered_at: Mapped[datetime | None]
    """When its smaller copies were made, of a small picture none; null until then."""

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "product_id"], ["product.tenant_id", "product.product_id"]),
        sa.ForeignKeyConstraint(["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"]),
        sa.Index(
            "ix_product_image_unrendered", "tenant_id", "image_id", postgresql_where=sa.text("rendered_at IS NULL")
        ),
        sa.Index("ix_product_image_product", "tenant_id", "product_id", "position"),
        sa.Index("ix_product_image_storage_key", "tenant_id", "storage_key"),
    )


class ImageRendition(TenantTable):
    """A smaller copy of a picture, at most `edge_px` wide and high."""

    __tablename__ = "image_rendition"

    image_id: Mapped[UUID] = mapped_column(primary_key=True)
    edge_px: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    storage_key: Mapped[str]
    media_type: Mapped[str]
    width_px: Mapped[int]
    height_px: Mapped[int]
    size_bytes: Mapped[int]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "image_id"], ["product_image.tenant_id", "product_image.image_id"]),
        sa.CheckConstraint(
            "width_px BETWEEN 1 AND edge_px AND height_px BETWEEN 1 AND edge_px", name="inside_its_edge"
        ),
        sa.Index("ix_image_rendition_storage_key", "tenant_id", "storage_key"),
    )


class CatalogRevision(TenantTable):
    """The row that whoever writes a merchant's catalog locks first, so that writers take turns; it stays as it is."""

    __tablename__ = "catalog_revision"

    revision: Mapped[int]


class SkuTerm(TenantTable):
    """A normalized search term of a SKU; written in sets by the drain, read by ranges of `term`."""

    __tablename__ = "sku_term"

    term: Mapped[str] = mapped_column(primary_key=True)
    sku_id: Mapped[UUID] = mapped_column(primary_key=True)
    product_id: Mapped[UUID]

    __table_args__ = (sa.Index("ix_sku_term_sku", "tenant_id", "sku_id", "term"),)
