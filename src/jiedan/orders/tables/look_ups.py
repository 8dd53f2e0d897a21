"""Guests who look for their order by number and contact, and prove that its mail is theirs."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import TenantTable
from jiedan.orders.tables.placed import order_key
from jiedan.orders.values import LOOK_UP_ATTEMPTS_MAX


class OrderLookUp(TenantTable):
    """A guest's wish to see an order; without one where number and contact fit none, which the guest is not told.

    `secret_hash` is of the secret of the page that asked, `code_hash` of the code that stands in the mail alone.
    """

    __tablename__ = "order_look_up"

    look_up_id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID | None]
    secret_hash: Mapped[bytes]
    code_hash: Mapped[bytes | None]
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    __table_args__ = (
        order_key(),
        sa.UniqueConstraint("tenant_id", "secret_hash"),
        sa.CheckConstraint(f"attempts BETWEEN 0 AND {LOOK_UP_ATTEMPTS_MAX}", name="attempts_bounded"),
        sa.Index("ix_order_look_up_order", "tenant_id", "order_id"),
        sa.Index("ix_order_look_up_expires", "tenant_id", "expires_at"),
    )
