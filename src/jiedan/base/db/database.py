"""The pool, and the boundary that opens, commits and repeats transactions."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import msgspec
import psycopg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from jiedan.base import connections, errors
from jiedan.base.clock import Clock
from jiedan.base.db.errors import DatabaseUnavailable, OutcomeUnknown
from jiedan.base.db.silence import Lookout
from jiedan.base.db.transactions import Ground, ReadTx, Scope, Tx
from jiedan.base.recorder import StatementRecorder
from jiedan.base.sql import Statement

T = TypeVar("T")

TRIES_MAX = 5
"""Attempts at one transaction that lost to others: a serialization failure, a deadlock, a removal."""

BACKOFF_S = 0.02


class Database(Ground):
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
        super().__init__(clock=clock, strict_locks=strict_locks, recorder=recorder)
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
        self._lookout = Lookout(url, open_line=self._connect, dial_s_max=connect_timeout_s)
        self._engine: AsyncEngine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=self._lookout.dial,
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
            sa.event.listen(self._engine.sync_engine, "before_cursor_execute", self._note_sent)

    def _note_sent(self, _c: Any, _cur: Any, statement: str, _p: Any, _ctx: Any, _many: Any) -> None:
        self.note(statement)

    async def _connect(self) -> connections.Connection:
        return await connections.Connection.open(
            self._url,
            options=self._options,
            connect_timeout_s=self._connect_timeout_s,
            silence_s_max=self._silence_s_max,
        )

    async def close(self) -> None:
        """Close every connection of the pool."""
        await self._lookout.close()
        await self._engine.dispose()

    @contextlib.asynccontextmanager
    async def connect(self) -> AsyncIterator[tuple[AsyncConnection, Any]]:
        """Yield a pooled connection and its driver connection, outside any transaction and tenant.

        Only the boundary and the few readers outside row-level security (`directory`, guards, health) use it.
        Raises DatabaseUnavailable when none can be had, and when it breaks while it is used.
        """
        try:
            connection, driver = await self._pooled()
        except (sa.exc.DBAPIError, sa.exc.TimeoutError, psycopg.OperationalError, OSError) as error:
            raise DatabaseUnavailable from error
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

    async def _pooled(self) -> tuple[AsyncConnection, Any]:
        """Return a connection of the pool; those of a time when others fell silent are thrown away unused."""
        while True:
            connection = await self._engine.connect()
            driver: Any = (await connection.get_raw_connection()).driver_connection
            if self._lookout.trusts(driver):
                return connection, driver
            await connection.invalidate()
            await connection.close()

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
        self.note(statement.text)
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

        `work` may run up to `TRIES_MAX` times, so it must leave nothing behind outside its transaction. Raises
        Overtaken when it lost every time.
        """
        for attempt in range(1, TRIES_MAX + 1):
            try:
                async with self.begin(scope) as tx:
                    return await work(tx)
            except errors.Overtaken:
                if attempt == TRIES_MAX:
                    raise
            except (psycopg.Error, sa.exc.DBAPIError) as error:
                if attempt == TRIES_MAX and connections.is_retryable(error):
                    raise errors.Overtaken from error
                if attempt == TRIES_MAX or not connections.is_race_lost(error):
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
