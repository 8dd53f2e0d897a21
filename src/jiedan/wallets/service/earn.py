"""Points for what was spent, and back for what was not in the end."""

from collections.abc import Sequence

from jiedan.base.db import Tx
from jiedan.wallets import moves, queries, rules
from jiedan.wallets.service import adjust
from jiedan.wallets.values import POINTS, Earned, Earning, Moved, WalletKey, WalletKind


async def settle_earnings(tx: Tx, *, earnings: Sequence[Earning]) -> list[Moved | None]:
    """Let subjects earn points for what was spent on them, or take back what was earned for more; one outcome each.

    Doing it again changes nothing; what comes later earns what is left, after money went back too. What is taken back
    is what the points of the money that went back were, by the steps they were earned by, less what of them ran out,
    and at most what is there.
    None where nothing moves: no rule, no whole step, nobody who could have points. Sixteen statements, however many;
    one where the merchant has no rules of loyalty.
    """
    terms = {rule.currency: rule for rule in await queries.loyalty_rules(tx)} if earnings else {}
    if not terms:
        return [None] * len(earnings)
    subjects = [x.subject_id for x in earnings]
    before = await tx.load_one(queries.earned(subjects))
    new = [x for x in earnings if _earns(x, before.get(x.subject_id, ()), terms)]
    known = await adjust.survivors(tx, [x.customer_id for x in new])
    keys = {key: WalletKey(found, WalletKind.points, POINTS) for key, found in known.items()}
    opened = await moves.opened(tx, keys.values()) if keys else {}
    ids = [*opened.values(), *(x.wallet_id for of in before.values() for x in of)]
    if not ids:
        return [None] * len(earnings)
    fold = await moves.lock(tx, ids)
    earned = await tx.load_one(queries.earned(subjects))
    wallets = {customer_id: opened[key] for customer_id, key in keys.items()}
    outcomes = rules.settle(earnings, earned, terms, wallets, fold)
    await moves.save(tx, fold)
    return outcomes


def _earns(earning: Earning, had: Sequence[Earned], terms: rules.Terms) -> bool:
    rule = terms.get(earning.currency)
    return rule is not None and rules.earns(earning, had, rule)
