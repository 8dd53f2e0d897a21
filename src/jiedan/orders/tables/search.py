"""What orders are found by."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import TenantTable


class OrderTerm(TenantTable):
    """A normalized search term of an order; written in sets by the drain, read by ranges of `term`."""

    __tablename__ = "order_term"

    term: Mapped[str] = mapped_column(primary_key=True)
    placed_at: Mapped[datetime] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(primary_key=True)


class OrderWording(TenantTable):
    """All terms of an order in one text, each with a line break before it: what `order_term` holds of it, by order.

    One row here costs a twentieth of a second index over the terms, which are most of what an order writes.
    """

    __tablename__ = "order_wording"

    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    terms: Mapped[str]
