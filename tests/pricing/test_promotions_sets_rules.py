"""Offers on sets of units, worked by hand: buy some and get some, bundles. Amounts are minor units."""

import time

import pytest

from jiedan.pricing.values import promotions
from jiedan.pricing.values.lots import Lot
from tests.pricing.promotion_factories import (
    ALL,
    HALF,
    amounts,
    bundle,
    buy_get,
    fixed,
    goods,
    lot,
    outcome,
    percent,
    promote,
    promotion,
)

BUY_GET = [
    # 3 + 1: the fourth is free
    pytest.param((lot("A", 4, 9900),), buy_get(3, 1), (9900,), 1, id="buy 3 get 1"),
    # three are none too few for paying, and one too few for getting
    pytest.param((lot("A", 3, 9900),), buy_get(3, 1), (0,), 0, id="the one got must be there"),
    # 8 units are two sets
    pytest.param((lot("A", 8, 9900),), buy_get(3, 1), (19800,), 2, id="it repeats"),
    # 11 are two sets and three over
    pytest.param((lot("A", 11, 9900),), buy_get(3, 1), (19800,), 2, id="what is over is paid"),
    # 8 units, but only once
    pytest.param((lot("A", 8, 9900),), buy_get(3, 1, repeats=False), (9900,), 1, id="only once"),
    # 12 units would be 3 sets, 2 at most
    pytest.param((lot("A", 12, 9900),), buy_get(3, 1, times_max=2), (19800,), 2, id="at most twice"),
    # dearest first: 100 90 80 | 70 free
    pytest.param(
        (lot("A", 1, 10000), lot("B", 1, 9000), lot("C", 1, 8000), lot("D", 1, 7000)),
        buy_get(3, 1),
        (0, 0, 0, 7000),
        1,
        id="the cheapest of the set",
    ),
    # 100 100 100 [100] 50 50 50 [50]: not both of the cheapest, which would be 50 + 50
    pytest.param(
        (lot("A", 4, 10000), lot("B", 4, 5000)), buy_get(3, 1), (10000, 5000), 2, id="the cheapest of each set"
    ),
    # 100 100 100 [50] 50 50: the second set is not full
    pytest.param((lot("A", 3, 10000), lot("B", 3, 5000)), buy_get(3, 1), (0, 5000), 1, id="over two prices"),
    # 第二件半价: 9.99 × 50 % = 4.995 → 5.00
    pytest.param((lot("A", 2, 999),), buy_get(1, 1, HALF), (500,), 1, id="the second for half, half up"),
    # two pairs: 2 × 9.99 × 50 % = 9.99, rounded once
    pytest.param((lot("A", 4, 999),), buy_get(1, 1, HALF), (999,), 2, id="two pairs, rounded once"),
    # 30 [20] 20 [10]: half of 20 + half of 10 = 15: the B that is got and the C
    pytest.param(
        (lot("A", 1, 3000), lot("B", 2, 2000), lot("C", 1, 1000)),
        buy_get(1, 1, HALF),
        (0, 1000, 500),
        2,
        id="pairs of a mix",
    ),
    # the third for 1.00: 50 − 1
    pytest.param((lot("A", 3, 5000),), buy_get(2, 1, amounts={"CNY": 100}), (4900,), 1, id="the third for a price"),
    # a unit price of 60.00 would raise it: nothing
    pytest.param((lot("A", 3, 5000),), buy_get(2, 1, amounts={"CNY": 6000}), (0,), 0, id="never for more"),
    # buy 2 get 2: 10 10 [9 9] 9 9 — six units are one set
    pytest.param((lot("A", 2, 1000), lot("B", 4, 900)), buy_get(2, 2), (0, 1800), 1, id="buy 2 get 2"),
    # buy 1 get 2: 10 [10 9] 9 [9 9]: got are one A and three B
    pytest.param((lot("A", 2, 1000), lot("B", 4, 900)), buy_get(1, 2), (1000, 2700), 2, id="buy 1 get 2"),
    # same SKU: A has 3 and B has 1: one pair of A only; in a mix it were [100 and 50]
    pytest.param((lot("A", 3, 10000), lot("B", 1, 5000)), buy_get(1, 1, among="sku"), (10000, 0), 1, id="same SKU"),
    # same SKU, a pair each: 100 + 50
    pytest.param((lot("A", 2, 10000), lot("B", 3, 5000)), buy_get(1, 1, among="sku"), (10000, 5000), 2, id="each SKU"),
    # same SKU, only once: the pair that saves more
    pytest.param(
        (lot("A", 2, 5000), lot("B", 2, 10000)),
        buy_get(1, 1, among="sku", repeats=False),
        (0, 10000),
        1,
        id="same SKU once, the dearer",
    ),
    # the same SKU at two prices (with and without gift wrap): 12 [10]
    pytest.param(
        (lot("A", 1, 1000), lot("A", 1, 1200)), buy_get(1, 1, among="sku"), (1000, 0), 1, id="a SKU at two prices"
    ),
    # a million units: 250,000 sets of 3 + 1, each 0.10
    pytest.param((lot("A", 1_000_000, 10),), buy_get(3, 1), (2_500_000,), 250_000, id="a million units"),
    # goods for nothing are got for nothing already
    pytest.param((lot("A", 4, 0),), buy_get(3, 1), (0,), 0, id="nothing of nothing"),
    # units of 995 together: 5 × 100, 5 × 99; pairs 100[100] 100[100] 100[99] 99[99] 99[99] → 200 + 297
    pytest.param((lot("A", 10, 100, worth=995),), buy_get(1, 1), (497,), 5, id="uneven units"),
]


@pytest.mark.parametrize(("cart", "offer", "expected", "times"), BUY_GET)
def test_buy_some_get_some(
    cart: tuple[Lot, ...], offer: promotions.BuyGet, expected: tuple[int, ...], times: int
) -> None:
    told = promote(cart, promotion(offer))
    assert told.discounts == expected
    assert [one.times for one in told.applied] == [times][: times > 0]


OTHER = [
    # a suit brings a tie for nothing: the dearest of those there
    pytest.param(
        (lot("SUIT", 1, 90000, "suits"), lot("TIE", 1, 9000, "ties"), lot("CRAVAT", 1, 7000, "ties")),
        buy_get(1, 1),
        (0, 9000, 0),
        1,
        id="the dearest other",
    ),
    # two suits, two ties
    pytest.param(
        (lot("SUIT", 2, 90000, "suits"), lot("TIE", 1, 9000, "ties"), lot("CRAVAT", 1, 7000, "ties")),
        buy_get(1, 1),
        (0, 9000, 7000),
        2,
        id="twice",
    ),
    # three suits, but one tie
    pytest.param(
        (lot("SUIT", 3, 90000, "suits"), lot("TIE", 1, 9000, "ties")),
        buy_get(1, 1),
        (0, 9000),
        1,
        id="as many as are there",
    ),
    # no tie in the cart
    pytest.param((lot("SUIT", 1, 90000, "suits"),), buy_get(1, 1), (0,), 0, id="none to get"),
    # a set that is suit and tie at once can be bought or got, not both: one is bought, the other got
    pytest.param((lot("SET", 2, 5000, "suits", "ties"),), buy_get(1, 1), (5000,), 1, id="goods of both kinds"),
    # SET 60 is both, SUIT 50 is bought for it
    pytest.param(
        (lot("SET", 1, 6000, "suits", "ties"), lot("SUIT", 1, 5000, "suits")),
        buy_get(1, 1),
        (6000, 0),
        1,
        id="bought are the others",
    ),
    # half off: 2 ties for one suit: 90 + 70 = 160 × 50 % = 80 = 45 + 35
    pytest.param(
        (lot("SUIT", 1, 90000, "suits"), lot("TIE", 1, 9000, "ties"), lot("CRAVAT", 1, 7000, "ties")),
        buy_get(1, 2, HALF),
        (0, 4500, 3500),
        1,
        id="two others for half",
    ),
]


@pytest.mark.parametrize(("cart", "offer", "expected", "times"), OTHER)
def test_buy_some_get_some_of_other_goods(
    cart: tuple[Lot, ...], offer: promotions.BuyGet, expected: tuple[int, ...], times: int
) -> None:
    across = promotions.BuyGet(offer.buy, offer.get, offer.rate_ppm, among="other", other=goods("ties"))
    told = promote(cart, promotion(across, "suits"))
    assert told.discounts == expected
    assert [one.times for one in told.applied] == [times][: times > 0]


TOP, SKIRT, SHOES = goods("tops"), goods("skirts"), goods("shoes")
OUTFIT = (lot("TOP", 2, 20000, "tops"), lot("SKIRT", 1, 15000, "skirts"), lot("SHOES", 1, 30000, "shoes"))
TEE, MUG = goods("tees"), goods("mugs")

BUNDLE = [
    # 200 + 150 + 300 = 650 for 500: 150 off; by worth 4,615.38 | 3,461.54 | 6,923.08 → floors 4,615 + 3,461 + 6,923 =
    # 14,999, one more to .54. The second top is paid.
    pytest.param(OUTFIT, bundle(50000, (TOP, 1), (SKIRT, 1), (SHOES, 1)), (4615, 3462, 6923), 1, id="an outfit"),
    # two tops for 300 instead of 400
    pytest.param(OUTFIT, bundle(30000, (TOP, 2)), (10000, 0, 0), 1, id="two of one"),
    # no third top
    pytest.param(OUTFIT, bundle(30000, (TOP, 3)), (0, 0, 0), 0, id="not full"),
    # it would cost more than its parts
    pytest.param(OUTFIT, bundle(70000, (TOP, 1), (SKIRT, 1), (SHOES, 1)), (0, 0, 0), 0, id="never for more"),
    # three tees for 100: 5 tees of 40, 2 of 30: dearest first 40 40 40 | 40 40 30: 120 − 100 + 110 − 100 = 30 off,
    # over A (5 × 40 = 200 of 230) and B (30): 26.087 | 3.913 → 2,608 + 391 = 2,999, one more to A's .69 (2608.69)
    pytest.param(
        (lot("A", 5, 4000, "tees"), lot("B", 2, 3000, "tees")), bundle(10000, (TEE, 3)), (2609, 391), 2, id="any three"
    ),
    # three for 115: 40 40 40 saves 5, 40 40 30 would cost 5 more: once; 500 over the one lot
    pytest.param(
        (lot("A", 5, 4000, "tees"), lot("B", 2, 3000, "tees")),
        bundle(11500, (TEE, 3)),
        (500, 0),
        1,
        id="only while it saves",
    ),
    # at most once
    pytest.param((lot("A", 6, 4000, "tees"),), bundle(10000, (TEE, 3), times_max=1), (2000,), 1, id="at most once"),
    # A is a tee, B is a tee and a mug: tee + mug needs B as the mug: 40 + 35 − 60 = 15: 8.00 | 7.00
    pytest.param(
        (lot("A", 1, 4000, "tees"), lot("B", 1, 3500, "tees", "mugs")),
        bundle(6000, (TEE, 1), (MUG, 1)),
        (800, 700),
        1,
        id="goods that fit two slots",
    ),
    # B fits both slots, but one B is only one unit
    pytest.param(
        (lot("B", 1, 3500, "tees", "mugs"),), bundle(3000, (TEE, 1), (MUG, 1)), (0,), 0, id="not twice the same unit"
    ),
    # 2 B make the set: 70 − 60
    pytest.param(
        (lot("B", 2, 3500, "tees", "mugs"),), bundle(6000, (TEE, 1), (MUG, 1)), (1000,), 1, id="two that fit both"
    ),
    # a set of nothing
    pytest.param((lot("A", 2, 4000, "tees"),), bundle(0, (TEE, 2)), (8000,), 1, id="for nothing"),
    # 1,000,000 units of 0.10, three for 0.25: 333,333 sets, each 5 off
    pytest.param((lot("A", 1_000_000, 10, "tees"),), bundle(25, (TEE, 3)), (1_666_665,), 333_333, id="a million units"),
]


@pytest.mark.parametrize(("cart", "offer", "expected", "times"), BUNDLE)
def test_a_bundle_is_one_price_for_the_set(
    cart: tuple[Lot, ...], offer: promotions.Bundle, expected: tuple[int, ...], times: int
) -> None:
    told = promote(cart, promotion(offer))
    assert told.discounts == expected
    assert [one.times for one in told.applied] == [times][: times > 0]


def test_buy_and_get_in_yen_and_dinars() -> None:
    # 第二件半价: 333 × 50 % = 166.5 → 167 yen; 1.235 × 50 % = 0.6175 → 0.618 dinars
    assert promote([lot("A", 2, 333)], promotion(buy_get(1, 1, HALF)), currency="JPY").discounts == (167,)
    assert promote([lot("A", 2, 1235)], promotion(buy_get(1, 1, HALF)), currency="KWD").discounts == (618,)


def test_units_of_one_set_are_in_no_other() -> None:
    # Both want the four: the first has all of them, so the second is excluded.
    told = promote(
        [lot("A", 4, 1000)],
        promotion(buy_get(3, 1), id="FOURTH", priority=1),
        promotion(buy_get(1, 1, 100_000), id="TENTH", priority=2),
    )
    assert amounts(told) == {"FOURTH": 1000}
    assert (outcome(told, "TENTH").code, outcome(told, "TENTH").by) == ("excluded_by", "FOURTH")


def test_units_that_a_set_leaves_over_can_be_in_another() -> None:
    # 3 + 1 takes four; the two over are a pair: 10 % of 10.00
    told = promote(
        [lot("A", 6, 1000)],
        promotion(buy_get(3, 1, repeats=False), id="FOURTH", priority=1),
        promotion(buy_get(1, 1, 100_000), id="TENTH", priority=2),
    )
    assert amounts(told) == {"FOURTH": 1000, "TENTH": 100}


def test_a_rate_acts_on_what_a_set_left() -> None:
    # 4 × 10.00, one free: 30.00 are left, 10 % of that is 3.00
    cart = [lot("A", 4, 1000)]
    told = promote(cart, promotion(buy_get(3, 1), id="A", priority=1), promotion(percent(100_000), id="B", priority=2))
    assert amounts(told) == {"A": 1000, "B": 300}
    # The other way round: 40.00 − 4.00, then a unit of 9.00 is free
    told = promote(cart, promotion(buy_get(3, 1), id="A", priority=2), promotion(percent(100_000), id="B", priority=1))
    assert amounts(told) == {"A": 900, "B": 400}


def test_a_set_is_told_what_it_would_take() -> None:
    three = promote([lot("A", 3, 9900)], promotion(buy_get(3, 1)))
    assert (outcome(three).code, outcome(three).quantity) == ("needs_quantity", 1)
    assert three.near_misses == (outcome(three),)
    seven = promote([lot("A", 7, 9900)], promotion(buy_get(3, 1)))
    assert [(near.code, near.quantity, near.missing_ppm) for near in seven.near_misses] == [
        ("next_quantity", 1, ALL // 4)
    ]
    outfit = promote(OUTFIT[:2], promotion(bundle(50000, (TOP, 1), (SKIRT, 1), (SHOES, 2))))
    assert (outcome(outfit).code, outcome(outfit).quantity) == ("needs_quantity", 2)
    across = promotions.BuyGet(2, 1, ALL, among="other", other=goods("shoes"))
    suit = promote([lot("A", 1, 100, "tops")], promotion(across, "tops"))
    assert (outcome(suit).code, outcome(suit).quantity) == ("needs_quantity", 2)


def test_a_threshold_counts_the_goods_to_buy_not_those_to_get() -> None:
    # two ties are no two suits
    across = promotions.BuyGet(1, 1, ALL, among="other", other=goods("ties"))
    two_suits = promotions.When(min_quantity=2)
    cart = [lot("SUIT", 1, 90000, "suits"), lot("TIE", 2, 9000, "ties")]
    told = promote(cart, promotion(across, "suits", when=two_suits))
    assert (outcome(told).code, outcome(told).quantity) == ("needs_quantity", 1)
    # without a suit there is one to add
    told = promote(cart[1:], promotion(across, "suits"))
    assert (outcome(told).code, outcome(told).quantity) == ("needs_quantity", 1)


def test_uneven_units_keep_their_sum_through_sets_and_prices() -> None:
    # 995 over ten; 3 + 1 twice: 100 100 100 [100] 100 99 99 [99] → 199 off; the rest at most 50 each: of 796 left,
    # eight units at 50 or less: six bought and two over, 8 × 50 = 400 stay
    told = promote(
        [lot("A", 10, 100, worth=995)],
        promotion(buy_get(3, 1), id="A", priority=1),
        promotion(fixed(50), id="B", priority=2),
    )
    assert amounts(told) == {"A": 199, "B": 396}
    assert told.discounts == (595,)


def test_the_number_of_units_makes_no_work() -> None:
    cart = [lot(f"A{i}", 1_000_000, 100 + i, "tees") for i in range(20)]
    started = time.process_time()
    promote(cart, promotion(buy_get(3, 1), id="A"), promotion(bundle(250, (TEE, 3)), id="B"))
    assert time.process_time() - started < 1
