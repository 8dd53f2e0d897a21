"""Tables of cases."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from jiedan.base.tables import TenantTable, one_of
from jiedan.cases import values


class CaseRow(TenantTable):
    """A case; at most one is open per kind and subject."""

    __tablename__ = "case_file"

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    state: Mapped[str]
    data: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime]
    assignee_id: Mapped[UUID | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
    resolution: Mapped[str | None]
    version: Mapped[int]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "assignee_id"], ["staff.tenant_id", "staff.staff_id"]),
        one_of("state", values.CASE_STATES),
        sa.CheckConstraint("(state = 'resolved') = (resolved_at IS NOT NULL)", name="resolved_has_a_date"),
        sa.Index(
            "uq_case_file_open",
            "tenant_id",
            "kind",
            "subject_kind",
            "subject_id",
            unique=True,
            postgresql_where=sa.text("state = 'open'"),
        ),
        sa.Index("ix_case_file_queue", "tenant_id", "state", "opened_at", "case_id"),
        sa.Index("ix_case_file_kind", "tenant_id", "state", "kind", "opened_at", "case_id"),
        sa.Index("ix_case_file_assignee", "tenant_id", "assignee_id", "state", "opened_at", "case_id"),
        sa.Index("ix_case_file_subject", "tenant_id", "subject_id"),
    )


class CaseNoteRow(TenantTable):
    """What somebody who works on a case wrote down; free text, erasable."""

    __tablename__ = "case_note"

    note_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    text: Mapped[str]
    written_at: Mapped[datetime]
    author_kind: Mapped[str]
    author_id: Mapped[str]

    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "case_id"], ["case_file.tenant_id", "case_file.case_id"]),
        sa.CheckConstraint(f"char_length(text) BETWEEN 1 AND {values.NOTE_CHARACTERS_MAX}", name="text_length"),
        sa.Index("ix_case_note_case", "tenant_id", "case_id", "note_id"),
    )
