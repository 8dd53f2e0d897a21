"""Codes of gift cards, points, and how a set is folded: pure."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.base import i18n
from jiedan.base.errors import Refusal
from jiedan.wallets import errors, rules
from jiedan.wallets.values import (
    GiveBack,
    GivenBack,
    LoyaltyRule,
    Moved,
    Redemption,
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
