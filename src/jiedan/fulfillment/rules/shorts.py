"""Decide who yields when a picker does not get what should be there: the latest promised, and never what is picked."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from jiedan.fulfillment import errors, events
from jiedan.fulfillment.rules.floor import Floor
from jiedan.fulfillment.rules.picking import line_of
from jiedan.fulfillment.values import FulfillmentId, Short, ShortReason
from jiedan.inventory.values import Adjustment, AdjustmentReason, Availability, LocationId, StockKey
from jiedan.orders.rules import derived
from jiedan.orders.values import Line, LineId, Loss, OrderId

ADJUSTED_FOR: Mapping[ShortReason, AdjustmentReason] = {
    "not_found": "lost",
    "damaged": "damaged",
    "miscount": "correction",
}
"""The reason under which stock is counted down."""


class Yielded(NamedTuple):
    """A line that gave up units, because they are not there."""

    order_id: OrderId
    line_id: LineId
    quantity: int


class Shelf:
    """The locked counters of what is short, with everything decided so far."""

    def __init__(self, counters: Mapping[StockKey, Availability]) -> None:
        self._counters = counters
        self._gone: dict[StockKey, int] = {}
        self._freed: dict[StockKey, int] = {}
        self.adjustments: list[Adjustment] = []
        self.losses: list[Loss] = []

    def missing(self, key: StockKey, quantity: int) -> int:
        """Return how much would be reserved beyond what is there if so much more were gone."""
        row = self._counters[key]
        on_hand = row.on_hand - self._gone.get(key, 0) - quantity
        return max(0, row.reserved - self._freed.get(key, 0) - on_hand)

    def take(self, key: StockKey, quantity: int, *, freed: int, adjustment: Adjustment) -> None:
        """Count stock down, and what was freed for it."""
        self._gone[key] = self._gone.get(key, 0) + quantity
        self._freed[key] = self._freed.get(key, 0) + freed
        self.adjustments.append(adjustment)


def short(floor: Floor, shelf: Shelf, wish: Short) -> FulfillmentId:
    """Count units as not there. Raises FulfillmentNotFound, LineNotReleased, TooMuchToPick.

    What is reserved beyond what is left is taken from the lines promised latest; the picker's own line yields in its
    turn, and then the fulfillment is short by as much. Else it is still to be picked, from what another yielded.
    """
    found = floor.find(wish.fulfillment_id)
    line = line_of(found, wish.line)
    if not 0 < wish.quantity <= line.to_pick:
        raise errors.TooMuchToPick(line.line, wish.quantity, line.to_pick, field="quantity")
    key = StockKey(line.sku_id, found.location_id)
    missing = shelf.missing(key, wish.quantity)
    reason = ADJUSTED_FOR[wish.reason]
    adjustment = Adjustment(*key, -wish.quantity, reason, f"short/{floor.new_id()}", found.number)
    shelf.take(key, wish.quantity, freed=missing, adjustment=adjustment)
    floor.tell(
        events.LineShort,
        found,
        line_id=line.line_id,
        sku_id=line.sku_id,
        location_id=found.location_id,
        quantity=wish.quantity,
        cause=wish.reason,
    )
    for who in _who_yields(floor, key, missing):
        _yield(floor, shelf, key, who, own=(found.fulfillment_id, line.line_id), reason=wish.reason)
    return found.fulfillment_id


def _who_yields(floor: Floor, key: StockKey, missing: int) -> list[Yielded]:
    """Return whose units go, latest promised first: of what they hold there and nobody has picked."""
    chosen = []
    for _, order_id, line in sorted(_candidates(floor, key), key=lambda x: x[0], reverse=True):
        quantity = min(missing, _unpicked(floor, order_id, line.line_id, key.location_id))
        if quantity:
            chosen.append(Yielded(order_id, line.line_id, quantity))
        missing -= quantity
    if missing:
        message = f"{missing} units at {key} are reserved and not there, and nobody can yield them"
        raise ValueError(message)
    return chosen


def _candidates(floor: Floor, key: StockKey) -> list[tuple[tuple[date, datetime, LineId], OrderId, Line]]:
    """Return the lines that hold units there, each with what is sorted by: as `latest_promised` sorts."""
    return [
        ((derived.promised_on(found.order), line.placed_at, line.line_id), order_id, line)
        for order_id, found in floor.orders.items()
        for line in found.lines
        if line.sku_id == key.sku_id and floor.held.get((line.line_id, key.location_id), 0)
    ]


def _unpicked(floor: Floor, order_id: OrderId, line_id: LineId, location_id: LocationId) -> int:
    picked = sum(
        min(x.picked, x.wanted) - x.shipped
        for found in floor.of_order(order_id)
        if found.location_id == location_id
        for x in found.lines
        if x.line_id == line_id
    )
    return floor.held[line_id, location_id] - picked


def _yield(
    floor: Floor, shelf: Shelf, key: StockKey, who: Yielded, *, own: tuple[FulfillmentId, LineId], reason: str
) -> None:
    """Take units from a line: what it holds, and what locations were told to pick of them."""
    floor.held[who.line_id, key.location_id] -= who.quantity
    shelf.losses.append(Loss(who.order_id, who.line_id, *key, who.quantity, reason))
    found = floor.fulfillments[own[0]]
    if who.line_id == own[1]:
        line = next(x for x in found.lines if x.line_id == who.line_id)
        short_by = min(who.quantity, line.to_pick)
        floor.put_lines(found, [msgspec.structs.replace(line, short=line.short + short_by)])
    floor.square(who.order_id, reason="short")
