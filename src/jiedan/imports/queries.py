"""Reads of imports."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import errands, paging
from jiedan.base.db import ReadTx
from jiedan.base.events import Actor
from jiedan.imports import errors
from jiedan.imports import tables as t
from jiedan.imports.values import MARKETPLACE, AppliedCancellation, Counts, ImportId, ImportRun, ImportStatus, RowError

_MARKETPLACE_END = MARKETPLACE[:-1] + chr(ord(MARKETPLACE[-1]) + 1)
"""Follows in the alphabet upon whatever begins with it."""


def _run(row: Any) -> ImportRun:
    return ImportRun(
        ImportId(row.import_id),
        row.kind,
        row.file_name,
        row.file_hash,
        row.mapping,
        ImportStatus(row.status),
        row.position,
        Counts(row.rows_read, row.created, row.updated, row.unchanged, row.refused),
        row.stopped_by,
        Actor(row.actor_kind, row.actor_id),
        row.created_at,
        row.updated_at,
    )


RUNS = errands.Errands(t.ImportRun, t.ImportRun.import_id, make=_run, missing=errors.ImportNotFound)


async def import_run(tx: ReadTx, *, import_id: UUID) -> ImportRun:
    """Return one run. Raises ImportNotFound."""
    return await RUNS.one(tx, import_id)


async def import_run_for_update(tx: ReadTx, *, import_id: UUID) -> ImportRun:
    """Return one run, locked until the end of the transaction. Raises ImportNotFound."""
    return await RUNS.one_for_update(tx, import_id)


async def unfinished_run(tx: ReadTx, *, kind: str, file_hash: str) -> ImportRun | None:
    """Return the newest run of this file that is not through, or None."""
    r = t.ImportRun
    return await RUNS.newest(tx, r.file_hash == file_hash, r.kind == kind, r.status != ImportStatus.completed)


async def completed_run(tx: ReadTx, *, kind: str, file_hash: str) -> ImportRun | None:
    """Return the newest run of this file that is through, or None."""
    r = t.ImportRun
    return await RUNS.newest(tx, r.file_hash == file_hash, r.kind == kind, r.status == ImportStatus.completed)


async def applied_cancellations(tx: ReadTx, *, external_ids: Collection[str]) -> dict[str, AppliedCancellation]:
    """Return what cancellations with these ids took off orders before, by id; unknown ids are absent."""
    c = t.ImportedCancellation
    among = sa.bindparam(None, sorted(set(external_ids)), type_=sa.ARRAY(sa.Text))
    statement = sa.select(c.external_id, c.fingerprint, c.place).where(
        c.tenant_id == tx.tenant, c.external_id == sa.any_(among)
    )
    found: dict[str, AppliedCancellation] = {}
    for row in await tx.execute(statement):
        before = found.get(row.external_id, AppliedCancellation(row.fingerprint, frozenset()))
        found[row.external_id] = before._replace(places=before.places | {row.place})
    return found


async def import_runs(
    tx: ReadTx, *, request: paging.Request, kinds: Sequence[str], with_parts: bool
) -> paging.Page[ImportRun]:
    """Return a page of runs of these kinds, newest first; `with_parts` those of whole marketplaces among them."""
    among = sa.bindparam(None, list(kinds), type_=sa.ARRAY(sa.Text))
    wanted = t.ImportRun.kind == sa.any_(among)
    if with_parts:
        wanted |= sa.and_(t.ImportRun.kind >= MARKETPLACE, t.ImportRun.kind < _MARKETPLACE_END)
    return await RUNS.page(tx, request, wanted)


async def file_content(tx: ReadTx, *, import_id: UUID) -> bytes | None:
    """Return the bytes of an uploaded file, None when they were not kept or are gone."""
    statement = sa.select(t.ImportFile.content).where(
        t.ImportFile.tenant_id == tx.tenant, t.ImportFile.import_id == import_id
    )
    content: bytes | None = (await tx.execute(statement)).scalar_one_or_none()
    return content


async def row_errors(tx: ReadTx, *, import_id: UUID, after_row: int = 0, limit: int = 1_000) -> list[RowError]:
    """Return why rows were not taken, in the order of the file, from behind `after_row`.

    A row is told whole: its reasons stand on one page, which is shorter than `limit` for it, or longer when the first
    row alone has more reasons.
    """
    e = t.ImportRowError
    statement = (
        sa.select(e.row_number, e.place, e.column_name, e.field, e.value, e.code, e.detail)
        .where(e.tenant_id == tx.tenant, e.import_id == import_id)
        .order_by(e.row_number, e.place)
    )
    page = statement.where(e.row_number > after_row).limit(limit + 1)
    found = [RowError(*tuple(row)) for row in await tx.execute(page)]
    if len(found) <= limit:
        return found
    last = found[-1].row
    if found[0].row == last:
        return [RowError(*tuple(row)) for row in await tx.execute(statement.where(e.row_number == last))]
    return [error for error in found if error.row != last]


async def row_error_pages(tx: ReadTx, *, import_id: UUID, limit: int = 1_000) -> AsyncIterator[list[RowError]]:
    """Yield all reasons why rows were not taken, page by page, in the order of the file."""
    after = 0
    while found := await row_errors(tx, import_id=import_id, after_row=after, limit=limit):
        yield found
        after = found[-1].row
