"""The rule book: everything that prices beside what is known by SKU, as one typed document that is published whole."""

import msgspec

from jiedan.pricing.values.conversion import ExchangeRate, Rounding
from jiedan.pricing.values.formulas import Formula
from jiedan.pricing.values.lists import PriceList
from jiedan.pricing.values.promotions import Promotion
from jiedan.pricing.values.shipping import ShippingMethod, ShippingSettings
from jiedan.pricing.values.taxes import TaxRate, TaxSettings
from jiedan.pricing.values.units import ManualLimit, Surcharge


class RuleBook(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One version of all rules of a merchant.

    `base_currency` is what prices are converted from where a currency has none of its own; empty: nothing is
    converted. `roundings` are by the currency converted into.
    """

    price_lists: tuple[PriceList, ...] = ()
    surcharges: tuple[Surcharge, ...] = ()
    formulas: tuple[Formula, ...] = ()
    base_currency: str = ""
    exchange_rates: tuple[ExchangeRate, ...] = ()
    roundings: dict[str, Rounding] = {}
    manual_limits: tuple[ManualLimit, ...] = ()
    promotions: tuple[Promotion, ...] = ()
    shipping: ShippingSettings = ShippingSettings()
    shipping_methods: tuple[ShippingMethod, ...] = ()
    tax: TaxSettings = TaxSettings()
    tax_rates: tuple[TaxRate, ...] = ()
