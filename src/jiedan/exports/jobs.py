"""Files that the worker writes: from the beginning each time, so a killed worker leaves no half of one.

A worker that is slow is taken for killed, and its job is given to another: two write one file. Who began last is the
one who goes on, so no file is put together of two.
"""

import asyncio
import contextlib
import functools
import tempfile
import zlib
from collections.abc import Mapping
from typing import IO
from uuid import UUID

from jiedan.base import i18n
from jiedan.base.db import Database, Scope
from jiedan.base.drain import Handler
from jiedan.base.ids import TenantId
from jiedan.base.jobs import Periodic, Task, per_tenant, starting
from jiedan.exports import errors, events, run, service
from jiedan.exports.values import FILE_BYTES_MAX, PART_BYTES, ExportJob, Wanted


async def write_file(database: Database, tenant: TenantId, ids: Mapping[str, str]) -> None:
    """Write one file and keep it; one that is through, forgotten by now, or begun by another is left alone."""
    export_id = UUID(ids["export_id"])
    scope = Scope(tenant)
    with contextlib.suppress(errors.ExportNotFound, service.WriterReplaced):
        job = await database.write(scope, lambda tx: service.begin_writing(tx, export_id=export_id))
        if job is not None:
            await _write(database, Scope(tenant, job.asked_by), job)


async def _write(database: Database, scope: Scope, job: ExportJob) -> None:
    with tempfile.TemporaryFile() as file:
        try:
            read, written = await _fill(database, scope, job, file)
        except errors.FileTooLong as refusal:
            reason = i18n.say(job.locale, refusal)
            await database.write(scope, lambda tx: service.stop_export(tx, job=job, reason=reason))
            return
        size = file.tell()
        await _store(database, scope, job, file)
    await database.write(
        scope,
        lambda tx: service.complete_export(tx, job=job, orders_read=read, rows_written=written, size_bytes=size),
    )


async def _fill(database: Database, scope: Scope, job: ExportJob, file: IO[bytes]) -> tuple[int, int]:
    """Write the whole table; return how many orders were read and how many rows written. Raises FileTooLong."""
    wanted = Wanted(job.rows, job.format, job.filters, job.locale, job.fields)
    read = written = 0

    def advance(orders: int) -> None:
        nonlocal read
        read += orders

    with run.begun(wanted, file) as sheet:
        async for rows in run.sets(database, scope, wanted, advance=advance):
            await asyncio.to_thread(sheet.write, rows)
            _check_size(file)
            written += len(rows)
            await database.write(scope, lambda tx: service.record_progress(tx, job=job, orders_read=read))
        await asyncio.to_thread(sheet.close)
    _check_size(file)
    return read, written


def _check_size(file: IO[bytes]) -> None:
    if file.tell() > FILE_BYTES_MAX:
        raise errors.FileTooLong


async def _store(database: Database, scope: Scope, job: ExportJob, file: IO[bytes]) -> None:
    """Store the file piece by piece, each in a transaction of its own."""
    file.seek(0)
    part = 0
    while content := await asyncio.to_thread(file.read, PART_BYTES):
        part += 1
        packed = await asyncio.to_thread(zlib.compress, content)
        await database.write(
            scope,
            functools.partial(service.store_part, job=job, part=part, content=packed),
        )


async def give_up_file(database: Database, tenant: TenantId, ids: Mapping[str, str]) -> None:
    """Say of a file that no try has written that it will not come; one that is through, or forgotten, is left alone."""
    with contextlib.suppress(errors.ExportNotFound):
        await database.write(Scope(tenant), lambda tx: service.give_up_export(tx, export_id=UUID(ids["export_id"])))


WRITE_FILE = Task("exports.write_file", write_file, give_up=give_up_file)


START_FILES = Handler("exports.start_files", starting(WRITE_FILE, events.ExportQueued, "export_id"))

PERIODIC: tuple[Periodic, ...] = (Periodic("exports.forget_old", "53 3 * * *", per_tenant(service.forget_old)),)
"""The periodic work of exports."""
