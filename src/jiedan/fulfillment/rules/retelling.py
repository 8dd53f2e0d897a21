"""Tell what has left of imported history that claims no stock: it goes straight from the shelf, as it was.

Nothing was released, picked or packed here, no gate is asked, and a delivery may have been noted before the hand-over:
who imports it knows what happened, and when.
"""

import itertools
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from jiedan.fulfillment import errors, events
from jiedan.fulfillment.rules.floor import Floor, quantities
from jiedan.fulfillment.values import (
    Fulfillment,
    FulfillmentId,
    FulfillmentLine,
    OrderShipment,
    Parcel,
    ParcelId,
    ParcelLine,
    Take,
)
from jiedan.inventory.values import LocationId, Owner, Shipment
from jiedan.orders import errors as order_errors
from jiedan.orders.values import OWNER_KIND, STOCKED_KINDS, Line, OrderId


class _Gone(NamedTuple):
    """Units of a line that have left a location."""

    line: Line
    quantity: int
    location_id: LocationId


def retell(floor: Floor, wish: OrderShipment) -> OrderId:
    """Note that goods of an order have left, and where told have arrived: one parcel per location.

    Raises GateClosed when the order has ended, LineNotFound, LineRepeated, TooMuchToRelease, LocationUntold,
    NumberWithoutCarrier, or MomentOutOfRange for the future.
    """
    order = floor.orders[OrderId(wish.order_id)].order
    if order.lifecycle != "open":
        raise errors.GateClosed(order.number, order.lifecycle)
    if wish.tracking_number and not wish.carrier:
        raise errors.NumberWithoutCarrier(field="carrier")
    for field, moment in (("at", wish.at), ("delivered_at", wish.delivered_at)):
        if moment is not None and moment > floor.at:
            raise errors.MomentOutOfRange(moment.isoformat(), field=field)
    gone = _gone(floor, wish)
    if not gone:
        raise errors.GateClosed(order.number, "nothing_left")
    shipped_at = wish.at or wish.delivered_at or floor.at
    for location_id, of_location in itertools.groupby(
        sorted(gone, key=lambda x: (x.location_id, x.line.line)), key=lambda x: x.location_id
    ):
        _send(floor, wish, location_id, list(of_location), shipped_at)
    return order.order_id


def _gone(floor: Floor, wish: OrderShipment) -> list[_Gone]:
    order, lines = floor.orders[OrderId(wish.order_id)]
    by_number = {x.line: x for x in lines if x.kind in STOCKED_KINDS}
    takes: Sequence[Take] = wish.lines if wish.lines is not None else _all_left(by_number.values())
    taken: dict[tuple[int, object], int] = {}
    found = []
    for i, (number, quantity, told) in enumerate(takes):
        line = by_number.get(number)
        if line is None:
            raise order_errors.LineNotFound(order.number, number, field=f"lines[{i}].line")
        location_id = told or line.requested_location_id or order.requested_location_id
        if location_id is None:
            raise errors.LocationUntold(order.number, number, field=f"lines[{i}].location")
        if (number, location_id) in taken:
            raise errors.LineRepeated(number, field=f"lines[{i}].line")
        left = line.waiting - sum(q for (other, _), q in taken.items() if other == number)
        if not 0 < quantity <= left:
            raise errors.TooMuchToRelease(number, quantity, left, field=f"lines[{i}].quantity")
        taken[number, location_id] = quantity
        found.append(_Gone(line, quantity, LocationId(location_id)))
    return found


def _all_left(lines: Iterable[Line]) -> list[Take]:
    return [Take(x.line, x.waiting) for x in lines if x.waiting]


def _send(
    floor: Floor, wish: OrderShipment, location_id: LocationId, gone: Sequence[_Gone], shipped_at: datetime
) -> None:
    order = floor.orders[OrderId(wish.order_id)].order
    sequence = max((x.sequence for x in floor.of_order(order.order_id)), default=0) + 1
    fulfillment_id, parcel_id = FulfillmentId(floor.new_id()), ParcelId(floor.new_id())
    number = f"{order.number}-F{sequence}"
    parcel = Parcel(
        parcel_id=parcel_id,
        fulfillment_id=fulfillment_id,
        sequence=1,
        number=f"{number}-P1",
        state="shipped" if wish.delivered_at is None else "delivered",
        weight_g=wish.weight_g,
        box=None,
        carrier=wish.carrier,
        tracking_number=wish.tracking_number,
        packed_at=shipped_at,
        shipped_at=shipped_at,
        delivered_at=wish.delivered_at,
        unpacked_at=None,
        lines=tuple(ParcelLine(x.line.line_id, x.quantity) for x in gone),
    )
    found = Fulfillment(
        fulfillment_id=fulfillment_id,
        order_id=order.order_id,
        location_id=location_id,
        sequence=sequence,
        number=number,
        method="ship",
        status="shipped",
        released_at=shipped_at,
        ready_at=None,
        code_salt=None,
        code_hash=None,
        code_tries=0,
        code_locked_until=None,
        lines=tuple(_line(fulfillment_id, x, has_arrived=wish.delivered_at is not None) for x in gone),
        parcels=(parcel,),
    )
    floor.put(found)
    for x in gone:
        _record(floor, order.order_id, x, parcel, number)
    _tell(floor, found, parcel)


def _line(fulfillment_id: FulfillmentId, gone: _Gone, *, has_arrived: bool) -> FulfillmentLine:
    line, quantity = gone.line, gone.quantity
    if line.sku_id is None:
        message = f"line {line.line} of {line.order_id} is goods without a SKU"
        raise ValueError(message)
    return FulfillmentLine(
        fulfillment_id,
        line.line_id,
        line.line,
        line.sku_id,
        released=quantity,
        short=0,
        withdrawn=0,
        picked=quantity,
        packed=quantity,
        shipped=quantity,
        delivered=quantity if has_arrived else 0,
    )


def _record(floor: Floor, order_id: OrderId, gone: _Gone, parcel: Parcel, number: str) -> None:
    """Count units as gone, in the order and in the stock."""
    line, quantity = gone.line, gone.quantity
    floor.record(order_id, line.line_id, shipped=quantity, delivered=0 if parcel.delivered_at is None else quantity)
    if line.sku_id is not None:
        floor.shipments.append(
            Shipment(
                Owner(OWNER_KIND, line.line_id),
                line.sku_id,
                gone.location_id,
                quantity,
                f"parcel/{parcel.parcel_id}/{line.line_id}",
                number,
                is_held=False,
            )
        )


def _tell(floor: Floor, found: Fulfillment, parcel: Parcel) -> None:
    lines = quantities(parcel.lines)
    box = {"parcel_id": parcel.parcel_id, "parcel": parcel.number, "lines": lines}
    at = parcel.shipped_at
    floor.tell(
        events.FulfillmentReleased, found, at=at, location_id=found.location_id, method=found.method, lines=lines
    )
    floor.tell(events.ParcelPacked, found, at=at, weight_g=parcel.weight_g, **box)
    floor.tell(
        events.ParcelShipped, found, at=at, carrier=parcel.carrier, tracking_number=parcel.tracking_number, **box
    )
    if parcel.delivered_at is not None:
        floor.tell(events.ParcelDelivered, found, at=parcel.delivered_at, **box)
