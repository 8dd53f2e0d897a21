"""What a shipping method may not say, and where that is told."""

import msgspec
import pytest

from jiedan.pricing import rules, values
from tests.pricing.shipping_methods import EVERYWHERE, by_steps, flat, method, table, zone

FINE = method(flat(8_00))


def but(**changed: object) -> values.ShippingMethod:
    return msgspec.structs.replace(FINE, **changed)


def rated(rate: values.ShippingRate | values.Tariff) -> values.ShippingMethod:
    return method(rate)


def zoned(**changed: object) -> values.ShippingMethod:
    return but(zones=(msgspec.structs.replace(FINE.zones[0], **changed),))


def extra(**changed: object) -> values.ShippingMethod:
    surcharge = msgspec.structs.replace(values.ShippingSurcharge("s", {"CNY": 1}), **changed)
    return but(surcharges=(surcharge,))


def limited(**limits: object) -> values.ShippingMethod:
    return but(limits=values.ShippingLimits(**limits))  # type: ignore[arg-type]  # shorthand


CHINA = values.ShippingArea("CN")
AT = "zones[0].rates[0]"


@pytest.mark.parametrize(
    ("bad", "code", "field"),
    [
        (but(code=""), "shipping_text_invalid", "code"),
        (but(code=" express"), "shipping_text_invalid", "code"),
        (but(name="x" * 61), "shipping_text_invalid", "name"),
        (but(tax_class=""), "shipping_text_invalid", "tax_class"),
        (but(divisor=0), "shipping_measure_invalid", "divisor"),
        (but(zones=()), "shipping_zone_invalid", "zones"),
        (but(zones=(zone("a", 1, CHINA), zone("a", 2, *EVERYWHERE))), "shipping_code_taken", "zones"),
        (but(zones=(zone("a", 1, CHINA), zone("b", 2, CHINA))), "shipping_area_taken", "zones[1].areas[0]"),
        (
            but(
                zones=(
                    zone("a", 1, values.ShippingArea("CN", postal="10-0")),
                    zone("b", 2, *EVERYWHERE, values.ShippingArea("CN", postal="100")),
                )
            ),
            "shipping_area_taken",
            "zones[1].areas[1]",
        ),
        (but(zones=(zone("z", 1, CHINA),) * 201), "too_many_shipping_rules", "zones"),
        (zoned(code=""), "shipping_text_invalid", "zones[0].code"),
        (zoned(areas=()), "shipping_zone_invalid", "zones[0].areas"),
        (zoned(rates=()), "shipping_zone_invalid", "zones[0].areas"),
        (zoned(excluded=EVERYWHERE), "shipping_zone_invalid", "zones[0].excluded"),
        (zoned(areas=(values.ShippingArea("china"),)), "place_country_invalid", "zones[0].areas[0].country"),
        (zoned(areas=(values.ShippingArea("CN", "gd"),)), "place_region_invalid", "zones[0].areas[0].region"),
        (
            zoned(excluded=(values.ShippingArea("CN", postal="9..10"),)),
            "place_postal_invalid",
            "zones[0].excluded[0].postal",
        ),
        (zoned(rates=(flat(1), flat(2))), "shipping_currency_invalid", "zones[0].rates[1].currency"),
        (rated(flat(1, "XXL")), "shipping_currency_invalid", f"{AT}.currency"),
        (rated(flat(-1)), "shipping_amount_invalid", f"{AT}.tariff.fee_minor"),
        (rated(flat(10**15 + 1)), "shipping_amount_invalid", f"{AT}.tariff.fee_minor"),
        (rated(flat(1, free_from_minor=-1)), "shipping_amount_invalid", f"{AT}.free_from_minor"),
        (rated(flat(1, minimum_minor=-1)), "shipping_amount_invalid", f"{AT}.minimum_minor"),
        (rated(flat(1, minimum_minor=2, maximum_minor=1)), "shipping_amount_invalid", f"{AT}.maximum_minor"),
        (rated(table("weight")), "shipping_bands_invalid", f"{AT}.tariff.bands"),
        (rated(table("weight", (5, 1), (5, 2))), "shipping_bands_invalid", f"{AT}.tariff.bands"),
        (rated(table("weight", (None, 1), (5, 2))), "shipping_bands_invalid", f"{AT}.tariff.bands"),
        (rated(table("weight", (-1, 1))), "shipping_bands_invalid", f"{AT}.tariff.bands"),
        (rated(table("weight", (10**13, 1))), "shipping_bands_invalid", f"{AT}.tariff.bands"),
        (rated(table("pieces", *((n, 1) for n in range(201)))), "shipping_bands_invalid", f"{AT}.tariff.bands"),
        (rated(table("price", (5, 1), (None, -2))), "shipping_amount_invalid", f"{AT}.tariff.bands[1].fee_minor"),
        (rated(by_steps("weight", -1, 1, 1, 1)), "shipping_measure_invalid", f"{AT}.tariff.first"),
        (rated(by_steps("weight", 1, 1, 0, 1)), "shipping_measure_invalid", f"{AT}.tariff.step"),
        (rated(by_steps("weight", 1, -1, 1, 1)), "shipping_amount_invalid", f"{AT}.tariff.first_minor"),
        (rated(by_steps("weight", 1, 1, 1, -1)), "shipping_amount_invalid", f"{AT}.tariff.step_minor"),
        (rated(values.FormulaTariff("")), "shipping_text_invalid", f"{AT}.tariff.formula"),
        (limited(weight_g=-1), "shipping_measure_invalid", "limits.weight_g"),
        (limited(piece_weight_g=10**12 + 1), "shipping_measure_invalid", "limits.piece_weight_g"),
        (limited(volume_mm3=10**18 + 1), "shipping_measure_invalid", "limits.volume_mm3"),
        (limited(side_mm=-1), "shipping_measure_invalid", "limits.side_mm"),
        (limited(value={"cny": 1}), "shipping_currency_invalid", "limits.value.cny"),
        (limited(value={"CNY": -1}), "shipping_amount_invalid", "limits.value.CNY"),
        (extra(code=""), "shipping_text_invalid", "surcharges[0].code"),
        (extra(amounts={}), "shipping_currency_invalid", "surcharges[0].amounts"),
        (extra(amounts={"CNY": -1}), "shipping_amount_invalid", "surcharges[0].amounts.CNY"),
        (extra(areas=(values.ShippingArea("?"),)), "place_country_invalid", "surcharges[0].areas[0].country"),
        (extra(side_over_mm=-1), "shipping_measure_invalid", "surcharges[0].side_over_mm"),
        (extra(weight_over_g=-1), "shipping_measure_invalid", "surcharges[0].weight_over_g"),
        (but(surcharges=(values.ShippingSurcharge("s", {"CNY": 1}),) * 2), "shipping_code_taken", "surcharges"),
    ],
)
def test_a_method_that_makes_no_sense_is_refused_by_its_field(
    bad: values.ShippingMethod, code: str, field: str
) -> None:
    first = rules.problems_of_shipping_method(bad)[0]
    assert (first.code, first.field) == (code, field)
    assert first.remedy
    together = rules.problems_of_shipping_methods([method(flat(1), "other"), bad])[0]
    assert (together.code, together.field) == (code, f"methods[1].{field}")


def test_all_that_is_wrong_is_told_at_once() -> None:
    bad = but(code="", name="", divisor=0)
    assert [problem.field for problem in rules.problems_of_shipping_method(bad)] == ["code", "name", "divisor"]


def test_methods_have_codes_of_their_own_and_their_limits() -> None:
    (taken,) = rules.problems_of_shipping_methods([FINE, FINE])
    assert (taken.code, taken.field, taken.data()["taken"]) == ("shipping_code_taken", "methods", "express")
    many = [method(flat(1), f"m{n}") for n in range(values.SHIPPING_METHODS_MAX + 1)]
    assert [problem.code for problem in rules.problems_of_shipping_methods(many)] == ["too_many_shipping_rules"]
    assert rules.problems_of_shipping_methods(many[:-1]) == ()
    bad = zoned(areas=(values.ShippingArea("?"),) * 10_001)
    assert len(rules.problems_of_shipping_method(bad)) == 100
    assert len(rules.problems_of_shipping_methods([method(flat(-1), f"m{n}") for n in range(101)])) == 100


@pytest.mark.parametrize(
    ("settings", "fields"),
    [
        (values.ShippingSettings(), []),
        (values.ShippingSettings(0, 0, 0, 0), []),
        (values.ShippingSettings(weight_g=-1), ["weight_g"]),
        (values.ShippingSettings(length_mm=1), ["width_mm", "height_mm"]),
        (values.ShippingSettings(None, 10**6 + 1, 1, 1), ["length_mm"]),
    ],
)
def test_what_unknown_goods_are_taken_for_is_whole_and_in_range(
    settings: values.ShippingSettings, fields: list[str]
) -> None:
    problems = rules.problems_of_shipping_settings(settings)
    assert [problem.field for problem in problems] == fields
    assert {problem.code for problem in problems} <= {"shipping_measure_invalid"}


def test_methods_survive_being_stored() -> None:
    stored = values.ShippingMethod(
        "sf",
        "顺丰",
        (
            zone("a", 1, CHINA, excluded=(values.ShippingArea("CN", "HK"),)),
            values.ShippingZone("b", EVERYWHERE, (values.ShippingRate("CNY", by_steps("weight", 1, 2, 3, 4)),)),
            values.ShippingZone("c", (), (values.ShippingRate("CNY", table("volume", (1, 2), (None, 3))),)),
            values.ShippingZone("d", (), (values.ShippingRate("CNY", values.FormulaTariff("f")),)),
        ),
        limits=values.ShippingLimits(1, 2, 3, 4, {"CNY": 5}),
        surcharges=(values.ShippingSurcharge("s", {"CNY": 1}, "piece", (CHINA,), 1, 2, when_free=True),),
        divisor=5_000,
    )
    assert msgspec.json.decode(msgspec.json.encode(stored), type=values.ShippingMethod) == stored
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"code":"a","name":"A","zones":[],"hue":1}', type=values.ShippingMethod)
