"""Pay out of wallets: called inside the transaction that places."""

from collections.abc import Sequence

from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal
from jiedan.customers import queries as customers
from jiedan.wallets import moves, queries, rules
from jiedan.wallets.values import LoyaltyRule, Moved, Paying, Piece, Redemption, WalletKind


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


async def payable(tx: ReadTx, *, payings: Sequence[Paying]) -> list[tuple[Piece, ...] | tuple[Refusal, ...]]:
    """Return what wallets would pay right now for each order, or all that speaks against it; promises nothing.

    Earlier orders take first. Four statements, one less without store credit and points, one more with points; none
    where nothing is asked.
    """
    if not payings:
        return []
    found = await tx.load_one(queries.wallets_to_pay_with(await _asked(tx, payings)))
    ids = [x.wallet_id for x in found]
    facts, lots = await tx.load(queries.facts(ids), queries.lots(ids))
    fold = rules.Fold(queries.with_facts(found, facts), lots, {}, ids=iter(()), at=tx.now)
    return rules.payable(payings, fold, await _terms(tx, payings))


async def pay_many(tx: Tx, *, payings: Sequence[Paying]) -> list[tuple[Piece, ...] | tuple[Refusal, ...]]:
    """Pay for orders out of wallets as `payable` says, decided once more under the locks.

    An order is paid as it asks, or not at all. Ten statements, four round trips, however many orders, one of each more
    with points; none where nothing is asked.
    """
    if not payings:
        return []
    fold = await moves.lock_found(tx, queries.wallets_to_pay_with_for_update(await _asked(tx, payings)))
    outcomes = rules.pay(payings, fold, await _terms(tx, payings))
    await moves.save(tx, fold)
    return outcomes


def _kinds(payings: Sequence[Paying]) -> set[WalletKind]:
    """Return what is asked for of customers, beside cards."""
    return {x.kind for paying in payings for x in paying.sources if x.wallet_id is None}


async def _asked(tx: ReadTx, payings: Sequence[Paying]) -> queries.PayingWith:
    """Return what is to pay, by every id of the customers: what duplicates had became theirs."""
    cards = {x.wallet_id for paying in payings for x in paying.sources if x.wallet_id is not None}
    buyers = {
        paying.customer_id
        for paying in payings
        if paying.customer_id is not None and any(x.wallet_id is None for x in paying.sources)
    }
    known = await tx.load_one(customers.identities(buyers)) if buyers else {}
    return queries.PayingWith(cards, [one for of in known.values() for one in of], _kinds(payings))


async def _terms(tx: ReadTx, payings: Sequence[Paying]) -> dict[str, LoyaltyRule]:
    """Return what points pay, by currency; no statement where none are asked for."""
    if WalletKind.points not in _kinds(payings):
        return {}
    return {rule.currency: rule for rule in await queries.loyalty_rules(tx)}
