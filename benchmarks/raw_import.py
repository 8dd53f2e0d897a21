"""The yardstick of imports: the rows of one database written into another by bare batched SQL.

Every row that an import has left is read as text, and written as superuser into empty tables of the same making, with
their keys, indexes and foreign keys: one `INSERT … SELECT … FROM unnest(…)` for each `ROWS_PER_BATCH` rows, prepared,
a transaction each. Only the writing is timed.
"""

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from jiedan import schema
from jiedan.base import migrate
from jiedan.base.server import RunningServer

ROWS_PER_BATCH = 1_000
DATABASE = "raw_import"
OWNER = "jiedan_owner"


class Written(NamedTuple):
    """How many rows were written, and how long that took."""

    rows: int
    seconds: float


def prepare(server: RunningServer) -> None:
    """Make the empty tables that are written to."""
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        connection.execute(
            sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
        )
    migrate.migrate(server.url(OWNER, DATABASE))


def write_again(server: RunningServer) -> Written:
    """Write every row of the merchants' tables once more, tables in the order of their foreign keys."""
    rows, seconds = 0, 0.0
    with (
        psycopg.connect(server.url("postgres")) as source,
        psycopg.connect(server.url("postgres", DATABASE)) as target,
    ):
        target.execute("DELETE FROM directory")
        target.commit()
        for table in schema.metadata.sorted_tables:
            columns = _columns(source, table.name)
            statement = _insert(table.name, columns)
            for batch in _batches(source, table.name, columns):
                started = time.perf_counter()
                target.execute(statement, [list(column) for column in zip(*batch, strict=True)], prepare=True)
                target.commit()
                seconds += time.perf_counter() - started
                rows += len(batch)
    return Written(rows, seconds)


def _columns(source: psycopg.Connection[Any], table: str) -> list[tuple[str, str]]:
    """Return the names and types of a table's columns."""
    return source.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        [table],
    ).fetchall()


def _insert(table: str, columns: list[tuple[str, str]]) -> sql.Composed:
    names = [sql.Identifier(name) for name, _ in columns]
    texts = [sql.SQL("%s::text[]")] * len(columns)
    values = [sql.SQL("u.{}::{}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in columns]
    return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM unnest({}) AS u ({})").format(
        sql.Identifier(table), *(sql.SQL(", ").join(x) for x in (names, values, texts, names))
    )


def _batches(
    source: psycopg.Connection[Any], table: str, columns: list[tuple[str, str]]
) -> Iterator[list[tuple[str | None, ...]]]:
    """Yield the rows of a table as texts, in the order they were written."""
    with source.cursor(name="rows") as cursor:
        texts = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name, _ in columns)
        cursor.execute(sql.SQL("SELECT {} FROM {} ORDER BY ctid").format(texts, sql.Identifier(table)))
        while batch := cursor.fetchmany(ROWS_PER_BATCH):
            yield batch
