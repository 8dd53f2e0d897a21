"""Create the tables of carts, and how shops show themselves.

Revision: 0030, after 0029.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    _create_storefront()
    _create_cart()
    _create_cart_line()


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("cart_line")
    op.drop_table("cart")
    op.drop_table("storefront")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_storefront() -> None:
    table = op.create_table(
        "storefront",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("tagline", sa.Text(collation="C"), nullable=False),
        sa.Column("contact_email", sa.Text(collation="C"), nullable=False),
        sa.Column("contact_phone", sa.Text(collation="C"), nullable=False),
        sa.Column("terms", sa.Text(collation="C"), nullable=False),
        sa.Column("transfer_instructions", sa.Text(collation="C"), nullable=False),
        sa.Column("pays_on_delivery", sa.Boolean(), nullable=False),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("logo_media_type", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_storefront_version_positive")),
        sa.CheckConstraint("octet_length(logo) <= 300000", name=op.f("ck_storefront_logo_bounded")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_storefront")),
    )
    _protect(table)


def _create_cart() -> None:
    table = op.create_table(
        "cart",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("cart_id", sa.UUID(), nullable=False),
        sa.Column("holder_hash", sa.LargeBinary(), nullable=True),
        sa.Column("customer_id", sa.UUID(), nullable=True),
        sa.Column("currency", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_cart_version_positive")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.customer_id"],
            name=op.f("fk_cart_tenant_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "cart_id", name=op.f("pk_cart")),
    )
    for name, column, is_open in (
        ("uq_cart_open_of_holder", "holder_hash", "order_id IS NULL AND holder_hash IS NOT NULL"),
        ("uq_cart_open_of_customer", "customer_id", "order_id IS NULL AND customer_id IS NOT NULL"),
    ):
        op.create_index(name, "cart", ["tenant_id", column], unique=True, postgresql_where=sa.text(is_open))
    op.create_index("ix_cart_holder", "cart", ["tenant_id", "holder_hash", "cart_id"])
    op.create_index("ix_cart_customer", "cart", ["tenant_id", "customer_id"])
    op.create_index("ix_cart_updated", "cart", ["tenant_id", "updated_at"])
    _protect(table)


def _create_cart_line() -> None:
    table = op.create_table(
        "cart_line",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("cart_id", sa.UUID(), nullable=False),
        sa.Column("sku_id", sa.UUID(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(collation="C"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 10000", name=op.f("ck_cart_line_quantity_in_range")),
        sa.CheckConstraint("unit_minor >= 0", name=op.f("ck_cart_line_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "cart_id"], ["cart.tenant_id", "cart.cart_id"], name=op.f("fk_cart_line_tenant_id_cart_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sku_id"], ["sku.tenant_id", "sku.sku_id"], name=op.f("fk_cart_line_tenant_id_sku_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "cart_id", "sku_id", name=op.f("pk_cart_line")),
    )
    op.create_index("ix_cart_line_sku", "cart_line", ["tenant_id", "sku_id"])
    _protect(table)
