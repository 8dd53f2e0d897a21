"""Create the tables of pricing.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what this revision adds."""
    _create_price_rule_set()
    _create_shipping_fee()
    _create_tax_rate()


def downgrade() -> None:
    """Remove what this revision added."""
    op.drop_table("tax_rate")
    op.drop_table("shipping_fee")
    op.drop_table("price_rule_set")


def _protect(table: sa.Table) -> None:
    for statement in protection.protect(table):
        op.execute(statement)


def _create_price_rule_set() -> None:
    table = op.create_table(
        "price_rule_set",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_price_rule_set_positive")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_price_rule_set")),
    )
    _protect(table)


def _create_shipping_fee() -> None:
    table = op.create_table(
        "shipping_fee",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("currency", sa.Text(collation="C"), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("free_from_minor", sa.BigInteger(), nullable=True),
        sa.Column("tax_class", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("fee_minor >= 0", name=op.f("ck_shipping_fee_fee_not_negative")),
        sa.CheckConstraint("free_from_minor >= 0", name=op.f("ck_shipping_fee_free_from_not_negative")),
        sa.PrimaryKeyConstraint("tenant_id", "currency", name=op.f("pk_shipping_fee")),
    )
    _protect(table)


def _create_tax_rate() -> None:
    table = op.create_table(
        "tax_rate",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("country", sa.Text(collation="C"), nullable=False),
        sa.Column("tax_class", sa.Text(collation="C"), nullable=False),
        sa.Column("rate_ppm", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("rate_ppm BETWEEN 0 AND 1000000", name=op.f("ck_tax_rate_rate_range")),
        sa.PrimaryKeyConstraint("tenant_id", "country", "tax_class", name=op.f("pk_tax_rate")),
    )
    _protect(table)
