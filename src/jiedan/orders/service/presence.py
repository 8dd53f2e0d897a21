"""Presence: who has an order open right now. It is worth nothing a minute later, so it outlives no crash."""

from datetime import timedelta
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.orders import writing

KEPT = timedelta(minutes=10)
"""After this, what somebody looked at is forgotten, with their next look at anything."""


async def look_at(tx: Tx, *, order_id: UUID, staff_id: UUID) -> None:
    """Note that somebody has an order open now, and forget what they looked at before. Two statements."""
    parameters = {"staff_id": staff_id, "order_id": order_id, "at": tx.now, "before": tx.now - KEPT}
    await tx.sql_many([(writing.SQL["look_at"], parameters), (writing.SQL["forget_looks"], parameters)])
