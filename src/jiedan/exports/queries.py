"""Reads of files that the worker writes."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from jiedan.base import errands, paging
from jiedan.base.db import ReadTx, Tx
from jiedan.base.events import Actor
from jiedan.exports import errors
from jiedan.exports import tables as t
from jiedan.exports.values import ExportJob, ExportStatus
from jiedan.orders.values.lists import OrderFilter


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


JOBS = errands.Errands(t.ExportJob, t.ExportJob.export_id, make=_job, missing=errors.ExportNotFound)


async def export_job(tx: ReadTx, export_id: UUID) -> ExportJob:
    """Return one file. Raises ExportNotFound."""
    return await JOBS.one(tx, export_id)


async def export_job_for_update(tx: Tx, export_id: UUID) -> ExportJob:
    """Return one file, locked until the end of the transaction. Raises ExportNotFound."""
    return await JOBS.one_for_update(tx, export_id)


async def export_jobs(tx: ReadTx, *, request: paging.Request) -> paging.Page[ExportJob]:
    """List files, newest first."""
    return await JOBS.page(tx, request)


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
