"""Tables of bulk jobs."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import ErrandTable, TenantTable, one_of
from jiedan.bulk.values import DEEDS, ItemStatus, JobStatus


class BulkJob(ErrandTable):
    """One thing to be done to many orders, and how far it is."""

    __tablename__ = "bulk_job"

    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    action: Mapped[str]
    wish: Mapped[dict[str, Any]]
    filters: Mapped[dict[str, Any] | None] = mapped_column(pg.JSONB(none_as_null=True))
    snapshot_at: Mapped[datetime]
    locale: Mapped[str]
    listed_at: Mapped[datetime | None]
    listed_id: Mapped[UUID | None]
    total: Mapped[int]
    done: Mapped[int]
    failed: Mapped[int]
    retry_of: Mapped[UUID | None]

    __table_args__ = (
        one_of("action", [*DEEDS]),
        one_of("status", [*JobStatus]),
        sa.CheckConstraint("done >= 0 AND failed >= 0 AND done + failed <= total", name="counted"),
        sa.CheckConstraint("status <> 'completed' OR done + failed = total", name="completed_is_whole"),
        sa.CheckConstraint("(listed_at IS NULL) = (listed_id IS NULL)", name="place_whole"),
    )


class BulkItem(TenantTable):
    """One order of a job; `version` is the order's as it was when it was chosen."""

    __tablename__ = "bulk_item"

    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    order_id: Mapped[UUID]
    number: Mapped[str]
    version: Mapped[int | None]
    status: Mapped[str]
    code: Mapped[str]
    detail: Mapped[str]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "job_id"], ["bulk_job.tenant_id", "bulk_job.job_id"]),
        sa.UniqueConstraint("tenant_id", "job_id", "order_id"),
        one_of("status", [*ItemStatus]),
        sa.CheckConstraint("place >= 1", name="place_positive"),
        sa.CheckConstraint("status <> 'failed' OR code <> ''", name="failed_has_a_code"),
        sa.Index("ix_bulk_item_status", "tenant_id", "job_id", "status", "place"),
    )
