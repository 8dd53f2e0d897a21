"""How the worker writes a file: no longer than one is kept, and by one writer.

Two workers write one file when one was slow, was taken for killed, and its job was given to the other.
"""

import asyncio
import tempfile
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from jiedan.base.db import Database, Scope
from jiedan.exports import jobs, queries, run, service, sheets
from jiedan.exports.values import ExportJob, ExportStatus, FileFormat, Wanted
from jiedan.orders.values.lists import EVERYTHING
from tests.orders import factories
from tests.orders.factories import order, shop


async def asked(db: Database, scope: Scope, file_format: FileFormat = "csv") -> ExportJob:
    await shop(db, scope, {"TEA": {"W1": 9}})
    await factories.place(db, scope, *[order(("TEA", 1)) for _ in range(3)])
    wanted = Wanted("orders", file_format, EVERYTHING, "en")
    return await db.write(scope, lambda tx: service.begin_export(tx, wanted=wanted))


async def begun(db: Database, scope: Scope, job: ExportJob) -> ExportJob:
    found = await db.write(scope, lambda tx: service.begin_writing(tx, export_id=job.export_id))
    assert found is not None
    return found


async def file_of(db: Database, scope: Scope, job: ExportJob) -> tuple[ExportJob, list[bytes]]:
    async with db.read(scope) as tx:
        parts = [part async for part in queries.parts(tx, job.export_id)]
        return await queries.export_job(tx, job.export_id), parts


async def test_who_began_before_another_writes_no_more(db: Database, scope: Scope) -> None:
    first = await begun(db, scope, await asked(db, scope))
    await db.write(scope, lambda tx: service.store_part(tx, job=first, part=1, content=b"old"))
    second = await begun(db, scope, first)
    await db.write(scope, lambda tx: service.store_part(tx, job=second, part=1, content=b"new"))
    steps = [
        lambda tx: service.record_progress(tx, job=first, orders_read=9),
        lambda tx: service.store_part(tx, job=first, part=2, content=b"old"),
        lambda tx: service.stop_export(tx, job=first, reason="It is too large."),
        lambda tx: service.complete_export(tx, job=first, orders_read=9, rows_written=9, size_bytes=6),
    ]
    for step in steps:
        with pytest.raises(service.WriterReplaced):
            await db.write(scope, step)
    now, parts = await file_of(db, scope, first)
    assert (now.status, now.orders_read, parts) == (ExportStatus.running, 0, [b"new"])


async def test_a_file_that_two_write_is_that_of_one(db: Database, scope: Scope, monkeypatch: Any) -> None:
    in_the_middle, go_on = asyncio.Event(), asyncio.Event()
    as_they_come = run.sets

    async def held(*of: Any, **how: Any) -> AsyncIterator[Any]:
        """Yield the sets of a file, held after the first while the other writer comes and goes."""
        async for rows in as_they_come(*of, **how):
            yield rows
            in_the_middle.set()
            await go_on.wait()

    monkeypatch.setattr(run, "ORDERS_PER_SET", 1)
    monkeypatch.setattr(run, "sets", held)
    monkeypatch.setattr(jobs, "PART_BYTES", 100)
    job = await asked(db, scope)
    ids = {"export_id": str(job.export_id)}
    slow = asyncio.create_task(jobs.write_file(db, scope.tenant, ids))
    await in_the_middle.wait()
    await factories.place_one(db, scope, order(("TEA", 2)))
    monkeypatch.setattr(run, "sets", as_they_come)
    await jobs.write_file(db, scope.tenant, ids)
    by_another, _ = await file_of(db, scope, job)
    go_on.set()
    await slow
    now, parts = await file_of(db, scope, job)
    written = b"".join(map(zlib.decompress, parts))
    assert now == by_another, "the slow one leaves it alone"
    assert (now.status, now.orders_read, now.rows_written) == (ExportStatus.completed, 4, 4)
    assert (len(written), written.count(b"\r\n")) == (now.size_bytes, 1 + 4)


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


LIMITS: dict[FileFormat, tuple[Any, str, int]] = {
    "csv": (jobs, "FILE_BYTES_MAX", 680),
    "xlsx": (sheets, "WORKBOOK_BYTES_MAX", 2_000),
}
"""By format what keeps a file short, here at the length of one order."""


@pytest.mark.parametrize("file_format", LIMITS)
async def test_a_file_that_grows_too_long_is_stopped_while_it_is_written(
    db: Database, scope: Scope, monkeypatch: Any, tmp_path: Path, file_format: FileFormat
) -> None:
    monkeypatch.setattr(run, "ORDERS_PER_SET", 1)
    monkeypatch.setattr(*LIMITS[file_format])
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    job = await asked(db, scope, file_format)
    await jobs.write_file(db, scope.tenant, {"export_id": str(job.export_id)})
    now, parts = await file_of(db, scope, job)
    assert (now.status, now.orders_read, parts) == (ExportStatus.stopped, 1, [])
    assert "Narrow the filters or choose fewer columns" in now.stopped_by
    assert left_in(tmp_path) == [], "nothing is left of what was begun"
