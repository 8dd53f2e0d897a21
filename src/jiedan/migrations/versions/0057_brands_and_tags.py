"""Let products have a brand and tags, which rules of prices may ask for.

Revision: 0057, after 0056.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

_TEXTS = postgresql.ARRAY(sa.Text(collation="C"))


def upgrade() -> None:
    """Create what this revision adds."""
    op.add_column("product", sa.Column("brand", sa.Text(collation="C"), nullable=False, server_default=""))
    op.add_column("product", sa.Column("tags", _TEXTS, nullable=False, server_default=sa.text("'{}'")))
    op.create_check_constraint(op.f("ck_product_brand_is_short"), "product", "char_length(brand) <= 100")
    op.create_check_constraint(op.f("ck_product_tags_are_few"), "product", "cardinality(tags) <= 50")


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_constraint(op.f("ck_product_tags_are_few"), "product")
    op.drop_constraint(op.f("ck_product_brand_is_short"), "product")
    op.drop_column("product", "tags")
    op.drop_column("product", "brand")
