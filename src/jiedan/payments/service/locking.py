"""Lock what a use case is about: orders first, then their payments, each in key order."""

from collections.abc import Collection, Mapping
from typing import NamedTuple
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.orders import queries as orders
from jiedan.orders.values import OrderId, OrderWithLines
from jiedan.payments import errors, queries
from jiedan.payments.values import Entry, Operation, Payment, PaymentId


class Held(NamedTuple):
    """Locked orders by id, and locked payments with what was asked for them and what came of it."""

    orders: Mapping[OrderId, OrderWithLines]
    payments: dict[PaymentId, Payment]
    operations: dict[PaymentId, list[Operation]]
    entries: dict[PaymentId, list[Entry]]

    def order_of(self, payment: Payment) -> OrderWithLines | None:
        """Return the order of a payment, None where it has none yet."""
        return None if payment.order_id is None else self.orders[OrderId(payment.order_id)]

    def is_history(self, payment: Payment) -> bool:
        """Tell whether a payment is part of imported history."""
        found = self.order_of(payment)
        return found is not None and found.order.history


async def hold(tx: Tx, payment_ids: Collection[UUID], *, order_ids: Collection[UUID] = ()) -> Held:
    """Lock payments, their orders before them, and `order_ids` too; unknown ids are absent. Four round trips.

    Raises PaymentMoved when a payment got its order meanwhile; trying again works.
    """
    owners = await queries.orders_of_payments(tx, payment_ids)
    wanted = {order_id for order_id in owners.values() if order_id is not None} | set(order_ids)
    held_orders = await orders.orders_for_update(tx, wanted)
    locked = await queries.locked(tx, payment_ids)
    if any(p.order_id is not None and p.order_id not in held_orders for p in locked.payments.values()):
        raise errors.PaymentMoved
    return Held(held_orders, *locked)
