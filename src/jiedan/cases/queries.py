"""Reads of cases."""

import itertools
from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import paging, sql
from jiedan.base.db import Load, LockRank, ReadTx, Tx
from jiedan.base.events import Actor
from jiedan.cases import errors, values
from jiedan.cases.tables import CaseRow

SQL = sql.load("jiedan.cases", "queries.sql")

NO_FILTER = values.CaseFilter()
COUNTED_MAX = 1_000

KEYSET = paging.Keyset(columns=(CaseRow.opened_at, CaseRow.case_id), descending=True)

_COLUMNS = (
    CaseRow.case_id,
    CaseRow.kind,
    CaseRow.subject_kind,
    CaseRow.subject_id,
    CaseRow.state,
    CaseRow.data,
    CaseRow.opened_at,
    CaseRow.assignee_id,
    CaseRow.resolved_at,
    CaseRow.resolved_by,
    CaseRow.resolution,
    CaseRow.version,
)


class Locked(NamedTuple):
    """What is needed of a case to change it."""

    case_id: values.CaseId
    kind: str
    subject_kind: str
    subject_id: UUID
    state: values.CaseState
    assignee_id: UUID | None
    version: int


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
    tx: ReadTx, *, request: paging.Request, filters: values.CaseFilter = NO_FILTER
) -> paging.Page[values.Case]:
    """Return a page of the queue, newest first."""
    statement = sa.select(*_COLUMNS).where(CaseRow.tenant_id == tx.tenant, CaseRow.state == filters.state)
    if filters.kind is not None:
        statement = statement.where(CaseRow.kind == filters.kind)
    if filters.assignee_id is not None:
        statement = statement.where(CaseRow.assignee_id == filters.assignee_id)
    if filters.is_assigned is not None:
        statement = statement.where(CaseRow.assignee_id.is_not(None) == filters.is_assigned)
    if filters.subject_id is not None:
        statement = statement.where(CaseRow.subject_id == filters.subject_id)
    rows = (await tx.execute(KEYSET.apply(statement, request))).all()
    return KEYSET.page(rows, request, make=_case, position=lambda row: (row.opened_at, row.case_id))


async def cases_about(tx: ReadTx, subject_ids: Collection[UUID]) -> list[values.Case]:
    """Return every case about the given subjects, newest first; for the subjects' own pages."""
    return await tx.load_one(about(subject_ids))


def about(subject_ids: Collection[UUID]) -> Load[list[values.Case]]:
    """Load what `cases_about` returns."""
    parameters = {"subject_ids": sorted(set(subject_ids))}
    return Load(SQL["cases_about"], parameters, lambda rows: [_case(row) for row in rows])


async def open_with_order(tx: ReadTx, *, kind: str, order_ids: Collection[UUID]) -> list[values.Case]:
    """Return the open cases of a kind about other things, a payment say, that name one of the given orders."""
    rows = await tx.sql(SQL["open_with_order"], kind=kind, order_ids=sorted({str(key) for key in order_ids}))
    return [_case(row) for row in rows]


async def open_numbers(tx: ReadTx) -> dict[str, int]:
    """Return how many cases are open, by kind; only the COUNTED_MAX newest are counted."""
    return dict(await tx.sql(SQL["open_cases_by_kind"], limit=COUNTED_MAX))


async def notes_of(tx: ReadTx, case_ids: Collection[UUID]) -> dict[UUID, list[values.Note]]:
    """Return what was written down about cases, by case, oldest first; cases without notes are absent."""
    rows = await tx.sql(SQL["notes_of"], case_ids=sorted(set(case_ids)))
    notes = [values.Note(row[0], row[1], row[2], row[3], Actor(row[4], row[5])) for row in rows]
    return {key: list(of) for key, of in itertools.groupby(notes, lambda note: note.case_id)}


async def cases_for_update(tx: Tx, case_ids: Collection[UUID]) -> dict[UUID, Locked]:
    """Return cases by id, locked in key order; unknown ids are absent."""
    tx.will_lock(LockRank.CASE)
    rows = await tx.sql(SQL["cases_for_update"], case_ids=sorted(set(case_ids)))
    return {row[0]: Locked(*row) for row in rows}


async def open_about(tx: ReadTx, subject_ids: Collection[UUID]) -> dict[str, int]:
    """Return how many cases about the given subjects are open, by kind."""
    return dict(await tx.sql(SQL["count_open_about"], subject_ids=sorted(set(subject_ids))))
