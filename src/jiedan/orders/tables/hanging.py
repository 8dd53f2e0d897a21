"""What hangs on an order: addresses, notes, tags, attributes, references, holds, decisions."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import APPEND_ONLY, ERASABLE, TenantTable, one_of
from jiedan.customers.tables import AddressTable
from jiedan.orders.tables.placed import order_key
from jiedan.orders.values import (
    ADDRESS_KINDS,
    NOTE_KINDS,
)

DECISION_BYTES_MAX = 32_768


class OrderAddress(AddressTable):
    """Where an order goes, or who pays it, as it was when written; personal data, erasable."""

    __tablename__ = "order_address"

    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)

    __table_args__ = (
        order_key(),
        one_of("kind", ADDRESS_KINDS),
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="on_earth"),
    )


class OrderNote(TenantTable):
    """Something said about an order that somebody downstream reads."""

    __tablename__ = "order_note"

    note_id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID]
    kind: Mapped[str]
    text: Mapped[str]
    written_at: Mapped[datetime]
    author_kind: Mapped[str]
    author_id: Mapped[str]

    __table_args__ = (
        order_key(),
        one_of("kind", NOTE_KINDS),
        sa.CheckConstraint("char_length(text) BETWEEN 1 AND 2000", name="text_length"),
        sa.Index("ix_order_note_order", "tenant_id", "order_id", "note_id"),
    )


class OrderTag(TenantTable):
    """A word staff put on an order."""

    __tablename__ = "order_tag"

    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)

    __table_args__ = (
        order_key(),
        sa.CheckConstraint("char_length(tag) BETWEEN 1 AND 50", name="tag_length"),
    )


class OrderAttribute(TenantTable):
    """What an order says of itself for promotions to ask: a word, a whole number, or yes and no."""

    __tablename__ = "order_attribute"

    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(pg.JSONB)

    __table_args__ = (
        order_key(),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 50", name="name_length"),
        sa.CheckConstraint("jsonb_typeof(value) IN ('string', 'number', 'boolean')", name="value_is_one"),
    )


class OrderReference(TenantTable):
    """A number of somebody else that an order is found by, like that of a waybill."""

    __tablename__ = "order_reference"

    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)

    __table_args__ = (
        order_key(),
        sa.CheckConstraint("char_length(reference) BETWEEN 1 AND 100", name="reference_length"),
        {"info": {APPEND_ONLY: True}},
    )


class OrderHold(TenantTable):
    """A named reason that stops an order; several may stand at once, one per kind.

    Higher modules bring kinds of their own, so `kind` is a word, not an enum. `lift_permission` is what lifting needs.
    """

    __tablename__ = "order_hold"

    hold_id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID]
    kind: Mapped[str]
    reason: Mapped[str]
    lift_permission: Mapped[str]
    deadline_at: Mapped[datetime | None]
    placed_at: Mapped[datetime]
    placed_by_kind: Mapped[str]
    placed_by_id: Mapped[str]
    lifted_at: Mapped[datetime | None]
    lifted_by_kind: Mapped[str | None]
    lifted_by_id: Mapped[str | None]
    lift_reason: Mapped[str | None]

    __table_args__ = (
        order_key(),
        sa.CheckConstraint("char_length(kind) BETWEEN 1 AND 40", name="kind_length"),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by_kind IS NULL) AND (lifted_at IS NULL) = (lifted_by_id IS NULL)"
            " AND (lifted_at IS NULL) = (lift_reason IS NULL)",
            name="lifted_whole",
        ),
        sa.Index(
            "uq_order_hold_standing", "tenant_id", "order_id", "kind", unique=True,
            postgresql_where=sa.text("lifted_at IS NULL"),
        ),
        sa.Index(
            "ix_order_hold_queue", "tenant_id", "kind", "placed_at", "hold_id",
            postgresql_where=sa.text("lifted_at IS NULL"),
        ),
        sa.Index("ix_order_hold_order", "tenant_id", "order_id", "hold_id"),
    )  # fmt: skip


class OrderDecision(TenantTable):
    """Why an order is as it is: what was applied, the nearest misses, and the version of the rules."""

    __tablename__ = "order_decision"

    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    decision_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    rules_version: Mapped[int]
    data: Mapped[dict[str, Any]]
    decided_at: Mapped[datetime]

    __table_args__ = (
        order_key(),
        sa.CheckConstraint(f"pg_column_size(data) <= {DECISION_BYTES_MAX}", name="data_bounded"),
        {"info": {APPEND_ONLY: True, ERASABLE: ("data",)}},
    )
