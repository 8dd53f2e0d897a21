"""A rule of any kind in one sentence."""

from collections.abc import Callable, Mapping
from typing import Any

from jiedan.base.i18n import N_
from jiedan.pricing.rules.wording import conditions, formulas, lists, shipping, taxes
from jiedan.pricing.rules.wording.reader import Reader
from jiedan.pricing.values import drafts
from jiedan.pricing.values.conversion import ExchangeRate, Rounding
from jiedan.pricing.values.formulas import Formula
from jiedan.pricing.values.lists import PriceList
from jiedan.pricing.values.promotions import Promotion
from jiedan.pricing.values.shipping import ShippingMethod, ShippingSettings
from jiedan.pricing.values.taxes import TaxRate, TaxSettings
from jiedan.pricing.values.units import ManualLimit, Surcharge


def rule(key: drafts.RuleKey, body: drafts.Rule, reader: Reader) -> str:
    """Return what a rule says; a rounding is told apart by its code, the currency."""
    if isinstance(body, Rounding):
        return lists.rounding(key.code, body, reader)
    return WORDS[type(body)](body, reader)


def _currency_settings(told: drafts.CurrencySettings, reader: Reader) -> str:
    if not told.base_currency:
        return reader.say(N_("prices are not converted into other currencies"))
    return reader.say(N_("prices are converted from {currency} where they are missing"), currency=told.base_currency)


def tax_settings(told: TaxSettings, reader: Reader) -> str:
    """Return how tax is charged."""
    home = told.home_country or reader.home
    where = N_("at home in {country}") if told.home_country else N_("at home in {country}, the merchant's country")
    rounded = N_("tax is rounded per order") if told.rounding == "order" else N_("tax is rounded per line")
    fees = N_("fees are taxed by their own class") if told.fees == "own" else N_("fees are taxed like the goods")
    unknown = (
        N_("goods without a rate are not taxed")
        if told.without_rate == "zero"
        else N_("goods without a rate cannot be ordered")
    )
    exempt = (
        N_("who is exempt pays the price without tax")
        if told.exempt_pays == "net"
        else N_("who is exempt pays the whole price")
    )
    return reader.clauses([
        *[reader.say(message) for message in (rounded, fees, unknown, exempt)],
        reader.say(N_("reverse charge for business customers abroad")) if told.reverse_charge else "",
        reader.say(where, country=reader.country(home)) if home else "",
    ])  # fmt: skip


def shipping_settings(told: ShippingSettings, reader: Reader) -> str:
    """Return what goods are taken for whose weight or size is unknown."""
    weight = told.weight_g
    size = (told.length_mm, told.width_mm, told.height_mm)
    parts = []
    if weight is not None:
        measure = shipping.measured(weight, "weight", "", reader)
        parts.append(reader.say(N_("unknown weights taken for {measure}"), measure=measure))
    if any(side is not None for side in size):
        measure = " × ".join(str(side) for side in size) + " mm"
        parts.append(reader.say(N_("unknown sizes taken for {measure}"), measure=measure))
    return reader.clauses(parts) or reader.say(N_("nothing is assumed of goods whose weight or size is unknown"))


WORDS: Mapping[type, Callable[[Any, Reader], str]] = {
    Promotion: conditions.summary,
    PriceList: lists.price_list,
    TaxRate: taxes.rate,
    TaxSettings: tax_settings,
    ShippingMethod: shipping.method,
    ShippingSettings: shipping_settings,
    Surcharge: lists.surcharge,
    ExchangeRate: lists.exchange_rate,
    ManualLimit: lists.manual_limit,
    Formula: formulas.formula,
    drafts.CurrencySettings: _currency_settings,
}
