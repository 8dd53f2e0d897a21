"""Points: how many a purchase earns, how much of an order they pay, and how many go back with money."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction
from typing import NamedTuple
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
    Step,
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
    """Decide what of each subject's points is taken back since less was spent, and what it earns; one outcome each.

    `earned` is by subject, `wallets` are those of the customers by their ids. Never more is taken than is there: who
    has spent the points already keeps what they paid, and what was not taken is not earned a second time. What steps
    of an older rule lose is earned by today's. Of several movements the last is the outcome.
    """
    outcomes: list[Moved | None] = []
    for earning in earnings:
        had, rule = earned.get(earning.subject_id, ()), terms.get(earning.currency)
        moved, left = _take_back(earning, had, fold)
        if rule is not None and earning.begins and more_points(earning, left, rule):
            moved = _earn(earning, left, rule, wallets.get(earning.customer_id), fold) or moved
        outcomes.append(moved)
    return outcomes


def earns(earning: Earning, had: Sequence[Earned], rule: LoyaltyRule) -> bool:
    """Tell whether what was spent may earn more than is left of what it has earned, and it is the moment to earn."""
    if not earning.begins:
        return False
    kept = kept_points(had, counted_minor(earning, had))
    left = [x._replace(taken_back=max(x.taken_back, x.points - n)) for x, n in zip(had, kept, strict=True)]
    return more_points(earning, left, rule) > 0


def more_points(earning: Earning, had: Sequence[Earned], rule: LoyaltyRule) -> int:
    """Return how many points what was spent earns beyond those that are left of what had earned before.

    Whole steps of all that was spent count: in whatever parts the money comes and goes, by one rule the points that
    are left are those of what is kept. Points of another rule count for the money that they stood for.
    """
    steps = earned_points(counted_minor(earning, had), rule)
    height = sum((share.height for share in _stack(had, Step(rule.points, rule.step_minor))), Fraction(0))
    return max(0, math.floor(steps - height * rule.points / rule.step_minor))


def counted_minor(earning: Earning, had: Sequence[Earned]) -> int:
    """Return how much of what was spent counts: nothing of what had come while no points were earned.

    Of what had come before they are, that is what no points of old stood for then, whatever was taken back since. It
    lies above what they stood for and below what came later: what comes last goes back first.
    """
    since, spent = earning.since, earning.spent_minor
    of_old = [x for x in had if since is not None and x.earned_at is not None and x.earned_at < since]
    worth = sum((share.worth for share in _stack([x._replace(taken_back=x.back_before) for x in of_old])), Fraction(0))
    old = math.ceil(worth)
    return min(spent, old) + max(0, spent - max(old, earning.before_minor))


def kept_points(had: Sequence[Earned], spent_minor: int) -> list[int]:
    """Return how many points each earning keeps where so much stays spent: the latest lose theirs first.

    By whole steps of the rule of their day; those whose steps nobody knows any more in proportion, rounded up.
    """
    kept: list[int] = []
    below = 0
    for share in _stack(had):
        one, step = share.one, share.one.step
        if step is None:
            gone = share.worth - min(max(spent_minor - share.start, Fraction(0)), share.worth)
            bound = below + share.points - math.floor(one.points * gone / one.worth_minor)
        else:
            steps = spent_minor // step.minor * step.points
            bound = below + math.floor(steps - share.start * step.points / step.minor)
        reached = min(below + share.points, max(below, bound))
        kept.append(reached - below)
        below = reached
    return kept


class _Share(NamedTuple):
    """The points that are left of an earning, the money they stand for, and that of all earnings before it.

    `height` is what of that money has earned: where no step is known, without what was left over of the last one.
    """

    one: Earned
    points: int
    worth: Fraction
    start: Fraction
    height: Fraction


def _stack(had: Sequence[Earned], *steps: Step) -> list[_Share]:
    """Return the shares of earnings, one on the other; by one of `steps` those may be whose steps nobody knows."""
    shares: list[_Share] = []
    start = Fraction(0)
    known = [*(x.step for x in had if x.step is not None), *steps]
    for one in had:
        points, minor = one.step or (one.points, one.worth_minor)
        left = one.points - one.taken_back
        worth = Fraction(left * minor, points)
        whole = (
            None if one.step else next((x for x in known if one.worth_minor // x.minor * x.points == one.points), None)
        )
        height = worth if whole is None else Fraction(left * whole.minor, whole.points)
        shares.append(_Share(one, left, worth, start, height))
        start += height
    return shares


def _earn(
    earning: Earning, had: Sequence[Earned], rule: LoyaltyRule, wallet_id: WalletId | None, fold: Fold
) -> Moved | None:
    points = more_points(earning, had, rule)
    key = f"order/{earning.subject_id}/earned"
    if had:  # each movement makes one of these sums larger
        key += f"/{sum(x.points for x in had)}-{sum(x.taken_back for x in had)}"
    if wallet_id is None or fold.done(key):
        return None
    if fold.balance(wallet_id) + points > AMOUNT_MAX:
        return None
    work = Work(wallet_id, MovementKind.earning, points, key, subject_id=earning.subject_id)
    expires_at = None if rule.lives_days is None else fold.at + timedelta(days=rule.lives_days)
    step = Step(rule.points, rule.step_minor)
    worth = Worth(-(-points * step.minor // step.points), earning.currency, step)
    return fold.put(work, expires_at=expires_at, worth=worth)


def _take_back(earning: Earning, had: Sequence[Earned], fold: Fold) -> tuple[Moved | None, list[Earned]]:
    """Take back the points of money that is gone, those earned last first, and return what is left of each earning.

    What ran out unspent is gone already.
    """
    moved: Moved | None = None
    left = list(had)
    kept = kept_points(had, counted_minor(earning, had))
    for place, stays in reversed(list(enumerate(kept))):
        one = had[place]
        ran_out = one.ran_out + sum(
            x.remaining for x in fold.expired_lots(one.wallet_id) if x.lot_id == one.movement_id
        )
        due = one.points - one.taken_back - stays - ran_out
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
        left[place] = one._replace(taken_back=one.taken_back + amount)
    return moved, left
