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
class NameToKeep(errors.Invalid):
    """A customer is to be kept who has no name."""

    code: ClassVar[str] = "name_to_keep"
    message: ClassVar[str] = N_("A customer who is kept needs a name.")
    remedy: ClassVar[str] = N_("Fill in the full name, or do not keep the customer.")
