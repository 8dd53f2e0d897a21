"""The floor: locked orders and their fulfillments, with everything decided so far.

A set is decided by folding over it in order: each decision sees what the earlier ones have changed; nothing is saved
until the whole set is decided. What goods an order has and what its locations were told is squared first: whatever was
canceled or moved meanwhile is withdrawn, so a decision never meets a unit that the order has given up.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from jiedan.base.errors import Refusal
from jiedan.base.events import Event
from jiedan.fulfillment import errors, events
from jiedan.fulfillment.rules import gate, statuses
from jiedan.fulfillment.rules.undoing import Undoable
from jiedan.fulfillment.values import Fulfillment, FulfillmentId, FulfillmentLine, Parcel
from jiedan.inventory.values import LocationId, Shipment
from jiedan.orders.values import LineId, NoteId, OrderId, OrderWithLines, ShipmentFact

T = TypeVar("T")


class Told(NamedTuple):
    """An event to be told, with its circumstances."""

    event: Event
    order_id: OrderId
    at: datetime | None = None


class OrderState(NamedTuple):
    """What else of an order decides about its goods."""

    hold_kinds: tuple[str, ...]
    note_ids: tuple[NoteId, ...]
    has_address: bool


class Ground(NamedTuple):
    """Everything a floor is made from; `held` is what lines hold in stock, by line and location."""

    orders: Mapping[OrderId, OrderWithLines]
    states: Mapping[OrderId, OrderState]
    fulfillments: Mapping[FulfillmentId, Fulfillment]
    acknowledged: frozenset[tuple[FulfillmentId, NoteId]]
    held: Mapping[tuple[LineId, LocationId], int]
    stores: frozenset[LocationId]
    release_on_authorization: bool


class Floor:
    """What is locked, and what becomes of it."""

    def __init__(self, ground: Ground, *, at: datetime, new_id: Callable[[], UUID]) -> None:
        self.ground = ground
        self.at = at
        self.new_id = new_id
        self.orders: Undoable[OrderId, OrderWithLines] = Undoable(ground.orders)
        self.fulfillments: Undoable[FulfillmentId, Fulfillment] = Undoable(ground.fulfillments)
        self.held: Undoable[tuple[LineId, LocationId], int] = Undoable(ground.held)
        self._held_keys: dict[LineId, list[tuple[LineId, LocationId]]] = {}
        for key in self.held:
            self._held_keys.setdefault(key[0], []).append(key)
        self._read: Undoable[tuple[FulfillmentId, NoteId], bool] = Undoable()
        self.facts: list[ShipmentFact] = []
        self.shipments: list[Shipment] = []
        self.told: list[Told] = []
        self._ids_by_order: dict[UUID, list[FulfillmentId]] = {}
        self._id_by_parcel: dict[UUID, FulfillmentId] = {}
        for found in sorted(self.fulfillments.values(), key=lambda x: x.sequence):
            self._index(found)
        for order_id in self.orders:
            self.square(order_id)

    def _index(self, found: Fulfillment) -> None:
        of_order = self._ids_by_order.setdefault(found.order_id, [])
        if found.fulfillment_id not in of_order:
            of_order.append(found.fulfillment_id)
        self._id_by_parcel.update((x.parcel_id, found.fulfillment_id) for x in found.parcels)

    def attempt(self, decide: Callable[[], T]) -> T | Refusal:
        """Return what `decide` returns; a refusal is a value, and leaves the floor as it was before."""
        logs: tuple[list[Any], ...] = (self.facts, self.shipments, self.told)
        lengths = [len(x) for x in logs]
        for changing in (self.orders, self.fulfillments, self.held, self._read):
            changing.remember()
        try:
            return decide()
        except Refusal as refusal:
            for gone in self.fulfillments.restore().values():
                self._ids_by_order[gone.order_id].remove(gone.fulfillment_id)
            for changed in (self.orders, self.held, self._read):
                changed.restore()
            for made, length in zip(logs, lengths, strict=True):
                del made[length:]
            return refusal

    def find(self, fulfillment_id: UUID) -> Fulfillment:
        """Return a fulfillment as it stands now. Raises FulfillmentNotFound."""
        found = self.fulfillments.get(FulfillmentId(fulfillment_id))
        if found is None:
            raise errors.FulfillmentNotFound(str(fulfillment_id))
        return found

    def find_parcel(self, parcel_id: UUID) -> tuple[Fulfillment, Parcel]:
        """Return a parcel as it stands now, and its fulfillment. Raises ParcelNotFound."""
        found = self.fulfillments.get(self._id_by_parcel.get(parcel_id, FulfillmentId(parcel_id)))
        parcel = next((x for x in found.parcels if x.parcel_id == parcel_id), None) if found is not None else None
        if found is None or parcel is None:
            raise errors.ParcelNotFound(str(parcel_id))
        return found, parcel

    def find_unlabeled(self, parcel_id: UUID) -> tuple[Fulfillment, Parcel]:
        """Return a parcel that waits for a label, and its fulfillment. Raises ParcelNotWaiting, ParcelHasLabel."""
        found, parcel = self.find_parcel(parcel_id)
        if not parcel.is_waiting:
            raise errors.ParcelNotWaiting(parcel.number, parcel.state)
        if parcel.tracking_number is not None:
            raise errors.ParcelHasLabel(parcel.number, parcel.carrier or "", parcel.tracking_number)
        return found, parcel

    def of_order(self, order_id: UUID) -> list[Fulfillment]:
        """Return the fulfillments of an order, oldest first."""
        return [self.fulfillments[key] for key in self._ids_by_order.get(order_id, ())]

    def put(self, found: Fulfillment) -> Fulfillment:
        """Keep a fulfillment as it becomes, with its status made right."""
        made = statuses.refreshed(found)
        self.fulfillments[made.fulfillment_id] = made
        self._index(made)
        return made

    def put_lines(self, found: Fulfillment, lines: Collection[FulfillmentLine]) -> Fulfillment:
        """Keep some lines of a fulfillment as they become."""
        changed = {x.line_id: x for x in lines}
        return self.put(msgspec.structs.replace(found, lines=tuple(changed.get(x.line_id, x) for x in found.lines)))

    def put_parcel(self, found: Fulfillment, parcel: Parcel) -> Fulfillment:
        """Keep a parcel as it becomes; a new one comes last."""
        known = any(x.parcel_id == parcel.parcel_id for x in found.parcels)
        parcels = (
            tuple(parcel if x.parcel_id == parcel.parcel_id else x for x in found.parcels)
            if known
            else (*found.parcels, parcel)
        )
        return self.put(msgspec.structs.replace(found, parcels=parcels))

    def record(self, order_id: OrderId, line_id: LineId, **changes: int) -> None:
        """Change quantities of an order's line, here and in what is told to orders."""
        order, lines = self.orders[order_id]
        self.orders[order_id] = OrderWithLines(
            order,
            tuple(
                msgspec.structs.replace(x, **{name: getattr(x, name) + by for name, by in changes.items()})
                if x.line_id == line_id
                else x
                for x in lines
            ),
        )
        self.facts.append(ShipmentFact(order_id, line_id, **changes))

    def tell(self, kind: type[Event], found: Fulfillment, *, at: datetime | None = None, **facts: Any) -> None:
        """Tell what happened to a fulfillment."""
        event: Any = kind
        made = event(order_id=found.order_id, fulfillment_id=found.fulfillment_id, number=found.number, **facts)
        self.told.append(Told(made, found.order_id, at))

    def gate_facts(self, order_id: OrderId) -> gate.GateFacts:
        """Return what the gate looks at, as it stands now."""
        order, lines = self.orders[order_id]
        return gate.GateFacts(
            order,
            lines,
            self.ground.states[order_id].hold_kinds,
            {key: self.held[key] for line in lines for key in self._held_keys.get(line.line_id, ())},
            self.open_places(order_id),
            self.ground.release_on_authorization,
        )

    def open_places(self, order_id: OrderId) -> dict[tuple[LineId, LocationId], int]:
        """Return what locations were told to pick of an order and that has not left."""
        found: dict[tuple[LineId, LocationId], int] = {}
        for x in self.of_order(order_id):
            for line in x.lines:
                key = (line.line_id, x.location_id)
                found[key] = found.get(key, 0) + line.open
        return found

    def check_going(self, found: Fulfillment) -> None:
        """Raise WorkStopped when a hold stands on the order, or its terms are not met any more."""
        order, lines = self.orders[found.order_id]
        terms = gate.terms_of(order, lines, release_on_authorization=self.ground.release_on_authorization)
        reasons = gate.stopped_by(order, self.ground.states[found.order_id].hold_kinds, terms)
        if reasons:
            raise errors.WorkStopped(order.number, ", ".join(reasons))

    def unread(self, found: Fulfillment) -> list[NoteId]:
        """Return the notes of the order that nobody at this fulfillment has acknowledged."""
        notes = self.ground.states[found.order_id].note_ids
        known = self.ground.acknowledged
        return [x for x in notes if (key := (found.fulfillment_id, x)) not in known and key not in self._read]

    def acknowledge(self, found: Fulfillment) -> list[NoteId]:
        """Count the notes of the order as read at this fulfillment; return those that were not."""
        unread = self.unread(found)
        for note_id in unread:
            self._read[found.fulfillment_id, note_id] = True
        return unread

    def square(self, order_id: OrderId, *, reason: str = "given_up") -> None:
        """Withdraw what locations were told to pick and the order does not hold there any more, latest told first."""
        surplus = {
            key: open_ - self.held.get(key, 0)
            for key, open_ in self.open_places(order_id).items()
            if open_ > self.held.get(key, 0)
        }
        for found in reversed(self.of_order(order_id)) if surplus else ():
            withdrawn = {}
            for line in found.lines:
                key = (line.line_id, found.location_id)
                quantity = min(surplus.get(key, 0), line.open)
                if quantity:
                    surplus[key] -= quantity
                    withdrawn[line.line_id] = quantity
            if withdrawn:
                self.withdraw(found, withdrawn, reason=reason)
        self.count_released(order_id)

    def withdraw(self, found: Fulfillment, by_line: Mapping[LineId, int], *, reason: str) -> Fulfillment:
        """Tell a location to stop working on so many units; what was picked of them is to be put back."""
        before = sum(x.to_put_back for x in found.lines)
        lines = [
            msgspec.structs.replace(x, withdrawn=x.withdrawn + by_line[x.line_id])
            for x in found.lines
            if by_line.get(x.line_id)
        ]
        made = self.put_lines(found, lines)
        self.tell(
            events.LinesWithdrawn,
            made,
            cause=reason,
            lines=tuple(events.LineQuantity(line_id, q) for line_id, q in sorted(by_line.items())),
            to_put_back=sum(x.to_put_back for x in made.lines) - before,
        )
        return made

    def count_released(self, order_id: OrderId) -> None:
        """Make each line's `released` what its fulfillments have open."""
        open_by_line: dict[LineId, int] = {}
        for found in self.of_order(order_id):
            for x in found.lines:
                open_by_line[x.line_id] = open_by_line.get(x.line_id, 0) + x.open
        order, lines = self.orders[order_id]
        wrong = [x for x in lines if x.released != open_by_line.get(x.line_id, 0)]
        if not wrong:
            return
        right = {
            x.line_id: msgspec.structs.replace(x, released=open_by_line.get(x.line_id, 0)) for x in wrong
        }  # all at once: an order may have two hundred lines
        self.orders[order_id] = OrderWithLines(order, tuple([right.get(x.line_id, x) for x in lines]))
        self.facts += [
            ShipmentFact(order_id, x.line_id, released=right[x.line_id].released - x.released) for x in wrong
        ]

    def changed_fulfillments(self) -> list[Fulfillment]:
        """Return the fulfillments that came to be or are not as they were, in key order."""
        before = self.ground.fulfillments
        return [x for key, x in sorted(self.fulfillments.items()) if before.get(key) != x]

    def new_acknowledgements(self) -> list[tuple[FulfillmentId, NoteId]]:
        """Return who has read what, beyond what was known."""
        return sorted(self._read)


def quantities(lines: Iterable[tuple[LineId, int]]) -> tuple[events.LineQuantity, ...]:
    """Return lines as events tell them."""
    return tuple(events.LineQuantity(line_id, quantity) for line_id, quantity in lines)
