"""What holds of every method and every parcel: steps make the fee, nothing is below zero, order and splits are free."""

from hypothesis import given
from hypothesis import strategies as st

from jiedan.pricing import rules, values
from tests.pricing.shipping_methods import BEIJING, EVERYWHERE, LHASA, table

AMOUNTS = st.integers(0, 50_000)
MEASURES = st.sampled_from(("weight", "volume", "price", "pieces"))
SIDES = st.none() | st.integers(1, 2_000)
PLACES = st.sampled_from((BEIJING, LHASA, values.Place("FR")))


@st.composite
def bands(draw: st.DrawFn) -> values.TableTariff:
    ends = sorted(draw(st.sets(st.integers(0, 10**9), min_size=1, max_size=5)))
    fees = sorted(draw(st.lists(AMOUNTS, min_size=len(ends), max_size=len(ends))))
    return table(draw(MEASURES), *zip(ends, fees, strict=True))


TARIFFS = st.one_of(
    st.builds(values.FlatTariff, AMOUNTS),
    bands(),
    st.builds(values.StepTariff, MEASURES, st.integers(0, 5_000), AMOUNTS, st.integers(1, 1_000), AMOUNTS),
)
RATES = st.builds(
    values.ShippingRate,
    st.just("CNY"),
    TARIFFS,
    st.none() | st.integers(0, 200_000),
    st.integers(0, 1_000),
    st.none() | st.integers(1_000, 100_000),
)
SURCHARGES = st.builds(
    values.ShippingSurcharge,
    st.sampled_from(("a", "b", "c")),
    st.fixed_dictionaries({"CNY": AMOUNTS}),
    st.sampled_from(("order", "piece")),
    st.sampled_from(((), (values.ShippingArea("CN", "XZ"),))),
    st.none() | st.integers(0, 2_000),
    st.none() | st.integers(0, 5_000),
    st.booleans(),
)


@st.composite
def method_lists(draw: st.DrawFn) -> list[values.ShippingMethod]:
    return [
        values.ShippingMethod(
            code,
            code,
            (values.ShippingZone("all", EVERYWHERE, (draw(RATES),)),),
            surcharges=tuple(draw(st.lists(SURCHARGES, max_size=2, unique_by=lambda s: s.code))),
            divisor=draw(st.sampled_from((None, 5_000))),
        )
        for code in draw(st.lists(st.sampled_from("pqrs"), unique=True, max_size=4))
    ]


PIECES = st.lists(
    st.builds(
        values.Piece,
        st.sampled_from("XYZ"),
        st.integers(1, 1_000),
        st.none() | st.integers(0, 9_999),
        SIDES,
        SIDES,
        SIDES,
    ),
    min_size=1,
    max_size=6,
)
SETTINGS = st.sampled_from((values.ShippingSettings(), values.ShippingSettings(500, 100, 100, 100)))


@given(methods=method_lists(), pieces=PIECES, goods=st.integers(0, 300_000), place=PLACES, settings=SETTINGS)
def test_steps_make_the_fee_and_the_order_of_anything_decides_nothing(
    methods: list[values.ShippingMethod],
    pieces: list[values.Piece],
    goods: int,
    place: values.Place,
    settings: values.ShippingSettings,
) -> None:
    assert rules.problems_of_shipping_methods(methods) == ()
    offers = rules.shipping.offers(
        values.Contents("CNY", goods, tuple(pieces)), place, rules.compile_shipping(methods, settings)
    )
    assert len(offers) == len(methods)
    for offer in offers:
        assert offer.fee_minor == sum(step.minor for step in offer.steps) >= 0
        assert bool(offer.steps) is offer.serves is not bool(offer.reasons)
    fees = [offer.fee_minor for offer in offers if offer.serves]
    assert fees == sorted(fees)
    if fees:
        assert rules.shipping.choose(offers, None) == offers[0]
    backwards = values.Contents("CNY", goods, tuple(pieces[::-1]))
    assert rules.shipping.offers(backwards, place, rules.compile_shipping(methods[::-1], settings)) == offers


@given(methods=method_lists(), pieces=PIECES, part=st.integers(0, 1_000), settings=SETTINGS)
def test_units_may_come_in_one_run_or_in_many(
    methods: list[values.ShippingMethod],
    pieces: list[values.Piece],
    part: int,
    settings: values.ShippingSettings,
) -> None:
    compiled = rules.compile_shipping(methods, settings)
    whole = rules.shipping.offers(values.Contents("CNY", 5_000, tuple(pieces)), LHASA, compiled)
    first = pieces[0]
    some = min(part, first.quantity)
    halves = (first._replace(quantity=some), first._replace(quantity=first.quantity - some))
    split = tuple(piece for piece in (*halves, *pieces[1:]) if piece.quantity)
    assert rules.shipping.offers(values.Contents("CNY", 5_000, split), LHASA, compiled) == whole


@given(tariff=TARIFFS, weight=st.integers(0, 50_000), more=st.integers(0, 50_000))
def test_who_sends_more_pays_no_less(tariff: values.Tariff, weight: int, more: int) -> None:
    rate = values.ShippingRate("CNY", tariff)
    one = values.ShippingMethod("m", "M", (values.ShippingZone("all", EVERYWHERE, (rate,)),))
    compiled = rules.compile_shipping([one], values.ShippingSettings())
    (light,), (heavy,) = (
        rules.shipping.offers(values.Contents("CNY", 100, (values.Piece("X", 1, grams, 1, 1, 1),)), BEIJING, compiled)
        for grams in (weight, weight + more)
    )
    assert light.fee_minor <= heavy.fee_minor or not heavy.serves
