"""Let codes open promotions, and count who uses both: coupons in batches, guarded counters, redemptions.

Revision: 0050, after 0049.
"""

import sqlalchemy as sa
from alembic import op

from jiedan.base import schema as protection

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

_TEXT = sa.Text(collation="C")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create what this revision adds."""
    for table in (_batches(), _coupons(), _counters(), _redemptions()):
        for statement in protection.protect(table):
            op.execute(statement)


def downgrade() -> None:
    """Remove what this revision added."""
    for name in ("redemption", "promotion_use", "coupon", "coupon_batch"):
        op.drop_table(name)


def _batches() -> sa.Table:
    table = op.create_table(
        "coupon_batch",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("batch_id", sa.UUID(), nullable=False),
        sa.Column("promotion", _TEXT, nullable=False),
        sa.Column("origin", _TEXT, nullable=False),
        sa.Column("prefix", _TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("uses_max", sa.BigInteger(), nullable=True),
        sa.Column("uses_per_customer_max", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", _MOMENT, nullable=True),
        sa.Column("valid_until", _MOMENT, nullable=True),
        sa.Column("note", _TEXT, nullable=False),
        sa.Column("blocked_at", _MOMENT, nullable=True),
        sa.Column("actor_kind", _TEXT, nullable=False),
        sa.Column("actor_id", _TEXT, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("origin IN ('made', 'typed')", name=op.f("ck_coupon_batch_origin_known")),
        sa.CheckConstraint("size BETWEEN 1 AND 100000", name=op.f("ck_coupon_batch_size_bounded")),
        sa.CheckConstraint("made BETWEEN 0 AND size", name=op.f("ck_coupon_batch_made_of_size")),
        sa.CheckConstraint("uses_max BETWEEN 1 AND 1000000", name=op.f("ck_coupon_batch_uses_bounded")),
        sa.CheckConstraint(
            "uses_per_customer_max BETWEEN 1 AND 1000000", name=op.f("ck_coupon_batch_uses_of_one_bounded")
        ),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_coupon_batch_valid_a_while")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_coupon_batch_version_positive")),
        sa.PrimaryKeyConstraint("tenant_id", "batch_id", name=op.f("pk_coupon_batch")),
    )
    op.create_index("ix_coupon_batch_promotion", "coupon_batch", ["tenant_id", "promotion", "batch_id"])
    return table


def _coupons() -> sa.Table:
    return op.create_table(
        "coupon",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("coupon_id", sa.UUID(), nullable=False),
        sa.Column("batch_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("code", _TEXT, nullable=False),
        sa.Column("blocked_at", _MOMENT, nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_coupon_number_counts")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "batch_id"],
            ["coupon_batch.tenant_id", "coupon_batch.batch_id"],
            name=op.f("fk_coupon_tenant_id_batch_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "coupon_id", name=op.f("pk_coupon")),
        sa.UniqueConstraint("tenant_id", "batch_id", "number", name=op.f("uq_coupon_tenant_id_batch_id_number")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_coupon_tenant_id_code")),
    )


def _counters() -> sa.Table:
    return op.create_table(
        "promotion_use",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("scope", _TEXT, nullable=False),
        sa.Column("subject", _TEXT, nullable=False),
        sa.Column("customer", _TEXT, nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("cap", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(scope IN ('coupon_customer', 'promotion_customer')) = (customer <> '')",
            name=op.f("ck_promotion_use_customer_fits"),
        ),
        sa.CheckConstraint(
            "scope IN ('batch', 'coupon', 'coupon_customer', 'promotion', 'promotion_customer', 'units')",
            name=op.f("ck_promotion_use_scope_known"),
        ),
        sa.CheckConstraint("used <= cap", name=op.f("ck_promotion_use_used_within_cap")),
        sa.CheckConstraint("used >= 0", name=op.f("ck_promotion_use_used_counted")),
        sa.PrimaryKeyConstraint("tenant_id", "scope", "subject", "customer", name=op.f("pk_promotion_use")),
        info={"storage": {"fillfactor": 50}},
    )


def _redemptions() -> sa.Table:
    table = op.create_table(
        "redemption",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("redemption_id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("promotion", _TEXT, nullable=False),
        sa.Column("coupon_id", sa.UUID(), nullable=True),
        sa.Column("customer_id", sa.UUID(), nullable=True),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("currency", _TEXT, nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("redeemed_at", _MOMENT, nullable=False),
        sa.Column("given_back_at", _MOMENT, nullable=True),
        sa.CheckConstraint("discount_minor >= 0", name=op.f("ck_redemption_discount_not_negative")),
        sa.CheckConstraint("units >= 0", name=op.f("ck_redemption_units_counted")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "coupon_id"],
            ["coupon.tenant_id", "coupon.coupon_id"],
            name=op.f("fk_redemption_tenant_id_coupon_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.customer_id"],
            name=op.f("fk_redemption_tenant_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "redemption_id", name=op.f("pk_redemption")),
    )
    op.create_index("ix_redemption_order", "redemption", ["tenant_id", "order_id", "redemption_id"])
    op.create_index("ix_redemption_promotion", "redemption", ["tenant_id", "promotion", "redemption_id"])
    op.create_index(
        "ix_redemption_live",
        "redemption",
        ["tenant_id", "order_id", "promotion"],
        unique=True,
        postgresql_where=sa.text("given_back_at IS NULL"),
    )
    op.create_index(
        "ix_redemption_coupon",
        "redemption",
        ["tenant_id", "coupon_id", "redemption_id"],
        postgresql_where=sa.text("coupon_id IS NOT NULL"),
    )
    op.create_index(
        "ix_redemption_customer",
        "redemption",
        ["tenant_id", "customer_id", "redemption_id"],
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    return table
