"""A run in the worker while another process ends it, and while the database goes away."""

import asyncio
import itertools
from pathlib import Path
from typing import Any

import psycopg
import psycopg.conninfo
import pytest
import pytest_asyncio

from jiedan.base.db import Database, OutcomeUnknown, Scope
from jiedan.imports import errors, jobs, queries, service
from jiedan.imports.values import ImportRun, ImportStatus
from jiedan.torture import database_line
from tests.accounts import factories as accounts
from tests.conftest import Urls
from tests.imports.factories import begun, csv_of
from tests.patience import until_it_waits

ROWS = 450
COMMIT_OF_A_CHUNK = 2
"""The run is read, and marked as being saved; then comes the first chunk."""


@pytest_asyncio.fixture
async def shop(db: Database) -> Scope:
    return (await accounts.opened(db)).scope


async def queued(db: Database, shop: Scope) -> tuple[ImportRun, dict[str, str]]:
    """Return a run that the worker is asked for, and what its job is called with."""
    made = await begun(db, shop, "products", csv_of("sku,name", *(f"A{n},Apple" for n in range(ROWS))))
    async with db.begin(shop) as tx:
        asked = await service.queue_run(tx, import_id=made.import_id, locale="en")
    return asked, {"import_id": str(made.import_id), "locale": "en"}


async def now(db: Database, shop: Scope, run: ImportRun) -> ImportRun:
    async with db.read(shop) as tx:
        return await queries.import_run(tx, import_id=run.import_id)


async def test_a_run_that_ends_while_a_second_worker_looks_at_it_stays_ended(
    db: Database, shop: Scope, owner: psycopg.Connection[Any]
) -> None:
    run, ids = await queued(db, shop)
    async with db.begin(shop) as tx:
        taken = await service.start_run(tx, import_id=run.import_id, file_hash=run.file_hash)
        second = asyncio.create_task(jobs.save_rows(db, shop.tenant, ids))
        await until_it_waits(second, owner)
        await service.complete_run(tx, run=taken)
    await second
    assert (await now(db, shop, run)).status == ImportStatus.completed
    with pytest.raises(errors.RunElsewhere):
        await db.write(shop, lambda tx: service.complete_run(tx, run=taken))


async def test_a_run_goes_on_after_the_database_was_away(db: Database, shop: Scope, urls: Urls) -> None:
    run, ids = await queued(db, shop)
    sockets = psycopg.conninfo.conninfo_to_dict(urls.app)["host"]
    async with database_line.opened(Path(str(sockets), ".s.PGSQL.5432")) as line:
        over = Database(line.url(urls.app), clock=db.clock, pool_size=1)
        commits = itertools.count()
        line.condition.cut = lambda: "done" if next(commits) == COMMIT_OF_A_CHUNK else "no"
        with pytest.raises(OutcomeUnknown):
            await jobs.save_rows(over, shop.tenant, ids)
        await over.close()
    left = await now(db, shop, run)
    assert (left.status, left.counts.created) == (ImportStatus.running, 200)
    await jobs.save_rows(db, shop.tenant, ids)
    done = await now(db, shop, run)
    assert (done.status, done.counts.created) == (ImportStatus.completed, ROWS)


async def test_a_run_that_failed_each_time_is_stopped_says_so_and_may_go_on(db: Database, shop: Scope) -> None:
    run, ids = await queued(db, shop)
    assert jobs.SAVE_ROWS.give_up is not None
    for _ in range(2):
        await jobs.SAVE_ROWS.give_up(db, shop.tenant, ids)
    stopped = await now(db, shop, run)
    assert stopped.status == ImportStatus.stopped
    assert "Let it go on" in stopped.stopped_by
    await db.write(shop, lambda tx: service.queue_run(tx, import_id=run.import_id, locale="en"))
    await jobs.save_rows(db, shop.tenant, ids)
    await jobs.SAVE_ROWS.give_up(db, shop.tenant, ids)
    assert (await now(db, shop, run)).status == ImportStatus.completed
