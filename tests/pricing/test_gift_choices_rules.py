"""Which promotion gives which of the gifts named: known once it is known which are given, and each of them once."""

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.pricing.rules.promotions.choosing import shared_out
from jiedan.pricing.values import promoted, promotions
from tests.pricing.promotion_factories import ALL, lot, percent, promote, promotion

SKUS = ("CAP", "MUG", "PEN", "TIE")
STOCK = {sku: promoted.GiftStock(9, 100 * number) for number, sku in enumerate(SKUS, start=1)}
CART = [lot("A", 3, 1_000)]

offers = st.lists(st.sets(st.sampled_from(SKUS), min_size=1).map(sorted), max_size=4)
names = st.lists(st.sampled_from(SKUS), max_size=4)


def gift(id: str, *skus: str, spend: int = 0, **more: object) -> promotions.Promotion:
    when = promotions.When(min_spend={"CNY": spend}) if spend else promotions.When()
    return promotion(promotions.Gift(skus=skus), id=id, when=when, **more)


def given_by(told: promoted.Promoted) -> dict[str, str]:
    return {one.promotion: one.sku for one in told.gifts}


def given_of(named: Sequence[str], *made: promotions.Promotion, **more: int) -> dict[str, str]:
    """Return what each promotion gives; of SKUs that are named there are so many, of others plenty."""
    stock = STOCK | {sku: promoted.GiftStock(count, 100) for sku, count in more.items()}
    return given_by(promote(CART, *made, gifts=stock, gifts_named=tuple(named)))


def test_a_choice_is_not_taken_by_a_promotion_that_is_not_earned() -> None:
    far = gift("a", "MUG", "PEN", spend=1_000_000)
    near = gift("b", "CAP", "PEN", spend=100)
    assert given_of(["PEN"], far, near) == {"b": "PEN"}
    # ... nor by one that another of its group stands in the way of
    half = promotion(percent(ALL), id="half", group="g")
    assert given_of(["PEN"], half, gift("a", "MUG", "PEN", group="g"), gift("b", "CAP", "PEN")) == {"b": "PEN"}


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ([], {"a": "MUG", "b": "CAP"}),
        (["PEN"], {"a": "PEN", "b": "CAP"}),  # named once, chosen once: by the one that acts first
        (["PEN", "PEN"], {"a": "PEN", "b": "PEN"}),
        (["PEN", "MUG"], {"a": "MUG", "b": "PEN"}),  # the mug is the first's alone, so both have a choice
        (["MUG", "PEN"], {"a": "MUG", "b": "PEN"}),
        (["CAP", "PEN"], {"a": "PEN", "b": "CAP"}),
        (["TIE"], {"a": "MUG", "b": "CAP"}),
    ],
)
def test_choices_that_overlap_are_shared_out(named: list[str], expected: dict[str, str]) -> None:
    assert given_of(named, gift("a", "MUG", "PEN"), gift("b", "CAP", "PEN")) == expected


@pytest.mark.parametrize(
    ("own", "named", "expected"),
    [
        ({"b": "PEN"}, [], {"a": "MUG", "b": "PEN"}),
        ({"a": "PEN", "b": "PEN"}, [], {"a": "PEN", "b": "PEN"}),
        ({"b": "PEN"}, ["PEN"], {"a": "PEN", "b": "PEN"}),  # what is nobody's own goes to the other one
        ({"a": "PEN"}, ["MUG"], {"a": "PEN", "b": "CAP"}),  # whose own choice stands
        ({"a": "CAP"}, ["PEN"], {"a": "PEN", "b": "CAP"}),  # one that it does not give is none
        ({"z": "PEN"}, [], {"a": "MUG", "b": "CAP"}),
    ],
)
def test_what_is_chosen_of_a_promotion_is_that_ones(
    own: dict[str, str], named: list[str], expected: dict[str, str]
) -> None:
    made = gift("a", "MUG", "PEN"), gift("b", "CAP", "PEN")
    told = promote(CART, *made, gifts=STOCK, gifts_named=tuple(named), gifts_of=own)
    assert given_by(told) == expected
    assert {one.promotion for one in told.gifts if one.is_chosen} >= own.keys() - {"z"}


def test_one_that_gives_a_single_sku_takes_no_choice_from_another() -> None:
    assert given_of(["PEN"], gift("a", "PEN"), gift("b", "CAP", "PEN")) == {"a": "PEN", "b": "PEN"}


def test_what_is_not_there_is_said_to_the_one_that_would_have_given_it() -> None:
    told = promote(
        CART,
        gift("a", "MUG", "PEN"),
        gift("b", "CAP", "PEN"),
        gifts={**STOCK, "PEN": promoted.GiftStock(0, 100)},
        gifts_named=("PEN",),
    )
    assert [(one.promotion, one.sku, one.wanted) for one in told.gifts] == [("a", "MUG", "PEN"), ("b", "CAP", "")]


def test_the_last_one_chosen_twice_is_given_once() -> None:
    assert given_of(["PEN", "PEN"], gift("a", "MUG", "PEN"), gift("b", "CAP", "PEN"), PEN=1) == {"a": "PEN", "b": "CAP"}


@given(offered=offers, named=names)
def test_each_choice_is_used_once_and_as_many_have_one_as_can(offered: list[list[str]], named: list[str]) -> None:
    choices = shared_out(offered, named)
    taken = [sku for sku in choices if sku]
    assert all(not sku or sku in skus for sku, skus in zip(choices, offered, strict=True))
    assert all(taken.count(sku) <= named.count(sku) for sku in taken)
    ways = [
        [place for place in way if place is not None]
        for way in itertools.product(*[[None, *[i for i, sku in enumerate(named) if sku in skus]] for skus in offered])
    ]
    assert len(taken) == max(len(way) for way in ways if len(set(way)) == len(way))
    # Those that act earlier come first: one without a choice could have one only instead of an earlier one.
    for i, (sku, skus) in enumerate(zip(choices, offered, strict=True)):
        if not sku:
            before = [offered[j] for j in range(i) if choices[j]]
            assert sum(map(bool, shared_out([*before, skus], named))) == len(before)


@given(offered=offers, named=names, data=st.data())
def test_who_has_a_choice_does_not_hang_on_the_order_of_names(
    offered: list[list[str]], named: list[str], data: st.DataObject
) -> None:
    again = shared_out(offered, data.draw(st.permutations(named)))
    assert [bool(sku) for sku in shared_out(offered, named)] == [bool(sku) for sku in again]


@given(
    offered=offers,
    spends=st.lists(st.sampled_from([0, 0, 2_000, 9_000]), min_size=5, max_size=5),
    named=names,
    data=st.data(),
)
def test_what_is_earned_has_its_choice_whatever_else_is_offered(
    offered: list[list[str]], spends: list[int], named: list[str], data: st.DataObject
) -> None:
    made = [gift(f"P{i}", *skus, spend=spend) for i, (skus, spend) in enumerate(zip(offered, spends, strict=False))]
    found = given_of(named, *data.draw(st.permutations(made)))
    earned = [one for one, spend in zip(made, spends, strict=False) if spend <= 3_000]
    assert found == given_of(named, *earned)
    assert found.keys() == {one.id for one in earned}
    choosing = {one.id: one.offer.skus for one in earned if isinstance(one.offer, promotions.Gift)}
    several = [name for name, skus in choosing.items() if len(skus) > 1]
    wished = dict(zip(several, shared_out([choosing[name] for name in several], named), strict=True))
    assert found == {name: wished.get(name) or skus[0] for name, skus in choosing.items()}
