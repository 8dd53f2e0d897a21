"""Points follow what is kept paid: whatever comes and goes back, in whichever parts."""

import itertools
from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jiedan.wallets import rules
from jiedan.wallets.rules.fold import Fold, Locked, Lot
from jiedan.wallets.rules.points import kept_points
from jiedan.wallets.values import (
    POINTS,
    Earned,
    Earning,
    LoyaltyRule,
    MovementId,
    MovementKind,
    Step,
    WalletId,
    WalletKind,
)
from tests.conftest import NOON

WALLET, WHO, ORDER = WalletId(UUID(int=1)), UUID(int=2), UUID(int=3)
RULES = st.builds(LoyaltyRule, st.just("CNY"), st.integers(1, 60), st.integers(1, 700), st.none())
AMOUNTS = st.lists(st.integers(0, 5_000), min_size=1, max_size=12)


class Purse:
    """The points of a customer who has one order, in memory: what it earned, and the lots in the wallet."""

    def __init__(self, had: Sequence[Earned] = ()) -> None:
        self.had = list(had)
        self.lots = [Lot(x.movement_id, x.points, None) for x in had]
        self.ids = (UUID(int=n) for n in itertools.count(10))

    @property
    def balance(self) -> int:
        return sum(lot.remaining for lot in self.lots)

    @property
    def left(self) -> int:
        """What the order has earned and was not taken back."""
        return sum(x.points - x.taken_back for x in self.had)

    def settle(self, spent_minor: int, rule: LoyaltyRule, **facts: Any) -> None:
        """Settle what the order has earned where so much is kept paid."""
        locked = Locked(WALLET, WalletKind.points, WHO, WHO, POINTS, self.balance, None)
        fold = Fold({WALLET: locked}, {WALLET: self.lots}, {}, ids=self.ids, at=NOON)
        earning = Earning(WHO, "CNY", spent_minor, ORDER, **facts)
        rules.settle([earning], {ORDER: self.had}, {"CNY": rule}, {WHO: WALLET}, fold)
        for made in fold.made:
            if made.work.kind == MovementKind.earning:
                assert made.worth is not None
                one = Earned(made.movement_id, WALLET, made.work.amount, made.worth.amount_minor, 0, 0, made.worth.step)
                self.had.append(one)
                self.lots.append(Lot(made.movement_id, made.work.amount, None))
            else:
                self.had = [
                    x._replace(taken_back=x.taken_back - made.work.amount) if x.movement_id == made.work.reverses else x
                    for x in self.had
                ]
                self.spend(-made.work.amount)

    def spend(self, points: int) -> None:
        """Take points out, the oldest first."""
        for place, lot in enumerate(self.lots):
            piece = min(points, lot.remaining)
            points -= piece
            self.lots[place] = lot._replace(remaining=lot.remaining - piece)


def by(points: int, step_minor: int) -> LoyaltyRule:
    """Return a rule of so many points for each so many minor units."""
    return LoyaltyRule("CNY", points, step_minor, None)


def worth(one: Earned) -> Fraction:
    """Return the money that the points of an earning stand for which are left."""
    assert one.step is not None
    return Fraction((one.points - one.taken_back) * one.step.minor, one.step.points)


@given(RULES, AMOUNTS)
def test_points_are_those_of_what_is_kept_paid(rule: LoyaltyRule, kept: Sequence[int]) -> None:
    purse = Purse()
    for spent_minor in kept:
        purse.settle(spent_minor, rule)
        assert purse.balance == purse.left == rules.earned_points(spent_minor, rule)
        before = purse.had
        purse.settle(spent_minor, rule)
        assert purse.had == before, "doing it again changes nothing"


@given(RULES, st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 300)), min_size=1, max_size=12))
def test_who_spends_points_and_is_refunded_earns_none_twice(
    rule: LoyaltyRule, turns: Sequence[tuple[int, int]]
) -> None:
    purse = Purse()
    most = 0
    for spent_minor, used in turns:
        purse.settle(spent_minor, rule)
        most = max(most, rules.earned_points(spent_minor, rule))
        assert rules.earned_points(spent_minor, rule) <= purse.left <= most
        purse.spend(min(used, purse.balance))
    purse.lots.append(Lot(MovementId(UUID(int=9)), 10**6, None))
    purse.settle(turns[-1][0], rule)
    assert purse.left == rules.earned_points(turns[-1][0], rule), "what was short is taken once it is there"


@given(st.lists(st.tuples(st.integers(0, 5_000), RULES), min_size=1, max_size=8))
@example([(199, by(1, 100)), (210, by(1, 70)), (205, by(1, 5))])
def test_rules_that_change_leave_no_more_than_was_earned_and_nothing_of_nothing(
    turns: Sequence[tuple[int, LoyaltyRule]],
) -> None:
    purse = Purse()
    for spent_minor, rule in turns:
        known = len(purse.had)
        purse.settle(spent_minor, rule)
        below = sum((worth(x) for x in purse.had[:known]), Fraction(0))
        earned = sum(x.points for x in purse.had[known:])
        assert earned <= max(Fraction(0), (spent_minor - below) * rule.points / rule.step_minor)
        assert all(0 <= x.taken_back <= x.points for x in purse.had)
        before = purse.had
        purse.settle(spent_minor, rule)
        assert purse.had == before, "doing it again changes nothing"
    purse.settle(0, turns[-1][1])
    assert purse.left == purse.balance == 0


def test_points_of_old_go_back_in_proportion() -> None:
    old = Earned(MovementId(UUID(int=5)), WALLET, 30, 1_000, 0)
    assert [kept_points([old], spent) for spent in (1_000, 999, 500, 0)] == [[30], [30], [15], [0]]
    new = Earned(MovementId(UUID(int=6)), WALLET, 50, 100, 0, step=Step(50, 100))
    assert kept_points([old, new], 1_099) == [30, 0]
    assert kept_points([old, new], 1_100) == [30, 50]


def test_points_of_old_are_whole_steps_where_more_is_paid() -> None:
    old, rule = Earned(MovementId(UUID(int=5)), WALLET, 100, 19_900, 0), LoyaltyRule("CNY", 100, 10_000, None)
    purse = Purse([old])
    found = []
    for spent_minor in (19_900, 20_000, 20_000, 19_900, 20_000):
        purse.settle(spent_minor, rule)
        found.append((purse.left, purse.balance))
    assert found == [(x, x) for x in (100, 200, 200, 100, 200)]
    twice = LoyaltyRule("CNY", 200, 10_000, None)
    purse = Purse([old])
    purse.settle(20_000, twice)
    assert purse.left == 102, "by another rule they count for the money that they stood for"


@pytest.mark.parametrize(
    ("spent", "left"),
    [((100, 120), (70, 90)), ((100, 40, 30, 50, 100), (70, 40, 30, 50, 70)), ((80, 60, 40, 100), (50, 50, 40, 70))],
)
def test_money_of_a_time_without_points_earns_none(spent: Sequence[int], left: Sequence[int]) -> None:
    """Of 80 that had come before points were back, 50 had earned; what goes back later changes nothing of that."""
    old = Earned(MovementId(UUID(int=5)), WALLET, 50, 50, 0, step=Step(1, 1), earned_at=NOON - timedelta(days=9))
    purse = Purse([old])
    found = []
    for spent_minor in spent:
        purse.settle(spent_minor, LoyaltyRule("CNY", 1, 1, None), before_minor=80, since=NOON - timedelta(days=2))
        found.append(purse.left)
        assert purse.left == purse.balance
    assert found == list(left)
