"""What can be done with a run: begin it, save a chunk of its rows, end it. Each in the caller's transaction."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import cards, errands, i18n, once, sql
from jiedan.base.db import Tx
from jiedan.imports import errors, events, queries
from jiedan.imports import tables as t
from jiedan.imports.values import Cancellation, Counts, ImportId, ImportRun, ImportStatus, RowError

SQL = sql.load("jiedan.imports", "service.sql")

LEFT_AFTER = timedelta(minutes=15)
"""A run is written to with each chunk, every second or so; one that was not for so long is at rest."""

FILE_NAME_CHARACTERS_MAX = 200
KEPT_DAYS = 30
RUNS_PER_SET_MAX = 20


async def create_run(
    tx: Tx,
    *,
    kind: str,
    file_name: str,
    file_hash: str,
    mapping: Mapping[str, str],
    content: bytes | None = None,
    key: str | None = None,
) -> ImportRun:
    """Begin a run at the first row; `content` is kept with it when the file cannot be read again from elsewhere.

    Card numbers in the name of the file are masked, wherever it came from. The same `key` again answers with the run
    it began. Raises KeyReused when it came with another file.
    """
    file_name = cards.masked(file_name)
    wish = {"kind": kind, "file_name": file_name, "file_hash": file_hash}
    found = await once.subject(tx, operation="imports.begin", key=key, body=wish)
    import_id = ImportId(found.id)
    if not found.is_fresh:
        return await queries.import_run(tx, import_id=import_id)
    await errands.insert(
        tx,
        t.ImportRun,
        import_id=import_id,
        kind=kind,
        file_name=file_name[-FILE_NAME_CHARACTERS_MAX:],
        file_hash=file_hash,
        mapping=dict(mapping),
        status=ImportStatus.draft,
        position=1,
        rows_read=0,
        created=0,
        updated=0,
        unchanged=0,
        refused=0,
    )
    if content is not None:
        await tx.execute(sa.insert(t.ImportFile).values(tenant_id=tx.tenant, import_id=import_id, content=content))
    return await queries.import_run(tx, import_id=import_id)


async def map_columns(tx: Tx, *, import_id: UUID, mapping: Mapping[str, str]) -> ImportRun:
    """Say anew which column is which field, before the first row is saved. Raises AlreadyImported."""
    run = await queries.import_run_for_update(tx, import_id=import_id)
    if run.status != ImportStatus.draft:
        raise errors.AlreadyImported(run.status)
    await _update(tx, run, mapping=dict(mapping))
    return await queries.import_run(tx, import_id=import_id)


async def queue_run(tx: Tx, *, import_id: UUID, locale: str) -> ImportRun:
    """Hand a run to the worker; one that was stopped, or that nobody is at work on any more, goes on where it was.

    `locale` is the language for what is refused. Raises AlreadyImported.
    """
    run = await queries.import_run_for_update(tx, import_id=import_id)
    is_left = run.status != ImportStatus.completed and run.updated_at < tx.now - LEFT_AFTER
    if run.status not in {ImportStatus.draft, ImportStatus.stopped} and not is_left:
        raise errors.AlreadyImported(run.status)
    await _update(tx, run, status=ImportStatus.queued, stopped_by="")
    tx.emit(events.ImportQueued(import_id=import_id, target=run.kind, locale=locale))
    return await queries.import_run(tx, import_id=import_id)


async def start_run(tx: Tx, *, import_id: UUID, file_hash: str) -> ImportRun:
    """Mark a run as being saved. Raises AlreadyImported when it is through, OtherFile when the file is not its own."""
    run = await queries.import_run_for_update(tx, import_id=import_id)
    if run.status == ImportStatus.completed:
        raise errors.AlreadyImported(run.status)
    if run.file_hash != file_hash:
        raise errors.OtherFile
    if run.counts.read == 0 and run.status != ImportStatus.running:
        tx.emit(events.ImportStarted(import_id=import_id, target=run.kind))
    await _update(tx, run, status=ImportStatus.running, stopped_by="")
    return await queries.import_run(tx, import_id=import_id)


async def lock_run(tx: Tx, *, import_id: UUID, position: int) -> ImportRun:
    """Take a run for one chunk behind `position`. Raises RunElsewhere when another process has gone on meanwhile."""
    run = await queries.import_run_for_update(tx, import_id=import_id)
    if run.position != position or run.status != ImportStatus.running:
        raise errors.RunElsewhere
    return run


async def record_chunk(
    tx: Tx, *, run: ImportRun, position: int, counts: Counts, row_errors: Sequence[RowError]
) -> ImportRun:
    """Store what became of the rows up to `position`, in the transaction that saved them."""
    if row_errors:
        await tx.sql_count(
            SQL["insert_errors"],
            import_id=run.import_id,
            rows=[error.row for error in row_errors],
            places=[error.place for error in row_errors],
            columns=[error.column for error in row_errors],
            fields=[error.field for error in row_errors],
            values=[error.value for error in row_errors],
            codes=[error.code for error in row_errors],
            details=[error.detail for error in row_errors],
        )
    total = run.counts.plus(counts)
    numbers = dataclasses.asdict(total)
    numbers["rows_read"] = numbers.pop("read")
    await _update(tx, run, position=position, **numbers)
    return dataclasses.replace(run, position=position, counts=total)


async def record_cancellations(tx: Tx, *, cancellations: Sequence[Cancellation]) -> None:
    """Remember what rows of cancellations took off orders, in the transaction that did it."""
    await tx.sql_count(
        SQL["insert_cancellations"],
        external_ids=[c.external_id for c in cancellations],
        places=[c.place for c in cancellations],
        fingerprints=[c.fingerprint for c in cancellations],
        order_ids=[c.order_id for c in cancellations],
        lines=[c.line for c in cancellations],
        quantities=[c.quantity for c in cancellations],
        created_at=tx.now,
    )


async def complete_run(tx: Tx, *, run: ImportRun) -> ImportRun:
    """Mark a run as through; the bytes of its file are kept only while refused rows may be fetched from it.

    Raises RunElsewhere when another process has done so, or gone on with it.
    """
    run = await lock_run(tx, import_id=run.import_id, position=run.position)
    await _update(tx, run, status=ImportStatus.completed)
    if not run.counts.refused:
        await tx.execute(
            sa.delete(t.ImportFile).where(t.ImportFile.tenant_id == tx.tenant, t.ImportFile.import_id == run.import_id)
        )
    tx.emit(
        events.ImportCompleted(
            import_id=run.import_id, target=run.kind, read=run.counts.read, refused=run.counts.refused
        )
    )
    return await queries.import_run(tx, import_id=run.import_id)


async def stop_run(tx: Tx, *, import_id: UUID, reason: str) -> None:
    """Mark a run as stopped by a fault, with the reason in words; it can go on from where it is."""
    run = await queries.import_run_for_update(tx, import_id=import_id)
    await _update(tx, run, status=ImportStatus.stopped, stopped_by=reason[: errands.STOPPED_BY_CHARS_MAX])


async def give_up_run(tx: Tx, *, import_id: UUID, locale: str) -> None:
    """Stop a run that the worker could not bring to its end, in words of `locale`; one that is through stays so."""
    run = await queries.import_run_for_update(tx, import_id=import_id)
    if run.is_under_way:
        await stop_run(tx, import_id=import_id, reason=i18n.say(locale, errors.GivenUp()))


async def forget_old(tx: Tx) -> int:
    """Delete files and refused rows of runs that nobody touched for `KEPT_DAYS`; return how many runs, 0 when done.

    Both hold what customers wrote in their files, so they are not kept longer than they help.
    """
    before = tx.now - timedelta(days=KEPT_DAYS)
    old = (
        await tx.execute(
            sa.select(t.ImportRun.import_id)
            .where(t.ImportRun.tenant_id == tx.tenant, t.ImportRun.updated_at < before)
            .where(sa.or_(_has(t.ImportFile), _has(t.ImportRowError)))
            .order_by(t.ImportRun.import_id)
            .limit(RUNS_PER_SET_MAX)
        )
    ).scalars()
    ids = sa.bindparam(None, list(old), type_=sa.ARRAY(sa.UUID(as_uuid=True)))
    for table in (t.ImportFile, t.ImportRowError):
        await tx.execute(sa.delete(table).where(table.tenant_id == tx.tenant, table.import_id == sa.any_(ids)))
    return len(ids.value or ())


async def erase_files(tx: Tx) -> bool:
    """Delete files and refused rows of runs that are through or stopped: anybody may be in them.

    Return False while one is still being saved.
    """
    rows = await tx.sql(SQL["files_to_erase"])
    through = [import_id for import_id, is_under_way in rows if not is_under_way]
    if through:
        wanted = {"import_ids": through}
        await tx.sql_many([(SQL["delete_files"], wanted), (SQL["delete_row_errors"], wanted)])
    return len(through) == len(rows)


def _has(table: type[t.ImportFile | t.ImportRowError]) -> sa.ColumnElement[bool]:
    return sa.exists().where(table.tenant_id == t.ImportRun.tenant_id, table.import_id == t.ImportRun.import_id)


async def _update(tx: Tx, run: ImportRun, **changes: Any) -> None:
    await errands.update(tx, t.ImportRun, t.ImportRun.import_id == run.import_id, **changes)
