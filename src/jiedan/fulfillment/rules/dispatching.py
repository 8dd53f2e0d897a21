"""Decide a whole way out in one go: released, picked, packed and shipped, one parcel per location."""

from collections.abc import Sequence
from uuid import UUID

from jiedan.fulfillment import errors
from jiedan.fulfillment.rules import gate, leaving, picking, releasing, retelling
from jiedan.fulfillment.rules.floor import Floor
from jiedan.fulfillment.values import Delivery, Fulfillment, OrderShipment, ParcelId, ReleaseRequest, Ship, Take
from jiedan.orders import errors as order_errors
from jiedan.orders.values import LineQuantity, OrderId


def dispatch(floor: Floor, wish: OrderShipment) -> OrderId:
    """Let goods of an order leave at once. Raises what its steps raise, and ParcelsWait when work has begun.

    Whoever does this has the goods in hand, and has read the notes: they count as acknowledged. Of history that claims
    no stock it is told what has left, as `retelling` does.
    """
    order_id = OrderId(wish.order_id)
    if order_id not in floor.orders:
        raise order_errors.OrderNotFound(str(wish.order_id))
    if not floor.orders[order_id].order.claims_stock:
        return retelling.retell(floor, wish)
    _check_not_begun(floor, order_id)
    _release(floor, order_id, wish.lines)
    for found in [x for x in floor.of_order(order_id) if x.status == "released"]:
        _send(floor, found, wish)
    releasing.reconsider(floor, order_id)  # what was told to be picked and does not go along is told anew
    return order_id


def _check_not_begun(floor: Floor, order_id: OrderId) -> None:
    for found in floor.of_order(order_id):
        if found.status in {"picking", "picked", "packed", "ready", "partly_shipped"}:
            number = floor.orders[order_id].order.number
            raise errors.ParcelsWait(number, found.number, found.status)


def _release(floor: Floor, order_id: OrderId, lines: Sequence[Take] | None) -> None:
    """Release what is asked for and not released; with `lines`, exactly those, taken back first where they were."""
    if lines is None:
        free, _ = gate.releasable(floor.gate_facts(order_id))
        if free or not any(x.status == "released" for x in floor.of_order(order_id)):
            releasing.release(floor, ReleaseRequest(order_id))
        return
    for found in floor.of_order(order_id):
        unpicked = {x.line_id: x.to_pick for x in found.lines if x.to_pick}
        if unpicked:
            floor.withdraw(found, unpicked, reason="moved")
    floor.count_released(order_id)
    places: dict[UUID | None, list[LineQuantity]] = {}
    for line, quantity, location_id in lines:
        places.setdefault(location_id, []).append(LineQuantity(line, quantity))
    for location_id, of_place in places.items():
        releasing.release(floor, ReleaseRequest(order_id, tuple(of_place), location_id))


def _send(floor: Floor, found: Fulfillment, wish: OrderShipment) -> None:
    floor.check_going(found)
    left_at = wish.at or wish.delivered_at  # by then it was picked and packed
    made = picking.pick_all(floor, found, at=left_at)
    floor.acknowledge(made)
    contents = [(x, x.to_pack) for x in made.lines if x.to_pack]
    parcel_id = ParcelId(floor.new_id())
    picking.fill(floor, made, contents, parcel_id=parcel_id, weight_g=wish.weight_g, at=left_at)
    leaving.ship(floor, Ship(parcel_id, wish.carrier, wish.tracking_number, left_at))
    if wish.delivered_at is not None:
        leaving.deliver(floor, Delivery(parcel_id, wish.delivered_at))
