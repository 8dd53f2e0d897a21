"""What the tables of a database hold, so that two databases can be compared."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import psycopg
from psycopg import sql

from jiedan.base.backup.values import Contents, Difference

_TABLES = """
SELECT c.relname
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
ORDER BY c.relname
"""
_ONE_SPELLING = {
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
}
"""Settings by which values turn into text; the same on both sides of a comparison."""


def silent(_: int, /) -> None:
    """Tell nobody how many more tables were measured."""


async def tables(connection: psycopg.AsyncConnection[Any]) -> list[str]:
    """Return the names of the tables, sorted; none for an empty database."""
    rows = await (await connection.execute(_TABLES)).fetchall()
    return [str(name) for (name,) in rows]


async def measured(
    connection: psycopg.AsyncConnection[Any], *, advance: Callable[[int], None] = silent
) -> dict[str, Contents]:
    """Count and hash every table, as a role that reads past row-level security.

    Every row is read once; memory stays constant.
    """
    for setting, value in _ONE_SPELLING.items():
        await connection.execute(sql.SQL("SET {} TO {}").format(sql.Identifier(setting), sql.Literal(value)))
    found: dict[str, Contents] = {}
    for name in await tables(connection):
        row = await (await connection.execute(_contents_of(name))).fetchone()
        if row is not None:
            found[name] = Contents(rows=row[0], hash=row[1])
        advance(1)
    return found


def differences(wanted: Mapping[str, Contents], found: Mapping[str, Contents]) -> Iterator[Difference]:
    """Yield the tables that differ, by name."""
    for name in sorted({*wanted, *found}):
        if wanted.get(name) != found.get(name):
            yield Difference(name, wanted.get(name), found.get(name))


def _contents_of(table: str) -> bytes:
    """Return the question how many rows a table has and what their hashes add up to."""
    name = sql.Identifier(table).as_string()
    facts = "count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text"
    return f"/* across tenants: a backup holds every merchant */ SELECT {facts} FROM {name} AS t".encode()  # noqa: S608 - names of our own tables
