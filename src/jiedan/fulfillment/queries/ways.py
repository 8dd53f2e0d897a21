"""How far an order has come, in short: for pages that show other things too."""

import itertools
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import Load
from jiedan.fulfillment.values import FulfillmentId, Method, ParcelId, ParcelState, Status
from jiedan.inventory.values import LocationId

SQL = sql.load("jiedan.fulfillment.queries", "ways.sql")


class Box(NamedTuple):
    """A parcel: where it is, and under which number it is followed."""

    parcel_id: ParcelId
    number: str
    state: ParcelState
    carrier: str | None
    tracking_number: str | None
    shipped_at: datetime | None
    delivered_at: datetime | None


class Way(NamedTuple):
    """The work of one location for an order, and the parcels that came of it; unpacked ones are left out."""

    fulfillment_id: FulfillmentId
    number: str
    location_id: LocationId
    method: Method
    status: Status
    boxes: tuple[Box, ...]


def ways(order_id: UUID) -> Load[list[Way]]:
    """Read the fulfillments of an order with their parcels, oldest first."""
    return Load(SQL["ways"], {"order_id": order_id}, _ways)


def _ways(rows: list[tuple[Any, ...]]) -> list[Way]:
    return [
        Way(*head, boxes=tuple(Box(*row[5:]) for row in of if row[5] is not None))
        for head, of in itertools.groupby(rows, key=_head)
    ]


def _head(row: tuple[Any, ...]) -> tuple[FulfillmentId, str, LocationId, Method, Status]:
    fulfillment_id, number, location_id, method, status = row[:5]
    return fulfillment_id, number, location_id, method, status
