"""What shipping methods may say; every problem named by its field."""

from collections import Counter
from collections.abc import Iterable, Sequence

from jiedan.base import money
from jiedan.base.errors import Refusal
from jiedan.pricing import errors, values
from jiedan.pricing.rules import places, postal

PROBLEMS_MAX = 100
"""Problems of all methods told at once."""


def problems_of_shipping_methods(methods: Sequence[values.ShippingMethod]) -> tuple[Refusal, ...]:
    """Return what is wrong with the methods of a merchant together, a hundred problems at most."""
    reasons = _too_many(len(methods), values.SHIPPING_METHODS_MAX, "methods")
    reasons += _taken([method.code for method in methods], "methods")
    for i, method in enumerate(methods[: values.SHIPPING_METHODS_MAX]):
        if len(reasons) < PROBLEMS_MAX:
            reasons += problems_of_shipping_method(method, of=f"methods[{i}].")
    return tuple(reasons[:PROBLEMS_MAX])


def problems_of_shipping_method(method: values.ShippingMethod, *, of: str = "") -> tuple[Refusal, ...]:
    """Return why a method cannot be used, a hundred problems at most; its fields are named with `of` before them."""
    reasons = _of_text(method.code, f"{of}code")
    reasons += _of_text(method.name, f"{of}name")
    reasons += _of_text(method.tax_class, f"{of}tax_class")
    reasons += _too_many(len(method.zones), values.SHIPPING_ZONES_MAX, f"{of}zones")
    reasons += _taken([zone.code for zone in method.zones], f"{of}zones")
    if not method.zones:
        reasons.append(errors.ShippingZoneInvalid("", field=f"{of}zones"))
    for i, zone in enumerate(method.zones[: values.SHIPPING_ZONES_MAX]):
        reasons += _of_zone(zone, f"{of}zones[{i}].")
    if not reasons:
        reasons += _shared_areas(method.zones, of)
    reasons += _of_limits(method.limits, f"{of}limits.")
    reasons += _of_measure(method.divisor, f"{of}divisor", least=1)
    reasons += _too_many(len(method.surcharges), values.SHIPPING_SURCHARGES_MAX, f"{of}surcharges")
    reasons += _taken([surcharge.code for surcharge in method.surcharges], f"{of}surcharges")
    for i, surcharge in enumerate(method.surcharges[: values.SHIPPING_SURCHARGES_MAX]):
        reasons += _of_surcharge(surcharge, f"{of}surcharges[{i}].")
    return tuple(reasons[:PROBLEMS_MAX])


def problems_of_shipping_settings(settings: values.ShippingSettings) -> tuple[Refusal, ...]:
    """Return why goods of unknown weight or size cannot be taken for what the settings say."""
    reasons = _of_measure(settings.weight_g, "weight_g")
    sides = {"length_mm": settings.length_mm, "width_mm": settings.width_mm, "height_mm": settings.height_mm}
    is_started = any(side is not None for side in sides.values())
    for name, side in sides.items():
        # Two sides without the third would assume nothing, and say nothing of it.
        reasons += _of_measure(-1 if is_started and side is None else side, name, most=values.SIDE_MM_MAX)
    return tuple(reasons)


def _of_zone(zone: values.ShippingZone, of: str) -> list[Refusal]:
    reasons = _of_text(zone.code, f"{of}code")
    reasons += _too_many(len(zone.areas) + len(zone.excluded), values.SHIPPING_AREAS_MAX, f"{of}areas")
    is_all_out = any(area.country == values.ANY_COUNTRY for area in zone.excluded)
    if not zone.areas or not zone.rates or is_all_out:
        reasons.append(errors.ShippingZoneInvalid(zone.code, field=f"{of}{'excluded' if is_all_out else 'areas'}"))
    reasons += _of_areas(zone.areas, f"{of}areas")
    reasons += _of_areas(zone.excluded, f"{of}excluded")
    seen: set[str] = set()
    for i, rate in enumerate(zone.rates):
        if rate.currency in seen:
            reasons.append(errors.ShippingCurrencyInvalid(rate.currency, field=f"{of}rates[{i}].currency"))
        seen.add(rate.currency)
        reasons += _of_rate(rate, f"{of}rates[{i}].")
    return reasons


def _of_areas(areas: Sequence[values.ShippingArea], of: str) -> list[Refusal]:
    reasons: list[Refusal] = []
    for i, area in enumerate(areas[: values.SHIPPING_AREAS_MAX]):
        reasons += places.problems_of_place(area.country, area.region, area.postal, of=f"{of}[{i}].")
        if len(reasons) >= PROBLEMS_MAX:
            break
    return reasons


def _shared_areas(zones: Sequence[values.ShippingZone], of: str) -> list[Refusal]:
    """Return the places that two zones of a method have: neither would be the more particular one."""
    reasons: list[Refusal] = []
    owner: dict[tuple[str, str, postal.Span | None], int] = {}
    for i, zone in enumerate(zones):
        for k, area in enumerate(zone.areas):
            key = (area.country, area.region, postal.span(area.postal) if area.postal else None)
            first = owner.setdefault(key, i)
            if first != i:
                reasons.append(errors.ShippingAreaTaken(zones[first].code, field=f"{of}zones[{i}].areas[{k}]"))
    return reasons


def _of_rate(rate: values.ShippingRate, of: str) -> list[Refusal]:
    reasons = _of_currency(rate.currency, f"{of}currency")
    reasons += _of_tariff(rate.tariff, f"{of}tariff.")
    reasons += _of_amount(rate.free_from_minor, f"{of}free_from_minor")
    reasons += _of_amount(rate.minimum_minor, f"{of}minimum_minor")
    reasons += _of_amount(rate.maximum_minor, f"{of}maximum_minor", least=rate.minimum_minor)
    return reasons


def _of_tariff(tariff: values.Tariff, of: str) -> list[Refusal]:
    match tariff:
        case values.FlatTariff():
            return _of_amount(tariff.fee_minor, f"{of}fee_minor")
        case values.FormulaTariff():
            return _of_text(tariff.formula, f"{of}formula")
        case values.StepTariff():
            most = _most(tariff.by)
            return [
                *_of_measure(tariff.first, f"{of}first", most=most),
                *_of_amount(tariff.first_minor, f"{of}first_minor"),
                *_of_measure(tariff.step, f"{of}step", least=1, most=most),
                *_of_amount(tariff.step_minor, f"{of}step_minor"),
            ]
        case values.TableTariff():
            return _of_bands(tariff, of)


def _of_bands(tariff: values.TableTariff, of: str) -> list[Refusal]:
    ends = [_most(tariff.by) + 1 if band.up_to is None else band.up_to for band in tariff.bands]
    is_rising = all(a < b for a, b in zip([-1, *ends], ends, strict=False))
    if not 0 < len(ends) <= values.SHIPPING_BANDS_MAX or not is_rising or ends[-1] > _most(tariff.by) + 1:
        return [errors.ShippingBandsInvalid(values.SHIPPING_BANDS_MAX, field=f"{of}bands")]
    return [
        reason
        for i, band in enumerate(tariff.bands)
        for reason in _of_amount(band.fee_minor, f"{of}bands[{i}].fee_minor")
    ]


def _most(by: values.ShippingMeasure) -> int:
    return values.VOLUME_MM3_MAX if by == "volume" else values.MEASURE_MAX


def _of_limits(limits: values.ShippingLimits, of: str) -> list[Refusal]:
    return [
        *_of_measure(limits.weight_g, f"{of}weight_g"),
        *_of_measure(limits.piece_weight_g, f"{of}piece_weight_g"),
        *_of_measure(limits.volume_mm3, f"{of}volume_mm3", most=values.VOLUME_MM3_MAX),
        *_of_measure(limits.side_mm, f"{of}side_mm"),
        *_of_amounts(limits.value, f"{of}value"),
    ]


def _of_surcharge(surcharge: values.ShippingSurcharge, of: str) -> list[Refusal]:
    reasons = _of_text(surcharge.code, f"{of}code")
    if not surcharge.amounts:
        reasons.append(errors.ShippingCurrencyInvalid("", field=f"{of}amounts"))
    reasons += _of_amounts(surcharge.amounts, f"{of}amounts")
    reasons += _too_many(len(surcharge.areas), values.SHIPPING_AREAS_MAX, f"{of}areas")
    reasons += _of_areas(surcharge.areas, f"{of}areas")
    reasons += _of_measure(surcharge.side_over_mm, f"{of}side_over_mm")
    reasons += _of_measure(surcharge.weight_over_g, f"{of}weight_over_g")
    return reasons


def _of_amounts(amounts: dict[str, int], field: str) -> list[Refusal]:
    reasons: list[Refusal] = []
    for currency, amount in sorted(amounts.items()):
        reasons += _of_currency(currency, f"{field}.{currency}")
        reasons += _of_amount(amount, f"{field}.{currency}")
    return reasons


def _of_currency(currency: str, field: str) -> list[Refusal]:
    return [] if money.is_currency(currency) else [errors.ShippingCurrencyInvalid(currency, field=field)]


def _of_amount(amount: int | None, field: str, *, least: int = 0) -> list[Refusal]:
    if amount is None or max(0, least) <= amount <= money.AMOUNT_MINOR_MAX:
        return []
    return [errors.ShippingAmountInvalid(amount, money.AMOUNT_MINOR_MAX, field=field)]


def _of_measure(measure: int | None, field: str, *, least: int = 0, most: int = values.MEASURE_MAX) -> list[Refusal]:
    if measure is None or least <= measure <= most:
        return []
    return [errors.ShippingMeasureInvalid(measure, least, most, field=field)]


def _of_text(text: str, field: str) -> list[Refusal]:
    if 0 < len(text) <= values.SHIPPING_TEXT_CHARACTERS_MAX and text == text.strip():
        return []
    return [errors.ShippingTextInvalid(text, values.SHIPPING_TEXT_CHARACTERS_MAX, field=field)]


def _too_many(count: int, most: int, field: str) -> list[Refusal]:
    return [errors.TooManyShippingRules(count, most, field=field)] if count > most else []


def _taken(codes: Iterable[str], field: str) -> list[Refusal]:
    return [errors.ShippingCodeTaken(code, field=field) for code, times in sorted(Counter(codes).items()) if times > 1]
