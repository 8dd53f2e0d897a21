"""Reserve stock for owners, give it up, and take it back from carts that held it too long."""

from collections.abc import Sequence

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal, accepted
from jiedan.inventory import events, queries, rules, stock_moves
from jiedan.inventory.values import Claim, Free, Freed, Reserved

SWEEP_ROWS_MAX = 500
"""Most cart reservations that one transaction takes back."""


async def reserve_many(
    tx: Tx, *, claims: Sequence[Claim], locked: bool = False, are_first: bool = False
) -> list[Reserved | Refusal]:
    """Reserve stock for owners: one outcome per claim, in order, earlier claims first.

    Outcomes are Reserved, InsufficientStock, InvalidQuantity or InvalidExpiry. An owner that holds something at a key
    already holds that much more; a cart's new moment of expiry replaces the old one. Three statements, one round trip
    for the lock and one to save.

    `locked` says that the caller has locked the keys (`queries.lock_stock`) and decided that all claims fit: then two
    statements in one round trip, and a claim that does not fit raises `stock_moves.UndecidedChange`. `are_first` says
    that the owners came to be in this transaction, so they hold nothing yet.
    """
    fold = rules.Fold({}) if locked else await stock_moves.lock(tx, [claim.key for claim in claims])
    outcomes = rules.reserve(claims, fold, at=tx.now, is_decided=locked)
    granted = [outcome.claim for outcome in outcomes if isinstance(outcome, Reserved)]
    await stock_moves.save(tx, fold, stock_moves.reservations(tx, granted, are_first=are_first))
    return outcomes


async def release_many(tx: Tx, *, frees: Sequence[Free]) -> list[Freed | Refusal]:
    """Give up what owners hold, whole or in part: one outcome per wish, in order.

    Outcomes are Freed (0 when all was asked for and nothing was held any more), NotReserved or InvalidQuantity. Five
    statements, two round trips.
    """
    holdings = [(wish.owner, wish.key) for wish in frees]
    fold = await stock_moves.lock(tx, [wish.key for wish in frees], holdings=holdings)
    outcomes = rules.free(frees, fold)
    await stock_moves.save(tx, fold, *stock_moves.takings(fold))
    return outcomes


async def exchange_many(
    tx: Tx, *, frees: Sequence[Free], claims: Sequence[Claim], locked: bool = False
) -> list[Reserved | Refusal]:
    """Give up what `frees` name, whole, and reserve `claims` in the same step: one outcome per claim, in order.

    Nobody can take in between what is given up, so a cart's goods go over to its order, or to another location. What
    is both given up and claimed tells nobody that it became available. Outcomes as of `reserve_many`; what is refused
    is given up all the same. Five statements, two round trips. `locked` says that the caller has locked the keys
    (`queries.lock_stock`), and may have locked what comes after stock since.
    """
    holdings = [(wish.owner, wish.key) for wish in frees]
    keys = [*(wish.key for wish in frees), *(claim.key for claim in claims)]
    fold = await stock_moves.lock(tx, keys, holdings=holdings, again=locked)
    rules.free([Free(wish.owner, wish.sku_id, wish.location_id) for wish in frees], fold)
    outcomes = rules.reserve(claims, fold, at=tx.now)
    granted = [outcome.claim for outcome in outcomes if isinstance(outcome, Reserved)]
    await stock_moves.save(tx, fold, *stock_moves.takings(fold), stock_moves.reservations(tx, granted))
    return outcomes


async def hand_over_many(tx: Tx, *, frees: Sequence[Free], claims: Sequence[Claim]) -> None:
    """Give up what `frees` name and reserve `claims` in the same step, as decided by whoever has locked all the keys.

    Units that only change their owner at a key may do so even where nothing may be promised, as when the safety stock
    was raised after they were reserved. Raises NotReserved, `stock_moves.UndecidedChange`. Six statements, two round
    trips.
    """
    holdings = [(wish.owner, wish.key) for wish in frees]
    fold = await stock_moves.lock(tx, [wish.key for wish in frees], holdings=holdings)
    accepted(rules.free(frees, fold))
    accepted(rules.reserve(claims, fold, at=tx.now, is_decided=True))
    await stock_moves.save(tx, fold, *stock_moves.takings(fold), stock_moves.reservations(tx, claims))


async def release_expired(tx: Tx, *, limit: int = SWEEP_ROWS_MAX) -> int:
    """Take back at most `limit` cart reservations whose time is over, longest over first; return how many.

    A cart that renews its claim meanwhile keeps it. Fewer than `limit` means that no more are left.
    """
    expired = await tx.load_one(queries.reservations_expired(now=tx.now, limit=limit))
    if not expired:
        return 0
    wishes = [Free(r.owner, r.sku_id, r.location_id) for r in expired]
    fold = await stock_moves.lock(
        tx, [wish.key for wish in wishes], holdings=[(wish.owner, wish.key) for wish in wishes]
    )
    outcomes = rules.free_expired(wishes, fold, at=tx.now)
    await stock_moves.save(tx, fold, *stock_moves.takings(fold))
    tx.emit(
        *(
            events.ReservationExpired(
                cart_id=freed.free.owner.id,
                sku_id=freed.free.sku_id,
                location_id=freed.free.location_id,
                quantity=freed.quantity,
            )
            for freed in outcomes
        )
    )
    return len(expired)
