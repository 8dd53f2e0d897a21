"""Offers that need no sets, worked by hand: rates, amounts, fixed prices, steps. Amounts are minor units."""

import pytest

from jiedan.pricing.values import promotions
from jiedan.pricing.values.lots import Lot
from tests.pricing.promotion_factories import (
    amounts,
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

SHIRT, SOCK, CAP = lot("SHIRT", 3, 9900, "wear"), lot("SOCK", 2, 1990, "wear"), lot("CAP", 1, 4950, "hats")
CART = (SHIRT, SOCK, CAP)

PERCENT = [
    # 29,700 × 10 % = 2,970
    pytest.param(CART, percent(100_000), ("SHIRT",), (2970, 0, 0), id="of one SKU"),
    # (29,700 + 3,980) × 10 % = 3,368 = 2,970 + 398
    pytest.param(CART, percent(100_000), ("wear",), (2970, 398, 0), id="of a category"),
    # 38,630 × 15 % = 5,794.5 → 5,795; shares 4,455.38 | 597.05 | 742.56: floors 4,455 + 597 + 742 = 5,794, one more
    # to the largest remainder (.56)
    pytest.param(CART, percent(150_000), (), (4455, 597, 743), id="of everything, spread by largest remainder"),
    # 33 × 50 % = 16.5 → 17
    pytest.param((lot("A", 1, 33),), percent(500_000), (), (17,), id="half up"),
    # 5 × 10 % = 0.5 → 1
    pytest.param((lot("A", 1, 5),), percent(100_000), (), (1,), id="half of the smallest unit"),
    # 4 × 10 % = 0.4 → 0: nothing
    pytest.param((lot("A", 1, 4),), percent(100_000), (), (0,), id="less than half is nothing"),
    # three lots of 3 × 50 % on 9 → 4.5 → 5: shares 1.67 each, floors 3, two more to the first by code
    pytest.param((lot("B", 1, 3), lot("A", 1, 3), lot("C", 1, 3)), percent(500_000), (), (2, 2, 1), id="ties by code"),
    # 100 %
    pytest.param(CART, percent(1_000_000), (), (29700, 3980, 4950), id="everything for nothing"),
    # 1 ppm of 1,000,000 units at 1.00 = 100,000,000 / 1,000,000 = 100
    pytest.param((lot("A", 1_000_000, 100),), percent(1), (), (100,), id="a million units"),
    # graduated tiers left 995 of 10 × 100; 10 % = 99.5 → 100
    pytest.param((lot("A", 10, 100, worth=995),), percent(100_000), (), (100,), id="of what tiers left"),
    # 10 % of 38,630 = 3,863, at most 2,000: shares by worth 1,537.67 | 206.06 | 256.28 → 1,537 + 206 + 256 = 1,999, one
    # more to .67
    pytest.param(CART, percent(100_000, at_most={"CNY": 2000}), (), (1538, 206, 256), id="at most"),
    # the ceiling is not reached: 3,368 < 5,000
    pytest.param(CART, percent(100_000, at_most={"CNY": 5000}), ("wear",), (2970, 398, 0), id="below the ceiling"),
    # goods without a price have nothing to reduce
    pytest.param((lot("A", 1, 0),), percent(100_000), (), (0,), id="of nothing"),
    # per order: the same arithmetic, after the offers on goods
    pytest.param(CART, percent(100_000, per="order"), ("wear",), (2970, 398, 0), id="of the order"),
]

AMOUNT = [
    # 3 × 10.00
    pytest.param(CART, off(1000, "unit"), ("SHIRT",), (3000, 0, 0), id="per unit"),
    # 3 × 25.00 and 2 × 19.90, which is all a sock costs
    pytest.param(CART, off(2500, "unit"), ("wear",), (7500, 3980, 0), id="per unit, never below nothing"),
    # 10.00 off each of two lines
    pytest.param(CART, off(1000, "line"), ("wear",), (1000, 1000, 0), id="per line"),
    # 45.00 off the shirts, all 39.80 of the socks
    pytest.param(CART, off(4500, "line"), ("wear",), (4500, 3980, 0), id="per line, never below nothing"),
    # 50.00 over 38,630: 3,844.16 | 515.14 | 640.69 → floors 3,844 + 515 + 640 = 4,999, one more to .69
    pytest.param(CART, off(5000), (), (3844, 515, 641), id="off the order, spread"),
    # 500.00 off goods worth 386.30: all of it, no more
    pytest.param(CART, off(50_000), (), (29700, 3980, 4950), id="off the order, never more than it is worth"),
    # 1 minor unit over three equal lots goes to the first by code
    pytest.param((lot("C", 1, 9), lot("B", 1, 9), lot("A", 1, 9)), off(1), (), (0, 0, 1), id="one unit, by code"),
    # tiers left 995 of ten: 5 units at 100 and 5 at 99; 99 off each leaves 5 × 1
    pytest.param((lot("A", 10, 100, worth=995),), off(99, "unit"), (), (990,), id="per unit of uneven units"),
    # 100 off each would be 1,000, but the units cost 995 together
    pytest.param((lot("A", 10, 100, worth=995),), off(100, "unit"), (), (995,), id="per unit of uneven units, all"),
]

FIXED = [
    # 3 × (99.00 − 79.00)
    pytest.param(CART, fixed(7900), ("SHIRT",), (6000, 0, 0), id="a lower price"),
    # socks cost 19.90 already: they stay
    pytest.param(CART, fixed(2000), ("wear",), (23700, 0, 0), id="never a higher price"),
    # for nothing
    pytest.param(CART, fixed(0), ("CAP",), (0, 0, 4950), id="a price of nothing"),
    # uneven units, 995 of ten, at 50: 995 − 500
    pytest.param((lot("A", 10, 100, worth=995),), fixed(50), (), (495,), id="uneven units"),
    # 99 is what five of them cost: 5 × 1 off the others
    pytest.param((lot("A", 10, 100, worth=995),), fixed(99), (), (5,), id="uneven units, the lower price"),
]

STEPS = [
    # 386.30 ≥ 300: 50 off; 3,844.16 | 515.14 | 640.69 → as above
    pytest.param(CART, steps((20000, 3000), (30000, 5000)), (), (3844, 515, 641), id="the best step reached"),
    # 336.80 of wear ≥ 300: 50 off: 4,409.14 | 590.86 → 4,409 + 590 = 4,999, one more to .86
    pytest.param(CART, steps((20000, 3000), (30000, 5000)), ("wear",), (4409, 591, 0), id="of some goods"),
    # 49.50 < 200
    pytest.param(CART, steps((20000, 3000)), ("CAP",), (0, 0, 0), id="not reached"),
    # exactly reached: 297.00 ≥ 297.00
    pytest.param(CART, steps((29700, 100)), ("SHIRT",), (100, 0, 0), id="reached to the unit"),
    # 386.30 // 100 = 3 times 15.00 = 45.00: 3,459.75 | 463.63 | 576.62 → 3,459 + 463 + 576 = 4,498, one more to .75
    # and one to .63
    pytest.param(CART, steps((10000, 1500), repeats=True), (), (3460, 464, 576), id="each 100 spent"),
    # 3 × 15.00 = 45.00, at most 20.00: 1,537.67 | 206.06 | 256.28
    pytest.param(
        CART, steps((10000, 1500), repeats=True, at_most={"CNY": 2000}), (), (1538, 206, 256), id="each 100, at most"
    ),
    # 100.00 off from 49.50 on, but the goods cost only that
    pytest.param(CART, steps((4950, 10000)), ("CAP",), (0, 0, 4950), id="never more than it is worth"),
    # 5 units of wear: the step of 4 gives 10 %, that of 6 is not reached: 3,368
    pytest.param(
        CART,
        promotions.Steps(
            by="quantity",
            steps=(
                promotions.Step(from_quantity=4, rate_ppm=100_000),
                promotions.Step(from_quantity=6, rate_ppm=200_000),
            ),
        ),
        ("wear",),
        (2970, 398, 0),
        id="by quantity, a rate",
    ),
    # 5 units // 2 = 2 times 3.00 = 6.00 over 33,680: 529.10 | 70.90 → 529 + 70 = 599, one more to .90
    pytest.param(
        CART,
        promotions.Steps(by="quantity", repeats=True, steps=(promotions.Step(from_quantity=2, amounts={"CNY": 300}),)),
        ("wear",),
        (529, 71, 0),
        id="each two units",
    ),
]


@pytest.mark.parametrize(("cart", "offer", "traits", "expected"), [*PERCENT, *AMOUNT, *FIXED, *STEPS])
def test_an_offer_takes_off_what_was_worked_out_by_hand(
    cart: tuple[Lot, ...], offer: promotions.Offer, traits: tuple[str, ...], expected: tuple[int, ...]
) -> None:
    told = promote(cart, promotion(offer, *traits))
    assert told.discounts == expected
    assert sum(amounts(told).values()) == sum(expected)
    assert told.search == "complete"


OTHER_MONEY = [
    # yen have no decimals: 1,980 × 8 % = 158.4 → 158
    pytest.param("JPY", lot("A", 2, 990), percent(80_000), (158,), id="yen"),
    # 3 × 333 = 999 × 50 % = 499.5 → 500
    pytest.param("JPY", lot("A", 3, 333), percent(500_000), (500,), id="yen, half up"),
    # dinars have three: 12.345 × 7.5 % = 0.925875 → 926
    pytest.param("KWD", lot("A", 1, 12_345), percent(75_000), (926,), id="dinars"),
    # 0.250 off each of 4
    pytest.param("KWD", lot("A", 4, 12_345), off(250, "unit", "KWD"), (1000,), id="dinars, per unit"),
    # 10,000 yen from 30,000 on: 2 × 15,000
    pytest.param("JPY", lot("A", 2, 15_000), steps((30_000, 10_000), currency="JPY"), (10_000,), id="yen, steps"),
    # 49.99 € each of two, to 39.99 €
    pytest.param("EUR", lot("A", 2, 4999), fixed(3999, "EUR"), (2000,), id="euros, fixed price"),
]


@pytest.mark.parametrize(("currency", "one", "offer", "expected"), OTHER_MONEY)
def test_amounts_are_minor_units_of_whatever_currency(
    currency: str, one: Lot, offer: promotions.Offer, expected: tuple[int, ...]
) -> None:
    assert promote([one], promotion(offer), currency=currency).discounts == expected


@pytest.mark.parametrize(
    "offer",
    [off(100), off(100, "unit"), fixed(1), steps((1, 1)), percent(100_000, at_most={"CNY": 1})],
    ids=["order", "unit", "fixed", "steps", "ceiling"],
)
def test_an_offer_without_an_amount_in_the_carts_currency_is_not_offered_in_it(offer: promotions.Offer) -> None:
    told = promote([lot("A", 1, 500)], promotion(offer), currency="EUR")
    assert told.discounts == (0,)
    assert (outcome(told).code, outcome(told).wanted) == ("not_in_currency", ("EUR",))


COUNTED = [
    # five at 79.00 instead of 99.00, 2 may be: 2 × 20.00
    pytest.param((lot("A", 5, 9900),), fixed(7900), 2, (4000,), 2, id="a flash price for two"),
    # of two dear and three cheap ones the two dearest: 10 % of 2 × 100.00 = 20.00
    pytest.param((lot("A", 3, 5000), lot("B", 2, 10000)), percent(100_000), 2, (0, 2000), 2, id="the dearest"),
    # three: both dear ones and a cheap one: 10 % of 250.00 = 25.00, by worth 20.00 and 5.00
    pytest.param((lot("A", 3, 5000), lot("B", 2, 10000)), percent(100_000), 3, (500, 2000), 3, id="and one cheap"),
    # more may be than there are
    pytest.param((lot("A", 3, 5000),), off(100, "unit"), 9, (300,), 3, id="more than there are"),
    # of units that cost 995 together, the four dearest cost 100 each
    pytest.param((lot("A", 10, 100, worth=995),), fixed(0), 4, (400,), 4, id="of uneven units"),
    # what costs no more already uses none up
    pytest.param((lot("A", 2, 100), lot("B", 2, 50)), fixed(60), 3, (80, 0), 2, id="only those reduced are used"),
]


@pytest.mark.parametrize(("cart", "offer", "units", "expected", "used"), COUNTED)
def test_a_flash_sale_reduces_no_more_units_than_it_has(
    cart: tuple[Lot, ...], offer: promotions.Offer, units: int, expected: tuple[int, ...], used: int
) -> None:
    told = promote(cart, promotion(offer, caps=promotions.Caps(units=100)), units_left={"P": units})
    assert told.discounts == expected
    assert told.applied[0].units == used
    alike = promote(cart, promotion(offer, caps=promotions.Caps(units_per_order=units)))
    assert alike.discounts == expected


def test_goods_that_are_priced_by_hand_are_neither_reduced_nor_counted() -> None:
    by_hand = lot("SHIRT", 1, 50_000, promotable=False)
    told = promote([by_hand, lot("CAP", 1, 4950)], promotion(steps((10_000, 1000))))
    assert told.discounts == (0, 0)
    assert (outcome(told).code, outcome(told).amount_minor) == ("needs_spend", 5050)


def test_goods_are_chosen_by_any_all_and_none_of_their_traits() -> None:
    cart = [
        lot("A", 1, 1000, "wear", "brand:x"),
        lot("B", 1, 1000, "wear", "brand:y"),
        lot("C", 1, 1000, "wear", "brand:x", "tag:sale"),
    ]
    chosen = goods("wear", all_of=["brand:x"], none_of=["tag:sale"])
    assert promote(cart, promotion(percent(100_000), goods=chosen)).discounts == (100, 0, 0)
    only_all = goods(all_of=["brand:x", "tag:sale"])
    assert promote(cart, promotion(percent(100_000), goods=only_all)).discounts == (0, 0, 100)
    all_but = goods(none_of=["C", "brand:y"])
    assert promote(cart, promotion(percent(100_000), goods=all_but)).discounts == (100, 0, 0)
