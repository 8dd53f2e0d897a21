"""The answer that sends a file which the worker wrote."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from uuid import UUID

from litestar.response import Stream

from jiedan.base.web.unit import Unit
from jiedan.exports import errors, queries
from jiedan.exports.values import MEDIA_TYPES, ExportStatus


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
