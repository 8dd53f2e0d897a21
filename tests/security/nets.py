"""Databases that lack one of the two nets between merchants: the predicates of the statements."""

import re
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.abc import Query

from jiedan.base.clock import Clock
from jiedan.base.connections import Answer, Call, Connection
from jiedan.base.db import Database
from tools import portable_sql

PREDICATE = re.compile(r"(?:\b\w+\.)?\btenant_id\s*=\s*%\((\w+)\)s(?:::\w+)?", re.IGNORECASE)
"""`x.tenant_id = %(tenant_id)s`, as the `.sql` files write it and as SQLAlchemy does."""


JOIN = re.compile(r"\b(\w+\.)tenant_id\s*=\s*(\w+\.)tenant_id\b", re.IGNORECASE)
"""`a.tenant_id = b.tenant_id`, by which rows of two tables are of one merchant; `USING` does not occur."""

FULL_JOIN = re.compile(r"\bFULL\s+(?:OUTER\s+)?JOIN\b", re.IGNORECASE)
"""Takes conditions that rows can be sorted by and no others: its joins are left as they are."""


DIRECTORY = re.compile(r"\bdirectory\b", re.IGNORECASE)
"""The table of all merchants, which has no row-level security: its rows are found by their join alone."""


class Stripped:
    """How many predicates were taken out: those that name the merchant, and those that join rows of one."""

    def __init__(self) -> None:
        self.predicates = self.joins = 0

    def __call__(self, text: str) -> str:
        """Return a statement whose tenant predicates hold for every merchant's rows.

        What looks across merchants and says why goes by its joins alone, so they stay.
        """
        changed, count = PREDICATE.subn(r"(%(\1)s::uuid IS NOT NULL)", text)
        self.predicates += count
        if any(kept.search(text) for kept in (FULL_JOIN, DIRECTORY, portable_sql.ACROSS_TENANTS)):
            return changed
        changed, count = JOIN.subn(r"(\1tenant_id IS NOT NULL AND \2tenant_id IS NOT NULL)", changed)
        self.joins += count
        return changed


class StrippingCursor(psycopg.AsyncCursor[Any]):
    """Send each statement without its tenant predicates; `stripped` is set by the database below."""

    stripped: Stripped

    async def execute(self, query: Query, params: Any = None, **options: Any) -> "StrippingCursor":
        """Run a statement."""
        text = query.decode() if isinstance(query, bytes) else str(query)
        await super().execute(self.stripped(text).encode(), params, **options)
        return self

    async def executemany(self, query: Query, params_seq: Any, **options: Any) -> None:
        """Run a statement for several sets of parameters."""
        text = query.decode() if isinstance(query, bytes) else str(query)
        await super().executemany(self.stripped(text).encode(), params_seq, **options)


class StrippingConnection(Connection):
    """Send each set of statements without their tenant predicates; `stripped` is set by the database below."""

    stripped: Stripped

    async def ask(self, calls: Sequence[Call], *, last: bytes | None = None) -> list[Answer]:
        """Send a set of statements."""
        changed = [(self.stripped(text.decode()).encode(), parameters) for text, parameters in calls]
        return await super().ask(changed, last=last)


class WithoutPredicates(Database):
    """A database whose statements name no tenant: what keeps merchants apart is row-level security alone."""

    def __init__(self, url: str, *, clock: Clock) -> None:
        super().__init__(url, clock=clock, pool_size=10, strict_locks=True)
        self.stripped = Stripped()

    async def _connect(self) -> StrippingConnection:
        connection = await StrippingConnection.open(
            self._url, options=self._options, connect_timeout_s=self._connect_timeout_s
        )
        connection.stripped = self.stripped
        connection.cursor_factory = type("_Cursor", (StrippingCursor,), {"stripped": self.stripped})
        return connection
