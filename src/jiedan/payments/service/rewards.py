"""Points that orders earn once they are complete and as far as they are paid, and give back with what is refunded."""

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.base.money import AMOUNT_MINOR_MAX
from jiedan.orders import queries as orders
from jiedan.orders.values import Order
from jiedan.payments import queries, rules
from jiedan.payments.values import Payment
from jiedan.wallets import service as wallets
from jiedan.wallets.queries import loyal_since
from jiedan.wallets.values import Earning

Arrived = Mapping[UUID, int]
"""What of payments has just arrived, in minor units."""

NOTHING: Arrived = MappingProxyType({})
ALL_MINOR = AMOUNT_MINOR_MAX
"""More than any payment: all of it has just come to its order."""


async def settle_points(
    tx: Tx, *, order_ids: Collection[UUID], completed: Collection[UUID], arrived: Arrived = NOTHING
) -> None:
    """Let the customers of complete orders have the points that these have earned by now: no more, no less.

    Those earn that were `completed`, or that something has `arrived` for since, beyond what they had earned; of the
    rest is taken back what money went back for. What was paid with points earns none, nor does what had come for an
    order that was complete before there was a rule. Doing it again changes nothing. The statement count does not grow
    with the orders, and is one where the merchant has no rules of loyalty.
    """
    since = await loyal_since(tx) if order_ids else {}
    if not since:
        return
    found = await orders.orders(tx, order_ids)
    complete = [x.order for x in found.values() if x.order.lifecycle == "completed" and x.order.customer_id is not None]
    if not complete:
        return
    tenders = await queries.payments_of_orders(tx, [order.order_id for order in complete])
    older = {order.order_id: at for order in complete if (at := _begun_after(order, since)) is not None}
    before = await queries.kept_before(tx, older) if older else {}
    earnings = [
        _earning(order, order.customer_id, tenders.get(order.order_id, []), completed, arrived)._replace(
            before_minor=before.get(order.order_id, 0), since=since.get(order.currency)
        )
        for order in complete
        if order.customer_id is not None and not order.history
    ]
    await wallets.settle_earnings(tx, earnings=earnings)


def _begun_after(order: Order, since: Mapping[str, datetime | None]) -> datetime | None:
    """Return since when points are earned, of an order that was complete before."""
    at = since.get(order.currency)
    return at if at is not None and order.completed_at is not None and order.completed_at < at else None


def _earning(
    order: Order, customer_id: UUID, tenders: Collection[Payment], completed: Collection[UUID], arrived: Arrived
) -> Earning:
    spent, before = (min(x, order.total_minor) for x in (spent_minor(tenders), spent_minor(tenders, arrived)))
    begins = order.order_id in completed or spent > before  # what is too much earns nothing
    return Earning(customer_id, order.currency, spent, order.order_id, begins)


def spent_minor(tenders: Collection[Payment], but: Arrived = NOTHING) -> int:
    """Return what of an order was paid with anything but points, and kept, without what is in `but`."""
    return sum(
        max(0, rules.kept(payment.sums) - but.get(payment.payment_id, 0))
        for payment in tenders
        if payment.method != "points"
    )
