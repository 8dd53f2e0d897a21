"""Tables of `base`, and what every table has in common.

Tables are declarative classes used only as columns in expressions: no relationships, no ORM sessions. A tenant table
subclasses `TenantTable`; its primary key starts with `tenant_id`, and row-level security is forced on it.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

APPEND_ONLY = "append_only"
"""`info` key of a table that the app role may only read and insert into."""

ERASABLE = "erasable"
"""`info` key of an append-only table: the columns with words about people, which the app role may overwrite."""

OUTSIDE_RLS = "outside_rls"
"""`info` key of the few tables that belong to no tenant."""

DISPATCH_COLUMNS = "dispatch_columns"
"""`info` key: the columns that the dispatch role may read across tenants."""

STORAGE = "storage"
"""`info` key: PostgreSQL's storage parameters of the table, by name."""

QUEUE_STORAGE = {
    # Every row is deleted soon: by the default, a share of the rows, a queue of a million dead ones would wait.
    "autovacuum_vacuum_scale_factor": 0,
    "autovacuum_vacuum_threshold": 1000,
    "autovacuum_vacuum_cost_delay": 0,
    # Giving back the empty end of the file takes a lock that stops every insert, for room that is needed again at once.
    "vacuum_truncate": False,
}
"""For a table that rows pass through."""

COUNTER_STORAGE = {"fillfactor": 50, "autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 1000}
"""For few rows that change all the time: room in the page for new versions keeps them off the indexes (HOT)."""


class Base(DeclarativeBase):
    """Hold the metadata of every table."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: sa.Text(collation="C"),
        int: sa.BigInteger(),
        bytes: sa.LargeBinary(),
        datetime: sa.DateTime(timezone=True),
        UUID: pg.UUID(as_uuid=True),
        dict[str, Any]: pg.JSONB(),
        list[Any]: pg.JSONB(),
        list[str]: pg.ARRAY(sa.Text(collation="C")),
        list[UUID]: pg.ARRAY(pg.UUID(as_uuid=True)),
    }


class TenantTable(Base):
    """Put `tenant_id` first in a table and its primary key."""

    __abstract__ = True

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-100)


class ErrandTable(TenantTable):
    """How far an errand is, why it stopped, who asked for it and when; its module adds its id and what it is about."""

    __abstract__ = True

    status: Mapped[str] = mapped_column(sort_order=90)
    stopped_by: Mapped[str] = mapped_column(sort_order=91)
    """The reason in the words of who asked, empty without one."""
    actor_kind: Mapped[str] = mapped_column(sort_order=92)
    actor_id: Mapped[str] = mapped_column(sort_order=93)
    created_at: Mapped[datetime] = mapped_column(sort_order=94)
    updated_at: Mapped[datetime] = mapped_column(sort_order=95)


def one_of(column: str, values: tuple[str, ...] | list[str]) -> sa.CheckConstraint:
    """Return the CHECK that keeps a text column inside `values`: our form of an enum."""
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class Tenant(TenantTable):
    """One row per merchant; every set-based insert joins it, which makes the statement single-shard on Citus."""

    __tablename__ = "tenant"

    created_at: Mapped[datetime]


class EventLog(TenantTable):
    """What happened, once and for ever: ids, codes, amounts and field names; no personal data."""

    __tablename__ = "event_log"

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    kind: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    request_id: Mapped[str]
    data: Mapped[dict[str, Any]]
    private_hash: Mapped[bytes | None]
    history: Mapped[bool]

    __table_args__ = (
        sa.Index("ix_event_log_subject", "tenant_id", "subject_id", "event_id"),
        {"info": {APPEND_ONLY: True}},
    )


class EventPrivate(TenantTable):
    """The personal part of an event: names, contacts, addresses, free text. Erasure deletes here."""

    __tablename__ = "event_private"

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    salt: Mapped[bytes]
    data: Mapped[dict[str, Any]]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "event_id"], ["event_log.tenant_id", "event_log.event_id"]),
    )


class Outbox(TenantTable):
    """Events that the drain has not handed out yet."""

    __tablename__ = "outbox"

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    available_at: Mapped[datetime]

    __table_args__ = (
        sa.Index("ix_outbox_due", "available_at", "tenant_id"),
        {"info": {DISPATCH_COLUMNS: ("tenant_id", "available_at"), STORAGE: QUEUE_STORAGE}},
    )


class EventStream(TenantTable):
    """The order in which a tenant's events were handed out: gapless positions, one lease holder at a time."""

    __tablename__ = "event_stream"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[UUID]

    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "event_id"),
        {"info": {APPEND_ONLY: True}},
    )


class DrainLease(TenantTable):
    """Who drains a tenant, until when, and the last position given."""

    __tablename__ = "drain_lease"

    holder: Mapped[str]
    leased_until: Mapped[datetime]
    position: Mapped[int]

    __table_args__ = ({"info": {STORAGE: COUNTER_STORAGE}},)


class OutboxRetry(TenantTable):
    """An event that one handler could not digest: tried again with back-off, then a dead letter."""

    __tablename__ = "outbox_retry"

    handler: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    attempts: Mapped[int]
    available_at: Mapped[datetime]
    reason: Mapped[str]
    dead_at: Mapped[datetime | None]

    __table_args__ = (
        sa.Index("ix_outbox_retry_due", "available_at", "tenant_id", postgresql_where=sa.text("dead_at IS NULL")),
        {"info": {DISPATCH_COLUMNS: ("tenant_id", "available_at", "dead_at"), STORAGE: QUEUE_STORAGE}},
    )


class BooksCheck(TenantTable):
    """One run of every check of the books: when it was asked for and by whom, and what it found; not ended: null."""

    __tablename__ = "books_check"

    check_id: Mapped[UUID] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    ended_at: Mapped[datetime | None]
    questions: Mapped[int]
    findings: Mapped[list[Any]]

    __table_args__ = (sa.CheckConstraint("questions >= 0", name="questions_not_negative"),)


class IdempotencyKey(TenantTable):
    """A caller's key for one create: the same key with the same body leads to the same subject, for 30 days."""

    __tablename__ = "idempotency_key"

    operation: Mapped[str] = mapped_column(primary_key=True)
    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    subject_id: Mapped[UUID]
    outcome: Mapped[bytes | None]
    created_at: Mapped[datetime]

    __table_args__ = (sa.Index("ix_idempotency_key_created", "tenant_id", "created_at"),)


class NumberSeries(TenantTable):
    """The next number of a series; a process leases a block in a short transaction of its own."""

    __tablename__ = "number_series"

    series: Mapped[str] = mapped_column(primary_key=True)
    next_number: Mapped[int]

    __table_args__ = (
        sa.CheckConstraint("next_number >= 1", name="positive"),
        {"info": {STORAGE: COUNTER_STORAGE}},
    )


class Directory(Base):
    """The map from slug and host to tenant, outside row-level security; no personal data."""

    __tablename__ = "directory"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    host: Mapped[str | None] = mapped_column(unique=True)
    cell: Mapped[str] = mapped_column(server_default="main")

    __table_args__ = ({"info": {OUTSIDE_RLS: True}},)
