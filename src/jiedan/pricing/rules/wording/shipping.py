"""Shipping in words: what a method costs where, how a fee came about, and why a method does not serve."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from jiedan.base.i18n import N_
from jiedan.pricing.rules.wording.reader import Reader
from jiedan.pricing.values import shipping

REASONS: Mapping[shipping.ShippingReasonCode, str] = MappingProxyType(
    {
        "beyond_table": N_("more than its table has: {measure} of {limit}"),
        "excluded": N_("does not serve this place: it is excluded"),
        "fee_out_of_range": N_("its fee would be out of range"),
        "formula_unanswered": N_("its formula {reference} has no answer"),
        "not_in_currency": N_("has no price in {currency}"),
        "not_served": N_("does not serve this place"),
        "piece_too_heavy": N_("a piece is too heavy: {measure} of {limit}"),
        "size_unknown": N_("the size of {skus} is not known"),
        "surcharge_not_in_currency": N_("its surcharge {reference} has no price in {currency}"),
        "too_bulky": N_("too bulky: {measure} of {limit}"),
        "too_heavy": N_("too heavy: {measure} of {limit}"),
        "too_long": N_("too long: {measure} of {limit}"),
        "too_valuable": N_("worth too much: {measure} of {limit}"),
        "weight_unknown": N_("the weight of {skus} is not known"),
    }
)

STEPS: Mapping[shipping.ShippingStepCode, str] = MappingProxyType(
    {
        "assumed_size": N_("unknown sizes taken for {measure}"),
        "assumed_weight": N_("unknown weights taken for {measure}"),
        "band": N_("{measure} by its table: {amount}"),
        "first": N_("the first {limit}: {amount}"),
        "flat": N_("a flat {amount}"),
        "formula": N_("formula {reference}: {amount}"),
        "free_from": N_("free from {limit} on: {amount}"),
        "further": N_("{count} further steps: {amount}"),
        "maximum": N_("at most {limit}: {amount}"),
        "minimum": N_("at least {limit}: {amount}"),
        "surcharge": N_("surcharge {reference}, {count} times: {amount}"),
        "volumetric": N_("counted by its volume: {measure} instead of {limit}"),
    }
)

_G_PER_KG = 1_000
_MM3_PER_CM3 = 1_000
_UNIT_OF: Mapping[str, shipping.ShippingMeasure] = MappingProxyType(
    {
        "piece_too_heavy": "weight",
        "too_heavy": "weight",
        "volumetric": "weight",
        "assumed_weight": "weight",
        "assumed_size": "volume",
        "too_bulky": "volume",
        "too_valuable": "price",
        "free_from": "price",
        "maximum": "price",
        "minimum": "price",
    }
)
_LONG = "too_long"


def measured(measure: int, by: str, currency: str, reader: Reader) -> str:
    """Return a measure with its unit: kilograms, cubic centimeters, money or pieces."""
    if by == "weight":
        return f"{_plain(measure, _G_PER_KG)} kg"
    if by == "volume":
        return f"{_plain(measure, _MM3_PER_CM3)} cm³"
    if by == "price":
        return reader.money(measure, currency)
    return reader.say(N_("{count} pieces"), count=measure) if by == "pieces" else str(measure)


def reason(told: shipping.ShippingReason, currency: str, reader: Reader) -> str:
    """Return why a method does not serve."""
    return reader.say(
        REASONS[told.code],
        measure=_amount_of(told.code, told.reference, told.measure, currency, reader),
        limit=_amount_of(told.code, told.reference, told.limit, currency, reader),
        currency=told.currency,
        reference=told.reference,
        skus=reader.named("sku", told.skus),
    )


def step(told: shipping.ShippingStep, currency: str, reader: Reader) -> str:
    """Return one step to a fee."""
    sign = "−" if told.minor < 0 else ""
    return reader.say(
        STEPS[told.code],
        amount=f"{sign}{reader.money(abs(told.minor), currency)}",
        count=told.count,
        measure=_amount_of(told.code, told.reference, told.measure, currency, reader),
        limit=_amount_of(told.code, told.reference, told.limit or 0, currency, reader),
        reference=told.reference,
    )


def method(told: shipping.ShippingMethod, reader: Reader) -> str:
    """Return a shipping method in one sentence: what it costs where, what comes on top, and what it carries."""
    return reader.clauses([
        *[zone(one, reader) for one in told.zones],
        *[surcharge(one, reader) for one in told.surcharges],
        *_limits(told, reader),
    ])  # fmt: skip


def surcharge(told: shipping.ShippingSurcharge, reader: Reader) -> str:
    """Return what comes on top, and where or for what."""
    message = (
        N_("surcharge {name} for each piece: {amount}") if told.per == "piece" else N_("surcharge {name}: {amount}")
    )
    length, weight = told.side_over_mm, told.weight_over_g
    conditions = [
        reader.row(area(one, reader) for one in told.areas),
        "" if length is None else reader.say(N_("a side over {limit}"), limit=f"{length} mm"),
        "" if weight is None else reader.say(N_("a piece over {limit}"), limit=measured(weight, "weight", "", reader)),
        reader.say(N_("also where shipping is free")) if told.when_free else "",
    ]
    said = reader.say(message, name=told.code, amount=reader.amounts(told.amounts))
    return reader.row([said, *filter(None, conditions)])


def _limits(told: shipping.ShippingMethod, reader: Reader) -> list[str]:
    limits = told.limits
    kept: list[tuple[str, str]] = []
    if limits.weight_g is not None:
        kept.append((N_("up to {limit}"), measured(limits.weight_g, "weight", "", reader)))
    if limits.piece_weight_g is not None:
        kept.append((N_("a piece up to {limit}"), measured(limits.piece_weight_g, "weight", "", reader)))
    if limits.side_mm is not None:
        kept.append((N_("sides up to {limit}"), f"{limits.side_mm} mm"))
    if limits.volume_mm3 is not None:
        kept.append((N_("up to {limit}"), measured(limits.volume_mm3, "volume", "", reader)))
    if limits.value:
        kept.append((N_("goods worth up to {limit}"), reader.amounts(limits.value)))
    if told.divisor is not None:
        kept.append((N_("bulky goods by volume, {limit} cm³ to the kilogram"), str(told.divisor)))
    return [reader.say(message, limit=limit) for message, limit in kept]


def zone(told: shipping.ShippingZone, reader: Reader) -> str:
    """Return what shipping costs to some places."""
    places = reader.row(area(one, reader) for one in told.areas)
    if told.excluded:
        without = reader.row(area(one, reader) for one in told.excluded)
        places = reader.say(N_("{goods} (without {others})"), goods=places, others=without)
    fees = " / ".join(rate(one, reader) for one in told.rates)
    return reader.say(N_("{what}: {amount}"), what=places, amount=fees)


def area(told: shipping.ShippingArea, reader: Reader) -> str:
    """Return a place: a country, a region or a postal area of it."""
    return " ".join(part for part in (reader.country(told.country), told.region, told.postal) if part)


def rate(told: shipping.ShippingRate, reader: Reader) -> str:
    """Return what a zone costs in one currency."""
    bounds = (
        (N_("free from {amount} on"), told.free_from_minor),
        (N_("at least {amount}"), told.minimum_minor or None),
        (N_("at most {amount}"), told.maximum_minor),
    )
    said = [
        reader.say(message, amount=reader.money(minor, told.currency)) for message, minor in bounds if minor is not None
    ]
    return reader.row([tariff(told.tariff, told.currency, reader), *said])


def tariff(told: shipping.Tariff, currency: str, reader: Reader) -> str:
    """Return how a fee is reckoned."""
    if isinstance(told, shipping.FlatTariff):
        return reader.money(told.fee_minor, currency)
    if isinstance(told, shipping.FormulaTariff):
        return reader.say(N_("formula {name}"), name=told.formula)
    if isinstance(told, shipping.StepTariff):
        return reader.say(
            N_("{amount} for the first {first}, {further} for each further {step}"),
            amount=reader.money(told.first_minor, currency),
            first=measured(told.first, told.by, currency, reader),
            further=reader.money(told.step_minor, currency),
            step=measured(told.step, told.by, currency, reader),
        )
    return reader.row(_band(one, told.by, currency, reader) for one in told.bands)


def _band(told: shipping.ShippingBand, by: str, currency: str, reader: Reader) -> str:
    fee = reader.money(told.fee_minor, currency)
    if told.up_to is None:
        return reader.say(N_("beyond {amount}"), amount=fee)
    return reader.say(N_("up to {limit} {amount}"), limit=measured(told.up_to, by, currency, reader), amount=fee)


def _amount_of(code: str, reference: str, measure: int, currency: str, reader: Reader) -> str:
    if code == _LONG:
        return f"{measure} mm"
    return measured(measure, _UNIT_OF.get(code, reference), currency, reader)


def _plain(number: int, divisor: int) -> str:
    return f"{(Decimal(number) / divisor).normalize():f}"
