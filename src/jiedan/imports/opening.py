"""An import as somebody meets it over HTTP: taken in, seen by whom it concerns, with its file."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

from litestar.response import Stream

from jiedan.base import spreadsheets
from jiedan.base.web.errors import FileMissing
from jiedan.base.web.unit import Unit
from jiedan.imports import cells, errors, queries, reader, refused, run, service
from jiedan.imports.targets import permission, target
from jiedan.imports.values import ImportRun

TRIED_ROWS_MAX = 2_000
"""A dry run over HTTP answers within the request, so it tries fewer rows than the command line does."""


async def begin(
    unit: Unit, *, kind: str, file_name: str, content: bytes, encoding: str | None = None, key: str | None = None
) -> tuple[ImportRun, tuple[str, ...]]:
    """Take in a file; return its run and the names of its columns. Nothing is imported yet; once for each `key`.

    Raises UnknownTarget, PermissionMissing, FileMissing, KeyReused, or what `reader` says of the file.
    """
    wanted = target(kind)
    unit.require(wanted.permission)
    if not content:
        raise FileMissing("CSV, CSV.GZ, XLSX")
    if encoding is not None:
        content = reader.as_utf8(content, encoding)
    source = reader.of_bytes(file_name, content)
    columns, suggested = await asyncio.to_thread(run.inspect, source, wanted)
    digest = await asyncio.to_thread(reader.file_hash, source)
    begun = await unit.write(
        lambda tx: service.create_run(
            tx,
            kind=kind,
            file_name=file_name,
            file_hash=digest,
            mapping=suggested,
            content=content,
            key=key,
        )
    )
    return begun, columns


async def seen(unit: Unit, import_id: UUID) -> ImportRun:
    """Return a run that the caller may see. Raises ImportNotFound or PermissionMissing."""
    async with unit.read() as tx:
        found = await queries.import_run(tx, import_id=import_id)
    unit.require(permission(found.kind))
    return found


async def with_file(unit: Unit, import_id: UUID) -> tuple[ImportRun, reader.Source]:
    """Return a run and its file. Raises ImportNotFound, PermissionMissing, or FileForgotten when the file is gone."""
    begun = await seen(unit, import_id)
    async with unit.read() as tx:
        content = await queries.file_content(tx, import_id=import_id)
    if content is None:
        raise errors.FileForgotten
    return begun, reader.of_bytes(begun.file_name, content)


async def columns_of(source: reader.Source, kind: str) -> tuple[str, ...]:
    """Return the names of a file's columns."""
    columns, _ = await asyncio.to_thread(run.inspect, source, target(kind))
    return columns


async def queue(unit: Unit, import_id: UUID) -> ImportRun:
    """Hand an import to the worker; one that was stopped goes on where it was.

    Raises what `with_file`, the check of its columns and `service.queue_run` raise.
    """
    begun, source = await with_file(unit, import_id)
    run.check(begun.mapping, await columns_of(source, begun.kind), target(begun.kind))
    return await unit.write(lambda tx: service.queue_run(tx, import_id=import_id, locale=unit.locale))


async def errors_file(unit: Unit, import_id: UUID) -> Stream:
    """Return why rows were refused as a CSV file that spreadsheets open as it is: a line for each reason."""
    await seen(unit, import_id)
    return _download(_error_lines(unit, import_id), f"import-{import_id}-errors.csv")


async def refused_file(unit: Unit, import_id: UUID) -> Stream:
    """Return the refused rows as they stood in the file, each with its number and problem."""
    _, source = await with_file(unit, import_id)
    return _download(_refused_lines(unit, import_id, source), f"import-{import_id}-refused.csv")


async def _error_lines(unit: Unit, import_id: UUID) -> AsyncIterator[str]:
    yield spreadsheets.BYTE_ORDER_MARK + cells.csv_line("row", "column", "value", "code", "problem")
    async with unit.read() as tx:
        async for found in queries.row_error_pages(tx, import_id=import_id):
            yield "".join(cells.csv_line(str(e.row), e.column or e.field, e.value, e.code, e.detail) for e in found)


async def _refused_lines(unit: Unit, import_id: UUID, source: reader.Source) -> AsyncIterator[str]:
    async with unit.read() as tx:
        async for text in refused.lines(source, queries.row_error_pages(tx, import_id=import_id)):
            yield text


def _download(lines: AsyncIterator[str], name: str) -> Stream:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Stream(lines, media_type="text/csv", headers=headers)
