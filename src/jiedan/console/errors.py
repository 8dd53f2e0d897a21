"""What pages refuse by themselves, before any module is asked."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class NothingChosen(errors.Invalid):
    """A form that asks for quantities came without any."""

    code: ClassVar[str] = "nothing_chosen"
    message: ClassVar[str] = N_("No quantity is given.")
    remedy: ClassVar[str] = N_("Write how many units beside at least one line.")


@dataclasses.dataclass(eq=False)
class QuantityMissing(errors.Invalid):
    """A SKU without a quantity, or a quantity without a SKU."""

    code: ClassVar[str] = "quantity_missing"
    message: ClassVar[str] = N_("Row {row} needs a SKU and a whole quantity.")
    remedy: ClassVar[str] = N_("Fill in both, or leave the whole row empty.")

    row: int


@dataclasses.dataclass(eq=False)
class AmountUnreadable(errors.Invalid):
    """What was typed is no amount of the currency."""

    code: ClassVar[str] = "amount_unreadable"
    message: ClassVar[str] = N_("{text} is not an amount in {currency}.")
    remedy: ClassVar[str] = N_("Write it like 1250.00.")

    text: str
    currency: str


@dataclasses.dataclass(eq=False)
class LocationToCollect(errors.Invalid):
    """Somebody comes for the goods, and nobody said where to."""

    code: ClassVar[str] = "location_to_collect"
    message: ClassVar[str] = N_("Where the customer collects the goods is not chosen.")
    remedy: ClassVar[str] = N_("Choose the location that the customer comes to.")


@dataclasses.dataclass(eq=False)
class UnitsUnreadable(errors.Invalid):
    """What was typed is no number of units."""

    code: ClassVar[str] = "units_unreadable"
    message: ClassVar[str] = N_("“{text}” is no number of units.")
    remedy: ClassVar[str] = N_("Type a whole number, or leave it empty for none.")

    text: str


@dataclasses.dataclass(eq=False)
class NotAgreed(errors.Invalid):
    """Money of a customer is to be spent that nobody has said they agree to."""

    code: ClassVar[str] = "not_agreed"
    message: ClassVar[str] = N_("Nobody has said that the customer agrees.")
    remedy: ClassVar[str] = N_("Ask the customer, and tick that they agree.")


@dataclasses.dataclass(eq=False)
class NameToKeep(errors.Invalid):
    """A customer is to be kept who has no name."""

    code: ClassVar[str] = "name_to_keep"
    message: ClassVar[str] = N_("A customer who is kept needs a name.")
    remedy: ClassVar[str] = N_("Fill in the full name, or do not keep the customer.")


@dataclasses.dataclass(eq=False)
class RateUnreadable(errors.Invalid):
    """What was typed is no percentage."""

    code: ClassVar[str] = "rate_unreadable"
    message: ClassVar[str] = N_("{text} is not a percentage.")
    remedy: ClassVar[str] = N_("Write it like 20% or 12.5%, with four decimals at most.")

    text: str


@dataclasses.dataclass(eq=False)
class ReductionUnreadable(errors.Invalid):
    """What was typed is neither a percentage nor an amount."""

    code: ClassVar[str] = "reduction_unreadable"
    message: ClassVar[str] = N_("{text} is neither a percentage nor an amount in {currency}.")
    remedy: ClassVar[str] = N_("Write 20%, or 20, or 20 CNY, 3 USD.")

    text: str
    currency: str


@dataclasses.dataclass(eq=False)
class CountUnreadable(errors.Invalid):
    """What was typed is no whole number."""

    code: ClassVar[str] = "count_unreadable"
    message: ClassVar[str] = N_("{text} is not a whole number.")
    remedy: ClassVar[str] = N_("Write digits alone.")

    text: str


@dataclasses.dataclass(eq=False)
class MomentUnreadable(errors.Invalid):
    """What was typed is no moment."""

    code: ClassVar[str] = "moment_unreadable"
    message: ClassVar[str] = N_("{text} is not a date and time.")
    remedy: ClassVar[str] = N_("Write it like 2026-11-11T08:00.")

    text: str


@dataclasses.dataclass(eq=False)
class ExampleGoodsMissing(errors.Invalid):
    """A cart has no goods."""

    code: ClassVar[str] = "example_goods_missing"
    message: ClassVar[str] = N_("There are no goods in this cart.")
    remedy: ClassVar[str] = N_("Give one SKU at least.")


@dataclasses.dataclass(eq=False)
class MeasureUnreadable(errors.Invalid):
    """What was typed is no weight, length or volume."""

    code: ClassVar[str] = "measure_unreadable"
    message: ClassVar[str] = N_("{text} is not a measure.")
    remedy: ClassVar[str] = N_("Write a number and one of {units}; without a unit it is {usual}.")

    text: str
    units: str
    usual: str


@dataclasses.dataclass(eq=False)
class NumberUnreadable(errors.Invalid):
    """What was typed is no plain number."""

    code: ClassVar[str] = "number_unreadable"
    message: ClassVar[str] = N_("{text} is not a number.")
    remedy: ClassVar[str] = N_("Write digits, with a point before decimals.")

    text: str


@dataclasses.dataclass(eq=False)
class NoCustomerFits(errors.Invalid):
    """Nobody fits what was typed to find a customer."""

    code: ClassVar[str] = "no_customer_fits"
    message: ClassVar[str] = N_("No customer fits “{text}”.")
    remedy: ClassVar[str] = N_("Type a name, a phone number or an e-mail address, or leave it empty for a guest.")

    text: str


@dataclasses.dataclass(eq=False)
class CustomersFit(errors.Invalid):
    """More than one customer fits what was typed."""

    code: ClassVar[str] = "customers_fit"
    message: ClassVar[str] = N_("Several customers fit “{text}”: {names}.")
    remedy: ClassVar[str] = N_("Type an e-mail address or a phone number.")

    text: str
    names: str


@dataclasses.dataclass(eq=False)
class PriceRowIncomplete(errors.Invalid):
    """A row of a table of prices that was pasted lacks its SKU or its price."""

    code: ClassVar[str] = "price_row_incomplete"
    message: ClassVar[str] = N_("The row needs a SKU and a price.")
    remedy: ClassVar[str] = N_("Write it like TEA-250, 9.90, or TEA-250, 8.50, 10 for the price from 10 on.")


@dataclasses.dataclass(eq=False)
class AttributesUnreadable(errors.Invalid):
    """What was typed is no attribute with its value, or there are too many."""

    code: ClassVar[str] = "attributes_unreadable"
    message: ClassVar[str] = N_("“{part}” is no attribute with its value.")
    remedy: ClassVar[str] = N_("Write them like source=app; age=18, each name once and twenty at most.")

    part: str
