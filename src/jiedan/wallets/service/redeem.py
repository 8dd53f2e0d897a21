"""Pay out of wallets, and give back: called inside the transaction that places, cancels or refunds."""

from collections.abc import Sequence

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.wallets import moves, queries, rules
from jiedan.wallets.values import GiveBack, GivenBack, Moved, Redemption


async def redeem_many(tx: Tx, *, redemptions: Sequence[Redemption]) -> list[Moved | Refusal]:
    """Pay for orders out of wallets: one outcome per redemption, in order, earlier ones first.

    Outcomes are Moved (`repeated` when the operation key had done this before), AmountInvalid, UnitInvalid,
    WalletNotFound (also for another customer's credit or points), GiftCardBlocked, GiftCardExpired, BalanceTooLow or
    OperationKeyReused. Nine statements, two round trips, however many; none for an empty set.
    """
    if not redemptions:
        return []
    fold = await moves.lock(
        tx, {x.wallet_id for x in redemptions}, operation_keys=[x.operation_key for x in redemptions]
    )
    outcomes = rules.redeem(redemptions, fold)
    await moves.save(tx, fold)
    return outcomes


async def give_back_many(tx: Tx, *, wishes: Sequence[GiveBack]) -> list[GivenBack | Refusal]:
    """Give back to wallets what orders were paid with: one outcome per wish, in order.

    What was redeemed last goes back first, across all wallets of the order and unit. It lives as long as it would
    have, and at least `rules.GIVEN_BACK_LIVES`. Outcomes are GivenBack (`repeated` when the operation key had done this
    before), MoreThanRedeemed, AmountInvalid or OperationKeyReused. Ten statements, four round trips, however many;
    none for an empty set.
    """
    if not wishes:
        return []
    subjects = [x.subject_id for x in wishes]
    fold = await moves.lock_found(
        tx,
        queries.wallets_of_subjects_for_update(subjects),
        operation_keys=[x.operation_key for x in wishes],
    )
    takings = await tx.load_one(queries.takings(subjects))
    outcomes = rules.give_back(wishes, fold, takings)
    await moves.save(tx, fold)
    return outcomes
