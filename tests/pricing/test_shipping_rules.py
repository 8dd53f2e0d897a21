"""What shipping costs: tariffs, surcharges, bounds, and what is waived.

Amounts are minor units: fen (2 decimals), yen (none), thousandths of a dinar (3). Weights are grams, sides millimeters.
"""

from typing import NamedTuple

import pytest

from jiedan.pricing import values
from tests.pricing.shipping_methods import (
    BEIJING,
    LHASA,
    asked,
    by_steps,
    flat,
    method,
    parcel,
    refused,
    table,
    told,
    weighing,
)


class Case(NamedTuple):
    name: str
    method: values.ShippingMethod
    contents: values.Contents
    steps: list[tuple[str, int]]
    place: values.Place = BEIJING


def boxes(count: int, length_mm: int = 400, weight_g: int = 1_000) -> values.Contents:
    return parcel(values.Piece("BOX", count, weight_g, length_mm, 300, 250))


# 首重 1 kg 12.00, 续重 0.5 kg 2.00
SF = by_steps("weight", 1_000, 12_00, 500, 2_00)
BANDS = table("weight", (500, 6_00), (2_000, 10_00), (10_000, 25_00))
OPEN = table("price", (49_99, 10_00), (99_99, 5_00), (None, 0))

TARIFFS = [
    Case("flat", method(flat(8_00)), parcel(), [("flat", 8_00)]),
    Case("nothing at all", method(flat(0)), parcel(), [("flat", 0)]),
    Case("yen", method(flat(800, "JPY")), parcel(currency="JPY"), [("flat", 800)]),
    Case("dinars", method(flat(1_250, "KWD")), parcel(currency="KWD"), [("flat", 1_250)]),
    # 300 g ≤ 500 g
    Case("the first band", method(BANDS), weighing(300), [("band", 6_00)]),
    Case("the end of a band is in it", method(BANDS), weighing(500), [("band", 6_00)]),
    Case("a gram beyond", method(BANDS), weighing(501), [("band", 10_00)]),
    # 300 + 1,700 = 2,000 g
    Case("all pieces together", method(BANDS), weighing(300, 1_700), [("band", 10_00)]),
    Case("by the price of the goods", method(OPEN), parcel(goods=50_00), [("band", 5_00)]),
    Case("the open band", method(OPEN), parcel(goods=10**15), [("band", 0)]),
    Case("by pieces", method(table("pieces", (1, 5_00), (None, 9_00))), boxes(2), [("band", 9_00)]),
    # 2 × 400 × 300 × 250 = 60,000,000 mm³
    Case("by volume", method(table("volume", (59_999_999, 1_00), (60_000_000, 2_00))), boxes(2), [("band", 2_00)]),
    Case("less than the first kilogram", method(SF), weighing(300), [("first", 12_00)]),
    Case("just the first kilogram", method(SF), weighing(1_000), [("first", 12_00)]),
    # 1 g beyond begins a step
    Case("a step begun", method(SF), weighing(1_001), [("first", 12_00), ("further", 2_00)]),
    # 2,300 − 1,000 = 1,300 g = 2.6 steps → 3 × 2.00
    Case("three steps", method(SF), weighing(300, 2_000), [("first", 12_00), ("further", 6_00)]),
    # 1,000,000 × 50 g = 50,000 kg; (50,000,000 − 1,000) / 500 = 99,998 steps × 2.00
    Case(
        "a million pieces",
        method(SF),
        parcel(values.Piece("PIN", 1_000_000, 50)),
        [("first", 12_00), ("further", 199_996_00)],
    ),
    # first 3 pieces 5.000 dinars, each 2 more 0.750: 8 pieces = 5 beyond = 3 steps
    Case(
        "by pieces in steps",
        method(by_steps("pieces", 3, 5_000, 2, 750), currency="KWD"),
        parcel(values.Piece("X", 8), currency="KWD"),
        [("first", 5_000), ("further", 2_250)],
    ),
    # 400 × 300 × 250 = 30,000,000 mm³ / 5000 = 6,000 g against 1,000 g; 5,000 beyond = 10 steps
    Case(
        "a bulky box is weighed by its volume",
        method(SF, divisor=5_000),
        boxes(1),
        [("volumetric", 0), ("first", 12_00), ("further", 20_00)],
    ),
    # 30,000,000 / 6000 = 5,000 g against 7,000 g: (7,000 − 1,000) / 500 = 12 steps
    Case(
        "a heavy box is weighed",
        method(SF, divisor=6_000),
        boxes(1, weight_g=7_000),
        [("first", 12_00), ("further", 24_00)],
    ),
    # 1 × 1 × 1 mm / 5000 = 0.0002 g → 1 g, against 0 g
    Case(
        "a volumetric weight is rounded up",
        method(by_steps("weight", 0, 0, 1, 7), divisor=5_000),
        parcel(values.Piece("DUST", 1, 0, 1, 1, 1)),
        [("volumetric", 0), ("first", 0), ("further", 7)],
    ),
]

REMOTE = values.ShippingSurcharge("remote", {"CNY": 15_00}, areas=(values.ShippingArea("CN", "XZ"),))
LONG = values.ShippingSurcharge("oversize", {"CNY": 30_00}, "piece", side_over_mm=1_200)
HEAVY = values.ShippingSurcharge("heavy", {"CNY": 20_00}, side_over_mm=None, weight_over_g=30_000)
WRAPPED = values.ShippingSurcharge("wrapping", {"CNY": 1_50}, "piece")
STAYS = values.ShippingSurcharge("remote", {"CNY": 15_00}, areas=REMOTE.areas, when_free=True)
LONG_THERE = values.ShippingSurcharge("both", {"CNY": 9_00}, areas=REMOTE.areas, side_over_mm=300)

SURCHARGES = [
    Case("far away", method(flat(8_00), surcharges=(REMOTE,)), boxes(2), [("flat", 8_00), ("surcharge", 15_00)], LHASA),
    Case("not far away", method(flat(8_00), surcharges=(REMOTE,)), boxes(2), [("flat", 8_00)]),
    # 3 pieces of 1,201 mm, each 30.00
    Case(
        "each long piece",
        method(flat(8_00), surcharges=(LONG,)),
        boxes(3, length_mm=1_201),
        [("flat", 8_00), ("surcharge", 90_00)],
    ),
    Case("just not too long", method(flat(8_00), surcharges=(LONG,)), boxes(3, length_mm=1_200), [("flat", 8_00)]),
    Case(
        "once for heavy pieces",
        method(flat(8_00), surcharges=(HEAVY,)),
        boxes(3, weight_g=30_001),
        [("flat", 8_00), ("surcharge", 20_00)],
    ),
    # 60 kg of pieces that are light each
    Case("many light pieces are not heavy", method(flat(8_00), surcharges=(HEAVY,)), boxes(60), [("flat", 8_00)]),
    Case(
        "each piece without a condition",
        method(flat(0), surcharges=(WRAPPED,)),
        boxes(1_000_000),
        [("flat", 0), ("surcharge", 1_500_000_00)],
    ),
    Case("one of two conditions", method(flat(1), surcharges=(LONG_THERE,)), boxes(1), [("flat", 1)]),
    Case(
        "two conditions", method(flat(1), surcharges=(LONG_THERE,)), boxes(1), [("flat", 1), ("surcharge", 9_00)], LHASA
    ),
    # by code: oversize, remote
    Case(
        "several",
        method(flat(8_00), surcharges=(REMOTE, LONG)),
        boxes(1, length_mm=2_000),
        [("flat", 8_00), ("surcharge", 30_00), ("surcharge", 15_00)],
        LHASA,
    ),
]

FREE = flat(8_00, free_from_minor=99_00)
BOUND = flat(8_00, minimum_minor=10_00, maximum_minor=20_00)

BOUNDS = [
    Case("not enough", method(FREE), parcel(goods=98_99), [("flat", 8_00)]),
    Case("just enough", method(FREE), parcel(goods=99_00), [("flat", 8_00), ("free_from", -8_00)]),
    Case(
        "free from nothing",
        method(flat(8_00, free_from_minor=0)),
        parcel(goods=0),
        [("flat", 8_00), ("free_from", -8_00)],
    ),
    # the surcharge is waived with the fee
    Case(
        "free far away",
        method(FREE, surcharges=(REMOTE,)),
        parcel(),
        [("flat", 8_00), ("surcharge", 15_00), ("free_from", -23_00)],
        LHASA,
    ),
    # 包邮, 偏远地区除外: the surcharge stays
    Case(
        "free but for the remote",
        method(FREE, surcharges=(STAYS,)),
        parcel(),
        [("flat", 8_00), ("surcharge", 15_00), ("free_from", -8_00)],
        LHASA,
    ),
    Case("the least", method(BOUND), parcel(), [("flat", 8_00), ("minimum", 2_00)]),
    # 8.00 + 15.00 = 23.00, at most 20.00
    Case(
        "the most, with surcharges",
        method(BOUND, surcharges=(REMOTE,)),
        parcel(),
        [("flat", 8_00), ("surcharge", 15_00), ("maximum", -3_00)],
        LHASA,
    ),
    Case(
        "free is less than the least",
        method(flat(8_00, free_from_minor=99_00, minimum_minor=10_00)),
        parcel(),
        [("flat", 8_00), ("free_from", -8_00)],
    ),
    Case(
        "what stays when free is bounded above",
        method(flat(8_00, free_from_minor=99_00, maximum_minor=10_00), surcharges=(STAYS,)),
        parcel(),
        [("flat", 8_00), ("surcharge", 15_00), ("free_from", -8_00), ("maximum", -5_00)],
        LHASA,
    ),
]


@pytest.mark.parametrize("case", [*TARIFFS, *SURCHARGES, *BOUNDS], ids=lambda case: case.name)
def test_worked_fees(case: Case) -> None:
    (offer,) = asked([case.method], case.contents, case.place)
    assert (offer.reasons, told(offer)) == ((), case.steps)


def test_steps_say_what_was_measured_and_compared() -> None:
    (offer,) = asked([method(SF, divisor=5_000)], boxes(1))
    assert offer.steps == (
        values.ShippingStep("volumetric", measure=6_000, limit=1_000),
        values.ShippingStep("first", 12_00, "weight", measure=6_000, limit=1_000),
        values.ShippingStep("further", 20_00, "weight", 10, 5_000, 500),
    )
    (offer,) = asked([method(BANDS, surcharges=(WRAPPED,))], boxes(2))
    assert offer.steps == (
        values.ShippingStep("band", 10_00, "weight", measure=2_000, limit=2_000),
        values.ShippingStep("surcharge", 3_00, "wrapping", 2),
    )


LIMITS = [
    ("too_heavy", values.ShippingLimits(weight_g=1_999), (2_000, 1_999)),
    ("piece_too_heavy", values.ShippingLimits(piece_weight_g=999), (1_000, 999)),
    ("too_bulky", values.ShippingLimits(volume_mm3=59_999_999), (60_000_000, 59_999_999)),
    ("too_long", values.ShippingLimits(side_mm=399), (400, 399)),
    ("too_valuable", values.ShippingLimits(value={"CNY": 99_99}), (100_00, 99_99)),
]


@pytest.mark.parametrize(("code", "limits", "told_of"), LIMITS, ids=[code for code, _, _ in LIMITS])
def test_what_is_beyond_a_limit_is_not_taken(
    code: str, limits: values.ShippingLimits, told_of: tuple[int, int]
) -> None:
    (offer,) = asked([method(flat(1), limits=limits)], boxes(2))
    assert refused(offer) == [(code, *told_of)]
    assert (offer.fee_minor, offer.steps) == (0, ())


def test_what_is_at_a_limit_is_taken() -> None:
    limits = values.ShippingLimits(2_000, 1_000, 60_000_000, 400, {"CNY": 100_00})
    (offer,) = asked([method(flat(1), limits=limits)], boxes(2))
    assert offer.serves


def test_every_limit_that_is_passed_is_told() -> None:
    limits = values.ShippingLimits(1, 1, 1, 1, {"CNY": 1})
    (offer,) = asked([method(BANDS, limits=limits)], boxes(11))
    assert [code for code, _, _ in refused(offer)] == [
        "too_heavy",
        "piece_too_heavy",
        "too_bulky",
        "too_long",
        "too_valuable",
        "beyond_table",
    ]
    assert offer.reasons[-1] == values.ShippingReason("beyond_table", 11_000, 10_000, reference="weight")
