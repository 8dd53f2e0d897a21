"""Let orders be found by the numbers of others, told by whoever learns them."""

from collections.abc import Collection

from jiedan.base.db import Tx
from jiedan.orders import writing
from jiedan.orders.values import OrderId

REFERENCE_CHARS_MAX = 100


async def add_references(tx: Tx, *, references: Collection[tuple[OrderId, str]]) -> None:
    """Keep numbers that orders are to be found by, like those of waybills; one that is known changes nothing.

    The orders are locked. They are found as soon as the drain has heard of the event that goes with it.
    """
    wanted = sorted(set(references))
    if wanted:
        await tx.sql(
            writing.SQL["insert_references"],
            order_ids=[order_id for order_id, _ in wanted],
            references=[reference for _, reference in wanted],
        )
