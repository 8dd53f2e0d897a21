"""Which promotions are given together: groups, those that stand alone, thresholds, the best combination."""

import pytest

from jiedan.pricing.values import promoted, promotions
from tests.pricing.promotion_factories import (
    ALL,
    amounts,
    bundle,
    buy_get,
    fixed,
    goods,
    lot,
    off,
    outcome,
    percent,
    promote,
    promotion,
    steps,
)

CART = (lot("SHIRT", 2, 10000, "wear"), lot("CAP", 1, 5000, "hats"))

TOGETHER = [
    # 250 − 10 % = 225; 225 − 20 % = 180
    pytest.param(
        [promotion(percent(100_000), id="A"), promotion(percent(200_000), id="B")],
        {"A": 2500, "B": 4500},
        id="rates stack on what is left",
    ),
    # by priority: 20 % first: 50; then 10 % of 200 = 20
    pytest.param(
        [promotion(percent(100_000), id="A", priority=9), promotion(percent(200_000), id="B", priority=1)],
        {"A": 2000, "B": 5000},
        id="by priority",
    ),
    # a group: the better one
    pytest.param(
        [promotion(percent(100_000), id="A", group="11.11"), promotion(percent(200_000), id="B", group="11.11")],
        {"B": 5000},
        id="the better of a group",
    ),
    # 20 % of shirts = 40; 10 % of everything = 25: the group gives 40
    pytest.param(
        [promotion(percent(100_000), id="A", group="g"), promotion(percent(200_000), "wear", id="B", group="g")],
        {"B": 4000},
        id="the better on these goods",
    ),
    # two groups: one of each: 20 % of 250 = 50, then 30.00
    pytest.param(
        [
            promotion(percent(100_000), id="A", group="g"),
            promotion(percent(200_000), id="B", group="g"),
            promotion(off(3000), id="C", group="h"),
            promotion(off(1000), id="D", group="h"),
        ],
        {"B": 5000, "C": 3000},
        id="one of each group",
    ),
    # the same twice: the first by id
    pytest.param(
        [promotion(percent(100_000), id="B", group="g"), promotion(percent(100_000), id="A", group="g")],
        {"A": 2500},
        id="equal ones by id",
    ),
    # alone 100.00 beats 25.00 + 45.00
    pytest.param(
        [
            promotion(percent(100_000), id="A"),
            promotion(percent(200_000), id="B"),
            promotion(off(10_000), id="X", stacking="alone"),
        ],
        {"X": 10000},
        id="alone, and better",
    ),
    # alone 60.00 does not beat 25.00 + 45.00
    pytest.param(
        [
            promotion(percent(100_000), id="A"),
            promotion(percent(200_000), id="B"),
            promotion(off(6000), id="X", stacking="alone"),
        ],
        {"A": 2500, "B": 4500},
        id="alone, but worse",
    ),
    # 45.00 alone or 45.00 in two: of fewer promotions
    pytest.param(
        [promotion(off(2000), id="A"), promotion(off(2500), id="B"), promotion(off(4500), id="X", stacking="alone")],
        {"X": 4500},
        id="as much, of fewer",
    ),
    # 40.00 off shirts would leave 210.00 < 220.00; without them 60.00 off from 220.00
    pytest.param(
        [promotion(off(2000, "unit"), "wear", id="A"), promotion(steps((22_000, 6000)), id="B")],
        {"B": 6000},
        id="a threshold that is worth more",
    ),
    # 40.00 off shirts leaves 210.00 ≥ 200.00: both
    pytest.param(
        [promotion(off(2000, "unit"), "wear", id="A"), promotion(steps((20_000, 6000)), id="B")],
        {"A": 4000, "B": 6000},
        id="a threshold still reached",
    ),
    # 80.00 off shirts is better than the 60.00 it costs
    pytest.param(
        [promotion(off(4000, "unit"), "wear", id="A"), promotion(steps((22_000, 6000)), id="B")],
        {"A": 8000},
        id="a threshold that is worth less",
    ),
    # orders' offers do not lower each other's thresholds: 250 ≥ 240 for both
    pytest.param(
        [promotion(steps((24_000, 2000)), id="A"), promotion(steps((24_000, 3000)), id="B")],
        {"A": 2000, "B": 3000},
        id="thresholds before the order's offers",
    ),
    # 100.00 and 200.00 off 250.00: no more than there is
    pytest.param(
        [promotion(off(10_000), id="A"), promotion(off(20_000), id="B")],
        {"A": 10000, "B": 15000},
        id="never below nothing",
    ),
    # the shirts to 80.00: 40 off; then 10 % of 160 + 50 = 21
    pytest.param(
        [promotion(fixed(8000), "wear", id="A"), promotion(percent(100_000), id="B")],
        {"A": 4000, "B": 2100},
        id="a price, then a rate",
    ),
    # the other way round: 10 % of 250 = 25; shirts cost 90 and go to 80: 20
    pytest.param(
        [promotion(fixed(8000), "wear", id="B"), promotion(percent(100_000), id="A")],
        {"A": 2500, "B": 2000},
        id="a rate, then a price",
    ),
    # goods apart do not disturb each other
    pytest.param(
        [promotion(percent(100_000), "wear", id="A"), promotion(percent(100_000), "hats", id="B")],
        {"A": 2000, "B": 500},
        id="goods apart",
    ),
]


@pytest.mark.parametrize(("given", "expected"), TOGETHER)
def test_the_best_legal_combination_is_given(given: list[promotions.Promotion], expected: dict[str, int]) -> None:
    told = promote(CART, *given)
    assert amounts(told) == expected
    assert told.search == "complete"
    assert amounts(promote(CART[::-1], *given[::-1])) == expected


def test_of_sets_for_the_same_units_the_better_choice_is_made() -> None:
    # A: 2 + 1 on 100, 100, 90, 80, 80, 80: [100 100 90] [80 80 80] = 170. B: a pair of 100s for 60 saves 140 and leaves
    # A 90 80 80 [80]: 90 80 [80] = 80: together 220.
    cart = [lot("A", 2, 10000, "x", "y"), lot("B", 1, 9000, "x"), lot("C", 3, 8000, "x")]
    told = promote(
        cart,
        promotion(buy_get(2, 1), "x", id="A", priority=1),
        promotion(bundle(6000, (goods("y"), 2)), id="B", priority=2),
    )
    # With A first, its dearest are taken and B gets nothing: 170. So A is left out when B alone is better, or not.
    assert amounts(told) == {"A": 17000}
    told = promote(
        cart,
        promotion(buy_get(2, 1), "x", id="A", priority=2),
        promotion(bundle(6000, (goods("y"), 2)), id="B", priority=1),
    )
    assert amounts(told) == {"B": 14000, "A": 8000}


def test_what_was_left_out_names_what_stands_in_its_way() -> None:
    told = promote(
        CART,
        promotion(percent(100_000), id="A", group="双十一"),
        promotion(percent(200_000), id="B", group="双十一"),
        promotion(off(100), id="X", stacking="alone"),
    )
    assert [(one.promotion, one.code, one.by) for one in told.outcomes] == [
        ("A", "excluded_by", "B"),
        ("B", "applied", ""),
        ("X", "excluded_by", "B"),
    ]
    alone = promote(CART, promotion(off(9000), id="X", stacking="alone"), promotion(off(100), id="A"))
    assert (outcome(alone, "A").code, outcome(alone, "A").by) == ("excluded_by", "X")


def test_a_threshold_that_was_given_up_says_how_much_it_lacks() -> None:
    told = promote(CART, promotion(off(4000, "unit"), "wear", id="A"), promotion(steps((22_000, 6000)), id="B"))
    # 250 − 80 = 170 of 220
    assert (outcome(told, "B").code, outcome(told, "B").amount_minor) == ("needs_spend", 5000)


def test_goods_that_cost_nothing_any_more_leave_nothing_to_reduce() -> None:
    told = promote([lot("A", 1, 0)], promotion(percent(100_000)))
    assert outcome(told).code == "nothing_to_reduce"
    taken = promote([lot("A", 1, 100)], promotion(off(100), id="A"), promotion(off(100), id="B"))
    assert (outcome(taken, "B").code, outcome(taken, "B").by) == ("excluded_by", "A")


def test_near_misses_are_the_closest_first_and_no_more_than_twenty() -> None:
    given = [promotion(steps((30_000 + 1000 * i, 100)), id=f"P{i:02}") for i in range(25)]
    told = promote(CART, *given)
    assert len(told.near_misses) == promoted.PROMOTION_NEAR_MISSES_MAX
    # 250 of 300 lacks a sixth
    first = told.near_misses[0]
    assert (first.promotion, first.amount_minor, first.missing_ppm) == ("P00", 5000, ALL // 6)
    assert [near.promotion for near in told.near_misses] == [f"P{i:02}" for i in range(20)]


def test_the_next_step_is_a_near_miss_of_what_is_given() -> None:
    told = promote(CART, promotion(steps((20_000, 1000), (26_000, 2000))))
    assert [(near.code, near.amount_minor) for near in told.near_misses] == [("next_spend", 1000)]
    each = promote(CART, promotion(steps((10_000, 1000), repeats=True)))
    assert (each.applied[0].times, each.near_misses[0].code, each.near_misses[0].amount_minor) == (
        2,
        "next_spend",
        5000,
    )
    last = promote(CART, promotion(steps((20_000, 1000))))
    assert last.near_misses == ()


def test_a_choice_that_is_too_big_is_bounded_and_says_so() -> None:
    # Twenty sets that all want the same pair, and twenty rates before them: any may be left out.
    given = [promotion(buy_get(1, 1, 400_000 + 5_000 * i), id=f"S{i:02}", priority=2) for i in range(20)]
    given += [promotion(percent(10_000 + i), id=f"R{i:02}", priority=1 + i % 3) for i in range(20)]
    told = promote([lot("A", 2, 10000)], *given)
    assert told.search == "bounded"
    assert told.evaluations <= promoted.EVALUATIONS_MAX
    # Still the best of the sets, and every rate.
    assert "S19" in amounts(told)
    assert sum(name.startswith("R") for name in amounts(told)) == 20


def test_what_stands_apart_is_solved_apart() -> None:
    # 30 categories with a choice of two each are 3**30 combinations, but of 30 choices of two.
    cart = [lot(f"A{i:02}", 1, 10000, f"c{i:02}") for i in range(30)]
    given = [
        promotion(percent(rate), f"c{i:02}", id=f"P{i:02}{name}", group=f"g{i:02}")
        for i in range(30)
        for name, rate in (("a", 100_000), ("b", 200_000))
    ]
    told = promote(cart, *given)
    assert told.search == "complete"
    assert sum(amounts(told).values()) == 30 * 2000


def test_the_order_of_lots_and_promotions_makes_no_difference() -> None:
    cart = [lot("B", 1, 333, "x"), lot("A", 1, 333, "x"), lot("C", 2, 333)]
    given = [promotion(percent(500_000), "x", id="B"), promotion(off(100), id="A"), promotion(buy_get(1, 1), id="C")]
    told = promote(cart, *given)
    again = promote([cart[2], cart[1], cart[0]], *reversed(given))
    assert amounts(told) == amounts(again)
    assert told.discounts == (again.discounts[2], again.discounts[1], again.discounts[0])
    assert told.outcomes == again.outcomes
