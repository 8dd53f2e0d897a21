"""Keep when orders were promised to arrive, told by whoever knows how they get there."""

from collections.abc import Sequence

from jiedan.base.db import Tx
from jiedan.orders import events, writing
from jiedan.orders.values import Promise


async def record_promises(tx: Tx, *, promises: Sequence[Promise]) -> int:
    """Keep the promises of orders that have none yet; return how many were kept. The orders are locked."""
    if not promises:
        return 0
    rows = await tx.sql(
        writing.SQL["set_promises"],
        order_ids=[x.order_id for x in promises],
        p50_on=[x.p50_on for x in promises],
        p90_on=[x.p90_on for x in promises],
    )
    kept = {row[0] for row in rows}
    for x in promises:
        if x.order_id in kept:
            tx.emit(events.DeliveryPromised(order_id=x.order_id, p50_on=x.p50_on, p90_on=x.p90_on, carrier=x.carrier))
    return len(kept)
