"""Movements over locked wallets: pure. Balances and lots come in, outcomes and what is to be saved go out.

A set is decided by folding over it in order: each decision sees what the earlier ones have taken.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from jiedan.base import money
from jiedan.base.errors import Refusal
from jiedan.wallets import errors
from jiedan.wallets.rules import points
from jiedan.wallets.rules.fold import ACCOUNTS, Done, Fold, Taking, Work, is_over
from jiedan.wallets.values import (
    AMOUNT_MAX,
    POINTS,
    Change,
    GiveBack,
    GivenBack,
    Moved,
    MovementKind,
    Reason,
    Redemption,
    WalletKey,
    WalletKind,
)

GIVEN_BACK_LIVES = timedelta(days=30)
"""What is given back lives at least so long, also where it would have run out meanwhile."""

_INWARD = frozenset({Reason.sale, Reason.goodwill})


def _repeated(fold: Fold, work: Work) -> Moved | Refusal | None:
    """Return what the key of `work` has done before: this very work, or other work; None when it is new."""
    before = fold.done(work.operation_key)
    if not before:
        return None
    first = before[0]
    if first.work != work:
        return errors.OperationKeyReused(work.operation_key)
    return Moved(first.movement_id, work.wallet_id, work.amount, first.balance, repeated=True)


def change(changes: Sequence[Change], fold: Fold) -> list[Moved | Refusal]:
    """Decide on what is put into wallets and taken out of them; one outcome each, in order."""
    return [_change(wish, fold) for wish in changes]


def refused_change(wish: Change, *, at: datetime) -> Refusal | None:
    """Return why something can never be moved, whatever is in the wallet; None when it can."""
    if not 0 < abs(wish.amount) <= AMOUNT_MAX:
        return errors.AmountInvalid(wish.amount, field="amount")
    if isinstance(wish.target, WalletKey):
        is_points = wish.target.kind == WalletKind.points
        fits = wish.target.unit == POINTS if is_points else money.is_currency(wish.target.unit)
        if not fits or wish.target.kind == WalletKind.gift_card:
            return errors.UnitInvalid(wish.target.unit, field="unit")
    if (wish.kind, wish.reason) not in ACCOUNTS or not _goes(wish):
        return errors.ReasonUnfit(wish.reason, field="reason")
    if wish.expires_at is not None and (wish.expires_at <= at or wish.amount < 0):
        return errors.ExpiryPast(field="expires_at")
    return None


def _goes(wish: Change) -> bool:
    if wish.kind != MovementKind.adjustment:
        return wish.amount > 0 and wish.reason != Reason.payout
    if wish.reason == Reason.payout:
        return wish.amount < 0
    return wish.amount > 0 or wish.reason not in _INWARD


def _change(wish: Change, fold: Fold) -> Moved | Refusal:
    refusal = refused_change(wish, at=fold.at)
    if refusal is not None:
        return refusal
    wallet = fold.wallet(wish.target)
    if wallet is None:
        return _nothing_there(wish)
    work = Work(wallet.wallet_id, wish.kind, wish.amount, wish.operation_key, wish.reason, wish.subject_id)
    repeated = _repeated(fold, work)
    if repeated is not None:
        return repeated
    if wish.amount > 0:
        if fold.balance(wallet.wallet_id) + wish.amount > AMOUNT_MAX:
            return errors.BalanceTooHigh(wallet.unit, field="amount")
        expires_at = _lives_until(wallet.card.expires_at, fold.at) if wallet.card is not None else wish.expires_at
        return fold.put(work, expires_at=expires_at, note=wish.note)
    available = fold.spendable(wallet.wallet_id)
    if available < -wish.amount:
        return errors.BalanceTooLow(available, -wish.amount, wallet.unit, field="amount")
    return fold.take(work, note=wish.note)


def _nothing_there(wish: Change) -> Refusal:
    """Return why nothing comes out of a wallet that was never opened, or that is none."""
    if isinstance(wish.target, WalletKey):
        return errors.BalanceTooLow(0, -wish.amount, wish.target.unit, field="amount")
    return errors.WalletNotFound()


def redeem(redemptions: Sequence[Redemption], fold: Fold) -> list[Moved | Refusal]:
    """Decide on what is paid out of wallets; one outcome each, in order."""
    return [_redeem(wish, fold) for wish in redemptions]


def _redeem(wish: Redemption, fold: Fold) -> Moved | Refusal:
    if not 0 < wish.amount <= AMOUNT_MAX:
        return errors.AmountInvalid(wish.amount, field="amount")
    wallet = fold.wallet(wish.wallet_id)
    if wallet is None or (wallet.kind != WalletKind.gift_card and wallet.owner_id != wish.customer_id):
        return errors.WalletNotFound()
    work = Work(wallet.wallet_id, MovementKind.redemption, -wish.amount, wish.operation_key, subject_id=wish.subject_id)
    repeated = _repeated(fold, work)
    if repeated is not None:
        return repeated
    if wallet.unit != wish.unit:
        return errors.UnitInvalid(wish.unit, field="unit")
    if wallet.card is not None and wallet.card.is_blocked:
        return errors.GiftCardBlocked(wallet.card.last_four)
    available = fold.spendable(wallet.wallet_id)
    if not available and wallet.card is not None and is_over(wallet.card.expires_at, fold.at):
        return errors.GiftCardExpired(wallet.card.last_four)
    if available < wish.amount:
        return errors.BalanceTooLow(available, wish.amount, wallet.unit, field="amount")
    return fold.take(work)


def _lives_until(expires_at: datetime | None, at: datetime) -> datetime | None:
    """Return until when something lives that goes back to where `expires_at` holds: never less than a while."""
    return None if expires_at is None else max(expires_at, at + GIVEN_BACK_LIVES)


def give_back(wishes: Sequence[GiveBack], fold: Fold, takings: Sequence[Taking]) -> list[GivenBack | Refusal]:
    """Decide on what goes back where it came from, the latest redemption of a subject first; one outcome each.

    `takings` are the redemptions of the subjects, of locked wallets.
    """
    left = {x.movement_id: x.amount - x.given_back for x in takings}
    latest = sorted(takings, key=lambda x: x.movement_id, reverse=True)
    return [_give_back(wish, fold, latest, left) for wish in wishes]


def _give_back(wish: GiveBack, fold: Fold, latest: Sequence[Taking], left: dict[UUID, int]) -> GivenBack | Refusal:
    if not 0 < wish.amount <= AMOUNT_MAX:
        return errors.AmountInvalid(wish.amount, field="amount")
    before = fold.done(wish.operation_key)
    if before:
        return _given_back_before(wish, before, fold)
    mine = [
        x
        for x in latest
        if x.subject_id == wish.subject_id and x.unit == wish.unit and wish.wallet_id in {None, x.wallet_id}
    ]
    if wish.wallet_id is not None and not mine:
        paid = [x for x in latest if (x.subject_id, x.wallet_id) == (wish.subject_id, wish.wallet_id)]
        if paid and paid[0].worth_minor is not None:
            return _give_back_points(wish, paid[0], paid[0].worth_minor, fold, left)
    there = sum(left[x.movement_id] for x in mine)
    if there < wish.amount:
        return errors.MoreThanRedeemed(there, wish.amount, wish.unit, field="amount")
    moved: list[Moved] = []
    rest = wish.amount
    for taking in mine:
        piece = min(rest, left[taking.movement_id])
        if piece:
            left[taking.movement_id] -= piece
            rest -= piece
            moved.append(_put_back(wish, taking, piece, len(moved), fold))
    return GivenBack(tuple(moved))


def _give_back_points(
    wish: GiveBack, taking: Taking, worth_minor: int, fold: Fold, left: dict[UUID, int]
) -> GivenBack | Refusal:
    """Give back the points that money of an order was: nothing yet where it makes no whole one more."""
    money_back = wish.before + wish.amount
    if money_back > worth_minor:
        return errors.MoreThanRedeemed(worth_minor - wish.before, wish.amount, wish.unit, field="amount")
    piece = points.back_by(taking.amount, worth_minor, money_back) - (taking.amount - left[taking.movement_id])
    if piece <= 0:
        return GivenBack(())
    left[taking.movement_id] -= piece
    return GivenBack((_put_back(wish, taking, piece, 0, fold),))


def _put_back(wish: GiveBack, taking: Taking, amount: int, part: int, fold: Fold) -> Moved:
    work = Work(
        taking.wallet_id,
        MovementKind.give_back,
        amount,
        wish.operation_key,
        subject_id=wish.subject_id,
        reverses=taking.movement_id,
        part=part,
    )
    return fold.put(work, expires_at=_lives_until(taking.lives_until, fold.at))


def _given_back_before(wish: GiveBack, before: Sequence[Done], fold: Fold) -> GivenBack | Refusal:
    works = [x.work for x in before]
    moved_by = {(x.kind, x.subject_id) for x in works}
    is_of_points = fold.unit_of(works[0].wallet_id) == POINTS != wish.unit  # counted by money, not by points
    is_same = is_of_points or sum(x.amount for x in works) == wish.amount
    if moved_by != {(MovementKind.give_back, wish.subject_id)} or not is_same:
        return errors.OperationKeyReused(wish.operation_key)
    moved = (Moved(x.movement_id, x.work.wallet_id, x.work.amount, x.balance, repeated=True) for x in before)
    return GivenBack(tuple(moved), repeated=True)


def expire(fold: Fold) -> list[Moved]:
    """Take out of every wallet what has run out; one movement for each lot."""
    outcomes = []
    for wallet_id in fold.wallet_ids():
        for lot in fold.expired_lots(wallet_id):
            key = f"expiry/{lot.lot_id}"
            work = Work(wallet_id, MovementKind.expiry, -lot.remaining, key)
            outcomes.append(fold.take(work, lots=[lot]))
    return outcomes
