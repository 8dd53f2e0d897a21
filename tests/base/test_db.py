import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from jiedan.base import connections, errors, ids, runtime, settings, tables
from jiedan.base import db as databases
from jiedan.base.db import Database, LockRank, Scope, Tx
from jiedan.base.recorder import StatementRecorder
from jiedan.base.sql import Statement
from tests.base import severing
from tests.base.happenings import Happened
from tests.conftest import FakeClock, Urls
from tests.patience import PATIENCE_S, sleeping, until

READ_ALL = Statement(
    "read_all",
    b"SELECT series, next_number FROM number_series ORDER BY series"
    b" /* across tenants: row-level security is tried alone */",
)
READ = Statement(
    "read", b"SELECT next_number FROM number_series WHERE tenant_id = %(tenant_id)s AND series = %(series)s"
)
LOCK = Statement("lock", READ.text + b" FOR NO KEY UPDATE")
INSERT = Statement(
    "insert",
    b"INSERT INTO number_series (tenant_id, series, next_number) VALUES (%(tenant_id)s, %(series)s, %(next_number)s)",
)
RAISE = Statement(
    "raise",
    b"UPDATE number_series SET next_number = next_number + 1 WHERE tenant_id = %(tenant_id)s AND series = %(series)s",
)


async def write_series(db: Database, tenant: ids.TenantId, *series: str) -> None:
    async with db.begin(Scope(tenant)) as tx:
        for name in series:
            await tx.sql_count(INSERT, series=name, next_number=1)


async def number(db: Database, tenant: ids.TenantId, series: str) -> int | None:
    async with db.read(Scope(tenant)) as tx:
        found = await tx.sql(READ, series=series)
    return found[0][0] if found else None


# Tenancy --------------------------------------------------------------------------------------------------------------


async def test_without_a_tenant_predicate_only_the_own_rows_show(
    db: Database, tenant: ids.TenantId, other_tenant: ids.TenantId
) -> None:
    await write_series(db, tenant, "mine")
    await write_series(db, other_tenant, "theirs")
    async with db.read(Scope(tenant)) as tx:
        assert await tx.sql(READ_ALL) == [("mine", 1)]
        rows = await tx.execute(
            sa.select(tables.NumberSeries.series).suffix_with("/* across tenants: row-level security is tried alone */")
        )
        assert [row.series for row in rows] == ["mine"]


async def test_with_the_predicate_alone_only_the_own_rows_show(
    urls: Urls, db: Database, tenant: ids.TenantId, other_tenant: ids.TenantId
) -> None:
    await write_series(db, tenant, "one")
    await write_series(db, other_tenant, "one", "two")
    unguarded = Database(urls.superuser, clock=db.clock, pool_size=1)
    async with unguarded.read(Scope(tenant)) as tx:
        assert len(await tx.sql(READ_ALL)) >= 3, "row-level security is off for this role"
    assert await number(unguarded, tenant, "one") == 1
    assert await number(unguarded, tenant, "two") is None
    await unguarded.close()


async def test_a_row_of_another_tenant_cannot_be_written(
    db: Database, tenant: ids.TenantId, other_tenant: ids.TenantId
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        async with db.begin(Scope(tenant)) as tx:
            await tx.sql_count(INSERT, series="x", next_number=1, tenant_id=other_tenant)
    assert await number(db, other_tenant, "x") is None


async def test_without_a_tenant_the_database_refuses_to_answer(db: Database, tenant: ids.TenantId) -> None:
    await write_series(db, tenant, "x")
    for _ in range(db._pool_size):
        async with db.connect() as (_, driver):
            with pytest.raises(psycopg.Error):
                await driver.execute(READ_ALL.text)


async def test_a_tenant_never_outlives_its_transaction(urls: Urls, db: Database, tenant: ids.TenantId) -> None:
    database = Database(urls.app, clock=db.clock, pool_size=1)
    await write_series(database, tenant, "x")
    with pytest.raises(LookupError):
        async with database.begin(Scope(tenant)):
            raise LookupError
    async with database.connect() as (_, driver):
        with pytest.raises(psycopg.DataError):
            await driver.execute(READ_ALL.text)
    await database.close()


def test_every_tenant_table_is_protected(owner: psycopg.Connection[Any]) -> None:
    rows = owner.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        " AND NOT (relrowsecurity AND relforcerowsecurity)"
    ).fetchall()
    assert {name for (name,) in rows if not name.startswith("procrastinate_")} == {"alembic_version", "directory"}


def test_the_app_role_may_not_change_what_happened(urls: Urls, tenant: ids.TenantId) -> None:
    with psycopg.connect(urls.app, autocommit=True) as connection:
        connection.execute(f"SET app.tenant_id = '{tenant}'".encode())
        for forbidden in (
            "UPDATE event_log SET kind = 'x'",
            "DELETE FROM event_log",
            "UPDATE event_stream SET position = 0",
            "DELETE FROM event_stream",
            "TRUNCATE outbox",
            "ALTER TABLE outbox DISABLE ROW LEVEL SECURITY",
            "SET ROLE jiedan_owner",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden)


# Transactions ---------------------------------------------------------------------------------------------------------


async def test_the_boundary_commits_and_rolls_back(db: Database, tenant: ids.TenantId) -> None:
    await write_series(db, tenant, "kept")

    async def fails(tx: Tx) -> None:
        await tx.sql_count(INSERT, series="dropped", next_number=1)
        raise LookupError

    with pytest.raises(LookupError):
        await db.write(Scope(tenant), fails)
    assert await number(db, tenant, "kept") == 1
    assert await number(db, tenant, "dropped") is None


async def test_what_leaves_nothing_is_rolled_back_and_its_connection_goes_on(
    db: Database, tenant: ids.TenantId
) -> None:
    await write_series(db, tenant, "kept")
    for _ in range(2):  # the second time its statements are prepared already
        async with db.begin(Scope(tenant)) as tx:
            await tx.sql_count(INSERT, series="dropped", next_number=1)
            tx.leave_nothing()
        assert await number(db, tenant, "dropped") is None
    await write_series(db, tenant, "later")
    assert await number(db, tenant, "later") == await number(db, tenant, "kept") == 1


async def test_what_happened_cannot_leave_nothing(db: Database, tenant: ids.TenantId) -> None:
    async with db.begin(Scope(tenant)) as tx:
        tx.emit(Happened(thing_id=tx.new_id(), number=1))
        with pytest.raises(RuntimeError, match="must stay"):
            tx.leave_nothing()


async def test_a_read_only_transaction_refuses_to_write(db: Database, tenant: ids.TenantId) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        async with db.read(Scope(tenant)) as tx:
            await tx.sql_count(INSERT, series="x", next_number=1)
    assert not hasattr(databases.ReadTx, "emit")


async def test_time_stands_still_inside_a_transaction(db: Database, tenant: ids.TenantId, clock: FakeClock) -> None:
    async with db.begin(Scope(tenant)) as tx:
        first = tx.now
        assert tx.now == first
        made = [tx.new_id(), *tx.new_ids(3)]
        assert made == sorted(made)
        assert made[0].int >> 80 == int(first.timestamp() * 1000)
    assert clock.now() > first


async def test_statements_in_a_pipeline_answer_in_order(
    db: Database, tenant: ids.TenantId, recorder: StatementRecorder
) -> None:
    async with db.begin(Scope(tenant)) as tx:
        with recorder.watching() as sent:
            answers = await tx.sql_many(
                [
                    (INSERT, {"series": "a", "next_number": 5}),
                    (RAISE, {"series": "a"}),
                    (READ, {"series": "a"}),
                    (READ, {"series": "b"}),
                ]
            )
    assert answers == [[], [], [(6,)], []]
    assert len(sent) == 4


async def test_an_error_in_a_pipeline_is_the_statements_own(db: Database, tenant: ids.TenantId) -> None:
    await write_series(db, tenant, "a")
    with pytest.raises(psycopg.errors.UniqueViolation) as raised:
        async with db.begin(Scope(tenant)) as tx:
            await tx.sql_many([(INSERT, {"series": "a", "next_number": 1}), *[(READ, {"series": "a"})] * 20])
    assert not connections.is_connection_lost(raised.value)
    assert await number(db, tenant, "a") == 1


async def test_sqlalchemy_and_named_sql_share_one_transaction(db: Database, tenant: ids.TenantId) -> None:
    async with db.begin(Scope(tenant)) as tx:
        await tx.sql_count(INSERT, series="x", next_number=3)
        series = tables.NumberSeries
        found = await tx.execute(sa.select(series.next_number).where(series.tenant_id == tenant, series.series == "x"))
        assert found.scalar_one() == 3


@pytest.mark.parametrize(
    "error", [psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure, errors.Overtaken]
)
async def test_write_runs_again_what_lost(db: Database, tenant: ids.TenantId, error: type[Exception]) -> None:
    tries = 0

    async def work(tx: Tx) -> str:
        nonlocal tries
        tries += 1
        await tx.sql_count(INSERT, series="x", next_number=tries)
        if tries < 3:
            raise error
        return "done"

    assert await db.write(Scope(tenant), work) == "done"
    assert await number(db, tenant, "x") == 3


async def test_write_gives_up_after_its_tries(db: Database, tenant: ids.TenantId) -> None:
    tries = 0

    async def work(_tx: Tx) -> None:
        nonlocal tries
        tries += 1
        raise sa.exc.DBAPIError("", {}, psycopg.errors.SerializationFailure())

    with pytest.raises(errors.Overtaken) as raised:
        await db.write(Scope(tenant), work)
    assert tries == databases.TRIES_MAX
    assert isinstance(raised.value.__cause__, sa.exc.DBAPIError)


async def test_write_does_not_repeat_what_cannot_succeed(db: Database, tenant: ids.TenantId) -> None:
    tries = 0

    async def work(_tx: Tx) -> None:
        nonlocal tries
        tries += 1
        raise psycopg.errors.UniqueViolation

    with pytest.raises(psycopg.errors.UniqueViolation):
        await db.write(Scope(tenant), work)
    assert tries == 1


async def test_two_transactions_that_deadlock_both_succeed_in_the_end(db: Database, tenant: ids.TenantId) -> None:
    await write_series(db, tenant, "a", "b")
    both_hold_one = asyncio.Barrier(2)
    first_tries = [True, True]

    async def lock(index: int, names: Sequence[str]) -> None:
        async def work(tx: Tx) -> None:
            await tx.sql_count(RAISE, series=names[0])
            if first_tries[index]:
                first_tries[index] = False
                await both_hold_one.wait()
            await tx.sql_count(RAISE, series=names[1])

        await db.write(Scope(tenant), work)

    await asyncio.wait_for(asyncio.gather(lock(0, ["a", "b"]), lock(1, ["b", "a"])), PATIENCE_S)
    assert [await number(db, tenant, name) for name in ("a", "b")] == [3, 3]


# Locks ----------------------------------------------------------------------------------------------------------------


async def test_locks_are_taken_in_the_order_of_their_ranks(db: Database, tenant: ids.TenantId) -> None:
    async with db.begin(Scope(tenant)) as tx:
        for rank in (LockRank.IDEMPOTENCY, LockRank.ORDER, LockRank.ORDER, LockRank.STOCK):
            tx.will_lock(rank)
        with pytest.raises(databases.LockOrderBroken, match="ORDER is locked after STOCK"):
            tx.will_lock(LockRank.ORDER)
        for rank in (LockRank.WALLET, LockRank.CASE):
            tx.will_lock(rank)
        with pytest.raises(databases.LockOrderBroken, match="WALLET is locked after CASE"):
            tx.will_lock(LockRank.WALLET)


async def test_where_locks_are_not_strict_nobody_is_stopped(urls: Urls, db: Database, tenant: ids.TenantId) -> None:
    lenient = Database(urls.app, clock=db.clock, pool_size=1)
    async with lenient.begin(Scope(tenant)) as tx:
        tx.will_lock(LockRank.WALLET)
        tx.will_lock(LockRank.ORDER)
    await lenient.close()


async def test_waiting_for_a_lock_ends(urls: Urls, db: Database, tenant: ids.TenantId) -> None:
    await write_series(db, tenant, "x")
    impatient = Database(urls.app, clock=db.clock, pool_size=1, lock_timeout_ms=50)
    async with db.begin(Scope(tenant)) as tx:
        await tx.sql(LOCK, series="x")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            async with impatient.begin(Scope(tenant)) as other:
                await other.sql(LOCK, series="x")
    await impatient.close()


async def test_the_settings_bound_every_wait(urls: Urls, db: Database, tenant: ids.TenantId) -> None:
    chosen = settings.Settings(pool_size=1, pool_timeout_s=1, idle_transaction_timeout_ms=7_000, lock_timeout_ms=3_000)
    bounded = runtime.database(chosen, urls.app, clock=db.clock)
    async with bounded.read(Scope(tenant)) as tx:
        shown = [
            (await tx.execute(sa.text(f"SHOW {name}"))).scalar_one()
            for name in ("idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout")
        ]
        assert shown == ["7s", "3s", "30s"]
        with pytest.raises(databases.DatabaseUnavailable):
            async with bounded.read(Scope(tenant)):
                pass
    await bounded.close()


# Broken connections ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("waits", [True, False])
async def test_a_commit_waits_for_the_disk_unless_its_work_is_done_again_where_it_is_lost(
    urls: Urls, clock: FakeClock, *, waits: bool
) -> None:
    database = Database(urls.app, clock=clock, pool_size=1, waits_for_disk=waits)
    async with database.connect() as (_, driver):
        asked = await driver.execute("SELECT source FROM pg_settings WHERE name = 'synchronous_commit'")
        (source,) = await asked.fetchone()
    await database.close()
    assert (source == "client") is not waits


async def test_a_lost_commit_reply_is_an_unknown_outcome(urls: Urls, db: Database, tenant: ids.TenantId) -> None:
    async with severing.proxy(urls.app) as (url, proxy):
        database = Database(url, clock=db.clock, pool_size=1)
        async with database.read(Scope(tenant)):
            pass
        proxy.times = 1
        with pytest.raises(databases.OutcomeUnknown):
            await write_series(database, tenant, "x")
        assert await number(database, tenant, "x") == 1, "it had happened, and the next transaction works"
        await database.close()


async def test_a_connection_lost_before_the_commit_did_nothing(
    db: Database, tenant: ids.TenantId, owner: psycopg.Connection[Any]
) -> None:
    async def work(tx: Tx) -> None:
        await tx.sql_count(INSERT, series="x", next_number=1)
        owner.execute("SELECT pg_terminate_backend(%s, 2000)", [tx._driver.info.backend_pid])
        await tx.sql(READ, series="x")

    with pytest.raises(databases.DatabaseUnavailable):
        await db.write(Scope(tenant), work)
    assert await number(db, tenant, "x") is None


async def test_connections_that_died_in_the_pool_are_replaced(
    urls: Urls, db: Database, tenant: ids.TenantId, owner: psycopg.Connection[Any]
) -> None:
    database = Database(urls.app, clock=db.clock, pool_size=4)
    ready = asyncio.Barrier(5)

    async def hold() -> int:
        async with database.read(Scope(tenant)) as tx:
            await ready.wait()
            return tx._driver.info.backend_pid

    holders = [asyncio.create_task(hold()) for _ in range(4)]
    await ready.wait()
    for pid in await asyncio.gather(*holders):
        owner.execute("SELECT pg_terminate_backend(%s, 2000)", [pid])
    await write_series(database, tenant, "x")
    assert await number(database, tenant, "x") == 1
    await database.close()


async def test_a_canceled_caller_leaves_a_usable_connection(
    urls: Urls, db: Database, tenant: ids.TenantId, owner: psycopg.Connection[Any]
) -> None:
    database = Database(urls.app, clock=db.clock, pool_size=1, statement_timeout_ms=1_000_000)

    async def slow() -> None:
        async with database.begin(Scope(tenant)) as tx:
            await tx.sql_count(INSERT, series="x", next_number=1)
            await tx.sql(Statement("sleep", b"SELECT pg_sleep(1000)"))

    before, task = sleeping(owner), asyncio.create_task(slow())
    await until(lambda: sleeping(owner) - before)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, PATIENCE_S)
    assert await asyncio.wait_for(number(database, tenant, "x"), PATIENCE_S) is None
    await database.close()


async def test_a_database_that_does_not_answer_is_named(db: Database, tenant: ids.TenantId) -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nowhere", clock=db.clock)
    with pytest.raises(databases.DatabaseUnavailable, match="does not answer"):
        async with database.begin(Scope(tenant)):
            pytest.fail("there is no database")
    await database.close()


async def test_no_free_connection_is_unavailable_not_a_bug(urls: Urls, db: Database, tenant: ids.TenantId) -> None:
    database = Database(urls.app, clock=db.clock, pool_size=1)
    database._engine.pool._timeout = 0.05  # type: ignore[attr-defined]  # the queue pool's own
    async with database.begin(Scope(tenant)):
        with pytest.raises(databases.DatabaseUnavailable):
            async with database.begin(Scope(tenant)):
                pytest.fail("there was one connection")
    await database.close()
