"""Decide what locations are told to pick, and when they are told to stop."""

from collections.abc import Mapping
from uuid import UUID

from jiedan.fulfillment import errors, events
from jiedan.fulfillment.rules import gate
from jiedan.fulfillment.rules.floor import Floor, quantities
from jiedan.fulfillment.values import Fulfillment, FulfillmentId, FulfillmentLine, Method, ReleaseRequest
from jiedan.inventory.values import LocationId
from jiedan.orders import errors as order_errors
from jiedan.orders.values import Line, LineId, LineQuantity, OrderId


def release(floor: Floor, request: ReleaseRequest) -> OrderId:
    """Tell locations to pick what is asked for. Raises why they may not: GateClosed, TooMuchToRelease, LineNotFound."""
    order_id = OrderId(request.order_id)
    if order_id not in floor.orders:
        raise order_errors.OrderNotFound(str(request.order_id))
    order = floor.orders[order_id].order
    facts = floor.gate_facts(order_id)
    free, _ = gate.releasable(facts)
    if not free:
        _, trace = gate.gate(facts)
        reasons = trace.reasons or tuple(sorted({x for line in trace.lines for x in line.reasons})) or ("nothing_left",)
        raise errors.GateClosed(order.number, ", ".join(reasons))
    at_place = [x for x in free if request.location_id in {None, x.location_id}]
    chosen = _chosen(floor, order_id, at_place, request.lines)
    for location_id, of_location in _by_location(chosen).items():
        _tell_to_pick(floor, order_id, location_id, of_location, request.method)
    floor.count_released(order_id)
    return order_id


def reconsider(floor: Floor, order_id: OrderId) -> None:
    """Release what the gate lets through; where it is closed, take back what is not picked yet. Twice changes nothing.

    Imported history is released only by whoever imports it.
    """
    facts = floor.gate_facts(order_id)
    if facts.order.history:
        return
    free, reasons = gate.releasable(facts)
    if set(reasons) - {"waits_for_all"}:
        for found in floor.of_order(order_id):
            unpicked = {x.line_id: x.to_pick for x in found.lines if x.to_pick}
            if unpicked:
                floor.withdraw(found, unpicked, reason="stopped")
    for location_id, of_location in _by_location(free).items():
        _tell_to_pick(floor, order_id, location_id, of_location, None)
    floor.count_released(order_id)


def _chosen(
    floor: Floor, order_id: OrderId, free: list[gate.Releasable], lines: tuple[LineQuantity, ...] | None
) -> list[gate.Releasable]:
    if lines is None:
        return free
    by_number = {x.line: x for x in floor.orders[order_id].lines}
    seen: set[int] = set()
    chosen: list[gate.Releasable] = []
    for i, (number, quantity) in enumerate(lines):
        line = by_number.get(number)
        if line is None:
            raise order_errors.LineNotFound(floor.orders[order_id].order.number, number, field=f"lines[{i}].line")
        if number in seen:
            raise errors.LineRepeated(number, field=f"lines[{i}].line")
        seen.add(number)
        mine = [x for x in free if x.line_id == line.line_id]
        chosen += _so_many(line, mine, quantity, field=f"lines[{i}].quantity")
    return chosen


def _so_many(line: Line, free: list[gate.Releasable], quantity: int, *, field: str) -> list[gate.Releasable]:
    """Return `quantity` of what is free of a line, from the places with most first, so that parcels are few."""
    total = sum(x.quantity for x in free)
    if not 0 < quantity <= total:
        raise errors.TooMuchToRelease(line.line, quantity, total, field=field)
    chosen = []
    for x in sorted(free, key=lambda x: (-x.quantity, x.location_id)):
        taken = min(quantity, x.quantity)
        if taken:
            chosen.append(x._replace(quantity=taken))
        quantity -= taken
    return chosen


def _by_location(free: "list[gate.Releasable] | tuple[gate.Releasable, ...]") -> Mapping[LocationId, dict[LineId, int]]:
    found: dict[LocationId, dict[LineId, int]] = {}
    for x in sorted(free, key=lambda x: x.location_id):
        found.setdefault(x.location_id, {})[x.line_id] = x.quantity
    return found


def _tell_to_pick(
    floor: Floor, order_id: OrderId, location_id: LocationId, by_line: Mapping[LineId, int], method: Method | None
) -> None:
    order, lines = floor.orders[order_id]
    sequence = max((x.sequence for x in floor.of_order(order_id)), default=0) + 1
    fulfillment_id = FulfillmentId(floor.new_id())
    found = Fulfillment(
        fulfillment_id=fulfillment_id,
        order_id=order_id,
        location_id=location_id,
        sequence=sequence,
        number=f"{order.number}-F{sequence}",
        method=method or method_of(floor, order_id, location_id),
        status="released",
        released_at=floor.at,
        ready_at=None,
        code_salt=None,
        code_hash=None,
        code_tries=0,
        code_locked_until=None,
        lines=tuple(_line(fulfillment_id, x, by_line[x.line_id]) for x in lines if by_line.get(x.line_id)),
    )
    made = floor.put(found)
    floor.tell(
        events.FulfillmentReleased,
        made,
        location_id=location_id,
        method=made.method,
        lines=quantities((x.line_id, x.released) for x in made.lines),
    )


def method_of(floor: Floor, order_id: OrderId, location_id: UUID) -> Method:
    """Return how goods leave a location: collected where the order asked for this store and has no other address."""
    order = floor.orders[order_id].order
    asked_for = order.requested_location_id == location_id and location_id in floor.ground.stores
    return "collect" if asked_for and not floor.ground.states[order_id].has_address else "ship"


def _line(fulfillment_id: FulfillmentId, line: Line, quantity: int) -> FulfillmentLine:
    if line.sku_id is None:
        message = f"line {line.line} of {line.order_id} holds stock without a SKU"
        raise ValueError(message)
    return FulfillmentLine(fulfillment_id, line.line_id, line.line, line.sku_id, quantity, 0, 0, 0, 0, 0, 0)
