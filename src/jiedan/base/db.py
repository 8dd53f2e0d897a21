"""Connections and transactions: the boundary that opens, commits and retries; nobody else does.

A `Tx` is the unit of work: one connection, one tenant, one actor, one moment. It cannot be opened without a tenant.
SQLAlchemy statements go through `execute`; hot paths send named SQL through `sql` and `sql_many`, the latter in one
pipeline. The two never share a pipeline.
"""

import asyncio
import contextlib
import dataclasses
import enum
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

import msgspec
import psycopg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from jiedan.base import connections, errors, events, ids
from jiedan.base.clock import Clock
from jiedan.base.i18n import N_
from jiedan.base.recorder import StatementRecorder
from jiedan.base.sql import Statement

T = TypeVar("T")

TRIES_MAX = 5
"""Attempts at one transaction that lost to others: a serialization failure, a deadlock, a removal."""

BACKOFF_S = 0.02


@dataclasses.dataclass(eq=False)
class DatabaseUnavailable(errors.Unavailable):
    """No connection could be had."""

    code: ClassVar[str] = "database_unavailable"
    message: ClassVar[str] = N_("The database does not answer.")


@dataclasses.dataclass(eq=False)
class OutcomeUnknown(errors.Unavailable):
    """The connection broke while the commit was on its way: it may or may not have happened."""

    code: ClassVar[str] = "outcome_unknown"
    message: ClassVar[str] = N_("The answer was lost; the work may or may not have been done.")
    remedy: ClassVar[str] = N_("Send the same request with the same key again.")


class LockOrderBroken(RuntimeError):
    """A lock of a lower rank was asked for after a higher one: a deadlock waiting to happen, so a bug."""


class LockRank(enum.IntEnum):
    """The order in which kinds of rows are locked; inside a rank, key order."""

    IDEMPOTENCY = 1
    ORDER = 2
    PAYMENT = 3
    FULFILLMENT = 4
    STOCK = 5
    COUPON = 6
    WALLET = 7


@dataclasses.dataclass(frozen=True, slots=True)
class Scope:
    """On whose behalf a transaction runs."""

    tenant: ids.TenantId
    actor: events.Actor = events.SYSTEM
    request_id: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Load(Generic[T]):
    """A read that can share a pipeline with others: the statement, its parameters, and what its rows mean."""

    statement: Statement
    parameters: Mapping[str, Any]
    parse: Callable[[list[tuple[Any, ...]]], T]


class ReadTx:
    """A transaction that only reads, at one moment, for one tenant."""

    def __init__(self, database: "Database", connection: AsyncConnection, driver: Any, scope: Scope) -> None:
        self._database = database
        self._connection = connection
        self._driver: connections.Connection = driver
        self.scope = scope
        self.tenant = scope.tenant
        self.actor = scope.actor
        self.request_id = scope.request_id
        self.now: datetime = database.clock.now()

    async def execute(
        self, statement: sa.Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> sa.CursorResult[Any]:
        """Run one SQLAlchemy statement."""
        return await self._connection.execute(statement, parameters)

    async def sql(self, statement: Statement, **parameters: Any) -> list[tuple[Any, ...]]:
        """Run one named statement and return its rows; `tenant_id` is always among the parameters."""
        return (await self.sql_many([(statement, parameters)]))[0]

    async def sql_count(self, statement: Statement, **parameters: Any) -> int:
        """Run one named statement and return how many rows it touched."""
        return (await self._ask([(statement, parameters)]))[0].touched

    async def sql_many(self, batch: Sequence[tuple[Statement, Mapping[str, Any]]]) -> list[list[tuple[Any, ...]]]:
        """Send several named statements in one piece and return the rows of each, in order."""
        return [answer.rows for answer in await self._ask(batch)]

    async def _ask(
        self, batch: Sequence[tuple[Statement, Mapping[str, Any]]], *, last: bytes | None = None
    ) -> list[connections.Answer]:
        for statement, _ in batch:
            self._note(statement)
        calls = [(statement.text, {"tenant_id": self.tenant, **parameters}) for statement, parameters in batch]
        return await self._driver.ask(calls, last=last)

    async def table(self, statement: Statement, **parameters: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Run one named statement and return its column names and rows, for readers that do not know its shape."""
        self._note(statement)
        cursor = await self._driver.execute(statement.text, {"tenant_id": self.tenant, **parameters}, prepare=False)
        return [column.name for column in cursor.description or ()], await cursor.fetchall()

    def wait_for_answers(self, *, seconds: float) -> None:
        """Wait so long for each answer, in this transaction: for statements that may take longer than all others."""
        self._driver.silence_s_max = seconds + connections.SILENCE_SPARE_S

    async def load_one(self, load: Load[T]) -> T:
        """Run one load."""
        return load.parse(await self.sql(load.statement, **load.parameters))

    async def load(self, *loads: Load[Any]) -> list[Any]:
        """Run several loads in one pipeline and return what each means, in order."""
        found = await self.sql_many([(load.statement, load.parameters) for load in loads])
        return [load.parse(rows) for load, rows in zip(loads, found, strict=True)]

    def _note(self, statement: Statement) -> None:
        if self._database.recorder is not None:
            self._database.recorder.record(statement.text.decode())


class Tx(ReadTx):
    """A transaction that may write. The boundary commits it, with the events it emitted."""

    def __init__(self, database: "Database", connection: AsyncConnection, driver: Any, scope: Scope) -> None:
        super().__init__(database, connection, driver, scope)
        self._emitted: list[events.Emitted] = []
        self._rank = LockRank.IDEMPOTENCY

    def new_id(self) -> UUID:
        """Return a fresh UUIDv7."""
        return self._database.uuids.new(self.now)

    def new_ids(self, count: int) -> list[UUID]:
        """Return `count` fresh, rising UUIDv7s."""
        return self._database.uuids.new_many(self.now, count)

    @property
    def emitted(self) -> Sequence[events.Emitted]:
        """The events recorded so far, in their order; the log has them only after the commit."""
        return self._emitted

    def emit(
        self,
        *emitted: events.Event,
        actor: events.Actor | None = None,
        request_id: str | None = None,
        occurred_at: datetime | None = None,
        history: bool = False,
        private: Mapping[str, Any] | None = None,
    ) -> None:
        """Record events, to be stored at commit; the circumstances default to the transaction's own.

        `private` holds the personal part (names, contacts, free text, before and after), stored apart and erasable.
        """
        self._emitted.extend(
            events.Emitted(
                event,
                actor or self.actor,
                self.request_id if request_id is None else request_id,
                occurred_at or self.now,
                history,
                private,
            )
            for event in emitted
        )

    def will_lock(self, rank: LockRank) -> None:
        """Declare that rows of `rank` are locked next; `…_for_update` functions call it first.

        Raises LockOrderBroken, where locks are strict, when a higher rank was locked before.
        """
        if self._database.strict_locks and rank < self._rank:
            message = f"{rank.name} is locked after {self._rank.name}"
            raise LockOrderBroken(message)
        self._rank = max(self._rank, rank)

    async def commit(self) -> int:
        """Store the events and commit, in one pipeline; return how many events. The boundary calls it; nobody else."""
        event_ids = self._database.uuids.new_many(self.now, len(self._emitted))
        batch = events.save_statements(self.tenant, self._emitted, event_ids, self.now)
        await self._ask(batch, last=b"COMMIT")
        self._emitted.clear()
        return len(event_ids)


class Database:
    """One pool, as the app role, and the way transactions are opened."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        pool_size: int = 10,
        statement_timeout_ms: int = 30_000,
        lock_timeout_ms: int = 10_000,
        idle_transaction_timeout_ms: int = 60_000,
        pool_timeout_s: float = 10,
        connect_timeout_s: int = 10,
        strict_locks: bool = False,
        fresh_plans: bool = False,
        waits_for_disk: bool = True,
        recorder: StatementRecorder | None = None,
    ) -> None:
        self.clock = clock
        self.uuids = ids.UuidFactory()
        self.strict_locks = strict_locks
        self.recorder = recorder
        self.on_events: Callable[[], None] | None = None
        self._url = url
        self._pool_size = pool_size
        self._connect_timeout_s = connect_timeout_s
        self._silence_s_max = statement_timeout_ms / 1000 + connections.SILENCE_SPARE_S
        self._options = (
            f"-c statement_timeout={statement_timeout_ms} -c lock_timeout={lock_timeout_ms}"
            f" -c idle_in_transaction_session_timeout={idle_transaction_timeout_ms} -c TimeZone=UTC"
            # A plan kept from when a table was small, of a statement or of a foreign key, reads the whole table until
            # the next ANALYZE; every statement here goes by a key or an index, so plans may as well begin with one.
            " -c enable_seqscan=off"
        )
        if fresh_plans:  # sets vary from one row to thousands; a plan kept from when a table was empty reads it whole
            self._options += " -c plan_cache_mode=force_custom_plan"
        if not waits_for_disk:  # for work that is done again where it is lost: a commit returns before it is on disk
            self._options += " -c synchronous_commit=off"
        self._engine: AsyncEngine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=self._connect,
            isolation_level="AUTOCOMMIT",
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=pool_timeout_s,
            # The connection used last again: its statements are prepared, its plans settled, its caches warm.
            pool_use_lifo=True,
            pool_pre_ping=False,
            use_native_hstore=False,  # else the first connection asks for the type's oid
            json_serializer=lambda value: msgspec.json.encode(value).decode(),
            json_deserializer=msgspec.json.decode,
        )
        if recorder is not None:
            sa.event.listen(self._engine.sync_engine, "before_cursor_execute", self._note)

    def _note(self, _c: Any, _cur: Any, statement: str, _p: Any, _ctx: Any, _many: Any) -> None:
        if self.recorder is not None:
            self.recorder.record(statement)

    async def _connect(self) -> connections.Connection:
        return await connections.Connection.open(
            self._url,
            options=self._options,
            connect_timeout_s=self._connect_timeout_s,
            silence_s_max=self._silence_s_max,
        )

    async def close(self) -> None:
        """Close every connection of the pool."""
        await self._engine.dispose()

    @contextlib.asynccontextmanager
    async def connect(self) -> AsyncIterator[tuple[AsyncConnection, Any]]:
        """Yield a pooled connection and its driver connection, outside any transaction and tenant.

        Only the boundary and the few readers outside row-level security (`directory`, guards, health) use it.
        Raises DatabaseUnavailable when none can be had, and when it breaks while it is used.
        """
        try:
            connection = await self._engine.connect()
        except (sa.exc.DBAPIError, sa.exc.TimeoutError, psycopg.OperationalError, OSError) as error:
            raise DatabaseUnavailable from error
        driver: Any = (await connection.get_raw_connection()).driver_connection
        try:
            yield connection, driver
        except BaseException as error:
            lost = connections.driver_error(error) is not None and (
                driver.closed or connections.is_connection_lost(error)
            )
            await asyncio.shield(_discard_if_busy(connection))
            if lost:
                raise DatabaseUnavailable from error
            raise
        finally:
            await asyncio.shield(connection.close())

    @contextlib.asynccontextmanager
    async def _opened(self, begin: str) -> AsyncIterator[tuple[AsyncConnection, Any]]:
        """Yield a connection that has done `begin`; one that died in the pool, as by a restart, makes room for another.

        Raises DatabaseUnavailable.
        """
        for _ in range(self._pool_size + 1):
            async with self.connect() as (connection, driver):
                driver.silence_s_max = self._silence_s_max
                try:
                    await driver.execute(begin, prepare=False)
                except psycopg.Error as error:
                    if not (driver.closed or connections.is_connection_lost(error)):
                        raise
                    await connection.invalidate()
                    continue
                yield connection, driver
                return
        raise DatabaseUnavailable

    async def ask(self, statement: Statement, **parameters: Any) -> list[tuple[Any, ...]]:
        """Run one named statement outside any tenant and return its rows: for the tables that belong to none."""
        if self.recorder is not None:
            self.recorder.record(statement.text.decode())
        async with self.connect() as (_, driver):
            cursor = await driver.execute(statement.text, parameters, prepare=True)
            rows: list[tuple[Any, ...]] = await cursor.fetchall()
        return rows

    @contextlib.asynccontextmanager
    async def read(self, scope: Scope) -> AsyncIterator[ReadTx]:
        """Open a transaction that only reads."""
        begin = f"BEGIN READ ONLY; SET LOCAL app.tenant_id = '{scope.tenant}'"
        async with self._opened(begin) as (connection, driver):
            yield ReadTx(self, connection, driver, scope)
            await driver.execute(b"COMMIT", prepare=False)

    @contextlib.asynccontextmanager
    async def begin(self, scope: Scope) -> AsyncIterator[Tx]:
        """Open a transaction that commits when the block ends and rolls back when it raises; one attempt.

        Raises OutcomeUnknown when the connection breaks during the commit, DatabaseUnavailable when it breaks before:
        then nothing was done.
        """
        begin = f"BEGIN; SET LOCAL app.tenant_id = '{scope.tenant}'"
        async with self._opened(begin) as (connection, driver):
            tx = Tx(self, connection, driver, scope)
            yield tx
            try:
                emitted = await tx.commit()
            except psycopg.Error as error:
                if driver.closed or connections.is_connection_lost(error):
                    raise OutcomeUnknown from error
                raise
            if emitted and self.on_events is not None:
                self.on_events()

    async def write(self, scope: Scope, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run `work` in a transaction, again when it lost to a deadlock or was overtaken by what another had changed.

        `work` may run up to `TRIES_MAX` times, so it must leave nothing behind outside its transaction.
        """
        for attempt in range(1, TRIES_MAX + 1):
            try:
                async with self.begin(scope) as tx:
                    result = await work(tx)
                return result  # noqa: RET504 - the result counts only after the commit
            except (psycopg.Error, sa.exc.DBAPIError, errors.Overtaken) as error:
                is_race = isinstance(error, errors.Overtaken) or connections.is_race_lost(error)
                if not is_race or attempt == TRIES_MAX:
                    raise
            await asyncio.sleep(BACKOFF_S * attempt * (1 + secrets.randbelow(100) / 100))
        message = "unreachable"
        raise AssertionError(message)


async def _discard_if_busy(connection: AsyncConnection) -> None:
    """Roll back what is open; throw the connection away where that is not possible.

    One that broke under a statement of SQLAlchemy's is thrown away already, and must not be asked for again.
    """
    if connection.invalidated:
        return
    driver: Any = (await connection.get_raw_connection()).driver_connection
    try:
        if driver.closed or driver.pgconn.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
            await connection.invalidate()
        else:
            await driver.discard()
    except (psycopg.Error, sa.exc.DBAPIError):
        await connection.invalidate()
