"""Rules of loyalty, points that are earned and taken back, and gift cards after the secret was changed."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from jiedan.base import idempotency, sql
from jiedan.base.db import Database, Scope
from jiedan.base.errors import StaleVersion
from jiedan.base.recorder import StatementRecorder
from jiedan.wallets import errors, events, queries, rules, service
from jiedan.wallets.values import (
    POINTS,
    Earning,
    IssuedCard,
    LoyaltyRule,
    Moved,
    NewCard,
)
from tests import races
from tests.conftest import FakeClock
from tests.wallets import factories
from tests.wallets.factories import CODES, act, balance, earning, spend
from tests.wallets.test_service import page

CHECKS = sql.load("jiedan.wallets", "verify.sql")

PLAIN_STATEMENTS_MAX = 4
"""What a transaction costs that finds no rules of loyalty."""


async def test_points_are_earned_by_the_rule_once(db: Database, scope: Scope, clock: FakeClock) -> None:
    who = await factories.customer(db, scope)
    (rule,) = await act(db, scope, service.set_loyalty_rules, rows=[LoyaltyRule("CNY", 2, 100, 30)])
    assert rule == LoyaltyRule("CNY", 2, 100, 30, 1)
    nobody = uuid4()
    spent = [earning(who, 1_999), earning(who, 99), earning(who, 1_999, currency="EUR"), earning(nobody, 500)]
    first, *nothing = await act(db, scope, service.settle_earnings, earnings=spent)
    assert isinstance(first, Moved)
    assert ((first.amount, first.balance), nothing) == ((38, 38), [None, None, None])
    assert await act(db, scope, service.settle_earnings, earnings=spent) == [None] * 4
    clock.advance(timedelta(days=31))
    assert await act(db, scope, service.expire_due) == 1
    assert await act(db, scope, service.settle_earnings, earnings=[spent[0]._replace(spent_minor=0)]) == [None]
    assert await balance(db, scope, first.wallet_id) == 0


async def test_money_that_goes_back_earns_no_points(db: Database, scope: Scope) -> None:
    who = await factories.customer(db, scope)
    await act(db, scope, service.set_loyalty_rules, rows=[LoyaltyRule("CNY", 2, 100, None)])
    spent = earning(who, 1_000)
    assert await act(db, scope, service.settle_earnings, earnings=[spent._replace(begins=False)]) == [None]
    earned = await settled(db, scope, spent)
    (back,) = await act(db, scope, service.settle_earnings, earnings=[spent._replace(spent_minor=500, begins=False)])
    assert isinstance(back, Moved)
    assert (earned.amount, back.amount) == (20, -10)


async def settled(db: Database, scope: Scope, spent: Earning) -> Moved:
    """Settle what was spent on one order, which must move points."""
    (moved,) = await act(db, scope, service.settle_earnings, earnings=[spent])
    assert isinstance(moved, Moved)
    return moved


async def test_points_are_taken_back_by_the_steps_they_were_earned_by(db: Database, scope: Scope) -> None:
    who = await factories.customer(db, scope)
    await act(db, scope, service.set_loyalty_rules, rows=[LoyaltyRule("CNY", 3, 100, None)])
    spent = earning(who, 1_000)
    earned = await settled(db, scope, spent)
    await act(db, scope, service.set_loyalty_rules, rows=[LoyaltyRule("CNY", 50, 100, None)])
    left = []
    for minor in (999, 500, 500, 700, 0):
        await act(db, scope, service.settle_earnings, earnings=[spent._replace(spent_minor=minor)])
        left.append(await balance(db, scope, earned.wallet_id))
    assert left == [27, 15, 15, 115, 0], "what is spent again earns by the rule of that day"
    async with db.read(scope) as tx:
        entries = (await queries.entry_rows(tx, request=page(), wallet_ids=[earned.wallet_id])).items
    moved = [(x.kind, x.amount) for x in reversed(entries)]
    assert moved[:4] == [("earning", 30), ("take_back", -3), ("take_back", -12), ("earning", 100)]
    assert sorted(moved[4:]) == [("take_back", -100), ("take_back", -15)]


async def test_what_is_spent_later_earns_what_is_left(db: Database, scope: Scope) -> None:
    who = await factories.customer(db, scope)
    await act(db, scope, service.set_loyalty_rules, rows=[LoyaltyRule("CNY", 1, 100, None)])
    spent = earning(who, 150)
    wallet_id = (await settled(db, scope, spent)).wallet_id
    left = []
    for minor in (150, 350, 350, 1_000, 600, 300, 900, 0):
        await act(db, scope, service.settle_earnings, earnings=[spent._replace(spent_minor=minor)])
        left.append(await balance(db, scope, wallet_id))
    assert left == [1, 3, 3, 10, 6, 3, 9, 0]
    await races.assert_sound(db, scope, CHECKS)


async def test_points_that_ran_out_are_not_taken_a_second_time(db: Database, scope: Scope, clock: FakeClock) -> None:
    who = await factories.customer(db, scope)
    await act(db, scope, service.set_loyalty_rules, rows=[LoyaltyRule("CNY", 1, 100, 30)])
    written, unwritten = earning(who, 1_000), earning(who, 1_000)
    earned = await settled(db, scope, written)
    await factories.moved(db, scope, factories.points(who, 100))
    clock.advance(timedelta(days=31))
    assert await act(db, scope, service.expire_due) == 1
    await act(db, scope, service.settle_earnings, earnings=[unwritten])
    await act(db, scope, service.redeem_many, redemptions=[spend(earned.wallet_id, 4, customer_id=who, unit=POINTS)])
    clock.advance(timedelta(days=31))
    for spent, left in ((500, 100), (0, 100)):
        again = [x._replace(spent_minor=spent, begins=False) for x in (written, unwritten)]
        await act(db, scope, service.settle_earnings, earnings=again)
        async with db.read(scope) as tx:
            lots = await tx.load_one(queries.lots([earned.wallet_id]))
        assert rules.spendable_points(lots, at=clock.now()) == left - (0 if spent else 4), "four were used"


async def test_who_has_spent_their_points_owes_none(db: Database, scope: Scope) -> None:
    who = await factories.customer(db, scope)
    await act(db, scope, service.set_loyalty_rules, rows=[LoyaltyRule("CNY", 1, 100, None)])
    spent = earning(who, 1_000)
    earned = await settled(db, scope, spent)
    await act(db, scope, service.redeem_many, redemptions=[spend(earned.wallet_id, 8, customer_id=who, unit=POINTS)])
    taken = await settled(db, scope, spent._replace(spent_minor=0))
    assert (taken.amount, taken.balance) == (-2, 0)
    await factories.moved(db, scope, factories.points(who, 100))
    later = await settled(db, scope, spent._replace(spent_minor=0))
    assert later.amount == -8, "what was short is taken with the next refund"


async def test_many_earnings_take_as_many_statements_as_one(
    db: Database, scope: Scope, recorder: StatementRecorder
) -> None:
    people = [await factories.customer(db, scope) for _ in range(12)]
    with recorder.watching() as none:
        await act(db, scope, service.settle_earnings, earnings=[earning(people[0], 500)])
    assert len(none) <= PLAIN_STATEMENTS_MAX
    await act(db, scope, service.set_loyalty_rules, rows=[LoyaltyRule("CNY", 1, 100, None)])
    counts = []
    for some in (people[:1], people[1:]):
        spent = [earning(who, 500) for who in some]
        with recorder.watching() as sent:
            await act(db, scope, service.settle_earnings, earnings=spent)
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_a_rule_set_as_it_was_keeps_its_version(db: Database, scope: Scope) -> None:
    rows = [LoyaltyRule("CNY", 1, 100, None), LoyaltyRule("CNY", 1, 100, None), LoyaltyRule("CNY", 1, 50, None)]
    versions = [(await act(db, scope, service.set_loyalty_rules, rows=[row]))[0].version for row in rows]
    assert versions == [1, 1, 2]
    with pytest.raises(errors.UnitInvalid):
        await act(db, scope, service.set_loyalty_rules, rows=[LoyaltyRule("XXX", 1, 100, None)])


async def test_a_rule_is_changed_by_whoever_has_seen_it(db: Database, scope: Scope) -> None:
    pays = LoyaltyRule("CNY", 1, 100, None, pays_points=100, pays_minor=50, pays_points_min=200, pays_share_percent=30)
    (first,) = await act(db, scope, service.set_loyalty_rules, rows=[pays])
    assert first == pays._replace(version=1)
    async with db.begin(scope) as tx:
        (second,) = await service.set_loyalty_rules(tx, rows=[first._replace(pays_minor=100)])
        (told,) = [x.event for x in tx.emitted]
    assert isinstance(told, events.LoyaltyRuleChanged)
    assert (second.version, told.version, told.pays_points, told.pays_minor) == (2, 2, 100, 100)
    with pytest.raises(StaleVersion):
        await act(db, scope, service.set_loyalty_rules, rows=[first._replace(pays_points=1)])
    assert await act(db, scope, service.set_loyalty_rules, rows=[second._replace(version=1)]) == [second]


async def test_cards_are_found_under_another_secret_once_they_are_moved(db: Database, scope: Scope) -> None:
    wish = NewCard(500, "CNY", key="once")
    (issued,) = await act(db, scope, service.issue_cards, codes=CODES, cards=[wish])
    assert isinstance(issued, IssuedCard)
    new, both = rules.Codes("a new secret"), rules.Codes("a new secret", "a secret for tests")
    later = await act(db, scope, service.issue_cards, codes=new, cards=[NewCard(700, "CNY")])
    typed = [issued.code, *(x.code for x in later if isinstance(x, IssuedCard))]

    async def found(codes: rules.Codes) -> int:
        async with db.begin(scope) as tx:
            return len(await service.find_cards(tx, codes=codes, typed=typed))

    assert (await found(CODES), await found(new), await found(both)) == (1, 1, 2)
    for codes, moved, unknown in ((new, 0, 1), (both, 1, 0), (both, 0, 0)):
        done = await act(db, scope, service.rekey_cards, codes=codes, after=UUID(int=0))
        assert done is not None
        assert (done.seen, done.moved, done.unknown) == (2, moved, unknown)
    assert await act(db, scope, service.rekey_cards, codes=both, after=UUID(int=2**128 - 1)) is None
    assert (await found(CODES), await found(new)) == (0, 2)
    (again,) = await act(db, scope, service.issue_cards, codes=both, cards=[wish])
    assert isinstance(again, IssuedCard)
    assert again.code == issued.code
    (gone,) = await act(db, scope, service.issue_cards, codes=new, cards=[wish])
    assert isinstance(gone, idempotency.MadeBeforeIsGone)
