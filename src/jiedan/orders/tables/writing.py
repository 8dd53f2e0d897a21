"""What staff write and keep: drafts of orders, views of lists."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import TenantTable
from jiedan.orders.tables.placed import order_key

DRAFT_BYTES_MAX = 262_144
FILTER_BYTES_MAX = 8_192
LAYOUT_BYTES_MAX = 2_000


class OrderDraft(TenantTable):
    """An order being written by staff: what they have so far, checked only when it is placed.

    One that was thrown away has `discarded_at` and is nobody's to see; it can be taken back until it is forgotten.
    """

    __tablename__ = "order_draft"

    draft_id: Mapped[UUID] = mapped_column(primary_key=True)
    data: Mapped[dict[str, Any]]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    order_id: Mapped[UUID | None]
    discarded_at: Mapped[datetime | None]

    __table_args__ = (
        order_key(),
        sa.CheckConstraint("discarded_at IS NULL OR order_id IS NULL", name="discarded_or_ordered"),
        sa.CheckConstraint(f"pg_column_size(data) <= {DRAFT_BYTES_MAX}", name="data_bounded"),
        sa.CheckConstraint("version >= 1", name="version_positive"),
        sa.Index(
            "ix_order_draft_open", "tenant_id", "updated_at", "draft_id",
            postgresql_where=sa.text("order_id IS NULL"),
        ),
        sa.Index(
            "ix_order_draft_order", "tenant_id", "order_id", postgresql_where=sa.text("order_id IS NOT NULL")
        ),
        sa.Index(
            "ix_order_draft_discarded", "tenant_id", "discarded_at",
            postgresql_where=sa.text("discarded_at IS NOT NULL"),
        ),
    )  # fmt: skip


class SavedView(TenantTable):
    """Filters of a list under a name, and how it shows what fits; shared with everybody, or its owner's alone."""

    __tablename__ = "saved_view"

    view_id: Mapped[UUID] = mapped_column(primary_key=True)
    list_name: Mapped[str]
    name: Mapped[str]
    owner_id: Mapped[UUID | None]
    filters: Mapped[dict[str, Any]] = mapped_column(pg.JSONB())
    position: Mapped[int]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    layout: Mapped[dict[str, Any]] = mapped_column(pg.JSONB(), server_default="{}")

    __table_args__ = (
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 100", name="name_length"),
        sa.CheckConstraint(f"pg_column_size(filters) <= {FILTER_BYTES_MAX}", name="filters_bounded"),
        sa.CheckConstraint(f"pg_column_size(layout) <= {LAYOUT_BYTES_MAX}", name="layout_bounded"),
        sa.Index("ix_saved_view_list", "tenant_id", "list_name", "owner_id", "position", "view_id"),
    )


class OrderPresence(TenantTable):
    """Who has an order open, and when that was last heard; unlogged, as it is worth nothing after a crash."""

    __tablename__ = "order_presence"

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]

    __table_args__ = (
        order_key(),
        sa.Index("ix_order_presence_order", "tenant_id", "order_id", "seen_at"),
        {"prefixes": ["UNLOGGED"]},
    )
