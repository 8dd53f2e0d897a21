"""The hot path of inventory: lock the counters, fold decisions over them, save everything in one pipeline.

Every door of inventory is `fold = await lock(…)`, a pure rule on the fold, `await save(…)`. The counters of a key guard
all else that belongs to it: reservations and movements are only written while its row is locked.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from jiedan.base import sql
from jiedan.base.db import Load, LockRank, Tx
from jiedan.inventory import errors, events, queries, rules
from jiedan.inventory.values import Claim, StockKey

SQL = sql.load("jiedan.inventory", "stock_moves.sql")

Write = tuple[sql.Statement, Mapping[str, Any]]


class UndecidedChange(RuntimeError):
    """A change did not fit the counters it was decided on, so the caller had not locked them: a bug."""


async def lock(
    tx: Tx,
    keys: Collection[StockKey],
    *,
    created: Collection[StockKey] | None = None,
    holdings: Collection[rules.Holding] | None = None,
    operation_keys: Collection[str] | None = None,
    again: bool = False,
) -> rules.Fold:
    """Lock the counters of `keys` in key order, in one round trip, and return the fold that decides on them.

    Keys in `created` get a row first where they have none and may have one. The fold knows what `holdings` hold and
    what `operation_keys` have done; both are read after the lock, so nothing that others did is missed. What is None
    costs no statement. What this transaction has locked before may be locked `again`, whatever it has locked since.
    """
    if not again:
        tx.will_lock(LockRank.STOCK)
    loads: dict[str, Load[Any]] = {}
    if created is not None:
        loads["created"] = Load(SQL["insert_stock"], queries.key_columns(sorted(set(created))), len)
    loads["stock"] = queries.stock_for_update(keys)
    if holdings is not None:
        loads["held"] = queries.reservations_of(holdings)
    if operation_keys is not None:
        loads["done"] = queries.movements_by_operation(operation_keys)
    found = dict(zip(loads, await tx.load(*loads.values()), strict=True))
    return rules.Fold(found["stock"], held=found.get("held"), done=found.get("done"))


async def save(tx: Tx, fold: rules.Fold, *writes: Write) -> None:
    """Save what was decided, in one round trip: the counters, then `writes`; tell what rose and what ran low.

    Raises OperationKeyReused when an operation key was used elsewhere in this very moment, UndecidedChange when a
    change does not fit (both undo the transaction).
    """
    # As keys sort themselves, without a call of Python for each comparison.
    keys = sorted(fold.changes, key=lambda key: (key.sku_id.int, key.location_id.int))
    changes = [fold.changes[key] for key in keys]
    parameters = {
        **queries.key_columns(keys),
        "on_hand": [change.on_hand for change in changes],
        "reserved": [change.reserved for change in changes],
        "incoming": [change.incoming for change in changes],
        "now": tx.now,
    }
    changed, *rest = await tx.sql_many([(SQL["change_stock"], parameters), *writes])
    if len(changed) < len(keys):
        missing = set(keys) - {StockKey(row[0], row[1]) for row in changed}
        message = f"{len(missing)} of {len(keys)} keys do not allow what was decided, like {min(missing)}"
        raise UndecidedChange(message)
    for (statement, _), rows in zip(writes, rest, strict=True):
        if statement is SQL["insert_movements"] and len(rows) < len(fold.entries):
            written = {row[0] for row in rows}
            raise errors.OperationKeyReused(
                next(entry.work.operation_key for entry in fold.entries if entry.work.operation_key not in written)
            )
    _tell(tx, fold, changed)


def movements(tx: Tx, fold: rules.Fold) -> Write:
    """Write the movements of the fold into the ledger."""
    entries = fold.entries
    parameters = {
        "movement_ids": [entry.movement_id for entry in entries],
        **queries.key_columns(entry.work.key for entry in entries),
        "kinds": [entry.work.kind for entry in entries],
        "quantities": [entry.work.quantity for entry in entries],
        "on_hand": [entry.on_hand for entry in entries],
        "reasons": [entry.work.reason for entry in entries],
        "references": [entry.work.reference for entry in entries],
        "subject_ids": [entry.work.subject_id for entry in entries],
        "operation_keys": [entry.work.operation_key for entry in entries],
        "actor_kind": tx.actor.kind,
        "actor_id": tx.actor.id,
        "now": tx.now,
    }
    return SQL["insert_movements"], parameters


def reservations(tx: Tx, claims: Sequence[Claim], *, are_first: bool = False) -> Write:
    """Write granted claims as reservations; what an owner holds at a key already grows, and lives as long as the last.

    `are_first` says that the owners hold nothing yet. Claims of one owner at one key are summed: PostgreSQL refuses to
    touch a row twice in one statement.
    """
    held: dict[rules.Holding, tuple[int, datetime | None]] = {}
    for claim in claims:
        holding = (claim.owner, claim.key)
        if holding in held:
            held[holding] = (claim.quantity + held[holding][0], claim.expires_at)
        else:
            held[holding] = (claim.quantity, claim.expires_at)
    parameters = {
        **_holding_columns(held),
        "quantities": [quantity for quantity, _ in held.values()],
        "expires_at": [expires_at for _, expires_at in held.values()],
        "now": tx.now,
    }
    return SQL["insert_reservations" if are_first else "add_reservations"], parameters


def takings(fold: rules.Fold) -> tuple[Write, Write]:
    """Take what the fold has taken out of reservations; emptied ones go."""
    parameters = {**_holding_columns(fold.taken), "quantities": list(fold.taken.values())}
    return (SQL["drop_reservations"], parameters), (SQL["reduce_reservations"], parameters)


def tell_low(
    tx: Tx, key: StockKey, *, available: int, incoming: int, low_threshold: int, restock_level: int | None
) -> None:
    """Emit that stock is low at a key, with how much to order."""
    suggested = rules.suggested_quantity(
        available=available, incoming=incoming, low_threshold=low_threshold, restock_level=restock_level
    )
    tx.emit(
        events.StockRanLow(
            sku_id=key.sku_id,
            location_id=key.location_id,
            available=available,
            low_threshold=low_threshold,
            suggested=suggested,
        )
    )


def _holding_columns(holdings: Collection[rules.Holding]) -> dict[str, Any]:
    return {
        "owner_kinds": [owner.kind for owner, _ in holdings],
        "owner_ids": [owner.id for owner, _ in holdings],
        **queries.key_columns(key for _, key in holdings),
    }


def _tell(tx: Tx, fold: rules.Fold, changed: Sequence[tuple[Any, ...]]) -> None:
    for sku_id, location_id, available, incoming, low_threshold, restock_level in changed:
        key = StockKey(sku_id, location_id)
        change = fold.changes[key]
        before = available - change.on_hand + change.reserved
        if available > max(before, 0):
            tx.emit(events.StockBecameAvailable(sku_id=sku_id, location_id=location_id, available=available))
        elif rules.ran_low(before=before, after=available, low_threshold=low_threshold):
            tell_low(
                tx,
                key,
                available=available,
                incoming=incoming,
                low_threshold=low_threshold,
                restock_level=restock_level,
            )
