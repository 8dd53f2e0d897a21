"""What one process holds while it runs: settings, database, clock, and the parts that modules open.

A part is an object that lives as long as the process: the order desk, number leases, caches. A module offers it as an
asynchronous context manager taking the runtime; `wiring.PARTS` lists them, the API and the worker open them in order.
"""

import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from jiedan.base.clock import Clock
from jiedan.base.db import Database
from jiedan.base.settings import Settings

T = TypeVar("T")


@dataclasses.dataclass(eq=False)
class Runtime:
    """Hold what a process needs; a part is found by its class."""

    settings: Settings
    database: Database
    clock: Clock
    parts: dict[type[Any], Any] = dataclasses.field(default_factory=dict)

    def part(self, kind: type[T]) -> T:
        """Return the part whose class is `kind`. Raises LookupError when no opened part is one."""
        try:
            found: T = self.parts[kind]
        except KeyError as error:
            message = f"no part is a {kind.__name__}: is it listed in wiring.PARTS?"
            raise LookupError(message) from error
        return found

    def add(self, part: object) -> None:
        """Keep `part` under its class. Raises ValueError when that class has one already."""
        if type(part) in self.parts:
            message = f"{type(part).__name__} was added twice"
            raise ValueError(message)
        self.parts[type(part)] = part


def database(
    settings: Settings, url: str, *, clock: Clock, fresh_plans: bool = False, waits_for_disk: bool = True
) -> Database:
    """Return the database at `url`, pooled and timed as `settings` say; nothing is connected yet."""
    return Database(
        url,
        clock=clock,
        pool_size=settings.pool_size,
        pool_timeout_s=settings.pool_timeout_s,
        connect_timeout_s=settings.connect_timeout_s,
        statement_timeout_ms=settings.statement_timeout_ms,
        lock_timeout_ms=settings.lock_timeout_ms,
        idle_transaction_timeout_ms=settings.idle_transaction_timeout_ms,
        strict_locks=settings.strict_locks,
        fresh_plans=fresh_plans,
        waits_for_disk=waits_for_disk,
    )


Part = Callable[[Runtime], AbstractAsyncContextManager[object]]


@contextlib.asynccontextmanager
async def opened(runtime: Runtime, parts: Sequence[Part]) -> AsyncIterator[Runtime]:
    """Open `parts` in order, yield the runtime, and close them in reverse; a later part may use an earlier one."""
    async with contextlib.AsyncExitStack() as stack:
        for part in parts:
            value = await stack.enter_async_context(part(runtime))
            runtime.add(value)
            stack.callback(runtime.parts.pop, type(value))
        yield runtime
