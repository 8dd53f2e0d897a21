"""What has run out leaves its wallet, hour by hour."""

from jiedan.base.db import Tx
from jiedan.wallets import moves, queries, rules

LOTS_PER_SET = 500


async def expire_due(tx: Tx) -> int:
    """Write down what has run out in one bounded set of wallets; return how many movements, 0 when none are left.

    Wallets that somebody works on right now are left for the next time: what has run out cannot be spent anyway.
    """
    fold = await moves.lock_found(tx, queries.wallets_due_for_update(now=tx.now, limit=LOTS_PER_SET))
    moved = rules.expire(fold)
    await moves.save(tx, fold)
    return len(moved)
