"""Tables of privacy."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import TenantTable, one_of
from jiedan.privacy.values import Status


class Erasure(TenantTable):
    """That a customer is forgotten, and how far that is; ids alone, so it may stay for ever."""

    __tablename__ = "erasure"

    erasure_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    customer_ids: Mapped[list[UUID]]
    status: Mapped[str]
    orders_total: Mapped[int]
    orders_done: Mapped[int]
    after_id: Mapped[UUID | None]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    begun_at: Mapped[datetime]
    tell_until: Mapped[datetime]
    done_at: Mapped[datetime | None]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "customer_id"], ["customer.tenant_id", "customer.customer_id"]),
        sa.UniqueConstraint("tenant_id", "customer_id"),
        one_of("status", [*Status]),
        sa.CheckConstraint("(status = 'done') = (done_at IS NOT NULL)", name="done_has_a_date"),
        sa.CheckConstraint("orders_total >= 0 AND orders_done >= 0", name="counted"),
        sa.CheckConstraint("cardinality(customer_ids) >= 1", name="is_of_somebody"),
        sa.Index(
            "ix_erasure_under_way", "tenant_id", "erasure_id", postgresql_where=sa.text("status <> 'done'")
        ),
    )  # fmt: skip
