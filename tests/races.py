"""Works that run at once, each in a transaction of its own, and the books afterwards."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from jiedan.base import sql
from jiedan.base.db import Database, Scope, Tx

Work = Callable[[Tx], Awaitable[Any]]


async def together(db: Database, scope: Scope, *works: Work) -> list[Any]:
    """Run works at once, each in a transaction of its own that is open before any begins; one attempt each."""
    barrier = asyncio.Barrier(len(works))

    async def one(work: Work) -> Any:
        async with db.begin(scope) as tx:
            await barrier.wait()
            return await work(tx)

    return await asyncio.gather(*(one(work) for work in works))


async def assert_sound(db: Database, scope: Scope, checks: Mapping[str, sql.Statement]) -> None:
    """Assert that no check finds anything."""
    async with db.read(scope) as tx:
        for statement in checks.values():
            assert await tx.sql(statement, now=tx.now) == [], statement.name


def doing(use_case: Callable[..., Awaitable[Any]], **arguments: Any) -> Work:
    """Return the work of calling a use case with these arguments."""
    return lambda tx: use_case(tx, **arguments)
