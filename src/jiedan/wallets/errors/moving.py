"""The ways movements and gift cards are refused."""

import dataclasses
from typing import ClassVar

from jiedan.base.errors import Conflict, Invalid, NotFound
from jiedan.base.i18n import N_
from jiedan.base.web.errors import TooManyRequests
from jiedan.wallets import values


@dataclasses.dataclass(eq=False)
class WalletNotFound(NotFound):
    """No such wallet, or not this customer's."""

    code: ClassVar[str] = "wallet_not_found"
    message: ClassVar[str] = N_("There is no such wallet.")
    remedy: ClassVar[str] = N_("Choose one of the customer's wallets, or a gift card by its code.")


@dataclasses.dataclass(eq=False)
class NoWalletNamed(Invalid):
    """Neither a wallet nor a customer is named."""

    code: ClassVar[str] = "no_wallet_named"
    message: ClassVar[str] = N_("No wallet is named.")
    remedy: ClassVar[str] = N_("Send a wallet_id, or a customer_id with kind and unit.")


@dataclasses.dataclass(eq=False)
class GiftCardNotFound(NotFound):
    """No gift card with this id or this code."""

    code: ClassVar[str] = "gift_card_not_found"
    message: ClassVar[str] = N_("There is no such gift card.")
    remedy: ClassVar[str] = N_("Check the code on the card: it has 16 letters and digits.")


@dataclasses.dataclass(eq=False)
class UnknownCustomer(Invalid):
    """What was sent names a customer that does not exist, or is erased."""

    code: ClassVar[str] = "wallet_unknown_customer"
    message: ClassVar[str] = N_("There is no customer {customer_id}.")
    remedy: ClassVar[str] = N_("Send the id of a customer from the list of customers.")

    customer_id: str


@dataclasses.dataclass(eq=False)
class AmountInvalid(Invalid):
    """Nothing, less than nothing where something has to come, or more than may be."""

    code: ClassVar[str] = "wallet_amount_invalid"
    message: ClassVar[str] = N_("{amount} is not an amount that can be moved here.")
    remedy: ClassVar[str] = N_("Send a whole number of minor units or points from 1 to {amount_max}.")

    amount: int
    amount_max: int = values.AMOUNT_MAX


@dataclasses.dataclass(eq=False)
class AmountOutside(Invalid):
    """An amount that was typed, in a unit that is known: less than the least, or more than the most."""

    code: ClassVar[str] = "wallet_amount_outside"
    message: ClassVar[str] = N_("{amount} cannot be moved here.")
    remedy: ClassVar[str] = N_("Write an amount from {amount_min} to {amount_max}.")

    amount: int
    unit: str
    amount_min: int = 1
    amount_max: int = values.AMOUNT_MAX

    def __post_init__(self) -> None:
        """Let people be told money or points, where machines are sent minor units or points."""
        self.amount, self.amount_min, self.amount_max = (
            values.told(x, self.unit) for x in (self.amount, self.amount_min, self.amount_max)
        )


@dataclasses.dataclass(eq=False)
class PointsUnreadable(Invalid):
    """What was typed is no number of points."""

    code: ClassVar[str] = "points_unreadable"
    message: ClassVar[str] = N_("{text} is no number of points.")
    remedy: ClassVar[str] = N_("Write a whole number like 250.")

    text: str


@dataclasses.dataclass(eq=False)
class UnitInvalid(Invalid):
    """Not a currency, or not the unit of this kind of wallet."""

    code: ClassVar[str] = "wallet_unit_invalid"
    message: ClassVar[str] = N_("{unit} is not a unit of this wallet.")
    remedy: ClassVar[str] = N_("Send a currency like CNY for store credit and gift cards, and points for points.")

    unit: str


@dataclasses.dataclass(eq=False)
class ReasonUnfit(Invalid):
    """A reason that goes the other way: nothing is paid out by putting something in."""

    code: ClassVar[str] = "wallet_reason_unfit"
    message: ClassVar[str] = N_("The reason {reason} does not fit what is asked.")
    remedy: ClassVar[str] = N_(
        "Sold and goodwill put something in, paid out takes something out, a correction may both."
    )

    reason: str


@dataclasses.dataclass(eq=False)
class ExpiryPast(Invalid):
    """What is issued would have expired already."""

    code: ClassVar[str] = "wallet_expiry_past"
    message: ClassVar[str] = N_("The expiry lies in the past.")
    remedy: ClassVar[str] = N_("Send a moment in the future, or none for what never expires.")


@dataclasses.dataclass(eq=False)
class TooManyRows(Invalid):
    """More rows than one call takes."""

    code: ClassVar[str] = "wallet_too_many_rows"
    message: ClassVar[str] = N_("One call takes at most {rows_max} rows.")
    remedy: ClassVar[str] = N_("Send the rest in another call.")

    rows_max: int = values.BATCH_MAX


@dataclasses.dataclass(eq=False)
class BalanceTooLow(Conflict):
    """There is less in the wallet than is to be taken out."""

    code: ClassVar[str] = "wallet_balance_too_low"
    message: ClassVar[str] = N_("The balance of {available} is less than {amount}.")
    remedy: ClassVar[str] = N_("Take at most what is there.")

    available: int
    amount: int
    unit: str

    def __post_init__(self) -> None:
        """Let people be told money or points, where machines are sent minor units or points."""
        self.available, self.amount = (values.told(x, self.unit) for x in (self.available, self.amount))


@dataclasses.dataclass(eq=False)
class BalanceTooHigh(Conflict):
    """There would be more in the wallet than a wallet holds."""

    code: ClassVar[str] = "wallet_balance_too_high"
    message: ClassVar[str] = N_("A wallet holds at most {balance_max}.")
    remedy: ClassVar[str] = N_("Put in less.")

    unit: str
    balance_max: int = values.AMOUNT_MAX

    def __post_init__(self) -> None:
        """Let people be told money or points, where machines are sent minor units or points."""
        self.balance_max = values.told(self.balance_max, self.unit)


@dataclasses.dataclass(eq=False)
class GiftCardBlocked(Conflict):
    """The card was blocked by staff."""

    code: ClassVar[str] = "gift_card_blocked"
    message: ClassVar[str] = N_("The gift card that ends with {last_four} is blocked.")
    remedy: ClassVar[str] = N_("Ask the shop, or pay in another way.")

    last_four: str


@dataclasses.dataclass(eq=False)
class GiftCardExpired(Conflict):
    """The time of the card is over."""

    code: ClassVar[str] = "gift_card_expired"
    message: ClassVar[str] = N_("The gift card that ends with {last_four} has expired.")
    remedy: ClassVar[str] = N_("Ask the shop, or pay in another way.")

    last_four: str


@dataclasses.dataclass(eq=False)
class UnknownGiftCard(Invalid):
    """What is to pay names a code that no card has."""

    code: ClassVar[str] = "unknown_gift_card"
    message: ClassVar[str] = N_("There is no such gift card.")
    remedy: ClassVar[str] = N_("Check the code on the card: it has 16 letters and digits.")


@dataclasses.dataclass(eq=False)
class UnknownWallet(Invalid):
    """What is to pay names a wallet that does not exist, or is not the customer's."""

    code: ClassVar[str] = "unknown_wallet"
    message: ClassVar[str] = N_("There is no such wallet.")
    remedy: ClassVar[str] = N_("Choose one of the customer's wallets, or a gift card by its code.")


@dataclasses.dataclass(eq=False)
class GiftCardEmpty(Conflict):
    """Nothing is left on the card."""

    code: ClassVar[str] = "gift_card_empty"
    message: ClassVar[str] = N_("Nothing is left on the gift card that ends with {last_four}.")
    remedy: ClassVar[str] = N_("Leave it out, or pay with another one.")

    last_four: str


@dataclasses.dataclass(eq=False)
class GiftCardCurrency(Conflict):
    """What is on the card is of another currency than the order."""

    code: ClassVar[str] = "gift_card_currency"
    message: ClassVar[str] = N_("The gift card that ends with {last_four} is in {unit}, the order in {currency}.")
    remedy: ClassVar[str] = N_("Order in its currency, or pay in another way.")

    last_four: str
    unit: str
    currency: str


@dataclasses.dataclass(eq=False)
class NoCredit(Conflict):
    """The customer has no store credit in the currency of the order."""

    code: ClassVar[str] = "no_store_credit"
    message: ClassVar[str] = N_("There is no store credit in {currency}.")
    remedy: ClassVar[str] = N_("Leave it out, or pay in another way.")

    currency: str


@dataclasses.dataclass(eq=False)
class CreditNeedsCustomer(Invalid):
    """Store credit is asked for an order of nobody who is known."""

    code: ClassVar[str] = "store_credit_needs_customer"
    message: ClassVar[str] = N_("Store credit belongs to a customer, and the order names none.")
    remedy: ClassVar[str] = N_("Name the customer, or pay in another way.")


@dataclasses.dataclass(eq=False)
class WalletNamedTwice(Invalid):
    """The same wallet is to pay twice for one order."""

    code: ClassVar[str] = "wallet_named_twice"
    message: ClassVar[str] = N_("This gift card, store credit or points are named twice.")
    remedy: ClassVar[str] = N_("Name it once, with the whole amount.")


@dataclasses.dataclass(eq=False)
class MoreThanDue(Invalid):
    """More is to be taken than the order needs."""

    code: ClassVar[str] = "wallet_more_than_due"
    message: ClassVar[str] = N_("{amount} is more than the {due} that are still to be paid.")
    remedy: ClassVar[str] = N_("Take less, or leave the amount out: then as much is taken as is needed.")

    due: int
    amount: int
    unit: str

    def __post_init__(self) -> None:
        """Let people be told money, where machines are sent minor units."""
        self.due, self.amount = (values.told(x, self.unit) for x in (self.due, self.amount))


@dataclasses.dataclass(eq=False)
class MoreThanRedeemed(Conflict):
    """More is to go back to wallets than is left of what came from there."""

    code: ClassVar[str] = "wallet_more_than_redeemed"
    message: ClassVar[str] = N_("Of what was paid out of wallets, {left} can still be given back, not {amount}.")
    remedy: ClassVar[str] = N_("Give back less, or the rest in the way it was paid.")

    left: int
    amount: int
    unit: str

    def __post_init__(self) -> None:
        """Let people be told money or points, where machines are sent minor units or points."""
        self.left, self.amount = (values.told(x, self.unit) for x in (self.left, self.amount))


@dataclasses.dataclass(eq=False)
class OperationKeyReused(Invalid):
    """An operation key came again with something else."""

    code: ClassVar[str] = "wallet_operation_key_reused"
    message: ClassVar[str] = N_("The key {operation_key} was used before for something else.")
    remedy: ClassVar[str] = N_("Use a new key for a new movement.")

    operation_key: str


@dataclasses.dataclass(eq=False)
class CardLookUpsThrottled(TooManyRequests):
    """Too many codes that no card has were tried."""

    code: ClassVar[str] = "gift_card_look_ups_throttled"
    message: ClassVar[str] = N_("Too many gift card codes were tried.")
    remedy: ClassVar[str] = N_("Wait a few minutes, then check the code on the card letter by letter.")
