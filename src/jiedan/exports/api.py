"""REST of exports: the answer is the file."""

import asyncio
import io
import tempfile
from collections.abc import AsyncIterator
from typing import IO, Any, ClassVar

from litestar import post
from litestar.response import Stream

from jiedan.base.web import bodies, routing
from jiedan.base.web.unit import Unit
from jiedan.exports import run, service
from jiedan.exports.run import Wanted
from jiedan.exports.values import MEDIA_TYPES, FileFormat, Rows
from jiedan.orders.values.lists import EVERYTHING, OrderFilter

CHUNK_BYTES = 256 * 1024
IN_MEMORY_BYTES_MAX = 4 * 1024 * 1024
"""A workbook larger than this waits in a file until it is sent."""


class ExportBody(bodies.Body):
    """What to export: orders or their lines, as CSV or XLSX, by the filters of the list of orders."""

    __example__: ClassVar[dict[str, Any]] = {
        "rows": "lines",
        "format": "csv",
        "filters": {"placed_from": "2026-11-01", "placed_to": "2026-11-30", "payment": ["paid"]},
    }

    rows: Rows = "orders"
    format: FileFormat = "csv"
    filters: OrderFilter = EVERYTHING


@post("/exports", permission="orders:export", status_code=200, media_type="text/csv", summary="Export orders")
async def export_orders(unit: Unit, data: ExportBody) -> Stream:
    """Send orders, or their lines, as a file that spreadsheets open as it is; newest first.

    The file is written as orders are read: one that is changed meanwhile stands there as it is when its turn comes.
    Who exported what is recorded.
    """
    wanted = Wanted(data.rows, data.format, data.filters, unit.locale)
    await unit.write(
        lambda tx: service.record_export(tx, rows=data.rows, file_format=data.format, filters=data.filters)
    )
    headers = {"content-disposition": f'attachment; filename="{data.rows}.{data.format}"'}
    sent = _as_read(unit, wanted) if data.format == "csv" else _when_whole(unit, wanted)
    return Stream(sent, media_type=MEDIA_TYPES[data.format], headers=headers)


async def _as_read(unit: Unit, wanted: Wanted) -> AsyncIterator[bytes]:
    file = io.BytesIO()
    sheet = run.begun(wanted, file)
    yield _taken(file)
    async for rows in run.sets(unit.runtime.database, unit.scope, wanted):
        sheet.write(rows)
        yield _taken(file)


async def _when_whole(unit: Unit, wanted: Wanted) -> AsyncIterator[bytes]:
    """Write a workbook and then send it: it is an archive, whose directory comes last."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES_MAX) as spooled:
        file: IO[bytes] = spooled
        await run.write(unit.runtime.database, unit.scope, wanted, file)
        file.seek(0)
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk


def _taken(file: io.BytesIO) -> bytes:
    """Return what was written and make room."""
    content = file.getvalue()
    file.seek(0)
    file.truncate()
    return content


ROUTER = routing.api("Exports", [export_orders])
