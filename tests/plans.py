"""Plans of statements as they ran, for tests that refuse a list which looks at more than it shows."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from jiedan.base.db import ReadTx

ANALYZE = "EXPLAIN (ANALYZE, FORMAT JSON) "

REMOVED = ("Filter", "Join Filter", "Index Recheck")


class Explained(sa.Executable, sa.ClauseElement):
    """A statement whose plan is asked for, with its parameters."""

    inherit_cache = False

    def __init__(self, statement: Any) -> None:
        self.statement = statement


@compiles(Explained)
def _explain(element: Explained, compiler: Any, **facts: Any) -> str:
    return f"{ANALYZE}{compiler.process(element.statement, **facts)}"


@contextmanager
def explained(tx: ReadTx) -> Iterator[list[dict[str, Any]]]:
    """Collect the plan of every statement that runs inside, SQLAlchemy's and named ones, as it ran."""
    plans: list[dict[str, Any]] = []
    execute, sql = tx.execute, tx.sql

    async def explaining(statement: Any, parameters: Any = None) -> Any:
        plans.append((await execute(Explained(statement), parameters)).scalar_one()[0]["Plan"])
        return await execute(statement, parameters)

    async def explaining_sql(statement: Any, **parameters: Any) -> Any:
        ((plan,),) = await sql(statement._replace(text=ANALYZE.encode() + statement.text), **parameters)
        plans.append((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
        return await sql(statement, **parameters)

    tx.execute, tx.sql = explaining, explaining_sql  # type: ignore[method-assign]  # it listens in
    yield plans
    tx.execute, tx.sql = execute, sql  # type: ignore[method-assign]  # it listens in


async def server_version(tx: ReadTx) -> int:
    """Return the major version of the server."""
    found = await tx.execute(sa.text("SELECT current_setting('server_version_num')::int / 10000"))
    version: int = found.scalar_one()
    return version


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a plan's node and all below it."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def rows_read(node: dict[str, Any]) -> int:
    """Return how many rows one step of a plan looked at: handed on or filtered away."""
    return int((node["Actual Rows"] + rows_filtered_away(node)) * node["Actual Loops"])


def rows_filtered_away(node: dict[str, Any]) -> int:
    """Return how many rows one step of a plan filtered away, each time it ran."""
    return max(int(node.get(f"Rows Removed by {by}", 0)) for by in REMOVED)
