"""REST of exports: the answer is the file."""

import asyncio
import io
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime
from typing import IO, Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.response import Stream

from jiedan.base import paging
from jiedan.base.web import answers, bodies, routing
from jiedan.base.web.unit import Unit
from jiedan.exports import queries, rules, run, sending, service
from jiedan.exports.values import (
    FIELDS_MAX,
    MEDIA_TYPES,
    ExportJob,
    ExportStatus,
    FileFormat,
    MoneyWanted,
    Rows,
    Wanted,
)
from jiedan.orders.values.lists import EVERYTHING, OrderFilter
from jiedan.payments.rules.finding import PaymentFilter, RefundFilter

_XLSX = MEDIA_TYPES["xlsx"]

Fields = Annotated[tuple[bodies.Code, ...], msgspec.Meta(max_length=FIELDS_MAX)]


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
    fields: Fields = ()

    def wanted(self, locale: str) -> Wanted:
        """Return what is to be exported, with headings in `locale`."""
        return Wanted(self.rows, self.format, self.filters, locale, self.fields)


class ExportView(msgspec.Struct, frozen=True):
    """A file that is written, and how far it is; `orders_expected` counts no further than a thousand."""

    export_id: UUID
    rows: Rows
    format: FileFormat
    fields: tuple[str, ...]
    status: ExportStatus
    orders_expected: int
    orders_read: int
    rows_written: int
    size_bytes: int
    stopped_by: str
    created_at: datetime


@post(
    "/exports",
    permission="orders:export",
    status_code=200,
    media_type="text/csv",
    answers_in=(_XLSX,),
    summary="Export orders",
)
async def export_orders(unit: Unit, data: ExportBody) -> Stream:
    """Send orders, or their lines, as a file that spreadsheets open as it is; newest first.

    The file is written as orders are read: one that is changed meanwhile stands there as it is when its turn comes.
    Who exported what is recorded.
    """
    wanted = data.wanted(unit.locale)
    rules.columns(data.rows, data.fields)
    await unit.write(
        lambda tx: service.record_export(tx, rows=data.rows, file_format=data.format, filters=data.filters)
    )
    headers = {"content-disposition": f'attachment; filename="{data.rows}.{data.format}"'}
    sent = _as_read(unit, wanted) if data.format == "csv" else _when_whole(unit, wanted)
    return Stream(sent, media_type=MEDIA_TYPES[data.format], headers=headers)


async def _as_read(unit: Unit, wanted: Wanted) -> AsyncIterator[bytes]:
    file = io.BytesIO()
    with run.begun(wanted, file) as sheet:
        yield _taken(file)
        async for rows in run.sets(unit.runtime.database, unit.scope, wanted):
            sheet.write(rows)
            yield _taken(file)


async def _when_whole(unit: Unit, wanted: Wanted) -> AsyncIterator[bytes]:
    """Write a workbook and then send it: it is an archive, whose directory comes last."""
    with tempfile.SpooledTemporaryFile(max_size=sending.IN_MEMORY_BYTES_MAX) as spooled:
        file: IO[bytes] = spooled
        await run.write(unit.runtime.database, unit.scope, wanted, file)
        file.seek(0)
        while chunk := await asyncio.to_thread(file.read, sending.CHUNK_BYTES):
            yield chunk


class PaymentsExportBody(bodies.Body):
    """Which payments to export, as CSV or XLSX, by the filters of the list of payments."""

    __example__: ClassVar[dict[str, Any]] = {"format": "csv", "filters": {"state": ["captured"], "currency": "CNY"}}

    format: FileFormat = "csv"
    filters: PaymentFilter = PaymentFilter()


class RefundsExportBody(bodies.Body):
    """Which refunds to export, as CSV or XLSX, by the filters of the list of refunds."""

    __example__: ClassVar[dict[str, Any]] = {"format": "csv", "filters": {"created_from": "2026-11-01"}}

    format: FileFormat = "csv"
    filters: RefundFilter = RefundFilter()


@post(
    "/exports/payments",
    permission="payments:read",
    status_code=200,
    media_type="text/csv",
    answers_in=(_XLSX,),
    summary="Export payments",
)
async def export_payments(unit: Unit, data: PaymentsExportBody) -> Stream:
    """Send payments as a file, newest first; personal data are not in it. Who exported what is recorded."""
    return await sending.of_money(unit, MoneyWanted(data.format, data.filters, unit.locale))


@post(
    "/exports/refunds",
    permission="payments:read",
    status_code=200,
    media_type="text/csv",
    answers_in=(_XLSX,),
    summary="Export refunds",
)
async def export_refunds(unit: Unit, data: RefundsExportBody) -> Stream:
    """Send refunds as a file, newest first; personal data are not in it. Who exported what is recorded."""
    return await sending.of_money(unit, MoneyWanted(data.format, data.filters, unit.locale))


@post(
    "/export-files",
    permission="orders:export",
    status_code=202,
    idempotent=True,
    summary="Let a file of orders be written",
)
async def begin_export(unit: Unit, data: ExportBody) -> Response[ExportView]:
    """Ask the worker for a file, to be fetched when it is whole: for more orders than one waits for.

    Without `fields` it has all columns. It is kept for a week. Who exported what is recorded.
    """
    wanted, key = data.wanted(unit.locale), unit.idempotency_key
    job = await unit.write(lambda tx: service.begin_export(tx, wanted=wanted, key=key))
    return answers.accepted(_shown(job), f"/api/v1/export-files/{job.export_id}")


@get("/export-files", permission="orders:export", summary="List files of orders")
async def list_exports(
    unit: Unit, limit: bodies.Limit = 50, cursor: str | None = None
) -> Response[paging.Listing[ExportView]]:
    """Return the files that are kept, newest first."""
    request = unit.page("export-files", filters={}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        page = await queries.export_jobs(tx, request=request)
    return answers.listing(unit, page.each(_shown))


@get("/export-files/{export_id:uuid}", permission="orders:export", summary="Get how far a file is")
async def get_export(unit: Unit, export_id: UUID) -> ExportView:
    """Return how far a file is."""
    async with unit.read() as tx:
        return _shown(await queries.export_job(tx, export_id))


@get(
    "/export-files/{export_id:uuid}/content",
    permission="orders:export",
    media_type="text/csv",
    answers_in=(_XLSX,),
    also=[409],
    summary="Download a file of orders",
)
async def download_export(unit: Unit, export_id: UUID) -> Stream:
    """Send a file that is whole."""
    return await sending.download(unit, export_id)


def _shown(job: ExportJob) -> ExportView:
    return ExportView(
        export_id=job.export_id,
        rows=job.rows,
        format=job.format,
        fields=job.fields,
        status=job.status,
        orders_expected=job.orders_expected,
        orders_read=job.orders_read,
        rows_written=job.rows_written,
        size_bytes=job.size_bytes,
        stopped_by=job.stopped_by,
        created_at=job.created_at,
    )


def _taken(file: io.BytesIO) -> bytes:
    """Return what was written and make room."""
    content = file.getvalue()
    file.seek(0)
    file.truncate()
    return content


HANDLERS = [export_orders, export_payments, export_refunds, begin_export, list_exports, get_export, download_export]

ROUTER = routing.api("Exports", HANDLERS)
