"""Waiting for what must come: an event decides, or a look from outside until it is so.

`PATIENCE_S` tells a hang from a machine that is slow, and nothing else: no test measures by it how fast something is.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg

PATIENCE_S = 100.0
LOOK_S = 0.01

_HERE = "FROM pg_stat_activity WHERE datname = current_database() AND"
"""In this worker's database: what the other worker's tests do beside does not count."""


async def until(condition: Callable[[], object]) -> None:
    """Return when `condition` holds; everything else on the loop goes on meanwhile."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - looks from outside
            await asyncio.sleep(LOOK_S)


async def until_asked(condition: Callable[[], Awaitable[bool]]) -> None:
    """Return when `condition`, which has to be asked for, holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():  # noqa: ASYNC110 - looks from outside
            await asyncio.sleep(LOOK_S)


async def until_it_waits(task: "asyncio.Task[Any]", owner: psycopg.Connection[Any]) -> None:
    """Return when `task` waits for a lock in the database, or has ended without."""
    await until(lambda: task.done() or waiting(owner))


def eventually(what: Callable[[], object], why: str) -> None:
    """Return when `what` holds; nothing else goes on in this process meanwhile. `why` is told when it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < deadline, why
        time.sleep(LOOK_S)


def waiting(owner: psycopg.Connection[Any]) -> set[int]:
    """Return which processes of the server wait for a lock of another."""
    return _processes(owner, f"SELECT pid {_HERE} cardinality(pg_blocking_pids(pid)) > 0")


def listening(owner: psycopg.Connection[Any]) -> set[int]:
    """Return which processes of the server pass hints on, and did nothing since they were told to."""
    return _processes(owner, f"SELECT pid {_HERE} query LIKE 'LISTEN%' AND state = 'idle'")


def sleeping(owner: psycopg.Connection[Any]) -> set[int]:
    """Return which processes of the server are in `pg_sleep`."""
    return _processes(owner, f"SELECT pid {_HERE} wait_event = 'PgSleep'")


def connected(owner: psycopg.Connection[Any]) -> set[int]:
    """Return which processes of the server are there for clients."""
    return _processes(owner, f"SELECT pid {_HERE} backend_type = 'client backend'")


def _processes(owner: psycopg.Connection[Any], question: str) -> set[int]:
    return {pid for (pid,) in owner.execute(question.encode())}
