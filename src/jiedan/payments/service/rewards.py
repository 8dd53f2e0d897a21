"""Points that orders earn once they are complete, and give back with what is refunded."""

from collections.abc import Collection
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.orders import queries as orders
from jiedan.payments import queries, rules
from jiedan.payments.values import Payment
from jiedan.wallets import service as wallets
from jiedan.wallets.queries import loyalty_rules
from jiedan.wallets.values import Earning


async def settle_points(tx: Tx, *, order_ids: Collection[UUID], completed: Collection[UUID]) -> None:
    """Let the customers of complete orders have the points that these have earned by now: no more, no less.

    Those that were `completed` earn; of the others is taken back what money went back for.
    What was paid with points earns none. Doing it again changes nothing. The statement count does not grow with the
    orders, and is one where the merchant has no rules of loyalty.
    """
    if not order_ids or not await loyalty_rules(tx):
        return
    found = await orders.orders(tx, order_ids)
    complete = [x.order for x in found.values() if x.order.lifecycle == "completed" and x.order.customer_id is not None]
    if not complete:
        return
    tenders = await queries.payments_of_orders(tx, [order.order_id for order in complete])
    earnings = [
        Earning(
            order.customer_id,
            order.currency,
            min(spent_minor(tenders.get(order.order_id, [])), order.total_minor),
            order.order_id,
            order.order_id in completed,
        )
        for order in complete
        if order.customer_id is not None and not order.history
    ]
    await wallets.settle_earnings(tx, earnings=earnings)


def spent_minor(tenders: Collection[Payment]) -> int:
    """Return what of an order was paid with anything but points, and kept."""
    return sum(max(0, rules.kept(payment.sums)) for payment in tenders if payment.method != "points")
