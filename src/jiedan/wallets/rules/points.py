"""Points: how many a purchase earns, how much of an order they pay, and how many go back with money."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from uuid import UUID

from jiedan.base.errors import Refusal
from jiedan.wallets import errors
from jiedan.wallets.rules.fold import Fold, Lot, Work, is_over
from jiedan.wallets.values import (
    AMOUNT_MAX,
    POINTS,
    Earned,
    Earning,
    LoyaltyRule,
    Moved,
    MovementKind,
    Paying,
    RunningOut,
    Source,
    WalletId,
    Worth,
)

Terms = Mapping[str, LoyaltyRule]
"""The rules of loyalty by currency."""

RUNNING_OUT_MAX = 24
"""Most days that a list of what runs out when names."""


def earned_points(spent_minor: int, rule: LoyaltyRule) -> int:
    """Return the points for an amount: `rule.points` for each whole step, nothing for what is left over."""
    return max(spent_minor, 0) // rule.step_minor * rule.points


def worth_of(points: int, rule: LoyaltyRule | None) -> int:
    """Return what so many points pay at most, by whole steps, in minor units; 0 where they pay nothing."""
    return 0 if rule is None or not rule.pays_points else points // rule.pays_points * rule.pays_minor


def cost_of(amount_minor: int, rule: LoyaltyRule) -> int:
    """Return how many points pay an amount of whole steps."""
    return amount_minor // rule.pays_minor * rule.pays_points


def back_by(points: int, worth_minor: int, refunded_minor: int) -> int:
    """Return how many of the points that paid `worth_minor` are back when so much of it is.

    ⌊points · refunded ÷ worth⌋: in whatever steps the money goes back, with all of it all points are.
    """
    return points * refunded_minor // worth_minor


def payable_by(paying: Paying, source: Source, points: int, due: int, rule: LoyaltyRule | None) -> int | Refusal:
    """Return how much of an order so many points pay, by whole steps, or why not as it is asked.

    They pay no more than is due, and no more than the share that the rule allows of the whole order.
    """
    if rule is None or not rule.pays_points:
        return errors.PointsPayNothing(paying.unit, field="kind")
    if not points:
        return errors.NoPoints(field="kind")
    if source.amount is None and source.points is None:
        if due < rule.pays_minor:
            return 0  # what others pay before leaves nothing that a step of them could pay
        most = min(due, _share_minor(paying, rule))
        asked = min(points // rule.pays_points, most // rule.pays_minor) * rule.pays_minor
    else:
        found = _asked_minor(source, rule)
        if isinstance(found, Refusal):
            return found
        refusal = _beyond(paying, source, found, (points, due), rule)
        if refusal is not None:
            return refusal
        asked = found
    if not asked or cost_of(asked, rule) < rule.pays_points_min:
        return errors.TooFewPoints(max(rule.pays_points, rule.pays_points_min), field="kind")
    return asked


def _share_minor(paying: Paying, rule: LoyaltyRule) -> int:
    return paying.due * rule.pays_share_percent // 100


def _asked_minor(source: Source, rule: LoyaltyRule) -> int | Refusal:
    """Return what points are asked to pay: an amount of whole steps, or what their number pays; both must agree."""
    amount, number = source.amount, source.points
    if amount is not None and number is not None:
        agrees = amount % rule.pays_minor == 0 and cost_of(amount, rule) == number
        return amount if agrees else errors.PointsRateChanged(field="points")
    if amount is None:
        amount = worth_of(number or 0, rule)
    if amount % rule.pays_minor or (number or 0) % rule.pays_points:
        field = "amount_minor" if number is None else "points"
        return errors.PointsNotWhole(rule.pays_points, rule.pays_minor, rule.currency, field=field)
    return amount


def _beyond(paying: Paying, source: Source, asked: int, there: tuple[int, int], rule: LoyaltyRule) -> Refusal | None:
    """Return why an amount is more than points may pay; `there` are the points, and what is due."""
    points, due = there
    field = "amount_minor" if source.points is None else "points"
    if asked > due:
        return errors.MoreThanDue(due, asked, paying.unit, field=field)
    share_minor = _share_minor(paying, rule)
    if asked > share_minor:
        return errors.PointsShareExceeded(rule.pays_share_percent, share_minor, paying.unit, field=field)
    if cost_of(asked, rule) > points:
        return errors.BalanceTooLow(points, cost_of(asked, rule), POINTS, field=field)
    return None


def spendable_points(lots: Mapping[WalletId, Sequence[Lot]], *, at: datetime) -> int:
    """Return how many points of some wallets can be spent."""
    return sum(lot.remaining for of in lots.values() for lot in of if not is_over(lot.expires_at, at))


def running_out(lots: Mapping[WalletId, Sequence[Lot]], *, at: datetime, zone: tzinfo) -> list[RunningOut]:
    """Return which points run out when, those of a day together, the next first and what never does last.

    Beyond `RUNNING_OUT_MAX` days the rest counts for the last of them.
    """
    living = [lot for of in lots.values() for lot in of if lot.remaining and not is_over(lot.expires_at, at)]
    days: dict[object, RunningOut] = {}
    for lot in sorted(living, key=lambda x: (x.expires_at is None, x.expires_at or at)):
        day: object = None if lot.expires_at is None else lot.expires_at.astimezone(zone).date()
        if day is not None and day not in days and len(days) == RUNNING_OUT_MAX:
            day = next(reversed(days))
        there = days.get(day)
        days[day] = RunningOut(lot.expires_at, lot.remaining + (there.points if there else 0))
    return list(days.values())


def settle(
    earnings: Sequence[Earning],
    earned: Mapping[UUID, Sequence[Earned]],
    terms: Terms,
    wallets: Mapping[UUID, WalletId],
    fold: Fold,
) -> list[Moved | None]:
    """Decide what each subject earns, or what of its points is taken back since less was spent; one outcome each.

    `earned` is by subject, `wallets` are those of the customers by their ids. Never more is taken than is there: who
    has spent the points already keeps what they paid. Of several movements the last is the outcome.
    """
    outcomes: list[Moved | None] = []
    for earning in earnings:
        had = earned.get(earning.subject_id, ())
        if earns(earning, had):
            rule, wallet_id = terms.get(earning.currency), wallets.get(earning.customer_id)
            outcomes.append(_earn(earning, had, rule, wallet_id, fold))
        else:
            outcomes.append(_take_back(earning, had, fold))
    return outcomes


def earns(earning: Earning, had: Sequence[Earned]) -> bool:
    """Tell whether more was spent than has earned already, and it is the moment to earn."""
    return earning.begins and earning.spent_minor > _worth_minor(had)


def more_points(earning: Earning, had: Sequence[Earned], rule: LoyaltyRule) -> int:
    """Return how many points what was spent earns beyond what had earned before.

    Whole steps of all that was spent count: in whatever parts the money comes, they add up to the same.
    """
    return earned_points(earning.spent_minor, rule) - earned_points(_worth_minor(had), rule)


def _worth_minor(had: Sequence[Earned]) -> int:
    return sum(x.worth_minor for x in had)


def _earn(
    earning: Earning, had: Sequence[Earned], rule: LoyaltyRule | None, wallet_id: WalletId | None, fold: Fold
) -> Moved | None:
    points = 0 if rule is None else more_points(earning, had, rule)
    key = f"order/{earning.subject_id}/earned"
    if had:
        key += f"/{_worth_minor(had)}"
    if rule is None or wallet_id is None or not points or fold.done(key):
        return None
    if fold.balance(wallet_id) + points > AMOUNT_MAX:
        return None
    work = Work(wallet_id, MovementKind.earning, points, key, subject_id=earning.subject_id)
    expires_at = None if rule.lives_days is None else fold.at + timedelta(days=rule.lives_days)
    worth = Worth(earning.spent_minor - _worth_minor(had), earning.currency)
    return fold.put(work, expires_at=expires_at, worth=worth)


def _take_back(earning: Earning, had: Sequence[Earned], fold: Fold) -> Moved | None:
    """Take back the points of money that is gone, those earned last first; what ran out unspent is gone already."""
    known = _worth_minor(had)
    gone_minor = known - min(max(earning.spent_minor, 0), known)
    moved: Moved | None = None
    for one in reversed(had):
        part_minor = min(gone_minor, one.worth_minor)
        gone_minor -= part_minor
        ran_out = one.ran_out + sum(
            x.remaining for x in fold.expired_lots(one.wallet_id) if x.lot_id == one.movement_id
        )
        due = back_by(one.points, one.worth_minor, part_minor) - one.taken_back - ran_out
        amount = min(due, fold.spendable(one.wallet_id))
        key = f"order/{earning.subject_id}/taken-back/{sum(x.taken_back for x in had)}"
        if len(had) > 1:
            key += f"/{one.movement_id}"
        if amount <= 0 or fold.done(key):
            continue
        work = Work(
            one.wallet_id,
            MovementKind.take_back,
            -amount,
            key,
            subject_id=earning.subject_id,
            reverses=one.movement_id,
        )
        moved = fold.take(work)
    return moved
