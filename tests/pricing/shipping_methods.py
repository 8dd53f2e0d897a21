"""Shipping methods that tests ask, and a short way to read what they answer."""

from collections.abc import Sequence

from jiedan.pricing import rules, values

BEIJING = values.Place("CN", "BJ", "100006")
LHASA = values.Place("CN", "XZ", "850000")
EVERYWHERE = (values.ShippingArea("*"),)


def flat(fee_minor: int, currency: str = "CNY", **more: object) -> values.ShippingRate:
    return values.ShippingRate(currency, values.FlatTariff(fee_minor), **more)  # type: ignore[arg-type]  # shorthand


def by_steps(by: str, first: int, first_minor: int, step: int, step_minor: int) -> values.StepTariff:
    return values.StepTariff(by, first, first_minor, step, step_minor)  # type: ignore[arg-type]  # shorthand


def table(by: str, *bands: tuple[int | None, int]) -> values.TableTariff:
    found = tuple(values.ShippingBand(fee_minor, up_to) for up_to, fee_minor in bands)
    return values.TableTariff(by, found)  # type: ignore[arg-type]  # shorthand


def method(
    rate: values.ShippingRate | values.Tariff, code: str = "express", *, currency: str = "CNY", **more: object
) -> values.ShippingMethod:
    """Return a method that costs the same everywhere."""
    found = rate if isinstance(rate, values.ShippingRate) else values.ShippingRate(currency, rate)
    zones = (values.ShippingZone("all", EVERYWHERE, (found,)),)
    return values.ShippingMethod(code, code.title(), zones, **more)  # type: ignore[arg-type]  # shorthand


def zone(code: str, fee_minor: int, *areas: values.ShippingArea, **more: object) -> values.ShippingZone:
    return values.ShippingZone(code, areas, (flat(fee_minor),), **more)  # type: ignore[arg-type]  # shorthand


def parcel(*pieces: values.Piece, goods: int = 100_00, currency: str = "CNY") -> values.Contents:
    return values.Contents(currency, goods, pieces or (values.Piece("MUG", 1, 300, 100, 100, 100),))


def weighing(*weights_g: int | None) -> values.Contents:
    return parcel(*(values.Piece(f"W{n}", 1, weight_g) for n, weight_g in enumerate(weights_g)))


def asked(
    methods: Sequence[values.ShippingMethod],
    contents: values.Contents,
    place: values.Place = BEIJING,
    formula: values.ShippingFormula | None = None,
    **settings: object,
) -> tuple[values.ShippingOffer, ...]:
    chosen = values.ShippingSettings(**settings)  # type: ignore[arg-type]  # shorthand
    assert rules.problems_of_shipping_methods(methods) == ()
    assert rules.problems_of_shipping_settings(chosen) == ()
    offers = rules.shipping.offers(contents, place, rules.compile_shipping(methods, chosen), formula)
    for offer in offers:
        assert offer.fee_minor == sum(step.minor for step in offer.steps)
        assert offer.fee_minor >= 0
        assert offer.serves is not bool(offer.reasons)
    return offers


def told(offer: values.ShippingOffer) -> list[tuple[str, int]]:
    return [(step.code, step.minor) for step in offer.steps]


def refused(offer: values.ShippingOffer) -> list[tuple[str, int, int]]:
    return [(reason.code, reason.measure, reason.limit) for reason in offer.reasons]
