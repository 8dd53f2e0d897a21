"""Two workers write one file: one was slow, was taken for killed, and its job was given to the other."""

import asyncio
import zlib
from typing import Any

import pytest
import sqlalchemy as sa

from jiedan.base.db import Database, Scope
from jiedan.exports import jobs, queries, run, service
from jiedan.exports.tables import ExportJob as Row
from jiedan.exports.values import ExportJob, ExportStatus, Wanted
from jiedan.orders.values.lists import EVERYTHING
from tests.orders import factories
from tests.orders.factories import order, shop


async def asked(db: Database, scope: Scope) -> ExportJob:
    await shop(db, scope, {"TEA": {"W1": 9}})
    await factories.place(db, scope, *[order(("TEA", 1)) for _ in range(3)])
    return await db.write(scope, lambda tx: service.begin_export(tx, wanted=Wanted("orders", "csv", EVERYTHING, "en")))


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
    monkeypatch.setattr(run, "ORDERS_PER_SET", 1)
    monkeypatch.setattr(jobs, "PART_BYTES", 100)
    job = await asked(db, scope)
    ids = {"export_id": str(job.export_id)}
    slow = asyncio.create_task(jobs.write_file(db, scope.tenant, ids))
    changed = sa.update(Row).where(Row.tenant_id == scope.tenant, Row.orders_read > 0).values(locale="en")
    while not slow.done():  # it has read some by then, and is in the middle
        async with db.begin(scope) as tx:
            if (await tx.execute(changed)).rowcount:
                break
    await factories.place_one(db, scope, order(("TEA", 2)))
    await jobs.write_file(db, scope.tenant, ids)
    await slow
    now, parts = await file_of(db, scope, job)
    written = b"".join(map(zlib.decompress, parts))
    assert (now.status, now.orders_read, now.rows_written) == (ExportStatus.completed, 4, 4)
    assert (len(written), written.count(b"\r\n")) == (now.size_bytes, 1 + 4)
