"""What a statement may touch, read off its text, and which statements of two sides it takes no order between.

Under READ COMMITTED a statement sees what is committed when it begins, and waits for locks of rows. So what one side
has not committed matters to the other only through locks: a read and an uncommitted write have no order, a read and
the commit of what it reads have one.
"""

import functools
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from jiedan import schema

JOBS = "procrastinate"
"""Stands for every table of the job queue, which is reached through functions."""

_IDS = {
    "idempotency_key": ("keys",),
    "orders": ("order_ids",),
    "order_line": ("line_ids", "order_ids"),
    "reservation": ("owner_ids",),
    "stock": ("sku_ids",),
    "stock_movement": ("sku_ids",),
    "payment": ("payment_ids",),
    "wallet": ("wallet_ids",),
    "gift_card": ("wallet_ids",),
    "wallet_lot": ("wallet_ids",),
    "wallet_movement": ("wallet_ids",),
    "wallet_entry": ("movement_ids",),
}
"""Which parameters say whose rows a statement is about: those of two orders do not meet."""

NEVER_MEET = frozenset({"event_log", "event_private", "outbox"})
"""Tables that every operation adds rows to under fresh ids: two additions have no order."""

_WORD = re.compile(r"[a-z_]+")
_TARGET = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM)\s+(?:ONLY\s+)?([a-z_]+)", re.IGNORECASE)
_LOCKS = re.compile(r"\bFOR (?:NO KEY )?(?:UPDATE|SHARE)\b|\bFOR KEY SHARE\b", re.IGNORECASE)


class Rows(NamedTuple):
    """Rows of a table: those that belong to `owner` by what the parameter `by` says, or any of them."""

    table: str
    by: str = ""
    owner: str = ""

    def meets(self, other: "Rows") -> bool:
        """Tell whether a row may be among both."""
        return self.table == other.table and (not self.by or self.by != other.by or self.owner == other.owner)


class Footprint(NamedTuple):
    """The rows that a statement may read, write or lock, delete, or keep from being deleted."""

    reads: frozenset[Rows] = frozenset()
    writes: frozenset[Rows] = frozenset()
    deletes: frozenset[Rows] = frozenset()
    keeps: frozenset[Rows] = frozenset()
    is_commit: bool = False

    def __or__(self, other: object) -> "Footprint":
        """Return both together."""
        assert isinstance(other, Footprint)
        return Footprint(
            self.reads | other.reads,
            self.writes | other.writes,
            self.deletes | other.deletes,
            self.keeps | other.keeps,
            self.is_commit or other.is_commit,
        )


NOTHING = Footprint()


def of(text: str, parameters: Mapping[str, Any] | None = None) -> Footprint:
    """Return the footprint of one statement."""
    reads, writes, deletes, keeps = _tables_of(text)

    def rows(tables: frozenset[str]) -> frozenset[Rows]:
        return frozenset(row for table in tables for row in _rows(table, parameters or {}))

    return Footprint(rows(reads), rows(writes), rows(deletes), frozenset(map(Rows, keeps)))


def _rows(table: str, parameters: Mapping[str, Any]) -> list[Rows]:
    for name in _IDS.get(table, ()):
        if isinstance(values := parameters.get(name), list):
            about = parameters.get("operation", "")  # a key is one of its operation
            return [Rows(table, name, f"{about}{value}") for value in values]
    return [Rows(table)]


@functools.cache
def _tables_of(text: str) -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    """Return the tables that a statement reads, writes or locks, deletes from, and whose rows it keeps in place."""
    tables, parents = _tables()
    named = {JOBS if word.startswith(JOBS) else word for word in _WORD.findall(text)} & (tables | {JOBS})
    changed = {(verb.upper(), table) for verb, table in _TARGET.findall(text) if table in tables}
    writes = {table for _, table in changed} | (named & {JOBS})
    if _LOCKS.search(text):
        writes |= named - {"tenant"} or named  # sets that are inserted join it
    deletes = {table for verb, table in changed if verb == "DELETE FROM"}
    keeps = {parent for verb, table in changed if verb != "DELETE FROM" for parent in parents[table]}
    return frozenset(named), frozenset(writes), frozenset(deletes), frozenset(keeps)


@functools.cache
def _tables() -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    """Return the tables of the schema, and of each those that its foreign keys lead to."""
    found = {
        table.name: frozenset(key.column.table.name for key in table.foreign_keys)
        for table in schema.metadata.tables.values()
    }
    return frozenset(found), found


def have_an_order(one: Footprint, other: Footprint) -> bool:
    """Tell whether it may matter which of two statements, one of each side, comes first."""
    if one.is_commit and other.is_commit:
        return False
    if one.is_commit or other.is_commit:
        committed, statement = (one, other) if one.is_commit else (other, one)
        return _meet(committed.writes | committed.deletes, statement.reads | statement.writes | statement.keeps)
    writes = frozenset(row for row in one.writes if row.table not in NEVER_MEET)
    return _meet(writes, other.writes) or _meet(one.deletes, other.keeps) or _meet(one.keeps, other.deletes)


def _meet(some: frozenset[Rows], others: frozenset[Rows]) -> bool:
    return any(one.meets(other) for one in some for other in others)
