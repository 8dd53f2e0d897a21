"""Orders of guests become those of a customer, once it is known who placed them."""

from collections.abc import Collection
from uuid import UUID

from jiedan.base import ids, sql
from jiedan.base.db import Tx
from jiedan.orders import events
from jiedan.orders.values import OrderId

SQL = sql.load("jiedan.orders.service", "guests.sql")


async def identify_guests(tx: Tx, *, customer_id: UUID, order_ids: Collection[OrderId]) -> int:
    """Give orders of guests, locked by `guest_orders_for_update`, to a customer; return how many. One statement."""
    rows = await tx.sql(SQL["identify_guests"], customer_id=customer_id, order_ids=ids.in_order(order_ids))
    identified = sorted(row[0] for row in rows)
    tx.emit(*(events.GuestIdentified(order_id=order_id, customer_id=customer_id) for order_id in identified))
    return len(identified)
