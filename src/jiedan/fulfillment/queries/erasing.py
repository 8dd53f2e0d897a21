"""What belongs to orders whose customer is to be forgotten."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from jiedan.base import ids, sql
from jiedan.base.db import ReadTx

SQL = sql.load("jiedan.fulfillment.queries", "erasing.sql")


class Things(NamedTuple):
    """Fulfillments and parcels of orders; `tracked` are carriers with their tracking numbers."""

    fulfillment_ids: Sequence[UUID]
    parcel_ids: Sequence[UUID]
    tracked: Sequence[tuple[str, str]]

    @property
    def ids(self) -> list[UUID]:
        """The ids of all of them."""
        return [*self.fulfillment_ids, *self.parcel_ids]


async def things_of_orders(tx: ReadTx, order_ids: Collection[UUID]) -> Things:
    """Return what was done to get orders out."""
    rows = await tx.sql(SQL["things_of_orders"], order_ids=ids.in_order(order_ids))
    return Things(
        list(dict.fromkeys(row[0] for row in rows)),
        [row[1] for row in rows if row[1] is not None],
        [(row[2], row[3]) for row in rows if row[3] is not None],
    )
