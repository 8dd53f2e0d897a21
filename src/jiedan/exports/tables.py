"""Tables of exports."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import ErrandTable, TenantTable, one_of
from jiedan.exports.values import FORMATS, ROWS, ExportStatus


class ExportJob(ErrandTable):
    """A file that the worker writes, and how far it is."""

    __tablename__ = "export_job"

    export_id: Mapped[UUID] = mapped_column(primary_key=True)
    rows: Mapped[str]
    format: Mapped[str]
    fields: Mapped[list[str]]
    filters: Mapped[dict[str, Any]]
    locale: Mapped[str]
    orders_expected: Mapped[int]
    orders_read: Mapped[int]
    rows_written: Mapped[int]
    size_bytes: Mapped[int]
    writer_id: Mapped[UUID | None]

    __table_args__ = (
        one_of("rows", [*ROWS]),
        one_of("format", [*FORMATS]),
        one_of("status", [*ExportStatus]),
        sa.CheckConstraint("cardinality(fields) >= 1", name="has_fields"),
        sa.CheckConstraint(
            "orders_expected >= 0 AND orders_read >= 0 AND rows_written >= 0 AND size_bytes >= 0", name="counted"
        ),
    )


class ExportPart(TenantTable):
    """A piece of the file of an export, compressed; kept for some days, as customers' data are in it."""

    __tablename__ = "export_part"

    export_id: Mapped[UUID] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "export_id"], ["export_job.tenant_id", "export_job.export_id"]),
        sa.CheckConstraint("part >= 1", name="part_positive"),
    )
