"""Calls to the outside: one transaction before, one after, none during.

What is asked is stored with its key and committed; then the outside is called; then the answer is stored. A connection
to the database is never held while somebody else's machine thinks, and a crash at any point leaves a stored question
that can be asked again under the same key.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from jiedan.base.db import Database, Scope, Tx

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")

_RUNNING: set[asyncio.Task[object]] = set()


async def call(
    database: Database,
    scope: Scope,
    *,
    before: Callable[[Tx], Awaitable[A]],
    outside: Callable[[A], Awaitable[B]],
    after: Callable[[Tx, A, B], Awaitable[C]],
) -> C:
    """Do `before` in a transaction, `outside` in none, `after` in another, and return what that returns.

    `before` and `after` may run several times, as any work of a transaction. A caller who goes away once `before` is
    committed changes nothing: the rest is done without them.
    """
    asked = await database.write(scope, before)

    async def rest() -> C:
        answered = await outside(asked)
        return await database.write(scope, lambda tx: after(tx, asked, answered))

    task = asyncio.create_task(rest(), name="gateway call")
    _RUNNING.add(task)
    task.add_done_callback(_RUNNING.discard)
    return await asyncio.shield(task)
