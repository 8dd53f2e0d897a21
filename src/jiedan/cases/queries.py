"""Reads of cases."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import paging, sql
from jiedan.base.db import ReadTx
from jiedan.cases import errors, values
from jiedan.cases.tables import CaseRow

SQL = sql.load("jiedan.cases", "queries.sql")

KEYSET = paging.Keyset(columns=(CaseRow.opened_at, CaseRow.case_id), descending=True)

_COLUMNS = (
    CaseRow.case_id,
    CaseRow.kind,
    CaseRow.subject_kind,
    CaseRow.subject_id,
    CaseRow.state,
    CaseRow.data,
    CaseRow.opened_at,
    CaseRow.assignee,
    CaseRow.resolved_at,
    CaseRow.resolved_by,
    CaseRow.resolution,
    CaseRow.version,
)


def _case(row: Any) -> values.Case:
    return values.Case(*row)


async def case(tx: ReadTx, case_id: UUID) -> values.Case:
    """Return one case. Raises CaseNotFound."""
    found = await tx.execute(sa.select(*_COLUMNS).where(CaseRow.tenant_id == tx.tenant, CaseRow.case_id == case_id))
    row = found.one_or_none()
    if row is None:
        raise errors.CaseNotFound(case_id)
    return _case(row)


async def cases(
    tx: ReadTx, *, request: paging.Request, state: values.CaseState = "open", kind: str | None = None
) -> paging.Page[values.Case]:
    """Return a page of the queue, newest first."""
    statement = sa.select(*_COLUMNS).where(CaseRow.tenant_id == tx.tenant, CaseRow.state == state)
    if kind is not None:
        statement = statement.where(CaseRow.kind == kind)
    rows = (await tx.execute(KEYSET.apply(statement, request))).all()
    return KEYSET.page(rows, request, make=_case, position=lambda row: (row.opened_at, row.case_id))


async def cases_about(tx: ReadTx, subject_ids: Collection[UUID]) -> list[values.Case]:
    """Return every case about the given subjects, newest first; for the subjects' own pages."""
    found = await tx.execute(
        sa.select(*_COLUMNS)
        .where(CaseRow.tenant_id == tx.tenant, CaseRow.subject_id.in_(subject_ids))
        .order_by(CaseRow.opened_at.desc(), CaseRow.case_id.desc())
    )
    return [_case(row) for row in found]
