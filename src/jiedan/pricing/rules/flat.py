"""The simplest rules there are: a rate by country and class, a fee by currency; as parts of a rule book. Pure."""

from collections.abc import Mapping

from jiedan.pricing import values
from jiedan.pricing.values.books import RuleBook

STANDARD = "standard"
"""The code of the method that flat fees belong to, and of its only zone."""

STANDARD_NAME = "Standard"


def flat_rates(rate_by_place: Mapping[tuple[str, str], int]) -> tuple[values.TaxRate, ...]:
    """Return rows of a tax table from parts per million by (country or `*`, class)."""
    return tuple(
        values.TaxRate(tax_class=tax_class, rate_ppm=rate_ppm, country=country)
        for (country, tax_class), rate_ppm in sorted(rate_by_place.items())
    )


def flat_methods(fees: Mapping[str, values.FlatShipping]) -> tuple[values.ShippingMethod, ...]:
    """Return the methods of flat fees by currency: one for everywhere, and one more for each further tax class."""
    by_class: dict[str, dict[str, values.FlatShipping]] = {}
    for currency, fee in sorted(fees.items()):
        by_class.setdefault(fee.tax_class, {})[currency] = fee
    ordered = sorted(by_class, key=lambda tax_class: (tax_class != STANDARD, tax_class))
    return tuple(_method(tax_class, by_class[tax_class], is_first=i == 0) for i, tax_class in enumerate(ordered))


def is_flat_code(code: str) -> bool:
    """Tell whether a method's code is one of those that flat fees take."""
    return code == STANDARD or code.startswith(f"{STANDARD}_")


def fees_of(method: values.ShippingMethod) -> dict[str, values.FlatShipping] | None:
    """Return the flat fees of a method by currency; None where it is more than that."""
    if len(method.zones) != 1:
        return None
    fees = {
        rate.currency: values.FlatShipping(rate.tariff.fee_minor, rate.free_from_minor, method.tax_class)
        for rate in method.zones[0].rates
        if isinstance(rate.tariff, values.FlatTariff)
    }
    is_plain = _method(method.tax_class, fees, is_first=True)
    as_ours = values.ShippingMethod(STANDARD, STANDARD_NAME, method.zones, method.tax_class)
    is_ours = method == values.ShippingMethod(method.code, method.name, method.zones, method.tax_class)
    return fees if is_ours and _sorted(as_ours) == is_plain else None


def _sorted(method: values.ShippingMethod) -> values.ShippingMethod:
    """Return a method of one zone with its rates by currency."""
    zone = method.zones[0]
    rates = tuple(sorted(zone.rates, key=lambda rate: rate.currency))
    zone = values.ShippingZone(STANDARD, zone.areas, rates, zone.excluded)
    return values.ShippingMethod(method.code, method.name, (zone,), method.tax_class)


def flat_rules(book: RuleBook, *, version: int, prices_include_tax: bool) -> values.PriceRules:
    """Return what a book says of plain tax rates and flat fees; what is more particular than that is not in it."""
    shipping: dict[str, values.FlatShipping] = {}
    for method in book.shipping_methods:
        if is_flat_code(method.code):
            shipping |= fees_of(method) or {}
    plain = [rate for rate in book.tax_rates if is_flat_rate(rate)]
    rates = {(rate.country, rate.tax_class): rate.rate_ppm for rate in plain}
    return values.PriceRules(version, prices_include_tax, rates, shipping)


def is_flat_rate(rate: values.TaxRate) -> bool:
    """Tell whether a rate is of a whole country or everywhere, always, and the only one of its class there."""
    return rate == values.TaxRate(tax_class=rate.tax_class, rate_ppm=rate.rate_ppm, country=rate.country)


def _method(tax_class: str, fees: Mapping[str, values.FlatShipping], *, is_first: bool) -> values.ShippingMethod:
    rates = tuple(
        values.ShippingRate(currency, values.FlatTariff(fee.fee_minor), fee.free_from_minor)
        for currency, fee in sorted(fees.items())
    )
    zone = values.ShippingZone(STANDARD, (values.ShippingArea(),), rates)
    code = STANDARD if is_first else f"{STANDARD}_{tax_class}"
    return values.ShippingMethod(code, STANDARD_NAME, (zone,), tax_class)
