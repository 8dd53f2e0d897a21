"""Edits of orders that meet: who changed an order since somebody looked at it, and what."""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from jiedan.accounts import queries as accounts
from jiedan.base import edits
from jiedan.base.db import Tx
from jiedan.base.edits import Edit
from jiedan.base.errors import StaleVersion
from jiedan.base.events import Actor
from jiedan.orders import events
from jiedan.orders.values import Order

KINDS = (events.OrderEdited.kind, events.OrderAssigned.kind, events.OrderUnassigned.kind)
"""The events that tell of a new version of an order."""


async def check_version(tx: Tx, *, order: Order, expected: int | None) -> None:
    """Refuse an edit of an older version of an order than it has now. Raises StaleVersion (who changed what)."""
    if expected is not None and expected != order.version:
        raise (await stale(tx, {order.order_id: (expected, order.version)}))[order.order_id]


async def stale(tx: Tx, versions: Mapping[UUID, tuple[int, int]]) -> dict[UUID, StaleVersion]:
    """Return the refusal for each order, of which the versions seen and stored are given. Two statements a kind."""
    newer: dict[UUID, list[Edit]] = defaultdict(list)
    names: dict[Actor, str] = {}
    for kind in KINDS if versions else ():
        made = await accounts.edits(tx, subject_ids=list(versions), kind=kind)
        names |= made.names
        for order_id, (expected, _) in versions.items():
            newer[order_id] += edits.since(made.by_thing[order_id], expected)
    return {
        order_id: edits.stale(expected, current, newer[order_id], names)
        for order_id, (expected, current) in versions.items()
    }
