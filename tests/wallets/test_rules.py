"""Codes of gift cards, points, and how a set is folded: pure."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base import i18n
from jiedan.base.errors import Refusal
from jiedan.base.ids import TenantId
from jiedan.wallets import errors, rules
from jiedan.wallets.values import (
    POINTS,
    Earned,
    Earning,
    GiveBack,
    GivenBack,
    LoyaltyRule,
    Moved,
    MovementKind,
    Paying,
    Redemption,
    Source,
    WalletId,
    WalletKind,
)
from tests.conftest import NOON

TENANT = UUID(int=1)
CODES = rules.Codes("a secret for tests")


def ids() -> Iterator[UUID]:
    return (UUID(int=n) for n in range(1, 10**9))


@given(st.uuids(), st.uuids())
def test_a_code_is_its_cards_alone_and_reads_back(wallet_id: UUID, other: UUID) -> None:
    code = CODES.code_of(TENANT, wallet_id)
    assert len(code) == 16
    assert not set(code) & set("0O1IL2Z5S8B")
    assert code == CODES.code_of(TENANT, wallet_id)
    assert (code == CODES.code_of(TENANT, other)) == (wallet_id == other)
    assert code != CODES.code_of(UUID(int=2), wallet_id)
    assert rules.canonical(rules.spelled(code).lower()) == code
    assert CODES.hash_of(code) == CODES.hash_of(code) != rules.Codes("another").hash_of(code)


@given(st.uuids())
def test_a_code_is_known_by_the_secrets_it_was_made_and_kept_under(wallet_id: UUID) -> None:
    old, new = rules.Codes("an old secret"), rules.Codes("a new secret")
    both = rules.Codes("a new secret", "an old secret")
    code = old.code_of(TENANT, wallet_id)
    for stored in (old.hash_of(code), new.hash_of(code)):
        assert both.code_behind(stored, TENANT, wallet_id) == code
        assert stored in both.hashes_of(code)
    assert both.code_of(TENANT, wallet_id) == new.code_of(TENANT, wallet_id) != code
    assert new.code_behind(new.hash_of(code), TENANT, wallet_id) is None
    assert both.code_behind(b"something else", TENANT, wallet_id) is None


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("3467-9ACD-EFGH-JKMN", "34679ACDEFGHJKMN"),
        (" 3467 9acd efgh jkmn ", "34679ACDEFGHJKMN"),
        ("3467－9ＡＣＤ－ｅｆｇｈ－ＪＫＭＮ", "34679ACDEFGHJKMN"),
        ("3467-9ACD-EFGH-JKM", None),
        ("3467-9ACD-EFGH-JKM0", None),
        ("", None),
        ("3" * 1_000, None),
    ],
)
def test_codes_are_read_however_they_are_written(typed: str, read: str | None) -> None:
    assert rules.canonical(typed) == read


@pytest.mark.parametrize(("spent", "points"), [(0, 0), (-500, 0), (99, 0), (100, 3), (199, 3), (1_000, 30)])
def test_points_come_by_whole_steps(spent: int, points: int) -> None:
    assert rules.earned_points(spent, LoyaltyRule("CNY", 3, 100, None)) == points


RULES = st.builds(
    LoyaltyRule,
    currency=st.just("CNY"),
    points=st.integers(0, 9),
    step_minor=st.integers(1, 500),
    lives_days=st.none(),
    pays_points=st.integers(1, 300),
    pays_minor=st.integers(1, 300),
    pays_points_min=st.integers(0, 500),
    pays_share_percent=st.integers(1, 100),
)


@given(RULES, st.integers(0, 5_000), st.integers(1, 20_000), st.integers(0, 20_000))
def test_points_pay_as_many_whole_steps_as_they_may_and_no_more(
    rule: LoyaltyRule, points: int, total: int, paid: int
) -> None:
    due = max(total - paid, 0)
    paying = Paying(UUID(int=5), "CNY", total, (), UUID(int=6))
    found = rules.payable_by(paying, Source(None, kind=WalletKind.points), points, due, rule)
    most = min(due, total * rule.pays_share_percent // 100)
    steps = min(points // rule.pays_points, most // rule.pays_minor)
    if isinstance(found, int):
        assert found == (steps * rule.pays_minor if due >= rule.pays_minor else 0)
        assert rules.cost_of(found, rule) <= points
        asked = Source(None, found, kind=WalletKind.points, points=rules.cost_of(found, rule))
        assert not found or rules.payable_by(paying, asked, points, due, rule) == found
    else:
        assert not points or steps * rule.pays_points < max(rule.pays_points_min, 1)


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.lists(st.integers(1, 3_000), max_size=9))
def test_in_whatever_pieces_money_goes_back_all_points_are_back_with_the_last(
    points: int, worth: int, pieces: list[int]
) -> None:
    wallet_id, order = WalletId(UUID(int=7)), uuid4()
    locked = rules.Locked(wallet_id, WalletKind.points, None, None, POINTS, 0, None)
    there = rules.Fold({wallet_id: locked}, {}, {}, ids=ids(), at=NOON)
    back = 0
    for n, piece in enumerate([*pieces, worth]):
        amount = min(piece, worth - back)
        if amount:
            taking = rules.Taking(UUID(int=99), wallet_id, order, POINTS, points, None, there.balance(wallet_id), worth)
            wish = GiveBack(order, "CNY", amount, f"key {n}", wallet_id, back)
            assert isinstance(rules.give_back([wish], there, [taking])[0], GivenBack)
            back += amount
        assert there.balance(wallet_id) == points * back // worth
    assert there.balance(wallet_id) == points
    more = GiveBack(order, "CNY", 1, "more", wallet_id, worth)
    taking = rules.Taking(UUID(int=99), wallet_id, order, POINTS, points, None, points, worth)
    assert isinstance(rules.give_back([more], there, [taking])[0], errors.MoreThanRedeemed)


@given(RULES, st.lists(st.integers(0, 6_000), min_size=1, max_size=9), st.integers(0, 40))
def test_never_more_points_are_taken_back_than_were_earned_or_are_there(
    rule: LoyaltyRule, spent: list[int], used: int
) -> None:
    wallet_id, who, order = WalletId(UUID(int=7)), UUID(int=8), uuid4()
    locked = rules.Locked(wallet_id, WalletKind.points, who, who, POINTS, 0, None)
    there = rules.Fold({wallet_id: locked}, {}, {}, ids=ids(), at=NOON)
    had: list[Earned] = []
    for minor in spent:
        earning = Earning(who, "CNY", minor, order)
        (moved,) = rules.settle([earning], {order: tuple(had)}, {"CNY": rule}, {who: wallet_id}, there)
        if moved is not None and moved.amount > 0:
            had.append(earned(there.made[-1]))
            spend_some = min(used, moved.amount)
            if spend_some:
                rules.redeem([Redemption(wallet_id, POINTS, spend_some, uuid4(), f"used {len(had)}", who)], there)
        taken = [(x.work.reverses, -x.work.amount) for x in there.made if x.work.kind == MovementKind.take_back]
        had = [x._replace(taken_back=sum(n for of, n in taken if of == x.movement_id)) for x in had]
        assert all(0 <= x.taken_back <= x.points for x in had)
        assert there.balance(wallet_id) >= 0
        assert sum(x.points - x.taken_back for x in had) <= rules.earned_points(max(spent), rule)


def earned(made: rules.Made) -> Earned:
    """Return a movement that earned points, as it is read again."""
    assert made.worth is not None
    return Earned(
        made.movement_id, made.work.wallet_id, made.work.amount, made.worth.amount_minor, 0, step=made.worth.step
    )


@given(RULES, st.lists(st.integers(0, 3_000), min_size=1, max_size=9))
def test_in_whatever_parts_money_comes_it_earns_the_same(rule: LoyaltyRule, parts: list[int]) -> None:
    wallet_id, who, order = WalletId(UUID(int=7)), UUID(int=8), uuid4()
    locked = rules.Locked(wallet_id, WalletKind.points, who, who, POINTS, 0, None)
    there = rules.Fold({wallet_id: locked}, {}, {}, ids=ids(), at=NOON)
    had: list[Earned] = []
    came = 0
    for part in parts:
        came += part
        earning = Earning(who, "CNY", came, order)
        for _ in range(2):  # told twice it earns once
            (moved,) = rules.settle([earning], {order: tuple(had)}, {"CNY": rule}, {who: wallet_id}, there)
            if moved is not None:
                had.append(earned(there.made[-1]))
        assert there.balance(wallet_id) == rules.earned_points(came, rule)


def test_what_runs_out_is_told_by_the_day() -> None:
    lots = {
        WalletId(UUID(int=1)): [
            rules.Lot(UUID(int=10), 5, None),
            rules.Lot(UUID(int=11), 7, NOON + timedelta(days=2)),
            rules.Lot(UUID(int=12), 3, NOON + timedelta(days=2, hours=1)),
            rules.Lot(UUID(int=13), 9, NOON),
        ],
        WalletId(UUID(int=2)): [rules.Lot(UUID(int=14), 1, NOON + timedelta(days=1))],
    }
    assert rules.spendable_points(lots, at=NOON) == 16
    assert [x.points for x in rules.running_out(lots, at=NOON, zone=UTC)] == [1, 10, 5]
    many = {WalletId(UUID(int=1)): [rules.Lot(UUID(int=n), 1, NOON + timedelta(days=n)) for n in range(1, 60)]}
    told = rules.running_out(many, at=NOON, zone=UTC)
    assert (len(told), sum(x.points for x in told)) == (rules.RUNNING_OUT_MAX, 59)


def fold(*lots: tuple[int, int | None]) -> tuple[rules.Fold, WalletId]:
    """Return a fold over one card with these lots: what is left, and in how many days it runs out."""
    wallet_id = WalletId(UUID(int=7))
    there = [
        rules.Lot(UUID(int=100 + n), remaining, None if days is None else NOON + timedelta(days=days))
        for n, (remaining, days) in enumerate(lots)
    ]
    balance = sum(lot.remaining for lot in there)
    card = rules.Card("JKMN", None, is_blocked=False)
    locked = rules.Locked(wallet_id, WalletKind.gift_card, None, None, "CNY", balance, card)
    return rules.Fold({wallet_id: locked}, {wallet_id: there}, {}, ids=ids(), at=NOON), wallet_id


@given(
    st.lists(st.tuples(st.integers(1, 50), st.one_of(st.none(), st.integers(-3, 9))), min_size=1, max_size=6),
    st.lists(st.integers(1, 60), max_size=8),
)
def test_no_more_is_spent_than_lives_and_every_leg_adds_up(
    lots: list[tuple[int, int | None]], amounts: list[int]
) -> None:
    state, wallet_id = fold(*lots)
    living = sum(remaining for remaining, days in lots if days is None or days > 0)
    wishes = [Redemption(wallet_id, "CNY", amount, uuid4(), f"key {n}") for n, amount in enumerate(amounts)]
    outcomes = rules.redeem(wishes, state)
    spent = sum(-x.amount for x in outcomes if isinstance(x, Moved))
    assert spent <= living
    assert state.spendable(wallet_id) == living - spent
    assert sum(state.taken.values()) == spent
    assert state.changes() == ({wallet_id: -spent} if spent else {})


@given(st.lists(st.integers(1, 40), min_size=1, max_size=5), st.lists(st.integers(1, 60), max_size=8))
def test_whatever_goes_back_in_whatever_pieces_ends_at_what_was_redeemed(
    redeemed: list[int], wanted: list[int]
) -> None:
    state, wallet_id = fold((1, None))
    order = uuid4()
    takings = [
        rules.Taking(UUID(int=1_000 + n), wallet_id, order, "CNY", amount, None, 0) for n, amount in enumerate(redeemed)
    ]
    wishes = [GiveBack(order, "CNY", amount, f"key {n}") for n, amount in enumerate(wanted)]
    outcomes = rules.give_back(wishes, state, takings)
    back = [x for outcome in outcomes if isinstance(outcome, GivenBack) for x in outcome.moved]
    assert sum(x.amount for x in back) <= sum(redeemed)
    left = sum(redeemed)
    for amount, outcome in zip(wanted, outcomes, strict=True):
        assert isinstance(outcome, GivenBack) == (amount <= left)
        left -= amount if amount <= left else 0
    by_taking = [made.work.reverses for made in state.made]
    assert by_taking == sorted(by_taking, key=lambda x: x.int if x else 0, reverse=True)


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (errors.BalanceTooLow(1_000, 2_000, "CNY"), "The balance of CN¥10.00 is less than CN¥20.00."),
        (errors.BalanceTooLow(1, 2_000, "points"), "The balance of 1 point is less than 2,000 points."),
        (errors.BalanceTooLow(10, 2_000, "JPY"), "The balance of ¥10 is less than ¥2,000."),
        (errors.BalanceTooHigh("points", 500), "A wallet holds at most 500 points."),
        (errors.AmountOutside(0, "CNY"), "CN¥0.00 cannot be moved here."),
        (
            errors.MoreThanRedeemed(5, 7, "USD"),
            "Of what was paid out of wallets, $0.05 can still be given back, not $0.07.",
        ),
    ],
)
def test_people_are_told_money_and_points_and_machines_are_sent_numbers(refusal: Refusal, said: str) -> None:
    assert i18n.say_message("en", refusal) == said
    assert all(type(value) in {int, str} for value in refusal.data().values())


def test_the_proof_of_a_card_is_good_for_what_it_was_typed_for_alone() -> None:
    tenant, other = TenantId(UUID(int=1)), TenantId(UUID(int=2))
    cart, card = UUID(int=3).bytes, WalletId(UUID(int=4))
    proof = rules.proof_of("secret", tenant, cart, card)
    assert rules.card_of("secret", tenant, cart, proof) == card
    elsewhere = (("other", tenant, cart), ("secret", other, cart), ("secret", tenant, UUID(int=5).bytes))
    assert [rules.card_of(*place, proof) for place in elsewhere] == [None] * 3
    wrong = ("", "…", proof[:-2], f"B{proof[1:]}", str(card))
    assert [rules.card_of("secret", tenant, cart, text) for text in wrong] == [None] * 5
