"""The hot path of wallets: lock the balances, fold decisions over them, save everything in one round trip.

Every door of wallets is `fold = await lock(…)`, a pure rule on the fold, `await save(…)`. The row of a wallet guards
all else that belongs to it: its lots, its movements, whether its card is blocked.
"""

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import Load, LockRank, Tx
from jiedan.base.ids import in_order
from jiedan.wallets import errors, events, queries, rules
from jiedan.wallets.values import WalletId, WalletKey, WalletKind

SQL = sql.load("jiedan.wallets", "moves.sql")

Write = tuple[sql.Statement, Mapping[str, Any]]


class UndecidedChange(RuntimeError):
    """A change did not fit what it was decided on, so the caller had not locked it: a bug."""


async def opened(tx: Tx, keys: Collection[WalletKey]) -> dict[WalletKey, WalletId]:
    """Return the wallets of these keys, opened where there was none. Two statements, one round trip."""
    wanted = sorted(set(keys))
    columns = queries.key_columns(wanted)
    parameters = {**columns, "wallet_ids": tx.new_ids(len(wanted)), "now": tx.now}
    found = queries.wallets_by_key(wanted)
    _, rows = await tx.sql_many([(SQL["open_wallets"], parameters), (found.statement, found.parameters)])
    return found.parse(rows)


async def lock(tx: Tx, wallet_ids: Collection[UUID], *, operation_keys: Collection[str] = ()) -> rules.Fold:
    """Lock wallets in key order, and return the fold that decides on them. Four statements, one round trip.

    What is in them and what the keys have done is read after the lock, so nothing that others did is missed.
    """
    tx.will_lock(LockRank.WALLET)
    ids = in_order(wallet_ids)
    locked, facts, lots, done = await tx.load(
        queries.wallets_for_update(ids), queries.facts(ids), queries.lots(ids), queries.done(operation_keys)
    )
    return rules.Fold(queries.with_facts(locked, facts), lots, done, ids=_fresh(tx), at=tx.now)


async def lock_found(tx: Tx, locking: Load[list[rules.Locked]], *, operation_keys: Collection[str] = ()) -> rules.Fold:
    """Lock the wallets that `locking` finds, and return the fold that decides on them.

    Four statements, two round trips, as `lock`.
    """
    tx.will_lock(LockRank.WALLET)
    locked = await tx.load_one(locking)
    ids = [x.wallet_id for x in locked]
    facts, lots, done = await tx.load(queries.facts(ids), queries.lots(ids), queries.done(operation_keys))
    return rules.Fold(queries.with_facts(locked, facts), lots, done, ids=_fresh(tx), at=tx.now)


def fresh(tx: Tx, wallets: Collection[tuple[WalletId, UUID | None, str]]) -> rules.Fold:
    """Return the fold of gift cards that are about to be: id, customer if any, currency."""
    locked = {
        wallet_id: rules.Locked(wallet_id, WalletKind.gift_card, owner, owner, unit, 0, None)
        for wallet_id, owner, unit in wallets
    }
    return rules.Fold(locked, {}, {}, ids=_fresh(tx), at=tx.now)


def _fresh(tx: Tx) -> Iterator[UUID]:
    return (tx.new_id() for _ in itertools.count())


async def save(tx: Tx, fold: rules.Fold, *first: Write) -> None:
    """Save what was decided, in one round trip, after the writes in `first`, and tell it. Five statements, or none.

    Raises OperationKeyReused when an operation key was used elsewhere in this very moment, UndecidedChange when a
    change does not fit (both undo the transaction).
    """
    if not fold.made:
        return
    changes = fold.changes()
    ids = in_order(changes)
    balances = {"wallet_ids": ids, "amounts": [changes[WalletId(key)] for key in ids]}
    answers = await tx.sql_many(
        [
            *first,
            (SQL["change_balances"], balances),
            _movements(tx, fold.made),
            _entries(fold.made),
            _lots(fold),
            _takings(fold),
        ]
    )
    changed, moved, _, _, taken = answers[len(first) :]
    if len(moved) < len(fold.made):
        written = {row[0] for row in moved}
        missing = next(made for made in fold.made if made.movement_id not in written)
        raise errors.OperationKeyReused(missing.work.operation_key)
    if len(changed) < len(ids) or len(taken) < len(fold.taken):
        message = f"{len(ids) - len(changed)} balances and {len(fold.taken) - len(taken)} lots are not as decided on"
        raise UndecidedChange(message)
    tx.emit(*map(_told, fold.made))


def _told(made: rules.Made) -> events.WalletMoved:
    return events.WalletMoved(
        wallet_id=made.work.wallet_id,
        movement_id=made.movement_id,
        movement_kind=made.work.kind,
        reason=made.work.reason,
        unit=made.unit,
        amount=made.work.amount,
        balance=made.balance,
        about_id=made.work.subject_id,
    )


def _movements(tx: Tx, made: Sequence[rules.Made]) -> Write:
    parameters = {
        "movement_ids": [x.movement_id for x in made],
        "wallet_ids": [x.work.wallet_id for x in made],
        "kinds": [x.work.kind for x in made],
        "reasons": [x.work.reason for x in made],
        "notes": [x.note for x in made],
        "subject_ids": [x.work.subject_id for x in made],
        "reverses": [x.work.reverses for x in made],
        "lives_until": [x.lives_until for x in made],
        "worths_minor": [None if x.worth is None else x.worth.amount_minor for x in made],
        "worth_currencies": [None if x.worth is None else x.worth.currency for x in made],
        "steps_points": [None if x.worth is None or x.worth.step is None else x.worth.step.points for x in made],
        "steps_minor": [None if x.worth is None or x.worth.step is None else x.worth.step.minor for x in made],
        "operation_keys": [x.work.operation_key for x in made],
        "parts": [x.work.part for x in made],
        "actor_kind": tx.actor.kind,
        "actor_id": tx.actor.id,
        "now": tx.now,
    }
    return SQL["insert_movements"], parameters


def _entries(made: Sequence[rules.Made]) -> Write:
    """Write both legs of each movement, the wallet's first."""
    count = len(made)
    parameters = {
        "movement_ids": [x.movement_id for x in made] * 2,
        "sides": ["wallet"] * count + ["merchant"] * count,
        "wallet_ids": [*(x.work.wallet_id for x in made), *[None] * count],
        "accounts": [*[None] * count, *(x.account.value for x in made)],
        "units": [x.unit for x in made] * 2,
        "amounts": [*(x.work.amount for x in made), *(-x.work.amount for x in made)],
        "balances": [*(x.balance for x in made), *[None] * count],
    }
    return SQL["insert_entries"], parameters


def _lots(fold: rules.Fold) -> Write:
    lots = list(fold.new_lots.values())
    parameters = {
        "wallet_ids": [x.wallet_id for x in lots],
        "lot_ids": [x.lot_id for x in lots],
        "amounts": [x.amount for x in lots],
        "remaining": [x.remaining for x in lots],
        "expires_at": [x.expires_at for x in lots],
    }
    return SQL["insert_lots"], parameters


def _takings(fold: rules.Fold) -> Write:
    parameters = {
        "wallet_ids": [wallet_id for wallet_id, _ in fold.taken],
        "lot_ids": [lot_id for _, lot_id in fold.taken],
        "amounts": list(fold.taken.values()),
    }
    return SQL["take_from_lots"], parameters
