"""Why orders are as they are: what was decided about them, and when."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import ReadTx
from jiedan.orders.values import DecisionKind

SQL = sql.load("jiedan.orders.queries", "decisions.sql")

DECISIONS_MAX = 50
"""The latest decisions that are shown of one order."""


class Decision(NamedTuple):
    """One decision: of which kind, by which version of the price rules, and what was applied."""

    decision_id: UUID
    kind: DecisionKind
    rules_version: int
    data: dict[str, Any]
    decided_at: datetime


async def decisions(tx: ReadTx, order_id: UUID) -> list[Decision]:
    """Return why an order is as it is, the latest decision first, at most `DECISIONS_MAX`."""
    rows = await tx.sql(SQL["decisions"], order_id=order_id, limit=DECISIONS_MAX)
    return [Decision(*row) for row in rows]
