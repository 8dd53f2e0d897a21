"""Prices and currencies that cannot be read or kept."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class UnknownCurrency(errors.Invalid):
    """A currency is not in ISO 4217."""

    code: ClassVar[str] = "unknown_currency"
    message: ClassVar[str] = N_("{currency} is no currency.")
    remedy: ClassVar[str] = N_("Use an ISO 4217 code like CNY, EUR or USD.")

    currency: str


@dataclasses.dataclass(eq=False)
class PriceUnreadable(errors.Invalid):
    """What was typed is no price in the currency."""

    code: ClassVar[str] = "price_unreadable"
    message: ClassVar[str] = N_("{text} is no price in {currency}.")
    remedy: ClassVar[str] = N_("Write it like 39.90.")

    text: str
    currency: str


@dataclasses.dataclass(eq=False)
class PriceStays(errors.Conflict):
    """The grid shows one currency: it does not take away the only price of a SKU in it while others stay."""

    code: ClassVar[str] = "price_stays"
    message: ClassVar[str] = N_("The SKU has prices in other currencies, so its price in {currency} stays here.")
    remedy: ClassVar[str] = N_("Open the SKU and remove the price there.")

    currency: str
