"""The answers that send a file: one which the worker wrote, or one that is written as payments are read."""

import asyncio
import tempfile
import zlib
from collections.abc import AsyncIterator
from typing import IO
from uuid import UUID

from litestar.response import Stream

from jiedan.base.web.unit import Unit
from jiedan.exports import errors, queries, run, service
from jiedan.exports.values import MEDIA_TYPES, ExportStatus, MoneyWanted

CHUNK_BYTES = 256 * 1024
IN_MEMORY_BYTES_MAX = 4 * 1024 * 1024
"""A workbook larger than this waits in a file until it is sent."""


async def download(unit: Unit, export_id: UUID) -> Stream:
    """Return the answer that sends a file. Raises ExportNotFound or ExportNotReady."""
    async with unit.read() as tx:
        job = await queries.export_job(tx, export_id)
    if job.status != ExportStatus.completed:
        raise errors.ExportNotReady
    headers = {"content-disposition": f'attachment; filename="{job.rows}.{job.format}"'}
    return Stream(_unpacked(unit, export_id), media_type=MEDIA_TYPES[job.format], headers=headers)


async def _unpacked(unit: Unit, export_id: UUID) -> AsyncIterator[bytes]:
    async with unit.read() as tx:
        async for part in queries.parts(tx, export_id):
            yield await asyncio.to_thread(zlib.decompress, part)


async def of_money(unit: Unit, wanted: MoneyWanted) -> Stream:
    """Record the export and return the answer that sends payments, or refunds. Raises Rejections of RangeReversed."""
    await unit.write(lambda tx: service.record_money_export(tx, wanted=wanted))
    headers = {"content-disposition": f'attachment; filename="{wanted.what}.{wanted.format}"'}
    return Stream(_money(unit, wanted), media_type=MEDIA_TYPES[wanted.format], headers=headers)


async def _money(unit: Unit, wanted: MoneyWanted) -> AsyncIterator[bytes]:
    """Yield CSV as it is read; a workbook when it is whole: it is an archive, whose directory comes last."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES_MAX) as file:
        with run.money_begun(wanted, file) as sheet:
            async for rows in run.money_sets(unit.runtime.database, unit.scope, wanted):
                await asyncio.to_thread(sheet.write, rows)
                if wanted.format == "csv":
                    yield _taken(file)
            await asyncio.to_thread(sheet.close)
        if wanted.format == "csv":
            yield _taken(file)
            return
        file.seek(0)
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk


def _taken(file: IO[bytes]) -> bytes:
    """Return what was written and make room."""
    file.seek(0)
    content = file.read()
    file.seek(0)
    file.truncate()
    return content
