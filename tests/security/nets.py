"""Databases that lack one of the two nets between merchants: the predicates of the statements."""

import re
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.abc import Query

from jiedan.base.clock import Clock
from jiedan.base.connections import Answer, Call, Connection
from jiedan.base.db import Database

PREDICATE = re.compile(r"(?:\b\w+\.)?\btenant_id\s*=\s*%\((\w+)\)s(?:::\w+)?", re.IGNORECASE)
"""`x.tenant_id = %(tenant_id)s`, as the `.sql` files write it and as SQLAlchemy does."""


class Stripped:
    """How many predicates were taken out, and the statements that had none to take out."""

    def __init__(self) -> None:
        self.predicates = 0

    def __call__(self, text: str) -> str:
        """Return a statement whose tenant predicates hold for every merchant's rows."""
        changed, count = PREDICATE.subn(r"(%(\1)s::uuid IS NOT NULL)", text)
        self.predicates += count
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
