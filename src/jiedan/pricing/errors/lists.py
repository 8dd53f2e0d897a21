"""The ways price lists, exchange rates and roundings are refused."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class PriceCodeInvalid(errors.Invalid):
    """A price list or a surcharge has no usable code."""

    code: ClassVar[str] = "price_code_invalid"
    message: ClassVar[str] = N_("{given} is not a usable code.")
    remedy: ClassVar[str] = N_("Give 1 to {characters_max} characters, without spaces around them.")

    given: str
    characters_max: int


@dataclasses.dataclass(eq=False)
class PriceCurrencyUnknown(errors.Invalid):
    """A price, a rate or a surcharge names a currency that does not exist."""

    code: ClassVar[str] = "price_currency_unknown"
    message: ClassVar[str] = N_("{currency} is not a currency.")
    remedy: ClassVar[str] = N_("Give the three letters of ISO 4217, like CNY or EUR.")

    currency: str


@dataclasses.dataclass(eq=False)
class PricePeriodInvalid(errors.Invalid):
    """A price list ends before it begins."""

    code: ClassVar[str] = "price_period_invalid"
    message: ClassVar[str] = N_("The price list ends before it begins.")
    remedy: ClassVar[str] = N_("Give an end after the beginning, or none.")


@dataclasses.dataclass(eq=False)
class PriceScopeInvalid(errors.Invalid):
    """A price list names too many buyers, one of them twice, or nobody."""

    code: ClassVar[str] = "price_scope_invalid"
    message: ClassVar[str] = N_("A price list names each channel, group or customer once, and at most {most}.")
    remedy: ClassVar[str] = N_("Strike out what stands there twice; put many customers into a group.")

    most: int


@dataclasses.dataclass(eq=False)
class ContractWithoutParty(errors.Invalid):
    """A contract's prices are for nobody in particular."""

    code: ClassVar[str] = "contract_without_party"
    message: ClassVar[str] = N_("The contract prices {given} are for no customer and no group.")
    remedy: ClassVar[str] = N_("Name the customers or groups of the contract, or make it an ordinary list.")

    given: str


@dataclasses.dataclass(eq=False)
class TiersInvalid(errors.Invalid):
    """A price has no tiers, or too many."""

    code: ClassVar[str] = "tiers_invalid"
    message: ClassVar[str] = N_("A price has 1 to {most} tiers.")
    remedy: ClassVar[str] = N_("Give a price from 1 piece on, or leave the SKU out of the list.")

    most: int


@dataclasses.dataclass(eq=False)
class TierQuantityInvalid(errors.Invalid):
    """The quantity of a tier does not rise."""

    code: ClassVar[str] = "tier_quantity_invalid"
    message: ClassVar[str] = N_("This tier must begin at {lowest} pieces or more.")
    remedy: ClassVar[str] = N_("Give each tier a larger quantity than the last, up to {most}.")

    lowest: int
    most: int


@dataclasses.dataclass(eq=False)
class TierMustFall(errors.Invalid):
    """A graduated tier is not cheaper than the band before it."""

    code: ClassVar[str] = "tier_must_fall"
    message: ClassVar[str] = N_("The units from {min_quantity} on must cost less than those before.")
    remedy: ClassVar[str] = N_("Give a lower price, leave the tier out, or let the tier reached price every unit.")

    min_quantity: int


@dataclasses.dataclass(eq=False)
class ExchangeRateInvalid(errors.Invalid):
    """An exchange rate cannot be used."""

    code: ClassVar[str] = "exchange_rate_invalid"
    message: ClassVar[str] = N_("The rate from {base} to {quote} cannot be used.")
    remedy: ClassVar[str] = N_("Give two currencies and a number above 0 in digits, like 7.8125.")

    base: str
    quote: str


@dataclasses.dataclass(eq=False)
class RoundingInvalid(errors.Invalid):
    """Converted prices cannot be rounded like this."""

    code: ClassVar[str] = "rounding_invalid"
    message: ClassVar[str] = N_("Prices cannot be rounded like this.")
    remedy: ClassVar[str] = N_(
        "Give a multiple from 1 to {most} minor units, and less than it to take off: 100 less 1."
    )

    most: int
