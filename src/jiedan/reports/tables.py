"""Tables of reports."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import TenantTable, one_of
from jiedan.reports.values import FIGURES


class FigureHour(TenantTable):
    """How much of something happened within one hour. Zero is not stored.

    Orders and sales are those of a `channel` in a `currency`; both are empty for parcels.
    """

    __tablename__ = "figure_hour"

    hour: Mapped[datetime] = mapped_column(primary_key=True)
    figure: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[int]

    __table_args__ = (
        one_of("figure", [*FIGURES]),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint("(figure IN ('placed', 'sales')) = (channel <> '')", name="channel_of_orders"),
    )


class FigureCounted(TenantTable):
    """Up to which hour a merchant's figures are counted."""

    __tablename__ = "figure_counted"

    counted_from: Mapped[datetime]
    counted_to: Mapped[datetime]

    __table_args__ = (sa.CheckConstraint("counted_from <= counted_to", name="rises"),)


class FigureDue(TenantTable):
    """An hour that was counted and has changed since; `event_id` is that of one event of the set that changed it."""

    __tablename__ = "figure_due"

    hour: Mapped[datetime] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
