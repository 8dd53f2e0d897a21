"""Tables of imports."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import APPEND_ONLY, ErrandTable, TenantTable, one_of
from jiedan.imports.values import ImportStatus


class ImportRun(ErrandTable):
    """One file on its way in: how its columns are read, how far it is, what became of its rows."""

    __tablename__ = "import_run"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    file_name: Mapped[str]
    file_hash: Mapped[str]
    mapping: Mapped[dict[str, Any]]
    position: Mapped[int]
    rows_read: Mapped[int]
    created: Mapped[int]
    updated: Mapped[int]
    unchanged: Mapped[int]
    refused: Mapped[int]

    __table_args__ = (
        one_of("status", [*ImportStatus]),
        sa.CheckConstraint("rows_read = created + updated + unchanged + refused", name="counts_add_up"),
        sa.Index("ix_import_run_file", "tenant_id", "file_hash", "kind"),
    )


class ImportFile(TenantTable):
    """The bytes of an uploaded file, kept until its run is through, and a month where rows of it were refused."""

    __tablename__ = "import_file"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    content: Mapped[bytes]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "import_id"], ["import_run.tenant_id", "import_run.import_id"]),
    )


class ImportRowError(TenantTable):
    """Why a row was not taken, in the language of who ran the import."""

    __tablename__ = "import_row_error"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    row_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    column_name: Mapped[str]
    field: Mapped[str]
    value: Mapped[str]
    code: Mapped[str]
    detail: Mapped[str]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "import_id"], ["import_run.tenant_id", "import_run.import_id"]),
    )


class ImportedCancellation(TenantTable):
    """A row of a cancellation from elsewhere that took quantity off an order; remembered for ever, so once.

    `external_id` is the cancellation's id there, `place` the row's among its rows, `fingerprint` that of all its rows.
    """

    __tablename__ = "imported_cancellation"

    external_id: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fingerprint: Mapped[bytes]
    order_id: Mapped[UUID]
    line: Mapped[int]
    quantity: Mapped[int]
    created_at: Mapped[datetime]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "order_id"], ["orders.tenant_id", "orders.order_id"]),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        {"info": {APPEND_ONLY: True}},
    )
