"""The ways a refund of a whole order is refused, and what else is not done with what came out of wallets."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class NothingToRefund(errors.Conflict):
    """Nothing of an order was paid that has not gone back."""

    code: ClassVar[str] = "nothing_to_refund"
    message: ClassVar[str] = N_("Nothing of order {number} can be given back.")
    remedy: ClassVar[str] = N_("See its payments: it was not paid, or all of it has gone back.")

    number: str


@dataclasses.dataclass(eq=False)
class OrderRefundTooLarge(errors.Conflict):
    """A refund beyond what all tenders of an order still hold."""

    code: ClassVar[str] = "order_refund_too_large"
    message: ClassVar[str] = N_("Only {left_minor} of this order can be refunded, not {amount_minor}.")
    remedy: ClassVar[str] = N_("Give at most that back.")

    amount_minor: int
    left_minor: int


@dataclasses.dataclass(eq=False)
class PaidOutOfWallet(errors.Conflict):
    """No bank takes back what came out of a wallet."""

    code: ClassVar[str] = "paid_out_of_wallet"
    message: ClassVar[str] = N_("This was paid out of a gift card or store credit: no bank takes it back.")
    remedy: ClassVar[str] = N_("Refund the payment: it goes back to where it came from.")
