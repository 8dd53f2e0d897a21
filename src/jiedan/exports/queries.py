"""Reads of files that the worker writes."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from jiedan.base import paging
from jiedan.base.db import ReadTx, Tx
from jiedan.base.events import Actor
from jiedan.exports import errors
from jiedan.exports import tables as t
from jiedan.exports.values import ExportJob, ExportStatus
from jiedan.orders.values.lists import OrderFilter

JOBS = paging.Keyset(columns=(t.ExportJob.export_id,))


async def export_job(tx: ReadTx, export_id: UUID) -> ExportJob:
    """Return one file. Raises ExportNotFound."""
    return _one((await tx.execute(_jobs(tx).where(t.ExportJob.export_id == export_id))).one_or_none())


async def export_job_for_update(tx: Tx, export_id: UUID) -> ExportJob:
    """Return one file, locked until the end of the transaction. Raises ExportNotFound."""
    statement = _jobs(tx).where(t.ExportJob.export_id == export_id).with_for_update(key_share=True)
    return _one((await tx.execute(statement)).one_or_none())


async def export_jobs(tx: ReadTx, *, request: paging.Request) -> paging.Page[ExportJob]:
    """List files, newest first."""
    rows = (await tx.execute(JOBS.apply(_jobs(tx), request))).all()
    return JOBS.page(rows, request, make=_job, position=lambda row: (row.export_id,))


async def parts(tx: ReadTx, export_id: UUID) -> AsyncIterator[bytes]:
    """Yield the pieces of a file as they are stored, in order."""
    part = 1
    while True:
        statement = sa.select(t.ExportPart.content).where(
            t.ExportPart.tenant_id == tx.tenant, t.ExportPart.export_id == export_id, t.ExportPart.part == part
        )
        content = (await tx.execute(statement)).scalar_one_or_none()
        if content is None:
            return
        yield content
        part += 1


def _jobs(tx: ReadTx) -> Any:
    j = t.ExportJob
    return sa.select(
        j.export_id, j.rows, j.format, j.fields, j.filters, j.locale, j.status, j.orders_expected, j.orders_read,
        j.rows_written, j.size_bytes, j.stopped_by, j.writer_id, j.actor_kind, j.actor_id, j.created_at, j.updated_at,
    ).where(j.tenant_id == tx.tenant)  # fmt: skip


def _one(row: Any) -> ExportJob:
    if row is None:
        raise errors.ExportNotFound
    return _job(row)


def _job(row: Any) -> ExportJob:
    return ExportJob(
        export_id=row.export_id,
        rows=row.rows,
        format=row.format,
        fields=tuple(row.fields),
        filters=msgspec.convert(row.filters, OrderFilter),
        locale=row.locale,
        status=ExportStatus(row.status),
        orders_expected=row.orders_expected,
        orders_read=row.orders_read,
        rows_written=row.rows_written,
        size_bytes=row.size_bytes,
        stopped_by=row.stopped_by,
        writer_id=row.writer_id,
        asked_by=Actor(row.actor_kind, row.actor_id),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
