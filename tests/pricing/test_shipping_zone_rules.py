"""Which zone a place is in, what becomes of unknown measures, other currencies and formulas, and which method it is."""

import pytest

from jiedan.base import money
from jiedan.pricing import errors, rules, values
from tests.pricing.shipping_methods import (
    BEIJING,
    EVERYWHERE,
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
    zone,
)

Area = values.ShippingArea
ISLANDS = Area("GB", postal="IV40..IV56")
ZONES = (
    zone("world", 90_00, *EVERYWHERE),
    zone("china", 10_00, Area("CN"), excluded=(Area("CN", "HK"), Area("CN", postal="999"))),
    zone("far", 25_00, Area("CN", "XZ"), Area("CN", "XJ")),
    zone("city", 6_00, Area("CN", postal="100"), Area("CN", postal="200000..201999")),
    zone("britain", 40_00, Area("GB"), excluded=(ISLANDS,)),
    zone("islands", 70_00, Area("GB", postal="IV"), Area("GB", postal="HS")),
)
POST = values.ShippingMethod("post", "Post", ZONES)
NO_WORLD = values.ShippingMethod("post", "Post", ZONES[1:])


@pytest.mark.parametrize(
    ("place", "expected", "fee"),
    [
        (BEIJING, "city", 6_00),
        (values.Place("CN", "GD", "510000"), "china", 10_00),
        (values.Place("CN", "SH", "201999"), "city", 6_00),
        (values.Place("CN", "SH", "202000"), "china", 10_00),
        (LHASA, "far", 25_00),
        # a postal area is more particular than a region
        (values.Place("CN", "XZ", "100006"), "city", 6_00),
        # excluded from China, so it is like the rest of the world
        (values.Place("CN", "HK"), "world", 90_00),
        (values.Place("CN", "GD", "999077"), "world", 90_00),
        (values.Place("FR"), "world", 90_00),
        (values.Place(""), "world", 90_00),
        (values.Place("GB", "", "SW1A 1AA"), "britain", 40_00),
        (values.Place("GB", "", "hs1 2xx"), "islands", 70_00),
        # excluded from Britain, and in the islands
        (values.Place("GB", "", "IV51 9XX"), "islands", 70_00),
    ],
)
def test_the_most_particular_zone_counts(place: values.Place, expected: str, fee: int) -> None:
    (offer,) = asked([POST], parcel(), place)
    assert (offer.zone, offer.fee_minor) == (expected, fee)
    (backwards,) = asked([values.ShippingMethod("post", "Post", ZONES[::-1])], parcel(), place)
    assert backwards == offer


def test_a_place_of_no_zone_is_not_served() -> None:
    (offer,) = asked([NO_WORLD], parcel(), values.Place("FR"))
    assert offer.reasons == (values.ShippingReason("not_served"),)


def test_a_place_that_is_excluded_everywhere_is_told_apart() -> None:
    (offer,) = asked([NO_WORLD], parcel(), values.Place("CN", "HK"))
    assert offer.reasons == (values.ShippingReason("excluded", reference="china"),)


def test_of_zones_that_hold_a_place_equally_the_first_by_code_counts() -> None:
    overlapping = (zone("b", 2, Area("CN", postal="10..17")), zone("a", 1, Area("CN", postal="12..19")))
    for zones in (overlapping, overlapping[::-1]):
        (offer,) = asked([values.ShippingMethod("post", "Post", zones)], parcel(), values.Place("CN", "", "160000"))
        assert offer.zone == "a"


# 1,000 g known, and two units of which nothing is known
MIXED = parcel(values.Piece("KNOWN", 1, 1_000, 200, 100, 100), values.Piece("B", 1), values.Piece("A", 1))
BY_WEIGHT = method(table("weight", (5_000, 9_00)))
BY_VOLUME = method(table("volume", (10**9, 9_00)))


@pytest.mark.parametrize(
    ("asking", "codes"),
    [
        (BY_WEIGHT, ["weight_unknown"]),
        (BY_VOLUME, ["size_unknown"]),
        (method(table("weight", (5_000, 9_00)), divisor=5_000), ["weight_unknown", "size_unknown"]),
        (method(flat(1), limits=values.ShippingLimits(weight_g=5_000)), ["weight_unknown"]),
        (method(flat(1), limits=values.ShippingLimits(piece_weight_g=5_000)), ["weight_unknown"]),
        (method(flat(1), limits=values.ShippingLimits(volume_mm3=10**9)), ["size_unknown"]),
        (method(flat(1), limits=values.ShippingLimits(side_mm=500)), ["size_unknown"]),
        (method(flat(1), surcharges=(values.ShippingSurcharge("s", {"CNY": 1}, weight_over_g=1),)), ["weight_unknown"]),
        (method(flat(1), surcharges=(values.ShippingSurcharge("s", {"CNY": 1}, side_over_mm=1),)), ["size_unknown"]),
        (method(flat(1)), []),
        (method(table("pieces", (3, 1))), []),
        (method(table("price", (None, 1))), []),
    ],
)
def test_who_needs_a_measure_that_is_unknown_does_not_serve(asking: values.ShippingMethod, codes: list[str]) -> None:
    (offer,) = asked([asking], MIXED)
    assert [reason.code for reason in offer.reasons] == codes
    assert all(reason.skus == ("A", "B") for reason in offer.reasons)


def test_an_assumed_weight_is_counted_and_told() -> None:
    # 1,000 + 2 × 1,500 = 4,000 g
    (offer,) = asked([BY_WEIGHT], MIXED, weight_g=1_500)
    assert offer.steps == (
        values.ShippingStep("assumed_weight", count=2, measure=1_500),
        values.ShippingStep("band", 9_00, "weight", measure=4_000, limit=5_000),
    )
    # 1,000 + 2 × 2,001 = 5,002 g
    (offer,) = asked([BY_WEIGHT], MIXED, weight_g=2_001)
    assert refused(offer) == [("beyond_table", 5_002, 5_000)]


def test_an_assumed_size_is_counted_and_told() -> None:
    # 2,000,000 + 2 × 300 × 200 × 100 = 14,000,000 mm³
    (offer,) = asked([BY_VOLUME], MIXED, length_mm=200, width_mm=300, height_mm=100)
    assert offer.steps == (
        values.ShippingStep("assumed_size", count=2, measure=300),
        values.ShippingStep("band", 9_00, "volume", measure=14_000_000, limit=10**9),
    )


def test_what_nobody_asks_for_is_not_assumed() -> None:
    (offer,) = asked([method(flat(5))], MIXED, weight_g=1_500, length_mm=1, width_mm=1, height_mm=1)
    assert told(offer) == [("flat", 5)]


def test_a_method_without_the_carts_currency_is_not_offered_in_it() -> None:
    elsewhere = values.ShippingSurcharge("far", {"CNY": 1}, areas=(Area("CN", "XZ"),))
    limits = values.ShippingLimits(value={"CNY": 1_000_00})
    methods = [
        method(flat(8_00), "a"),
        method(flat(800, "JPY"), "b", surcharges=(elsewhere,)),
        method(flat(900, "JPY"), "c", limits=limits),
    ]
    offers = {offer.method: offer for offer in asked(methods, parcel(currency="JPY"))}
    assert offers["a"].reasons == (values.ShippingReason("not_in_currency", currency="JPY"),)
    assert (offers["b"].fee_minor, offers["b"].reasons) == (800, ())
    assert offers["c"].reasons == (values.ShippingReason("not_in_currency", currency="JPY"),)
    far = {offer.method: offer for offer in asked(methods, parcel(currency="JPY"), LHASA)}
    assert far["b"].reasons == (values.ShippingReason("surcharge_not_in_currency", currency="JPY", reference="far"),)


def test_a_formula_is_given_what_is_known() -> None:
    heard = []

    def fee_of(code: str, measures: values.ShippingMeasures) -> int | None:
        heard.append((code, measures))
        return 123

    by_formula = method(values.FormulaTariff("cubic"), divisor=5_000)
    (offer,) = asked([by_formula], parcel(values.Piece("BOX", 2, 1_000, 400, 300, 250)), formula=fee_of)
    assert told(offer) == [("formula", 123)]
    asked([by_formula], MIXED, formula=fee_of)
    # 2 × 30,000,000 mm³ / 5000 = 12,000 g against 2,000 g
    assert heard == [
        ("cubic", values.ShippingMeasures("CNY", 100_00, 2, 12_000, 60_000_000, 400)),
        ("cubic", values.ShippingMeasures("CNY", 100_00, 3, None, None, None)),
    ]


@pytest.mark.parametrize(
    ("answer", "told_of"),
    [
        (None, ("formula_unanswered", 0, 0)),
        (-1, ("fee_out_of_range", -1, money.AMOUNT_MINOR_MAX)),
        (money.AMOUNT_MINOR_MAX + 1, ("fee_out_of_range", money.AMOUNT_MINOR_MAX + 1, money.AMOUNT_MINOR_MAX)),
    ],
)
def test_a_formula_without_a_fee_does_not_serve(answer: int | None, told_of: tuple[str, int, int]) -> None:
    (offer,) = asked([method(values.FormulaTariff("f"))], parcel(), formula=lambda _code, _measures: answer)
    assert refused(offer) == [told_of]
    assert offer.reasons[0].reference == "f"


def test_a_formula_that_nobody_answers_does_not_serve() -> None:
    (offer,) = asked([method(values.FormulaTariff("f"))], parcel())
    assert refused(offer) == [("formula_unanswered", 0, 0)]


def test_a_fee_beyond_what_is_kept_is_not_offered() -> None:
    steep = by_steps("weight", 0, 0, 1, 10**15)
    (offer,) = asked([method(steep)], weighing(2))
    assert refused(offer) == [("fee_out_of_range", 2 * 10**15, money.AMOUNT_MINOR_MAX)]


METHODS = [
    method(flat(8_00), "standard"),
    method(flat(20_00), "express"),
    method(flat(8_00), "economy"),
    method(flat(1_00), "letter", limits=values.ShippingLimits(weight_g=50)),
]


def test_offers_begin_with_the_cheapest_and_end_with_those_that_do_not_serve() -> None:
    offers = asked(METHODS, parcel())
    assert [(offer.method, offer.serves) for offer in offers] == [
        ("economy", True),
        ("standard", True),
        ("express", True),
        ("letter", False),
    ]
    assert asked(METHODS[::-1], parcel()) == offers


def test_the_cheapest_is_chosen_unless_one_is_named() -> None:
    offers = asked(METHODS, parcel())
    assert rules.shipping.choose(offers, None).method == "economy"
    assert rules.shipping.choose(offers[::-1], None).method == "economy"
    assert rules.shipping.choose(offers, "express").fee_minor == 20_00
    assert rules.shipping.choose(asked(METHODS, weighing(50)), None).method == "letter"


@pytest.mark.parametrize("named", ["letter", "pigeon", ""])
def test_a_named_method_that_does_not_serve_is_refused_with_what_there_is(named: str) -> None:
    with pytest.raises(errors.ShippingMethodUnavailable) as refusal:
        rules.shipping.choose(asked(METHODS, parcel()), named)
    assert (refusal.value.field, refusal.value.offered) == ("shipping_method", "economy, standard, express")
    assert "Choose one of these: economy, standard, express." in str(refusal.value)


@pytest.mark.parametrize("named", [None, "letter"])
def test_where_nothing_serves_that_is_said(named: str | None) -> None:
    with pytest.raises(errors.ShippingNotOffered) as refusal:
        rules.shipping.choose(asked(METHODS[3:], parcel()), named)
    assert refusal.value.field == "shipping_method"


def test_nothing_to_ship_asks_for_no_offer() -> None:
    assert asked(METHODS, values.Contents("CNY", 0, ())) == ()
    assert asked(METHODS, values.Contents("CNY", 0, (values.Piece("A", 0, 1),))) == ()
