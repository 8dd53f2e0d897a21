"""What the tests of the drain hand out: things that happened, and a handler that remembers them."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from jiedan.base import drain, events, ids
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.drain import Handler
from jiedan.base.events import StoredEvent
from jiedan.base.sql import Statement


class Happened(events.Event, frozen=True, kw_only=True):
    kind: ClassVar[str] = "test.happened"
    subject_kind: ClassVar[str] = "thing"
    subject: ClassVar[str] = "thing_id"

    thing_id: UUID
    number: int


class Ignored(Happened, frozen=True, kw_only=True):
    kind: ClassVar[str] = "test.ignored"


class Unheard(Happened, frozen=True, kw_only=True):
    kind: ClassVar[str] = "test.unheard"


class Reader:
    """A handler that remembers its sets, and fails on the numbers it cannot digest."""

    def __init__(self, name: str = "test.read") -> None:
        self.name = name
        self.sets: list[list[StoredEvent]] = []
        self.poison: set[int] = set()
        self.calls = 0

    async def read(self, _tx: Tx, given: Sequence[StoredEvent]) -> None:
        self.calls += 1
        if any(event.data["number"] in self.poison for event in given):
            raise ValueError("secret of the customer")
        self.sets.append(list(given))

    def handler(self, *, history: bool = False) -> Handler:
        return Handler(self.name, self.read, history)

    @property
    def numbers(self) -> list[int]:
        return [event.data["number"] for given in self.sets for event in given]

    @property
    def positions(self) -> list[int]:
        return [event.position for given in self.sets for event in given]


def subscribed(*handlers: Handler) -> drain.Subscriptions:
    return {Happened.kind: handlers, Ignored.kind: ()}


async def emit(db: Database, tenant: ids.TenantId, count: int, *, first: int = 0, history: bool = False) -> None:
    async with db.begin(Scope(tenant)) as tx:
        happened = [Happened(thing_id=tx.new_id(), number=first + i) for i in range(count)]
        tx.emit(*happened, history=history)


async def rows(db: Database, tenant: ids.TenantId, table: str, columns: str = "event_id") -> list[tuple[Any, ...]]:
    async with db.read(Scope(tenant)) as tx:
        text = f"SELECT {columns} FROM {table} WHERE tenant_id = %(tenant_id)s ORDER BY {columns}"  # noqa: S608 - ours
        return await tx.sql(Statement("t", text.encode()))
