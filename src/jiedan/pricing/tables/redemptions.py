"""Uses of promotions and coupons, and what counts them."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import STORAGE, TenantTable, one_of
from jiedan.pricing.values.redemptions import UseScope


class PromotionUse(TenantTable):
    """A counter of live redemptions, or of their units; its row is locked before they are written.

    `subject` is a promotion, or the id of a code or a batch, `customer` the id of one where it counts by customer.
    `cap` is what it was not to pass when it last rose: a cap lowered since takes nothing from anybody.
    """

    __tablename__ = "promotion_use"

    scope: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    customer: Mapped[str] = mapped_column(primary_key=True)
    used: Mapped[int]
    cap: Mapped[int | None]

    __table_args__ = (
        one_of("scope", [scope.value for scope in UseScope]),
        sa.CheckConstraint(
            "(scope IN ('coupon_customer', 'promotion_customer')) = (customer <> '')", name="customer_fits"
        ),
        sa.CheckConstraint("used >= 0", name="used_counted"),
        sa.CheckConstraint("used <= cap", name="used_within_cap"),
        # They change with orders; room in the page keeps those updates off the index (HOT).
        {"info": {STORAGE: {"fillfactor": 50}}},
    )


class Redemption(TenantTable):
    """An order's use of a promotion, by a code where it needed one, until it is given back.

    The order is above this module, so nothing but its id is known of it here.
    """

    __tablename__ = "redemption"

    redemption_id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID]
    promotion: Mapped[str]
    coupon_id: Mapped[UUID | None]
    customer_id: Mapped[UUID | None]
    units: Mapped[int]
    currency: Mapped[str]
    discount_minor: Mapped[int]
    redeemed_at: Mapped[datetime]
    given_back_at: Mapped[datetime | None]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "coupon_id"], ["coupon.tenant_id", "coupon.coupon_id"]),
        sa.ForeignKeyConstraint(["tenant_id", "customer_id"], ["customer.tenant_id", "customer.customer_id"]),
        sa.CheckConstraint("units >= 0", name="units_counted"),
        sa.CheckConstraint("discount_minor >= 0", name="discount_not_negative"),
        sa.Index(
            "ix_redemption_live",
            "tenant_id",
            "order_id",
            "promotion",
            unique=True,
            postgresql_where=sa.text("given_back_at IS NULL"),
        ),
        sa.Index("ix_redemption_order", "tenant_id", "order_id", "redemption_id"),
        sa.Index("ix_redemption_promotion", "tenant_id", "promotion", "redemption_id"),
        sa.Index(
            "ix_redemption_coupon",
            "tenant_id",
            "coupon_id",
            "redemption_id",
            postgresql_where=sa.text("coupon_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_redemption_customer",
            "tenant_id",
            "customer_id",
            "redemption_id",
            postgresql_where=sa.text("customer_id IS NOT NULL"),
        ),
    )
