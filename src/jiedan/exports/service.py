"""Say that somebody takes orders out; keep the files that the worker writes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from jiedan.base import errands, i18n, once, sql
from jiedan.base.db import Tx
from jiedan.exports import errors, queries, rules, run
from jiedan.exports import tables as t
from jiedan.exports.events import ExportQueued, OrdersExported, PaymentsExported
from jiedan.exports.values import KEPT_DAYS, ExportId, ExportJob, ExportStatus, FileFormat, MoneyWanted, Rows, Wanted
from jiedan.orders.rules import ranges
from jiedan.orders.values.lists import OrderFilter, given
from jiedan.payments.rules import finding

SQL = sql.load("jiedan.exports", "service.sql")

EXPORTS_PER_SET_MAX = 5


class WriterReplaced(Exception):
    """Another worker began to write this file after this one did: it is the one who writes it now."""


async def record_export(tx: Tx, *, rows: Rows, file_format: FileFormat, filters: OrderFilter) -> ExportId:
    """Record an export before its first row is read: who, what, and by which filters.

    Raises Rejections of RangeReversed.
    """
    ranges.check(filters, place="filters.")
    return _record(tx, ExportId(tx.new_id()), rows=rows, file_format=file_format, filters=filters)


async def record_money_export(tx: Tx, *, wanted: MoneyWanted) -> ExportId:
    """Record an export of payments or refunds before its first row is read. Raises Rejections of RangeReversed."""
    finding.check_ranges(wanted.filters, place="filters.")
    export_id = ExportId(tx.new_id())
    asked = tuple(sorted(finding.given(wanted.filters)))
    tx.emit(PaymentsExported(export_id=export_id, rows=wanted.what, format=wanted.format, filters=asked))
    return export_id


def _record(tx: Tx, export_id: ExportId, *, rows: Rows, file_format: FileFormat, filters: OrderFilter) -> ExportId:
    tx.emit(OrdersExported(export_id=export_id, rows=rows, format=file_format, filters=tuple(sorted(given(filters)))))
    return export_id


async def begin_export(tx: Tx, *, wanted: Wanted, key: str | None = None) -> ExportJob:
    """Ask the worker for a file, and count the orders in it up to a limit.

    The same `key` again answers with the same file. Raises UnknownFields, KeyReused, Rejections of RangeReversed.
    """
    rules.columns(wanted.rows, wanted.fields)
    ranges.check(wanted.filters, place="filters.")
    found = await once.subject(tx, operation="exports.begin", key=key, body=wanted)
    export_id = ExportId(found.id)
    if found.is_fresh:
        expected = await run.counted(tx, wanted.filters)
        fields = wanted.fields or tuple(column.key for column in rules.COLUMNS[wanted.rows])
        await errands.insert(
            tx,
            t.ExportJob,
            export_id=export_id,
            rows=wanted.rows,
            format=wanted.format,
            fields=list(fields),
            filters=given(wanted.filters),
            locale=wanted.locale,
            status=ExportStatus.queued,
            orders_expected=expected.value,
            orders_read=0,
            rows_written=0,
            size_bytes=0,
            writer_id=None,
        )
        _record(tx, export_id, rows=wanted.rows, file_format=wanted.format, filters=wanted.filters)
        tx.emit(ExportQueued(export_id=export_id))
    return await queries.export_job(tx, export_id)


async def begin_writing(tx: Tx, *, export_id: UUID) -> ExportJob | None:
    """Mark a file as being written, from its beginning; None where it is through. What was stored of it is deleted.

    Whoever began before writes no more: each further step takes the job as it is returned here, and raises
    WriterReplaced when somebody else began after it. This and each raises ExportNotFound for a forgotten file.
    """
    job = await queries.export_job_for_update(tx, export_id)
    if not job.is_under_way:
        return None
    await _delete_parts(tx, [export_id])
    begun = {"status": ExportStatus.running, "writer_id": tx.new_id()}
    await _update(tx, job, **begun, orders_read=0, rows_written=0, size_bytes=0)
    return await queries.export_job(tx, export_id)


async def record_progress(tx: Tx, *, job: ExportJob, orders_read: int) -> None:
    """Store how many orders were read."""
    await _update(tx, job, orders_read=orders_read)


async def store_part(tx: Tx, *, job: ExportJob, part: int, content: bytes) -> None:
    """Store a piece of the file."""
    if (await queries.export_job_for_update(tx, job.export_id)).writer_id != job.writer_id:
        raise WriterReplaced
    await tx.sql_count(SQL["insert_part"], export_id=job.export_id, part=part, content=content)


async def complete_export(tx: Tx, *, job: ExportJob, orders_read: int, rows_written: int, size_bytes: int) -> None:
    """Mark a file as whole."""
    await _update(
        tx,
        job,
        status=ExportStatus.completed,
        orders_read=orders_read,
        rows_written=rows_written,
        size_bytes=size_bytes,
    )


async def stop_export(tx: Tx, *, job: ExportJob, reason: str) -> None:
    """Mark a file as given up, with the reason in words; whoever may still be writing it writes no more."""
    await _update(
        tx, job, status=ExportStatus.stopped, stopped_by=reason[: errands.STOPPED_BY_CHARS_MAX], writer_id=tx.new_id()
    )
    await _delete_parts(tx, [job.export_id])


async def give_up_export(tx: Tx, *, export_id: UUID) -> None:
    """Stop a file that could not be written; one that is through is left alone. Raises ExportNotFound."""
    job = await queries.export_job_for_update(tx, export_id)
    if job.is_under_way:
        await stop_export(tx, job=job, reason=i18n.say(job.locale, errors.FileNotWritten()))


async def forget_old(tx: Tx) -> int:
    """Delete files that are older than `KEPT_DAYS`: customers' data are in them. Return how many, 0 when done."""
    before = tx.now - timedelta(days=KEPT_DAYS)
    rows = await tx.sql(SQL["old_exports"], before=before, exports_max=EXPORTS_PER_SET_MAX)
    old = [row[0] for row in rows]
    if old:
        await _delete_parts(tx, old)
        await tx.sql_count(SQL["delete_exports"], export_ids=old)
    return len(old)


async def erase_files(tx: Tx) -> bool:
    """Delete every file that is through: anybody may be in it. Return False while one is still being written."""
    rows = await tx.sql(SQL["files_to_erase"])
    through = [export_id for export_id, is_under_way in rows if not is_under_way]
    if through:
        await _delete_parts(tx, through)
        await tx.sql_count(SQL["delete_exports"], export_ids=through)
    return len(through) == len(rows)


async def _delete_parts(tx: Tx, export_ids: Sequence[UUID]) -> None:
    await tx.sql_count(SQL["delete_parts"], export_ids=list(export_ids))


async def _update(tx: Tx, job: ExportJob, **changes: Any) -> None:
    e = t.ExportJob
    is_writer = e.writer_id.is_not_distinct_from(job.writer_id)
    if not await errands.update(tx, e, e.export_id == job.export_id, is_writer, **changes):
        await queries.export_job(tx, job.export_id)
        raise WriterReplaced
