"""Move stock in, out and by correction: every change of on hand that is no transfer and no count."""

from collections.abc import Sequence

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.inventory import events, queries, rules, stock_moves
from jiedan.inventory.values import Adjustment, Moved, Receipt, Shipment, StockKey


async def receive_many(tx: Tx, *, receipts: Sequence[Receipt]) -> list[Moved | Refusal]:
    """Take in goods: one outcome per receipt, in order; a key gets its counters with the first one.

    Outcomes are Moved (`repeated` when the operation key had done this before), CannotHoldStock, OperationKeyReused or
    InvalidQuantity. Five statements, two round trips.
    """
    keys = [receipt.key for receipt in receipts]
    fold = await stock_moves.lock(tx, keys, created=keys, operation_keys=[r.operation_key for r in receipts])
    outcomes = rules.receive(receipts, fold, ids=tx.new_ids(len(receipts)))
    await stock_moves.save(tx, fold, stock_moves.movements(tx, fold))
    tx.emit(
        *(
            events.StockReceived(
                sku_id=entry.work.key.sku_id,
                location_id=entry.work.key.location_id,
                movement_id=entry.movement_id,
                movement_kind=entry.work.kind,
                quantity=entry.work.quantity,
                on_hand=entry.on_hand,
            )
            for entry in fold.entries
        )
    )
    return outcomes


async def adjust_many(tx: Tx, *, adjustments: Sequence[Adjustment]) -> list[Moved | Refusal]:
    """Correct on hand for a reason: one outcome per adjustment, in order.

    Outcomes are Moved (`repeated` as in `receive_many`), BelowReserved with the latest reservations that would have to
    yield, CannotHoldStock, OperationKeyReused or InvalidQuantity. Five statements, two round trips; one more of each
    when something is below what is reserved.
    """
    gains = [adjustment.key for adjustment in adjustments if adjustment.delta > 0]
    fold = await stock_moves.lock(
        tx,
        [adjustment.key for adjustment in adjustments],
        created=gains,
        operation_keys=[adjustment.operation_key for adjustment in adjustments],
    )
    outcomes = rules.adjust(adjustments, fold, ids=tx.new_ids(len(adjustments)))
    await stock_moves.save(tx, fold, stock_moves.movements(tx, fold))
    tell_adjusted(tx, fold)
    await name_reservations(tx, outcomes)
    return outcomes


async def ship_many(tx: Tx, *, shipments: Sequence[Shipment]) -> list[Moved | Refusal]:
    """Let goods out that their owners hold: one outcome per shipment, in order.

    Outcomes are Moved (`repeated` as in `receive_many`), NotReserved, InsufficientStock (of what nobody holds),
    OperationKeyReused or InvalidQuantity. Six statements and the lock, two round trips.
    """
    fold = await stock_moves.lock(
        tx,
        [shipment.key for shipment in shipments],
        holdings=[(shipment.owner, shipment.key) for shipment in shipments if shipment.is_held],
        operation_keys=[shipment.operation_key for shipment in shipments],
    )
    outcomes = rules.ship(shipments, fold, ids=tx.new_ids(len(shipments)))
    await stock_moves.save(tx, fold, stock_moves.movements(tx, fold), *stock_moves.takings(fold))
    return outcomes


def tell_adjusted(tx: Tx, fold: rules.Fold) -> None:
    """Emit one StockAdjusted per movement of the fold."""
    tx.emit(
        *(
            events.StockAdjusted(
                sku_id=entry.work.key.sku_id,
                location_id=entry.work.key.location_id,
                movement_id=entry.movement_id,
                movement_kind=entry.work.kind,
                reason=entry.work.reason,
                quantity=entry.work.quantity,
                on_hand=entry.on_hand,
            )
            for entry in fold.entries
        )
    )


async def name_reservations(tx: Tx, outcomes: Sequence[object]) -> None:
    """Put into each BelowReserved the latest reservations that are in the way; no statement where there is none."""
    refusals = rules.below_reserved(outcomes)
    if not refusals:
        return
    found = await tx.load_one(queries.reservations_at(rules.shortfalls(refusals)))
    for refusal in refusals:
        refusal.reservations = found.get(StockKey(refusal.sku_id, refusal.location_id), ())
