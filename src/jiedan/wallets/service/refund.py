"""Refund to wallets: back to those that paid, and as store credit of customers, locked in one round."""

from collections.abc import Sequence

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.wallets import moves, queries, rules
from jiedan.wallets.service.adjust import refuse_many, settled, survivors
from jiedan.wallets.values import Change, GiveBack, GivenBack, Moved, WalletKey


async def refund_many(
    tx: Tx, *, backs: Sequence[GiveBack], credit: Sequence[Change]
) -> tuple[list[GivenBack | Refusal], list[Moved | Refusal]]:
    """Give back as `give_back_many` does, and put into wallets as `adjust_many` does: one outcome each, in order.

    All wallets are locked by one statement, in key order, so two refunds never wait for each other. Customers are held
    before. Thirteen statements at most, however many; none for empty sets. Raises TooManyRows.
    """
    if not backs and not credit:
        return [], []
    refuse_many(credit)
    known = await survivors(tx, [x.target.customer_id for x in credit if isinstance(x.target, WalletKey)])
    asked = [settled(wish, known) for wish in credit]
    checked = [x if isinstance(x, Refusal) else rules.refused_change(x, at=tx.now) or x for x in asked]
    fine = [x for x in checked if isinstance(x, Change)]
    keys = [x.target for x in fine if isinstance(x.target, WalletKey)]
    opened = await moves.opened(tx, keys) if keys else {}
    named = [x.target for x in fine if not isinstance(x.target, WalletKey)]
    subjects = [x.subject_id for x in backs]
    fold = await moves.lock_found(
        tx,
        queries.wallets_to_refund_to_for_update([*named, *opened.values()], subjects),
        operation_keys=[*(x.operation_key for x in backs), *(x.operation_key for x in fine)],
    )
    takings = await tx.load_one(queries.takings(subjects)) if backs else []
    given = rules.give_back(backs, fold, takings)
    moved = iter(rules.change(fine, fold))
    await moves.save(tx, fold)
    return given, [x if isinstance(x, Refusal) else next(moved) for x in checked]


async def give_back_many(tx: Tx, *, wishes: Sequence[GiveBack]) -> list[GivenBack | Refusal]:
    """Give back to wallets what orders were paid with: one outcome per wish, in order.

    What was redeemed last goes back first, across all wallets of the order and unit. It lives as long as it would
    have, and at least `rules.GIVEN_BACK_LIVES`. Outcomes are GivenBack (`repeated` when the operation key had done this
    before), MoreThanRedeemed, AmountInvalid or OperationKeyReused. Ten statements, four round trips, however many;
    none for an empty set.
    """
    given, _ = await refund_many(tx, backs=wishes, credit=())
    return given
