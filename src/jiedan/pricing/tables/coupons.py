"""Coupons in their batches."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import TenantTable, one_of
from jiedan.pricing.values.coupons import COUPON_USES_MAX, COUPONS_PER_BATCH_MAX


class CouponBatch(TenantTable):
    """Codes that open one promotion under the same terms: `made` of `size` exist by now."""

    __tablename__ = "coupon_batch"

    batch_id: Mapped[UUID] = mapped_column(primary_key=True)
    promotion: Mapped[str]
    origin: Mapped[str]
    prefix: Mapped[str]
    size: Mapped[int]
    made: Mapped[int]
    uses_max: Mapped[int | None]
    uses_per_customer_max: Mapped[int | None]
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    note: Mapped[str]
    blocked_at: Mapped[datetime | None]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    created_at: Mapped[datetime]
    version: Mapped[int]
    is_personal: Mapped[bool] = mapped_column(server_default=sa.false())
    """Whether the customers of `CouponCustomer` alone may use it."""

    __table_args__ = (
        one_of("origin", ("made", "typed")),
        sa.CheckConstraint(f"size BETWEEN 1 AND {COUPONS_PER_BATCH_MAX}", name="size_bounded"),
        sa.CheckConstraint("made BETWEEN 0 AND size", name="made_of_size"),
        sa.CheckConstraint(f"uses_max BETWEEN 1 AND {COUPON_USES_MAX}", name="uses_bounded"),
        sa.CheckConstraint(f"uses_per_customer_max BETWEEN 1 AND {COUPON_USES_MAX}", name="uses_of_one_bounded"),
        sa.CheckConstraint("valid_from < valid_until", name="valid_a_while"),
        sa.CheckConstraint("version >= 1", name="version_positive"),
        sa.Index("ix_coupon_batch_promotion", "tenant_id", "promotion", "batch_id"),
    )


class Coupon(TenantTable):
    """One code; `number` counts inside its batch."""

    __tablename__ = "coupon"

    coupon_id: Mapped[UUID] = mapped_column(primary_key=True)
    batch_id: Mapped[UUID]
    number: Mapped[int]
    code: Mapped[str]
    blocked_at: Mapped[datetime | None]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "batch_id"], ["coupon_batch.tenant_id", "coupon_batch.batch_id"]),
        sa.UniqueConstraint("tenant_id", "code"),
        sa.UniqueConstraint("tenant_id", "batch_id", "number"),
        sa.CheckConstraint("number >= 1", name="number_counts"),
    )


class CouponCustomer(TenantTable):
    """A customer who may use the codes of a batch that is for single customers."""

    __tablename__ = "coupon_customer"

    batch_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    named_at: Mapped[datetime]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "batch_id"], ["coupon_batch.tenant_id", "coupon_batch.batch_id"]),
        sa.ForeignKeyConstraint(["tenant_id", "customer_id"], ["customer.tenant_id", "customer.customer_id"]),
        sa.Index("ix_coupon_customer_customer", "tenant_id", "customer_id", "batch_id"),
    )
