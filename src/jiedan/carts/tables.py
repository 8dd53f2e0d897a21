"""Tables of carts."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import TenantTable
from jiedan.carts.values import ATTRIBUTES_BYTES_MAX, CART_COUPONS_MAX, CART_QUANTITY_MAX


class Cart(TenantTable):
    """What somebody means to buy; `holder_hash` is the SHA-256 of the secret in the browser that filled it.

    `coupons` are codes as they are stored, in the order they were given.
    """

    __tablename__ = "cart"

    cart_id: Mapped[UUID] = mapped_column(primary_key=True)
    holder_hash: Mapped[bytes | None]
    customer_id: Mapped[UUID | None]
    currency: Mapped[str]
    order_id: Mapped[UUID | None]
    coupons: Mapped[list[str]] = mapped_column(pg.ARRAY(sa.Text()), server_default=sa.text("'{}'"))
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "customer_id"], ["customer.tenant_id", "customer.customer_id"]),
        sa.CheckConstraint("version >= 1", name="version_positive"),
        sa.CheckConstraint(f"cardinality(coupons) <= {CART_COUPONS_MAX}", name="coupons_bounded"),
        sa.Index(
            "uq_cart_open_of_holder", "tenant_id", "holder_hash", unique=True,
            postgresql_where=sa.text("order_id IS NULL AND holder_hash IS NOT NULL"),
        ),
        sa.Index(
            "uq_cart_open_of_customer", "tenant_id", "customer_id", unique=True,
            postgresql_where=sa.text("order_id IS NULL AND customer_id IS NOT NULL"),
        ),
        sa.Index("ix_cart_holder", "tenant_id", "holder_hash", "cart_id"),
        sa.Index("ix_cart_customer", "tenant_id", "customer_id"),
        sa.Index("ix_cart_updated", "tenant_id", "updated_at"),
    )  # fmt: skip


class CartLine(TenantTable):
    """A SKU in a cart, with the unit price that was shown last; `position` keeps the order of putting in.

    `attributes` are what is said of a piece made to measure, `piece` their digest: each is a line of its own.
    """

    __tablename__ = "cart_line"

    cart_id: Mapped[UUID] = mapped_column(primary_key=True)
    sku_id: Mapped[UUID] = mapped_column(primary_key=True)
    piece: Mapped[str] = mapped_column(primary_key=True, server_default="")
    quantity: Mapped[int]
    unit_minor: Mapped[int | None]
    currency: Mapped[str]
    position: Mapped[int]
    attributes: Mapped[dict[str, Any] | None] = mapped_column(pg.JSONB(none_as_null=True))

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "cart_id"], ["cart.tenant_id", "cart.cart_id"]),
        sa.ForeignKeyConstraint(["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"]),
        sa.Index("ix_cart_line_sku", "tenant_id", "sku_id"),
        sa.CheckConstraint(f"quantity BETWEEN 1 AND {CART_QUANTITY_MAX}", name="quantity_in_range"),
        sa.CheckConstraint("unit_minor >= 0", name="price_not_negative"),
        sa.CheckConstraint("(piece = '') = (attributes IS NULL)", name="piece_is_told"),
        sa.CheckConstraint(
            f"jsonb_typeof(attributes) = 'object' AND octet_length(attributes::text) <= {ATTRIBUTES_BYTES_MAX}",
            name="attributes_bounded",
        ),
    )
