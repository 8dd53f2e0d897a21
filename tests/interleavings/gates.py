"""Connections whose every statement waits at a gate until a scheduler lets it go."""

import asyncio
import collections
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import psycopg

from jiedan.base.clock import Clock
from jiedan.base.connections import Answer, Call, Connection
from jiedan.base.db import Database
from tests.interleavings import footprints
from tests.interleavings.footprints import Footprint

_UNGATED = ("BEGIN", "SET ", "DEALLOCATE", "ROLLBACK", "LISTEN", "NOTIFY", "SAVEPOINT", "RELEASE")
"""What takes no lock, sees nothing and shows nothing to others; a rollback belongs to the statement before it."""


class Step(NamedTuple):
    """A statement that waits at a gate: what it says, what it touches, and the server process it will run in."""

    text: str
    footprint: Footprint
    pid: int


@dataclasses.dataclass
class Gate:
    """Where the statements of one side wait; open until it is closed."""

    is_closed: bool = False
    only_looks_after: bool = False
    """Whether what is read after the first commit is only told: it changes nothing, so it waits for nobody."""

    has_written: bool = False
    waiting: collections.deque[tuple[Step, asyncio.Future[None]]] = dataclasses.field(default_factory=collections.deque)
    moved: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)

    async def wait(self, step: Step) -> None:
        """Wait until the scheduler lets `step` go."""
        if self.is_closed:
            turn = asyncio.get_running_loop().create_future()
            self.waiting.append((step, turn))
            self.moved.set()
            await turn

    def ended(self, _task: asyncio.Task[Any]) -> None:
        """Tell the scheduler that there is nothing more to wait for."""
        self.moved.set()

    def let_go(self) -> Step:
        """Let the first that waits go."""
        step, turn = self.waiting.popleft()
        if not turn.done():
            turn.set_result(None)
        return step

    def open(self) -> None:
        """Let everything go from now on."""
        self.is_closed = False
        while self.waiting:
            self.let_go()


class GatedConnection(Connection):
    """A connection whose statements wait at a gate, one by one, also those that are sent as one set."""

    gate: Gate

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cursor_factory = GatedCursor
        self.done = footprints.NOTHING
        self.is_looking = False

    async def ask(self, calls: Sequence[Call], *, last: bytes | None = None) -> list[Answer]:
        """Send the statements of a set one after the other, each when it is let go."""
        answers: list[Answer] = []
        for call in calls:
            await self.pass_gate(call[0].decode(), call[1])
            answers += await super().ask([call])
        if last is not None:
            await self.pass_gate(last.decode())
            await super().ask([], last=last)
        return answers

    async def pass_gate(self, text: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Wait with a statement that others could notice; a commit shows what its transaction did."""
        if text.startswith("BEGIN"):
            self.done = footprints.NOTHING
            self.is_looking = text.startswith("BEGIN READ ONLY") and self.gate.has_written
        if text.startswith(_UNGATED) or self.is_looking:
            return
        is_commit = text.startswith("COMMIT")
        footprint = self.done._replace(is_commit=True) if is_commit else footprints.of(text, parameters)
        if is_commit and not (footprint.writes or footprint.deletes):
            return
        self.done |= footprint
        self.gate.has_written |= is_commit and self.gate.only_looks_after
        await self.gate.wait(Step(text, footprint, self.info.backend_pid))


class GatedCursor(psycopg.AsyncCursor[Any]):
    """A cursor of such a connection."""

    async def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        """Run one statement when it is let go."""
        await self._pass_gate(query)
        return await super().execute(query, *args, **kwargs)

    async def executemany(self, query: Any, *args: Any, **kwargs: Any) -> None:
        """Run one statement for many values when it is let go."""
        await self._pass_gate(query)
        await super().executemany(query, *args, **kwargs)

    async def _pass_gate(self, query: Any) -> None:
        assert isinstance(self.connection, GatedConnection)
        await self.connection.pass_gate(query.decode() if isinstance(query, bytes) else str(query))


class GatedDatabase(Database):
    """A database as the application opens it; `gate` stands before every statement of its connections."""

    def __init__(self, url: str, *, clock: Clock) -> None:
        super().__init__(url, clock=clock, pool_size=4, strict_locks=True)
        self.gate = Gate()

    async def _connect(self) -> GatedConnection:
        connection = await GatedConnection.open(
            self._url, options=self._options, connect_timeout_s=self._connect_timeout_s
        )
        connection.gate = self.gate
        return connection
