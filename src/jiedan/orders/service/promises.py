"""Keep when orders were promised to arrive, told by whoever knows how they get there."""

from collections.abc import Collection, Sequence

from jiedan.base.db import Tx
from jiedan.orders import events, writing
from jiedan.orders.values import OrderId, Promise


async def record_promises(tx: Tx, *, promises: Sequence[Promise], taken_back: Collection[OrderId] = ()) -> None:
    """Keep the promises of orders, in place of what was promised before; those `taken_back` have none any more.

    The caller has locked the orders and knows that what they were promised is not that already.
    """
    if not promises and not taken_back:
        return
    await tx.sql(
        writing.SQL["set_promises"],
        order_ids=[*(x.order_id for x in promises), *taken_back],
        p50_on=[*(x.p50_on for x in promises), *(None for _ in taken_back)],
        p90_on=[*(x.p90_on for x in promises), *(None for _ in taken_back)],
    )
    tx.emit(
        *(events.DeliveryPromised(**x._asdict()) for x in promises),
        *(events.PromiseTakenBack(order_id=order_id) for order_id in taken_back),
    )
