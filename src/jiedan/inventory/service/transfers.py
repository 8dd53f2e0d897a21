"""Move stock between locations: open, send, take in, close; each on a set."""

from collections.abc import Sequence

from jiedan.base import once, sql
from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.inventory import events, queries, rules, stock_moves
from jiedan.inventory.values import (
    Moved,
    NewTransfer,
    StockKey,
    Transfer,
    TransferClosed,
    TransferId,
    TransferStep,
)

SQL = sql.load("jiedan.inventory.service", "transfers.sql")

OPEN = "inventory.open_transfer"


async def open_transfers(tx: Tx, *, wishes: Sequence[NewTransfer]) -> list[Transfer | Refusal]:
    """Open transfers and reserve their goods, all of one or none of it: one outcome per wish, in order.

    Outcomes are Transfer (as it stands now when its key had opened it before), InvalidTransfer, LocationNotFound,
    InvalidQuantity, InsufficientStock or KeyReused. Six statements; with keys one or two more, and two where a key is
    repeated or one where a wish with a key is refused.
    """
    subjects = await once.subjects(tx, operation=OPEN, wishes=[(wish.key, wish) for wish in wishes])
    known = {place.location_id for place in await tx.load_one(queries.locations())}
    keys = [StockKey(sku_id, wish.from_location_id) for wish in wishes for sku_id, _ in wish.quantities]
    fold = await stock_moves.lock(tx, keys)
    opened: dict[int, Transfer | Refusal] = {
        place: rules.open_transfer(wishes[place], fold, transfer_id=TransferId(found.id), known=known, at=tx.now)
        for place, found in enumerate(subjects)
        if isinstance(found, once.Subject) and found.is_fresh
    }
    made = [outcome for outcome in opened.values() if isinstance(outcome, Transfer)]
    claims = [claim for transfer in made for claim in rules.claims_of(transfer)]
    await stock_moves.save(tx, fold, stock_moves.reservations(tx, claims), *_insert(tx, made))
    tx.emit(
        *(
            events.TransferOpened(
                transfer_id=transfer.transfer_id,
                from_location_id=transfer.from_location_id,
                to_location_id=transfer.to_location_id,
                quantity=sum(line.quantity for line in transfer.lines),
            )
            for transfer in made
        )
    )
    return await once.settle(tx, operation=OPEN, subjects=subjects, made=opened, read=queries.transfers)


async def ship_transfers(tx: Tx, *, steps: Sequence[TransferStep]) -> list[Moved | Refusal]:
    """Let goods of transfers leave, whole or in part: one outcome per step, in order.

    Outcomes are Moved (`repeated` when the operation key had done this before), TransferNotFound, TransferEnded,
    NotInTransfer, MoreThanTransferred, OperationKeyReused or InvalidQuantity. Eleven statements, three round trips.
    """
    course = rules.Course(await queries.transfers_for_update(tx, [step.transfer_id for step in steps]))
    touched = [(course.heads[s.transfer_id], s.sku_id) for s in steps if s.transfer_id in course.heads]
    sources = [rules.source_of(transfer, sku_id) for transfer, sku_id in touched]
    targets = [
        rules.target_of(transfer, sku_id)
        for transfer, sku_id in touched
        if (transfer.transfer_id, sku_id) in course.lines
    ]
    fold = await stock_moves.lock(
        tx,
        [*sources, *targets],
        created=targets,
        holdings=[(rules.owner_of(transfer), rules.source_of(transfer, sku_id)) for transfer, sku_id in touched],
        operation_keys=[step.operation_key for step in steps],
    )
    outcomes = rules.send(steps, course, fold, ids=tx.new_ids(len(steps)))
    await stock_moves.save(tx, fold, stock_moves.movements(tx, fold), *stock_moves.takings(fold), _set_lines(course))
    _tell(tx, events.TransferShipped, steps, outcomes)
    return outcomes


async def receive_transfers(tx: Tx, *, steps: Sequence[TransferStep]) -> list[Moved | Refusal]:
    """Take in what transfers have in transit, whole or in part: one outcome per step, in order.

    Outcomes as in `ship_transfers`. Seven statements, three round trips.
    """
    course = rules.Course(await queries.transfers_for_update(tx, [step.transfer_id for step in steps]))
    targets = [
        rules.target_of(course.heads[step.transfer_id], step.sku_id)
        for step in steps
        if step.transfer_id in course.heads
    ]
    fold = await stock_moves.lock(tx, targets, operation_keys=[step.operation_key for step in steps])
    outcomes = rules.take_in(steps, course, fold, ids=tx.new_ids(len(steps)))
    await stock_moves.save(tx, fold, stock_moves.movements(tx, fold), _set_lines(course))
    _tell(tx, events.TransferReceived, steps, outcomes)
    return outcomes


async def close_transfers(tx: Tx, *, transfer_ids: Sequence[TransferId]) -> list[TransferClosed | Refusal]:
    """End transfers: what never left is freed, what left and never arrived is missing; one outcome per id, in order.

    Outcomes are TransferClosed, TransferNotFound or TransferEnded. Nine statements, three round trips.
    """
    course = rules.Course(await queries.transfers_for_update(tx, transfer_ids))
    lines = [(transfer, line.sku_id) for transfer in course.heads.values() for line in transfer.lines]
    sources = [rules.source_of(transfer, sku_id) for transfer, sku_id in lines]
    fold = await stock_moves.lock(
        tx,
        [*sources, *(rules.target_of(transfer, sku_id) for transfer, sku_id in lines)],
        holdings=[(rules.owner_of(transfer), rules.source_of(transfer, sku_id)) for transfer, sku_id in lines],
    )
    outcomes = [rules.close(transfer_id, course, fold, at=tx.now) for transfer_id in transfer_ids]
    closed = [outcome for outcome in outcomes if isinstance(outcome, TransferClosed)]
    ended = {"transfer_ids": [outcome.transfer_id for outcome in closed], "now": tx.now}
    await stock_moves.save(tx, fold, *stock_moves.takings(fold), _set_lines(course), (SQL["close_transfers"], ended))
    tx.emit(
        *(
            events.TransferEnded(transfer_id=outcome.transfer_id, freed=outcome.freed, missing=outcome.missing)
            for outcome in closed
        )
    )
    return outcomes


def _tell(
    tx: Tx,
    kind: type[events.TransferShipped | events.TransferReceived],
    steps: Sequence[TransferStep],
    outcomes: Sequence[Moved | Refusal],
) -> None:
    """Emit one event per step that moved something now."""
    tx.emit(
        *(
            kind(
                transfer_id=step.transfer_id,
                sku_id=step.sku_id,
                movement_id=outcome.movement_id,
                quantity=step.quantity,
            )
            for step, outcome in zip(steps, outcomes, strict=True)
            if isinstance(outcome, Moved) and not outcome.repeated
        )
    )


def _insert(tx: Tx, transfers: Sequence[Transfer]) -> tuple[stock_moves.Write, stock_moves.Write]:
    lines = [(transfer.transfer_id, line) for transfer in transfers for line in transfer.lines]
    heads = {
        "transfer_ids": [transfer.transfer_id for transfer in transfers],
        "from_location_ids": [transfer.from_location_id for transfer in transfers],
        "to_location_ids": [transfer.to_location_id for transfer in transfers],
        "references": [transfer.reference for transfer in transfers],
        "now": tx.now,
    }
    rows = {
        "transfer_ids": [transfer_id for transfer_id, _ in lines],
        "sku_ids": [line.sku_id for _, line in lines],
        "quantities": [line.quantity for _, line in lines],
    }
    return (SQL["insert_transfers"], heads), (SQL["insert_transfer_lines"], rows)


def _set_lines(course: rules.Course) -> stock_moves.Write:
    changed = course.changed()
    parameters = {
        "transfer_ids": [transfer_id for transfer_id, _ in changed],
        "sku_ids": [line.sku_id for _, line in changed],
        "shipped": [line.shipped for _, line in changed],
        "received": [line.received for _, line in changed],
        "missing": [line.missing for _, line in changed],
    }
    return SQL["set_transfer_lines"], parameters
