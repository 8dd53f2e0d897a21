"""Wipe the person out of parcels: labels with the address, and what carriers said of the way to it."""

from collections.abc import Collection
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import Tx
from jiedan.base.erasing import ERASED
from jiedan.carriers import service as carriers
from jiedan.fulfillment.queries import erasing

SQL = sql.load("jiedan.fulfillment.service", "erasure.sql")


async def erase_parcels(tx: Tx, *, order_ids: Collection[UUID]) -> list[UUID]:
    """Wipe the parcels of orders, which are locked; return the ids of their fulfillments and parcels."""
    things = await erasing.things_of_orders(tx, order_ids)
    if things.parcel_ids:
        await tx.sql_count(SQL["erase_labels"], parcel_ids=list(things.parcel_ids), document=ERASED.encode())
    await carriers.erase_tracking(tx, parcels=things.tracked)
    return things.ids
