"""What money of an order goes back: the wish, what each tender gives of it, and for which units."""

from typing import Literal, NamedTuple
from uuid import UUID

from jiedan.orders.values import Line
from jiedan.payments.values import LineRefund, Payment

RefundTarget = Literal["original", "credit"]
"""Where the money of a refund goes: the way it came, or to the customer's store credit."""

RefundWay = Literal["original", "wallet", "credit", "by_hand"]
"""How a tender gives its share: by its provider, to the wallet it came from, as store credit, or people give it."""


class OrderRefund(NamedTuple):
    """A wish to give money of an order back, once per `key`, over all of its tenders.

    None as the amount asks for what the units cost, and without units for all that is left. What came out of wallets
    goes back there in any case.
    """

    order_id: UUID
    amount_minor: int | None = None
    reason: str = ""
    refund_lines: tuple[LineRefund, ...] = ()
    to: RefundTarget = "original"
    key: str | None = None


class RefundShare(NamedTuple):
    """What one tender gives of a refund, and what of it is kept then; of points, how many of them go back."""

    payment: Payment
    amount_minor: int
    left_minor: int
    goes: RefundWay
    points: int | None = None


class UnitsBack(NamedTuple):
    """What units of a line that are given back cost: price and tax on it, less what was taken off, is the amount.

    `tax_minor` is in the price, or comes on top of it where `tax_included` is false.
    """

    line: Line
    quantity: int
    price_minor: int
    tax_minor: int
    amount_minor: int

    @property
    def off_minor(self) -> int:
        """What was taken off the price of these units."""
        return self.price_minor + (0 if self.line.tax_included else self.tax_minor) - self.amount_minor


class RefundOutline(NamedTuple):
    """What a refund would be: what each tender gives, and what the units cost that it is for."""

    shares: tuple[RefundShare, ...]
    units: tuple[UnitsBack, ...] = ()

    @property
    def amount_minor(self) -> int:
        """What goes back."""
        return sum(share.amount_minor for share in self.shares)


class Refunded(NamedTuple):
    """Operations of a refund that are stored and are to be performed, by key; none when it was asked before."""

    order_id: UUID
    operation_keys: tuple[str, ...]
