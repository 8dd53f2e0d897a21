"""Why orders are as they are: what was decided about them, and when."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from jiedan.base import ids, sql
from jiedan.base.db import Load, ReadTx
from jiedan.orders.values import DecisionKind, OrderId

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


class GiftOfOrder(NamedTuple):
    """The promotion that gave a line of an order, in the rules of that version."""

    order_id: OrderId
    rules_version: int
    promotion: str
    line: int


def gifts_of_orders(order_ids: Collection[UUID]) -> Load[list[GiftOfOrder]]:
    """Load which promotions gave which lines of orders."""
    return Load(
        SQL["gifts_of_orders"], {"order_ids": ids.in_order(order_ids)}, lambda rows: [GiftOfOrder(*row) for row in rows]
    )
