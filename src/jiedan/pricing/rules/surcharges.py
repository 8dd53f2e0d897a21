"""What options add to the price of a unit, each told by itself."""

from collections.abc import Iterable, Mapping, Sequence

from jiedan.base import money
from jiedan.base.errors import Refusal
from jiedan.pricing import errors
from jiedan.pricing.rules import conversion
from jiedan.pricing.values import lists
from jiedan.pricing.values import units as values
from jiedan.pricing.values.carts import PPM
from jiedan.pricing.values.conversion import Converted, Exchange

CompiledSurcharges = Mapping[str, tuple[values.Surcharge, ...]]
"""Surcharges by the option they ask for, or by their trait where they ask for none."""

_TRAITS = ("sku:", "product:", "category:", "brand:", "tag:")


def compile_surcharges(every: Iterable[values.Surcharge]) -> CompiledSurcharges:
    """Return surcharges ready to find."""
    found: dict[str, list[values.Surcharge]] = {}
    for one in every:
        found.setdefault(f"option:{one.option}" if one.option else one.trait, []).append(one)
    return {key: tuple(ones) for key, ones in found.items()}


def surcharges_of(
    compiled: CompiledSurcharges, traits: frozenset[str], options: Sequence[tuple[str, str]]
) -> list[values.Surcharge]:
    """Return the surcharges that a SKU with these options meets, by code."""
    if not compiled:
        return []
    chosen = dict(options)
    found: dict[str, values.Surcharge] = {}
    for key in (*traits, *(f"option:{option}" for option in chosen)):
        for one in compiled.get(key, ()):
            if _meets(one, traits, chosen):
                found[one.code] = one
    return [found[code] for code in sorted(found)]


def _meets(one: values.Surcharge, traits: frozenset[str], chosen: Mapping[str, str]) -> bool:
    if one.trait and one.trait not in traits:
        return False
    if not one.option:
        return True
    value = chosen.get(one.option, "")
    return bool(value) and (not one.value or value == one.value)


def add_surcharges(
    unit_minor: int,
    met: Sequence[values.Surcharge],
    sku: str,
    buyer: lists.Buyer,
    exchange: Exchange,
) -> tuple[int, tuple[values.SurchargeTrace, ...]]:
    """Return the price of a unit with its surcharges, and what each of them added, in minor units.

    Rates are of the price before any surcharge, each rounded half up by itself. What would take the price below 0 is
    told as what it took. Raises SurchargeMissing where one has no amount in the currency, and none can be converted.
    """
    told = [(one, *_amount(one, unit_minor, sku, buyer, exchange)) for one in met]
    price = unit_minor + sum([amount for _, amount, _ in told if amount > 0])
    traces = []
    for one, amount, converted in told:
        taken = amount
        if amount < 0:
            taken = max(amount, -price)
            price += taken
        traces.append(values.SurchargeTrace(one.code, taken, one.option, one.value, converted))
    return price, tuple(traces)


def _amount(
    one: values.Surcharge,
    unit_minor: int,
    sku: str,
    buyer: lists.Buyer,
    exchange: Exchange,
) -> tuple[int, Converted | None]:
    if one.rate_ppm is not None:
        return money.round_half_up(unit_minor * one.rate_ppm, PPM), None
    own = one.amounts.get(buyer.currency)
    if own is not None:
        return own, None
    foreign = one.amounts.get(exchange.base_currency)
    rate = conversion.rate_at(exchange, buyer.currency, buyer.at)
    if foreign is None or rate is None:
        raise errors.SurchargeMissing(one.code, sku, buyer.currency)
    exact = foreign * rate.factor
    minor = money.round_half_up(exact.numerator, exact.denominator)
    return minor, conversion.converted(foreign, rate)


def problems_of_surcharge(one: values.Surcharge) -> tuple[Refusal, ...]:
    """Return what is wrong with a surcharge."""
    found: list[Refusal] = []
    if not 0 < len(one.code) <= lists.CODE_CHARACTERS_MAX or one.code.strip() != one.code:
        found.append(errors.PriceCodeInvalid(one.code, lists.CODE_CHARACTERS_MAX, field="code"))
    is_trait = one.trait.startswith(_TRAITS) and not one.trait.endswith(":")
    if (one.trait and not is_trait) or not (one.trait or one.option):
        found.append(errors.SurchargeAimless(field="trait"))
    if one.value and not one.option:
        found.append(errors.SurchargeAimless(field="option"))
    most = values.SURCHARGE_RATE_PPM_MAX
    is_rate = one.rate_ppm is not None and -PPM <= one.rate_ppm <= most
    if bool(one.amounts) == (one.rate_ppm is not None) or (one.rate_ppm is not None and not is_rate):
        found.append(errors.SurchargeInvalid(most, field="rate_ppm"))
    for currency, minor in one.amounts.items():
        field = f"amounts.{currency}"
        if not money.is_currency(currency):
            found.append(errors.PriceCurrencyUnknown(currency, field=field))
        if abs(minor) > money.AMOUNT_MINOR_MAX:
            found.append(errors.AmountOutOfRange(minor, money.AMOUNT_MINOR_MAX, field=field))
    return tuple(found)
