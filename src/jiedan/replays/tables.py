"""Tables of replays."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import ErrandTable, TenantTable, one_of
from jiedan.replays.values import FIGURES, LISTED, UNDER_WAY, ReplayStatus

_UNDER_WAY = "status IN (" + ", ".join(f"'{status}'" for status in sorted(UNDER_WAY)) + ")"


class PriceReplay(ErrandTable):
    """A draft of the price rules, as it was when somebody asked, and how far its replay is."""

    __tablename__ = "price_replay"

    replay_id: Mapped[UUID] = mapped_column(primary_key=True)
    days: Mapped[int]
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    locale: Mapped[str]
    total: Mapped[int]
    done: Mapped[int]
    after_at: Mapped[datetime]
    after_id: Mapped[UUID]
    document: Mapped[dict[str, Any]]
    base_version: Mapped[int]
    changes: Mapped[int]

    __table_args__ = (
        one_of("status", [*ReplayStatus]),
        sa.CheckConstraint("days >= 1 AND from_at < until_at", name="looks_back"),
        sa.CheckConstraint("done >= 0 AND done <= total", name="counted"),
        sa.CheckConstraint("status <> 'completed' OR done = total", name="completed_is_whole"),
        sa.CheckConstraint("base_version >= 0 AND changes >= 0", name="rules_known"),
        sa.Index("uq_price_replay_under_way", "tenant_id", unique=True, postgresql_where=sa.text(_UNDER_WAY)),
    )


class PriceReplaySum(TenantTable):
    """What a replay came to so far: one figure, of all orders, a SKU or a customer, in one currency."""

    __tablename__ = "price_replay_sum"

    replay_id: Mapped[UUID] = mapped_column(primary_key=True)
    figure: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    orders: Mapped[int]
    before_minor: Mapped[int]
    after_minor: Mapped[int]
    difference_minor: Mapped[int]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "replay_id"], ["price_replay.tenant_id", "price_replay.replay_id"]),
        one_of("figure", [*FIGURES]),
        sa.CheckConstraint("(subject = '') = (figure NOT IN ('sku', 'customer'))", name="subject_where_asked"),
        sa.CheckConstraint("orders >= 0", name="orders_counted"),
        sa.CheckConstraint("difference_minor = after_minor - before_minor", name="difference_adds_up"),
        sa.Index(
            "ix_price_replay_sum_most", "tenant_id", "replay_id", "figure", "currency", "difference_minor", "subject"
        ),
    )


class PriceReplayOrder(TenantTable):
    """An order that would cost something else, would be refused, or of which nothing can be told."""

    __tablename__ = "price_replay_order"

    replay_id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    currency: Mapped[str]
    before_minor: Mapped[int]
    after_minor: Mapped[int]
    difference_minor: Mapped[int]
    code: Mapped[str]
    detail: Mapped[str]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "replay_id"], ["price_replay.tenant_id", "price_replay.replay_id"]),
        one_of("outcome", sorted(LISTED)),
        sa.CheckConstraint("difference_minor = after_minor - before_minor", name="difference_adds_up"),
        sa.CheckConstraint("outcome <> 'refused' OR code <> ''", name="refused_has_a_code"),
        sa.Index("ix_price_replay_order_outcome", "tenant_id", "replay_id", "outcome", "order_id"),
        sa.Index(
            "ix_price_replay_order_most",
            "tenant_id",
            "replay_id",
            "outcome",
            "currency",
            "difference_minor",
            "order_id",
        ),
    )
