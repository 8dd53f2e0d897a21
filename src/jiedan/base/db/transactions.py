"""The unit of work: one connection, one tenant, one actor, one moment."""

import dataclasses
import enum
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from jiedan.base import connections, events, ids
from jiedan.base.clock import Clock
from jiedan.base.db.errors import LockOrderBroken
from jiedan.base.recorder import StatementRecorder
from jiedan.base.sql import Statement

T = TypeVar("T")


class LockRank(enum.IntEnum):
    """The order in which kinds of rows are locked; inside a rank, key order."""

    IDEMPOTENCY = 1
    ORDER = 2
    PAYMENT = 3
    FULFILLMENT = 4
    STOCK = 5
    COUPON = 6
    WALLET = 7
    CASE = 8


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


class Ground:
    """What the transactions of one database have in common: who tells the time, makes ids and watches."""

    def __init__(self, *, clock: Clock, strict_locks: bool, recorder: StatementRecorder | None) -> None:
        self.clock = clock
        self.uuids = ids.UuidFactory()
        self.strict_locks = strict_locks
        self.recorder = recorder

    def note(self, text: str | bytes) -> None:
        """Let the recorder, where there is one, have a statement that is about to be sent."""
        if self.recorder is not None:
            self.recorder.record(text if isinstance(text, str) else text.decode())


class ReadTx:
    """A transaction that only reads, at one moment, for one tenant."""

    def __init__(self, ground: Ground, connection: AsyncConnection, driver: Any, scope: Scope) -> None:
        self._ground = ground
        self._connection = connection
        self._driver: connections.Connection = driver
        self.scope = scope
        self.tenant = scope.tenant
        self.actor = scope.actor
        self.request_id = scope.request_id
        self.now: datetime = ground.clock.now()

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
            self._ground.note(statement.text)
        calls = [(statement.text, {"tenant_id": self.tenant, **parameters}) for statement, parameters in batch]
        return await self._driver.ask(calls, last=last)

    async def table(self, statement: Statement, **parameters: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Run one named statement and return its column names and rows, for readers that do not know its shape."""
        self._ground.note(statement.text)
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


class Tx(ReadTx):
    """A transaction that may write. The boundary commits it, with the events it emitted."""

    def __init__(self, ground: Ground, connection: AsyncConnection, driver: Any, scope: Scope) -> None:
        super().__init__(ground, connection, driver, scope)
        self._emitted: list[events.Emitted] = []
        self._rank = LockRank.IDEMPOTENCY
        self._leaves_nothing = False

    def new_id(self) -> UUID:
        """Return a fresh UUIDv7."""
        return self._ground.uuids.new(self.now)

    def new_ids(self, count: int) -> list[UUID]:
        """Return `count` fresh, rising UUIDv7s."""
        return self._ground.uuids.new_many(self.now, count)

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
        if self._ground.strict_locks and rank < self._rank:
            message = f"{rank.name} is locked after {self._rank.name}"
            raise LockOrderBroken(message)
        self._rank = max(self._rank, rank)

    def leave_nothing(self) -> None:
        """Let nothing stay of what was written: at the end it is rolled back, which no disk has to be waited for.

        Only who opened the transaction knows that nobody else wrote anything in it. Raises RuntimeError after events.
        """
        if self._emitted:
            message = "events were emitted: something happened that must stay"
            raise RuntimeError(message)
        self._leaves_nothing = True

    async def commit(self) -> int:
        """Store the events and commit, in one pipeline; return how many events. The boundary calls it; nobody else."""
        if self._leaves_nothing:
            await self._ask((), last=b"ROLLBACK")
            return 0
        event_ids = self._ground.uuids.new_many(self.now, len(self._emitted))
        batch = events.save_statements(self.tenant, self._emitted, event_ids, self.now)
        await self._ask(batch, last=b"COMMIT")
        self._emitted.clear()
        return len(event_ids)
