"""Transfers: what may leave, what may arrive, where one stands.

Goods are reserved for a transfer where they are, leave with the reservation, count as `incoming` where they go, and
come in there. What is in transit is on hand nowhere.
"""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from jiedan.base.errors import Refusal
from jiedan.catalog.values import SkuId
from jiedan.inventory import errors
from jiedan.inventory.rules.limits import refuse_quantity
from jiedan.inventory.rules.moves import Fold, Work
from jiedan.inventory.values import (
    Claim,
    LocationId,
    Moved,
    NewTransfer,
    Owner,
    StockKey,
    Transfer,
    TransferClosed,
    TransferId,
    TransferLine,
    TransferStatus,
    TransferStep,
)


class Course:
    """Locked transfers with everything decided about them so far."""

    def __init__(self, transfers: Mapping[TransferId, Transfer]) -> None:
        self.heads = dict(transfers)
        self.lines = {(t.transfer_id, line.sku_id): line for t in transfers.values() for line in t.lines}
        self._before = dict(self.lines)

    def changed(self) -> list[tuple[TransferId, TransferLine]]:
        """Return the lines that differ from what was locked."""
        return [(key[0], line) for key, line in self.lines.items() if line != self._before[key]]

    def lines_of(self, transfer_id: TransferId) -> list[TransferLine]:
        """Return the lines of a transfer as they stand now."""
        return [line for (of, _), line in self.lines.items() if of == transfer_id]


def owner_of(transfer: Transfer) -> Owner:
    """Return who holds the goods of a transfer before they leave."""
    return Owner("transfer", transfer.transfer_id)


def source_of(transfer: Transfer, sku_id: SkuId) -> StockKey:
    """Return the counters that a transfer's SKU leaves."""
    return StockKey(sku_id, transfer.from_location_id)


def target_of(transfer: Transfer, sku_id: SkuId) -> StockKey:
    """Return the counters that a transfer's SKU comes to."""
    return StockKey(sku_id, transfer.to_location_id)


def claims_of(transfer: Transfer) -> list[Claim]:
    """Return what a transfer reserves when it is opened."""
    owner = owner_of(transfer)
    return [Claim(owner, *source_of(transfer, line.sku_id), line.quantity) for line in transfer.lines]


def transfer_status(transfer: Transfer) -> TransferStatus:
    """Derive the status of a transfer from its quantities."""
    has_left = any(line.shipped for line in transfer.lines)
    if transfer.closed_at is not None:
        return "closed" if has_left else "canceled"
    if all(line.received == line.quantity for line in transfer.lines):
        return "received"
    return "in_transit" if has_left else "open"


def open_transfer(
    wanted: NewTransfer, fold: Fold, *, transfer_id: TransferId, known: Collection[LocationId], at: datetime
) -> Transfer | Refusal:
    """Open a transfer between `known` locations if every quantity is available; reserve all of it."""
    skus = [sku_id for sku_id, _ in wanted.quantities]
    if wanted.from_location_id == wanted.to_location_id or not skus or len(set(skus)) < len(skus):
        return errors.InvalidTransfer()
    unknown = [place for place in (wanted.from_location_id, wanted.to_location_id) if place not in known]
    if unknown:
        return errors.LocationNotFound(str(unknown[0]))
    for sku_id, quantity in wanted.quantities:
        available = max(fold.at(StockKey(sku_id, wanted.from_location_id)).available, 0)
        if refusal := refuse_quantity(quantity):
            return refusal
        if quantity > available:
            return errors.InsufficientStock(sku_id, wanted.from_location_id, quantity, available)
    lines = tuple(TransferLine(sku_id, quantity, 0, 0, 0) for sku_id, quantity in sorted(wanted.quantities))
    transfer = Transfer(transfer_id, wanted.from_location_id, wanted.to_location_id, wanted.reference, at, None, lines)
    for line in lines:
        fold.change(source_of(transfer, line.sku_id), reserved=line.quantity)
    return transfer


def send(steps: Sequence[TransferStep], course: Course, fold: Fold, *, ids: Sequence[UUID]) -> list[Moved | Refusal]:
    """Let goods leave towards their target, each operation key once; `ids` are for the movements, one per step."""
    outcomes: list[Moved | Refusal] = []
    for step, movement_id in zip(steps, ids, strict=True):
        transfer = course.heads.get(step.transfer_id)
        if transfer is None:
            outcomes.append(errors.TransferNotFound(step.transfer_id))
            continue
        source = source_of(transfer, step.sku_id)
        work = Work(source, "transfer_out", -step.quantity, step.operation_key, subject_id=step.transfer_id)
        line = course.lines.get((step.transfer_id, step.sku_id))
        # Part of the reservation may have been freed for a more urgent promise; only what is still held can leave.
        possible = fold.held((owner_of(transfer), source))
        refused = fold.repeated(work) or _refuse_step(step, transfer, line, possible)
        if refused is None and line is not None:
            course.lines[step.transfer_id, step.sku_id] = dataclasses.replace(
                line, shipped=line.shipped + step.quantity
            )
            fold.take((owner_of(transfer), source), step.quantity)
            fold.change(target_of(transfer, step.sku_id), incoming=step.quantity)
        outcomes.append(refused or fold.move(work, movement_id))
    return outcomes


def take_in(steps: Sequence[TransferStep], course: Course, fold: Fold, *, ids: Sequence[UUID]) -> list[Moved | Refusal]:
    """Take in what is in transit, each operation key once; `ids` as in `send`."""
    outcomes: list[Moved | Refusal] = []
    for step, movement_id in zip(steps, ids, strict=True):
        transfer = course.heads.get(step.transfer_id)
        if transfer is None:
            outcomes.append(errors.TransferNotFound(step.transfer_id))
            continue
        target = target_of(transfer, step.sku_id)
        work = Work(target, "transfer_in", step.quantity, step.operation_key, subject_id=step.transfer_id)
        line = course.lines.get((step.transfer_id, step.sku_id))
        refused = fold.repeated(work) or _refuse_step(step, transfer, line, line.in_transit if line else 0)
        if refused is None and line is not None:
            received = line.received + step.quantity
            course.lines[step.transfer_id, step.sku_id] = dataclasses.replace(line, received=received)
            fold.change(target, incoming=-step.quantity)
        outcomes.append(refused or fold.move(work, movement_id))
    return outcomes


def close(transfer_id: TransferId, course: Course, fold: Fold, *, at: datetime) -> TransferClosed | Refusal:
    """End a transfer: what never left is freed, what never arrived is missing."""
    transfer = course.heads.get(transfer_id)
    if transfer is None:
        return errors.TransferNotFound(transfer_id)
    if transfer.closed_at is not None:
        return errors.TransferEnded(transfer_id)
    freed = missing = 0
    for line in course.lines_of(transfer_id):
        holding = (owner_of(transfer), source_of(transfer, line.sku_id))
        left, lost = fold.held(holding), line.in_transit
        if left:
            fold.take(holding, left)
        if lost:
            fold.change(target_of(transfer, line.sku_id), incoming=-lost)
            course.lines[transfer_id, line.sku_id] = dataclasses.replace(line, missing=line.missing + lost)
        freed, missing = freed + left, missing + lost
    course.heads[transfer_id] = dataclasses.replace(transfer, closed_at=at)
    return TransferClosed(transfer_id, freed, missing)


def _refuse_step(step: TransferStep, transfer: Transfer, line: TransferLine | None, possible: int) -> Refusal | None:
    if transfer.closed_at is not None:
        return errors.TransferEnded(transfer.transfer_id)
    if line is None:
        return errors.NotInTransfer(step.sku_id)
    if refusal := refuse_quantity(step.quantity):
        return refusal
    return errors.MoreThanTransferred(step.sku_id, step.quantity, possible) if step.quantity > possible else None
