"""Dead letters: events that a handler could not digest however often it tried, listed with the reason.

They stay until somebody lets them be tried again; nothing removes them silently.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import ReadTx, Tx

SQL = sql.load("jiedan.base", "dead_letters.sql")

LISTED_MAX = 1_000


class DeadLetter(NamedTuple):
    """An event and the handler that gave up on it after `attempts`; `reason` quotes no values."""

    handler: str
    event_id: UUID
    kind: str
    subject_id: UUID
    occurred_at: datetime
    attempts: int
    reason: str
    dead_at: datetime


async def dead_letters(tx: ReadTx) -> list[DeadLetter]:
    """Return this tenant's dead letters by handler and event, `LISTED_MAX` at most."""
    return [DeadLetter(*row) for row in await tx.sql(SQL["dead_letters"], limit=LISTED_MAX)]


async def requeue(tx: Tx, letters: Sequence[DeadLetter]) -> int:
    """Let the drain try `letters` again from the start; return how many were still dead."""
    return await tx.sql_count(
        SQL["requeue"],
        now=tx.now,
        handlers=[letter.handler for letter in letters],
        event_ids=[letter.event_id for letter in letters],
    )
