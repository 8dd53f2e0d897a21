import asyncio
import contextlib
import hashlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from typing import Any

import procrastinate.exceptions
import procrastinate.schema
import psycopg
import pytest

from jiedan.base import idempotency, ids, jobs
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.idempotency import Claim
from jiedan.base.jobs import Jobs, Periodic, Task
from tests.conftest import FakeClock, Urls, new_tenant
from tests.patience import PATIENCE_S, listening, until

EVERY_SECOND = "* * * * * */1"
SCHEMA_SHA256 = "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"
"""Of procrastinate 3.10.0, which migration 0002 applies."""


@contextlib.asynccontextmanager
async def running(*several: Jobs) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(each.run()) for each in several]
    try:
        yield
    finally:
        for each in several:
            each.stop()
        await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE_S)


@pytest.fixture(autouse=True)
def _nothing_of_others(urls: Urls) -> None:
    """Forget what other tests asked for and nobody did: it would be done first."""
    with psycopg.connect(urls.superuser, autocommit=True) as connection:
        connection.execute("DELETE FROM procrastinate_jobs WHERE status = 'todo'")


def test_the_schema_is_the_one_that_the_first_migration_made() -> None:
    schema = procrastinate.schema.SchemaManager.get_schema()
    assert hashlib.sha256(schema.encode()).hexdigest() == SCHEMA_SHA256, (
        "procrastinate has another schema: write a migration with its sql/migrations since, then note the hash"
    )


async def test_periodic_work_fires_once_however_many_workers_run(
    db: Database, urls: Urls, tenant: ids.TenantId
) -> None:
    ticks = 0

    async def tick(_database: Database) -> None:
        nonlocal ticks
        ticks += 1

    name = f"test.tick_{tenant.hex}"
    workers = [Jobs(db, urls.app, periodic=[Periodic(name, EVERY_SECOND, tick)]) for _ in range(3)]
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with running(*workers):
        await until(lambda: ticks >= 5)
        assert ticks <= loop.time() - started + 2, "a tick fired more than once"


async def test_a_task_gets_its_ids_after_the_commit_and_not_after_a_rollback(
    db: Database, urls: Urls, scope: Scope
) -> None:
    seen: list[tuple[ids.TenantId, Mapping[str, str]]] = []

    async def work(_database: Database, tenant: ids.TenantId, given: Mapping[str, str]) -> None:
        seen.append((tenant, given))

    task = Task(f"test.task_{scope.tenant.hex}", work)
    async with db.begin(scope) as tx:
        order_id = tx.new_id()
        await jobs.enqueue(tx, task, order_id=order_id, format="csv")
    with contextlib.suppress(LookupError):
        async with db.begin(scope) as tx:
            await jobs.enqueue(tx, task, order_id="never")
            raise LookupError
    async with running(Jobs(db, urls.app, tasks=[task])):
        await until(lambda: bool(seen))
        await asyncio.sleep(0.2)
    assert seen == [(scope.tenant, {"order_id": str(order_id), "format": "csv"})]


async def test_a_failing_task_is_tried_again_and_then_gone(
    db: Database, urls: Urls, scope: Scope, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "RETRY_BASE_S", 0)
    tries = 0

    async def work(_database: Database, _tenant: ids.TenantId, _given: Mapping[str, str]) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise LookupError

    task = Task(f"test.failing_{scope.tenant.hex}", work)
    async with db.begin(scope) as tx:
        await jobs.enqueue(tx, task)
    async with running(Jobs(db, urls.app, tasks=[task])):
        await until(lambda: tries == 3)
    rows = owner.execute("SELECT status FROM procrastinate_jobs WHERE task_name = %s", [task.name]).fetchall()
    assert rows == []


async def test_who_waits_for_a_task_is_told_when_its_last_try_has_failed_and_not_before(
    db: Database, urls: Urls, scope: Scope, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "RETRY_BASE_S", 0)
    monkeypatch.setattr(jobs, "ATTEMPTS_MAX", 2)
    happened: list[str] = []

    async def work(_database: Database, _tenant: ids.TenantId, given: Mapping[str, str]) -> None:
        happened.append(f"tried {given['file']}")
        raise LookupError

    async def give_up(_database: Database, tenant: ids.TenantId, given: Mapping[str, str]) -> None:
        assert tenant == scope.tenant
        happened.append(f"given up {given['file']}")

    task = Task(f"test.hopeless_{scope.tenant.hex}", work, give_up)
    async with db.begin(scope) as tx:
        await jobs.enqueue(tx, task, file="a.csv")
    async with running(Jobs(db, urls.app, tasks=[task])):
        await until(lambda: "given up a.csv" in happened)
    assert happened == [*["tried a.csv"] * 3, "given up a.csv"]
    rows = owner.execute("SELECT status FROM procrastinate_jobs WHERE task_name = %s", [task.name]).fetchall()
    assert rows == [("failed",)]


async def test_telling_who_waits_is_tried_again_and_the_work_is_not(
    db: Database, urls: Urls, scope: Scope, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "RETRY_BASE_S", 0)
    monkeypatch.setattr(jobs, "TELL_AGAIN_S", 0)
    monkeypatch.setattr(jobs, "ATTEMPTS_MAX", 1)
    happened: list[str] = []

    async def work(_database: Database, _tenant: ids.TenantId, _given: Mapping[str, str]) -> None:
        happened.append("tried")
        raise LookupError

    async def give_up(_database: Database, _tenant: ids.TenantId, _given: Mapping[str, str]) -> None:
        happened.append("told")
        if happened.count("told") < 3:
            raise ConnectionError

    task = Task(f"test.untold_{scope.tenant.hex}", work, give_up)
    async with db.begin(scope) as tx:
        await jobs.enqueue(tx, task)
    async with running(Jobs(db, urls.app, tasks=[task])):
        await until(lambda: happened.count("told") == 3)
        await asyncio.sleep(0.2)
    assert happened == ["tried", "tried", "told", "told", "told"]
    rows = owner.execute("SELECT status FROM procrastinate_jobs WHERE task_name = %s", [task.name]).fetchall()
    assert rows == [("failed",)]


async def test_telling_who_waits_comes_to_an_end_too(
    db: Database, urls: Urls, scope: Scope, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"RETRY_BASE_S": 0, "TELL_AGAIN_S": 0, "ATTEMPTS_MAX": 1, "TELLINGS_MAX": 2}.items():
        monkeypatch.setattr(jobs, name, value)
    tellings = 0

    async def fail(_database: Database, _tenant: ids.TenantId, _given: Mapping[str, str]) -> None:
        raise LookupError

    async def give_up(_database: Database, _tenant: ids.TenantId, _given: Mapping[str, str]) -> None:
        nonlocal tellings
        tellings += 1
        raise ConnectionError

    task = Task(f"test.mute_{scope.tenant.hex}", fail, give_up)
    async with db.begin(scope) as tx:
        await jobs.enqueue(tx, task)

    def states() -> list[tuple[Any, ...]]:
        return owner.execute("SELECT status FROM procrastinate_jobs WHERE task_name = %s", [task.name]).fetchall()

    async with running(Jobs(db, urls.app, tasks=[task])):
        await until(lambda: states() == [("failed",)])
    assert tellings == 3


def _kill_worker_of(task: Task, owner: psycopg.Connection[Any], *, attempts: int = 0) -> None:
    """Let the jobs of a task stand as if a worker that has been killed had them in hand."""
    dead = owner.execute(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
    ).fetchone()
    assert dead is not None
    owner.execute(
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, attempts = %s WHERE task_name = %s",
        [dead[0], attempts, task.name],
    )


async def _rescue_until(worker: Jobs, db: Database, condition: Callable[[], bool]) -> None:
    async with running(worker), asyncio.timeout(PATIENCE_S):
        while not condition():
            with contextlib.suppress(procrastinate.exceptions.AppNotOpen):
                await worker._rescue(db)  # as it does at every full minute
            await asyncio.sleep(0.1)


async def test_what_a_killed_worker_held_is_given_back(
    db: Database, urls: Urls, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    done: list[str] = []

    async def work(_database: Database, _tenant: ids.TenantId, _given: Mapping[str, str]) -> None:
        done.append("done")

    task = Task(f"test.killed_{scope.tenant.hex}", work)
    async with db.begin(scope) as tx:
        await jobs.enqueue(tx, task)
    _kill_worker_of(task, owner, attempts=jobs.ATTEMPTS_MAX - 1)
    await _rescue_until(Jobs(db, urls.app, tasks=[task]), db, lambda: bool(done))
    assert done == ["done"]


async def test_work_that_kills_its_worker_each_time_is_given_up_and_who_waits_is_told(
    db: Database, urls: Urls, scope: Scope, owner: psycopg.Connection[Any]
) -> None:
    happened: list[str] = []

    async def work(_database: Database, _tenant: ids.TenantId, _given: Mapping[str, str]) -> None:
        happened.append("begun")

    async def give_up(_database: Database, tenant: ids.TenantId, given: Mapping[str, str]) -> None:
        assert tenant == scope.tenant
        happened.append(f"given up {given['file']}")

    task = Task(f"test.deadly_{scope.tenant.hex}", work, give_up)
    async with db.begin(scope) as tx:
        await jobs.enqueue(tx, task, file="a.csv")
    _kill_worker_of(task, owner, attempts=jobs.ATTEMPTS_MAX)
    await _rescue_until(Jobs(db, urls.app, tasks=[task]), db, lambda: bool(happened))
    assert happened == ["given up a.csv"]
    rows = owner.execute("SELECT status, attempts FROM procrastinate_jobs WHERE task_name = %s", [task.name]).fetchall()
    assert rows == [("failed", jobs.ATTEMPTS_MAX + 2)]


async def test_stopping_waits_for_the_job_in_hand(db: Database, urls: Urls, scope: Scope) -> None:
    started, ended = asyncio.Event(), asyncio.Event()

    async def work(_database: Database, _tenant: ids.TenantId, _given: Mapping[str, str]) -> None:
        started.set()
        await asyncio.sleep(0.3)
        ended.set()

    task = Task(f"test.long_{scope.tenant.hex}", work)
    async with db.begin(scope) as tx:
        await jobs.enqueue(tx, task)
    async with running(Jobs(db, urls.app, tasks=[task])):
        await started.wait()
    assert ended.is_set()


async def test_work_for_every_tenant_goes_on_past_one_that_fails(db: Database) -> None:
    tenants = [await new_tenant(db) for _ in range(3)]
    left = dict.fromkeys(tenants, 2)

    async def work(tx: Tx) -> int:
        if tx.tenant == tenants[1]:
            raise LookupError
        if left.get(tx.tenant, 0) == 0:
            return 0
        left[tx.tenant] -= 1
        return 1

    with pytest.raises(jobs.SomeTenantsFailed, match="1 tenants"):
        await jobs.per_tenant(work)(db)
    assert [left[tenant] for tenant in tenants] == [0, 2, 0]


async def test_every_tenant_is_found_however_many_there_are(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {await new_tenant(db) for _ in range(5)}
    monkeypatch.setattr("jiedan.base.directory.ENTRIES_MAX", 2)
    found = [tenant async for tenant in jobs.every_tenant(db)]
    assert made <= set(found)
    assert len(found) == len(set(found))


async def test_old_keys_of_every_tenant_expire(db: Database, scope: Scope, clock: FakeClock) -> None:
    claim = Claim("caller", "key", idempotency.fingerprint("body"), scope.tenant)
    async with db.begin(scope) as tx:
        await idempotency.claim_many(tx, operation="test", claims=[claim])
    clock.advance(timedelta(days=idempotency.KEPT_DAYS, seconds=1))
    (expire,) = [periodic for periodic in jobs.PERIODIC if periodic.name == "base.expire_idempotency_keys"]
    await expire.work(db)
    async with db.begin(scope) as tx:
        (verdict,) = await idempotency.claim_many(tx, operation="test", claims=[claim])
    assert isinstance(verdict, idempotency.Fresh)


async def test_the_worker_works_until_sigterm_and_says_what_it_lacks(
    urls: Urls, owner: psycopg.Connection[Any]
) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("JIEDAN_")}
    environment |= {"JIEDAN_DATABASE_URL": urls.app, "JIEDAN_DATABASE_DISPATCH_URL": urls.dispatch}
    before = listening(owner)
    worker = await asyncio.create_subprocess_exec(sys.executable, "-m", "jiedan.worker", env=environment)
    try:
        await until(lambda: len(listening(owner) - before) >= 2)  # the drain and the jobs
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(worker.wait(), PATIENCE_S) == 0
    finally:
        if worker.returncode is None:  # else it would do the work of every test after this one
            worker.kill()
            await worker.wait()

    del environment["JIEDAN_DATABASE_DISPATCH_URL"]
    lacking = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "jiedan.worker", env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(lacking.communicate(), PATIENCE_S)
    assert lacking.returncode != 0
    assert b"JIEDAN_DATABASE_DISPATCH_URL" in said


async def test_a_stop_during_the_start_is_not_forgotten(db: Database, urls: Urls) -> None:
    worker = Jobs(db, urls.app)
    starting = asyncio.create_task(worker.run())
    await asyncio.sleep(0)
    worker.stop()
    async with asyncio.timeout(PATIENCE_S):
        await starting
