"""The ways privacy refuses; what stands in the way of an erasure is told all at once."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_, Series


@dataclasses.dataclass(eq=False)
class NoErasure(errors.NotFound):
    """Nobody asked to have this customer erased."""

    code: ClassVar[str] = "no_erasure"
    message: ClassVar[str] = N_("This customer is not being erased.")
    remedy: ClassVar[str] = N_("Look at what an erasure would do, and begin it.")


@dataclasses.dataclass(eq=False)
class NotConfirmed(errors.Invalid):
    """What cannot be taken back is confirmed by typing whom it is about."""

    code: ClassVar[str] = "erasure_not_confirmed"
    message: ClassVar[str] = N_("An erasure cannot be taken back, and this is not what confirms it.")
    remedy: ClassVar[str] = N_("Type exactly: {expected}")

    expected: str


@dataclasses.dataclass(eq=False)
class NoGuestOrders(errors.Invalid):
    """No guest has ordered with this address, or all that they ordered is erased, or theirs by an account."""

    code: ClassVar[str] = "no_guest_orders"
    message: ClassVar[str] = N_("No guest has ordered with {email}.")
    remedy: ClassVar[str] = N_("Search the orders for it; whoever is a customer is erased on the customer's page.")

    email: str


@dataclasses.dataclass(eq=False)
class TooManyGuestOrders(errors.Invalid):
    """An address of so many orders is that of a marketplace or a till, not of a person."""

    code: ClassVar[str] = "too_many_guest_orders"
    message: ClassVar[str] = N_("More than {limit} orders of guests have the address {email}, so it is nobody's own.")
    remedy: ClassVar[str] = N_(
        "A shop or a till puts it into every order: ask the guest for the one that they ordered with themselves."
    )

    email: str
    limit: int


@dataclasses.dataclass(eq=False)
class OrdersOpen(errors.Conflict):
    """Orders are still to be delivered: somebody has to know where to."""

    code: ClassVar[str] = "erasure_orders_open"
    message: ClassVar[str] = N_("Orders are still open: {numbers}.")
    remedy: ClassVar[str] = N_("Deliver them, or cancel them.")

    count: int
    numbers: Series


@dataclasses.dataclass(eq=False)
class MoneyMoving(errors.Conflict):
    """A provider has not answered yet what became of money."""

    code: ClassVar[str] = "erasure_money_moving"
    message: ClassVar[str] = N_("Payments are under way for: {numbers}.")
    remedy: ClassVar[str] = N_("Wait for the answer of the payment provider, or settle them by hand.")

    count: int
    numbers: Series


@dataclasses.dataclass(eq=False)
class MoneyOwedToCustomer(errors.Conflict):
    """Money has to go back to whom it came from."""

    code: ClassVar[str] = "erasure_money_owed_to_customer"
    message: ClassVar[str] = N_("Too much was paid for: {numbers}.")
    remedy: ClassVar[str] = N_("Give the money back first.")

    count: int
    numbers: Series


@dataclasses.dataclass(eq=False)
class MoneyOwedByCustomer(errors.Conflict):
    """Nobody can be asked for money who is not known any more."""

    code: ClassVar[str] = "erasure_money_owed_by_customer"
    message: ClassVar[str] = N_("Not all was paid for: {numbers}.")
    remedy: ClassVar[str] = N_("Record what was paid, or write off what is missing by an adjustment.")

    count: int
    numbers: Series


@dataclasses.dataclass(eq=False)
class MoneyInWallets(errors.Conflict):
    """Store credit or gift cards of the customer are not used up; nobody could be given what is on them."""

    code: ClassVar[str] = "erasure_money_in_wallets"
    message: ClassVar[str] = N_("There is money left on store credit or gift cards: {count}.")
    remedy: ClassVar[str] = N_("Pay it out, or take it off with a reason.")

    count: int


@dataclasses.dataclass(eq=False)
class CasesOpen(errors.Conflict):
    """People still work on something about the customer or the orders."""

    code: ClassVar[str] = "erasure_cases_open"
    message: ClassVar[str] = N_("Cases are still open: {kinds}.")
    remedy: ClassVar[str] = N_("Settle them first.")

    kinds: Series
