"""Keep the brand and the tags of products as rows, so that rules of prices find whether any product has one.

Revision: 0064, after 0063.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds, and fill it from the products there are."""
    table = op.create_table(
        "product_trait",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("trait", sa.Text(collation="C"), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["product.tenant_id", "product.product_id"],
            name=op.f("fk_product_trait_tenant_id_product_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "trait", "product_id", name=op.f("pk_product_trait")),
    )
    op.create_index("ix_product_trait_product", "product_trait", ["tenant_id", "product_id"])
    op.execute("ALTER TABLE product NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "/* across tenants: a migration */"
        " INSERT INTO product_trait (tenant_id, trait, product_id)"
        " SELECT tenant_id, 'brand:' || brand, product_id FROM product WHERE brand <> ''"
        " UNION SELECT tenant_id, 'tag:' || unnest(tags), product_id FROM product"
    )
    op.execute("ALTER TABLE product FORCE ROW LEVEL SECURITY")
    for statement in protection.protect(table):
        op.execute(statement)


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("product_trait")
