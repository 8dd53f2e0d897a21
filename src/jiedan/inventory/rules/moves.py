"""Decisions of inventory: pure. Locked counters come in, outcomes and the changes to save go out.

A set is decided by folding over it in order: each decision sees what the earlier ones have taken. A `Fold` is that
running state; nothing is saved until the whole set is decided.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from jiedan.base.errors import Refusal, reasons_of
from jiedan.inventory import errors
from jiedan.inventory.rules.limits import refuse_quantity
from jiedan.inventory.values import (
    Adjustment,
    Availability,
    Claim,
    Free,
    Freed,
    Moved,
    Movement,
    MovementId,
    MovementKind,
    Owner,
    Receipt,
    Reservation,
    Reserved,
    Shipment,
    StockKey,
)

NOTHING = Availability(0, 0, 0, 0)

Holding = tuple[Owner, StockKey]


class Change(NamedTuple):
    """What a set adds to the counters of one key; signed."""

    on_hand: int = 0
    reserved: int = 0
    incoming: int = 0


class Work(NamedTuple):
    """What a movement is to do; an operation key that did exactly this before has nothing left to do."""

    key: StockKey
    kind: MovementKind
    quantity: int
    operation_key: str
    reason: str = ""
    reference: str = ""
    subject_id: UUID | None = None


class Entry(NamedTuple):
    """A movement to write into the ledger."""

    movement_id: MovementId
    work: Work
    on_hand: int


class Fold:
    """The locked counters, what is held and what was done before, with everything decided so far.

    `stock` has a key for each row that exists, `held` the reservations of the owners concerned, `done` the movements
    of the operation keys concerned.
    """

    def __init__(
        self,
        stock: Mapping[StockKey, Availability],
        *,
        held: Mapping[Holding, Reservation] | None = None,
        done: Mapping[str, Movement] | None = None,
    ) -> None:
        self._stock = stock
        self._held = held or {}
        self._done = {
            key: (
                _work_of(movement),
                Moved(movement.movement_id, _key_of(movement), movement.quantity, movement.on_hand),
            )
            for key, movement in (done or {}).items()
        }
        self.changes: dict[StockKey, Change] = {}
        self.taken: dict[Holding, int] = {}
        self.entries: list[Entry] = []

    def knows(self, key: StockKey) -> bool:
        """Tell whether the key has counters at all."""
        return key in self._stock

    def at(self, key: StockKey) -> Availability:
        """Return the counters of a key as they stand after what is decided; all 0 where there is no row."""
        row, change = self._stock.get(key, NOTHING), self.changes.get(key, Change())
        return Availability(
            row.on_hand + change.on_hand, row.reserved + change.reserved, row.safety, row.incoming + change.incoming
        )

    def held(self, holding: Holding) -> int:
        """Return what an owner still holds at a key."""
        found = self._held.get(holding)
        return found.quantity - self.taken.get(holding, 0) if found else 0

    def has_expired(self, holding: Holding, *, at: datetime) -> bool:
        """Tell whether a reservation's time to live is over."""
        found = self._held.get(holding)
        return found is not None and found.expires_at is not None and found.expires_at <= at

    def change(self, key: StockKey, *, on_hand: int = 0, reserved: int = 0, incoming: int = 0) -> None:
        """Add to the counters of a key."""
        before = self.changes.get(key)
        if before is not None:
            on_hand, reserved = before.on_hand + on_hand, before.reserved + reserved
            incoming += before.incoming
        self.changes[key] = Change(on_hand, reserved, incoming)

    def take(self, holding: Holding, quantity: int) -> None:
        """Take a quantity out of a reservation, which must hold it."""
        self.taken[holding] = self.taken.get(holding, 0) + quantity
        self.change(holding[1], reserved=-quantity)

    def repeated(self, work: Work) -> Moved | errors.OperationKeyReused | None:
        """Return what the operation key has done before: this very work, or other work; None when it is new."""
        found = self._done.get(work.operation_key)
        if found is None:
            return None
        if found[0]._replace(reference="") != work._replace(reference=""):
            return errors.OperationKeyReused(work.operation_key)
        moved = found[1]
        return Moved(moved.movement_id, moved.key, moved.quantity, moved.on_hand, repeated=True)

    def move(self, work: Work, movement_id: UUID) -> Moved:
        """Change on hand by a movement."""
        self.change(work.key, on_hand=work.quantity)
        on_hand = self.at(work.key).on_hand
        self.entries.append(Entry(MovementId(movement_id), work, on_hand))
        moved = Moved(MovementId(movement_id), work.key, work.quantity, on_hand)
        self._done[work.operation_key] = (work, moved)
        return moved


def _key_of(movement: Movement) -> StockKey:
    return StockKey(movement.sku_id, movement.location_id)


def _work_of(movement: Movement) -> Work:
    return Work(
        _key_of(movement),
        movement.kind,
        movement.quantity,
        movement.operation_key,
        movement.reason,
        movement.reference,
        movement.subject_id,
    )


def reserve(claims: Sequence[Claim], fold: Fold, *, at: datetime, is_decided: bool = False) -> list[Reserved | Refusal]:
    """Grant each claim that still fits what is available, earlier claims first.

    `is_decided` says that the caller has seen to it that all of them fit.
    """
    outcomes: list[Reserved | Refusal] = []
    for claim in claims:
        refusal = refuse_claim(claim, at=at)
        key = claim.key
        if refusal is None and not is_decided:
            available = fold.at(key).available
            if claim.quantity > available:
                wanted, left = claim.quantity, max(available, 0)
                refusal = errors.InsufficientStock(claim.sku_id, claim.location_id, wanted, left)
        if refusal is None:
            fold.change(key, reserved=claim.quantity)
        outcomes.append(refusal or Reserved(claim))
    return outcomes


def refuse_claim(claim: Claim, *, at: datetime) -> Refusal | None:
    """Refuse a claim that can never be right: its quantity, or when it expires."""
    expires_in_time = claim.expires_at is not None and claim.expires_at > at
    if (claim.owner.kind == "cart") != expires_in_time or (claim.owner.kind != "cart" and claim.expires_at):
        return errors.InvalidExpiry(claim.owner.kind)
    return refuse_quantity(claim.quantity)


def free(frees: Sequence[Free], fold: Fold) -> list[Freed | Refusal]:
    """Give up what is held: all of it however much that is, or a quantity that must be held."""
    outcomes: list[Freed | Refusal] = []
    for wish in frees:
        holding = (wish.owner, wish.key)
        held = fold.held(holding)
        quantity = held if wish.quantity is None else wish.quantity
        refusal = None if wish.quantity is None else refuse_quantity(quantity)
        if refusal is None and quantity > held:
            refusal = errors.NotReserved(wish.sku_id, wish.location_id, quantity, held)
        if refusal is None and quantity:
            fold.take(holding, quantity)
        outcomes.append(refusal or Freed(wish, quantity))
    return outcomes


def free_expired(wishes: Sequence[Free], fold: Fold, *, at: datetime) -> list[Freed]:
    """Give up, whole, what has expired; what was renewed or is gone stays as it is."""
    freed = []
    for wish in wishes:
        holding = (wish.owner, wish.key)
        quantity = fold.held(holding)
        if quantity and fold.has_expired(holding, at=at):
            fold.take(holding, quantity)
            freed.append(Freed(wish, quantity))
    return freed


def ship(shipments: Sequence[Shipment], fold: Fold, *, ids: Sequence[UUID]) -> list[Moved | Refusal]:
    """Let out what is held, or of history what nobody holds, each operation key once.

    `ids` are for the movements, one per shipment.
    """
    outcomes: list[Moved | Refusal] = []
    for shipment, movement_id in zip(shipments, ids, strict=True):
        quantity, holding = shipment.quantity, (shipment.owner, shipment.key)
        if refusal := refuse_quantity(quantity):
            outcomes.append(refusal)
            continue
        work = Work(
            shipment.key,
            "shipment",
            -quantity,
            shipment.operation_key,
            reference=shipment.reference,
            subject_id=shipment.owner.id,
        )
        if before := fold.repeated(work):
            outcomes.append(before)
        elif shipment.is_held and quantity > (held := fold.held(holding)):
            outcomes.append(errors.NotReserved(shipment.sku_id, shipment.location_id, quantity, held))
        elif not shipment.is_held and quantity > (left := fold.at(shipment.key).available):
            outcomes.append(errors.InsufficientStock(shipment.sku_id, shipment.location_id, quantity, max(left, 0)))
        else:
            if shipment.is_held:
                fold.take(holding, quantity)
            outcomes.append(fold.move(work, movement_id))
    return outcomes


def receive(receipts: Sequence[Receipt], fold: Fold, *, ids: Sequence[UUID]) -> list[Moved | Refusal]:
    """Take in goods where they can be held, each operation key once; `ids` as in `ship`."""
    outcomes: list[Moved | Refusal] = []
    for receipt, movement_id in zip(receipts, ids, strict=True):
        work = Work(
            receipt.key,
            receipt.kind,
            receipt.quantity,
            receipt.operation_key,
            reason=receipt.reason,
            reference=receipt.reference,
        )
        refusal = refuse_quantity(receipt.quantity)
        if refusal is None and not fold.knows(receipt.key):
            refusal = errors.CannotHoldStock(receipt.sku_id, receipt.location_id)
        outcomes.append(refusal or fold.repeated(work) or fold.move(work, movement_id))
    return outcomes


def adjust(adjustments: Sequence[Adjustment], fold: Fold, *, ids: Sequence[UUID]) -> list[Moved | Refusal]:
    """Correct on hand, never below what is reserved, each operation key once; `ids` as in `ship`."""
    outcomes: list[Moved | Refusal] = []
    for adjustment, movement_id in zip(adjustments, ids, strict=True):
        work = Work(
            adjustment.key,
            "adjustment",
            adjustment.delta,
            adjustment.operation_key,
            reason=adjustment.reason,
            reference=adjustment.reference,
        )
        refusal: Refusal | None = refuse_quantity(abs(adjustment.delta))
        if refusal is None and not fold.knows(adjustment.key):
            refusal = errors.CannotHoldStock(adjustment.sku_id, adjustment.location_id)
        outcomes.append(refusal or fold.repeated(work) or correct(work, fold, movement_id=movement_id))
    return outcomes


def correct(work: Work, fold: Fold, *, movement_id: UUID) -> Moved | errors.BelowReserved:
    """Change on hand by `work` unless less would remain than is reserved."""
    row = fold.at(work.key)
    if row.on_hand + work.quantity < row.reserved:
        return errors.BelowReserved(*work.key, row.on_hand + work.quantity, row.reserved)
    return fold.move(work, movement_id)


def below_reserved(outcomes: Iterable[object]) -> list[errors.BelowReserved]:
    """Return every BelowReserved among outcomes, alone or among the reasons of Rejections."""
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    return [x for refusal in refusals for x in reasons_of(refusal) if isinstance(x, errors.BelowReserved)]


def shortfalls(refusals: Iterable[errors.BelowReserved]) -> dict[StockKey, int]:
    """Return how much of each key would have to be freed to allow what was refused; the most where several were."""
    found: dict[StockKey, int] = {}
    for refusal in refusals:
        key = StockKey(refusal.sku_id, refusal.location_id)
        found[key] = max(found.get(key, 0), refusal.reserved - max(refusal.on_hand, 0))
    return found
