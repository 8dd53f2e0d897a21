"""A shipping method as its form says it, and the form as its page draws it. Pure."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from jiedan.base.web.forms import Filled
from jiedan.console import amounts
from jiedan.console.prices import measures, shipping_form, typed
from jiedan.console.prices.kinds import RuleType
from jiedan.console.prices.shipping_form import Place, Rate, Surcharge
from jiedan.console.prices.typed import Typing
from jiedan.pricing.values import drafts, shipping

MORE = 3
ROWS_SHOWN_MAX = 500
"""A method of more rows of places and bands is not drawn as a form: it is changed over REST."""


class RateShown(NamedTuple):
    """A rate on the page: its place among all of the form, and its bands."""

    number: int
    rate: Rate
    bands: Sequence[tuple[str, str]]


class ZoneShown(NamedTuple):
    """A zone on the page."""

    number: int
    code: str
    places: Sequence[Place]
    rates: Sequence[RateShown]


class SurchargeShown(NamedTuple):
    """A surcharge on the page."""

    number: int
    surcharge: Surcharge
    places: Sequence[Place]


def raw_of(_: RuleType, rule: drafts.DraftRule, how: Typing) -> dict[str, list[str]]:
    """Return what the form says of a method."""
    method = rule.body
    if not isinstance(method, shipping.ShippingMethod):
        return {}
    limits = method.limits
    one = {
        "code": method.code,
        "name": method.name,
        "tax_class": method.tax_class,
        "divisor": typed.count_typed(method.divisor),
        "limit_weight": measures.written(limits.weight_g, "weight"),
        "limit_piece": measures.written(limits.piece_weight_g, "weight"),
        "limit_volume": measures.written(limits.volume_mm3, "volume"),
        "limit_side": measures.written(limits.side_mm, "length"),
        "limit_value": typed.amounts_typed(limits.value, how),
    }
    places: list[Place] = []
    rates: list[Rate] = []
    bands: list[tuple[str, str, str]] = []
    for i, zone in enumerate(method.zones):
        places += [*_places(f"zone-{i}", "in", zone.areas), *_places(f"zone-{i}", "out", zone.excluded)]
        for rate in zone.rates:
            bands += [(str(len(rates)), *band) for band in _bands(rate)]
            rates.append(_rate(i, rate))
    for i, surcharge in enumerate(method.surcharges):
        places += _places(f"surcharge-{i}", "in", surcharge.areas)
    return {
        **{name: [text] for name, text in one.items() if text},
        "zone_code": [zone.code for zone in method.zones],
        **_columns(shipping_form.PLACE_COLUMNS, places),
        **_columns(shipping_form.RATE_COLUMNS, rates),
        **_columns(shipping_form.BAND_COLUMNS, bands),
        **_columns(shipping_form.SURCHARGE_COLUMNS, [_surcharge(one, how) for one in method.surcharges]),
    }


def shown(form: Filled[Any], action: str) -> Mapping[str, Any]:
    """Return what the page draws: what was typed, and empty rows to go on with, more of those that were asked for."""
    raw = form.raw
    places: dict[str, list[Place]] = {}
    for place in [Place(*row) for row in shipping_form.rows(raw, shipping_form.PLACE_COLUMNS)]:
        if not place.is_empty:
            places.setdefault(place.of, []).append(place)
    bands: dict[str, list[tuple[str, str]]] = {}
    for of, up_to, fee in shipping_form.rows(raw, shipping_form.BAND_COLUMNS):
        if up_to or fee:
            bands.setdefault(of, []).append((up_to, fee))
    rates: dict[str, list[tuple[Rate, list[tuple[str, str]]]]] = {}
    for i, rate in enumerate(Rate(*row) for row in shipping_form.rows(raw, shipping_form.RATE_COLUMNS)):
        rates.setdefault(rate.of, []).append((rate, bands.get(str(i), [])))
    numbers = itertools.count()
    codes = [*raw.get("zone_code", ()), *([""] if action == "zones" or not raw.get("zone_code") else [])]
    more = MORE if action == "rows" else 1
    surcharges = shipping_form.rows(raw, shipping_form.SURCHARGE_COLUMNS)
    if action == "surcharges" or not surcharges:
        surcharges.append(("",) * len(Surcharge._fields))
    return {
        "zones": [
            ZoneShown(
                i,
                code,
                _with_more(f"zone-{i}", places, more),
                [
                    RateShown(next(numbers), rate, [*mine, *[("", "")] * (more if mine else max(more, MORE))])
                    for rate, mine in _rates_shown(str(i), rates, action)
                ],
            )
            for i, code in enumerate(codes)
        ],
        "surcharges": [
            SurchargeShown(i, Surcharge(*one), _with_more(f"surcharge-{i}", places, more))
            for i, one in enumerate(surcharges)
        ],
        "is_too_large": sum(map(len, places.values())) + sum(map(len, bands.values())) > ROWS_SHOWN_MAX,
    }


def _with_more(card: str, places: Mapping[str, Sequence[Place]], more: int) -> list[Place]:
    return [*places.get(card, ()), *[Place(card, "in", "", "", "")] * more]


def _rates_shown(
    zone: str, rates: Mapping[str, Sequence[tuple[Rate, list[tuple[str, str]]]]], action: str
) -> list[tuple[Rate, list[tuple[str, str]]]]:
    mine = list(rates.get(zone, ()))
    if action == f"rates-{zone}" or not mine:
        empty = Rate(zone, *[""] * (len(Rate._fields) - 1))
        mine.append((empty._replace(kind="flat"), []))
    return mine


def _columns(names: Sequence[str], rows: Sequence[tuple[str, ...]]) -> dict[str, list[str]]:
    return {name: [row[i] for row in rows] for i, name in enumerate(names)} if rows else {}


def _places(card: str, held: str, areas: Sequence[shipping.ShippingArea]) -> list[Place]:
    """Return rows of places: postal areas of one region that follow one another stand together."""
    return [
        Place(card, held, country, region, typed.listed(area.postal for area in of) if has_postal else "")
        for (country, region, has_postal), group in itertools.groupby(
            areas, key=lambda area: (area.country, area.region, bool(area.postal))
        )
        for of in ([[*group]] if has_postal else [[area] for area in group])
    ]


def _rate(zone: int, rate: shipping.ShippingRate) -> Rate:
    currency, tariff = rate.currency, rate.tariff
    base = Rate(
        str(zone), currency, "flat", "", "", "", "", "", "",
        amounts.written(rate.free_from_minor, currency),
        amounts.written(rate.minimum_minor or None, currency),
        amounts.written(rate.maximum_minor, currency),
    )  # fmt: skip
    match tariff:
        case shipping.FlatTariff():
            return base._replace(fee=amounts.written(tariff.fee_minor, currency))
        case shipping.FormulaTariff():
            return base._replace(kind="formula", formula=tariff.formula)
        case shipping.TableTariff():
            return base._replace(kind="table", by=tariff.by)
        case shipping.StepTariff():
            return base._replace(
                kind="steps",
                by=tariff.by,
                first=_measured(tariff.first, tariff.by, currency),
                fee=amounts.written(tariff.first_minor, currency),
                step=_measured(tariff.step, tariff.by, currency),
                step_fee=amounts.written(tariff.step_minor, currency),
            )


def _bands(rate: shipping.ShippingRate) -> list[tuple[str, str]]:
    tariff = rate.tariff
    if not isinstance(tariff, shipping.TableTariff):
        return []
    return [
        (_measured(band.up_to, tariff.by, rate.currency), amounts.written(band.fee_minor, rate.currency))
        for band in tariff.bands
    ]


def _measured(measure: int | None, by: shipping.ShippingMeasure, currency: str) -> str:
    if by == "price":
        return amounts.written(measure, currency)
    return typed.count_typed(measure) if by == "pieces" else measures.written(measure, by)


def _surcharge(told: shipping.ShippingSurcharge, how: Typing) -> Surcharge:
    return Surcharge(
        told.code,
        typed.amounts_typed(told.amounts, how),
        told.per,
        measures.written(told.side_over_mm, "length"),
        measures.written(told.weight_over_g, "weight"),
        "free" if told.when_free else "",
    )
