"""The ways ended orders refuse to be opened again."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_, Word
from jiedan.orders.errors.placed import LIFECYCLES


@dataclasses.dataclass(eq=False)
class OrderNotCanceled(errors.Conflict):
    """Only canceled and expired orders are opened again."""

    code: ClassVar[str] = "order_not_canceled"
    message: ClassVar[str] = N_("Order {number} is {lifecycle}; only a canceled one can be opened again.")
    remedy: ClassVar[str] = N_("Place a new order if the customer wants more.")

    number: str
    lifecycle: str

    def __post_init__(self) -> None:
        self.lifecycle = Word(self.lifecycle, LIFECYCLES)


@dataclasses.dataclass(eq=False)
class HistoryStaysEnded(errors.Conflict):
    """An imported order is history."""

    code: ClassVar[str] = "history_stays_ended"
    message: ClassVar[str] = N_("Order {number} is imported history and is not opened again.")
    remedy: ClassVar[str] = N_("Place a new order instead.")

    number: str


@dataclasses.dataclass(eq=False)
class MoneyShort(errors.Conflict):
    """Less money than the order costs once it is open again."""

    code: ClassVar[str] = "money_short"
    message: ClassVar[str] = N_("Order {number} would cost {total_minor}; only {held_minor} is there.")
    remedy: ClassVar[str] = N_("Give the money back, or reopen the order by hand and take the rest.")

    number: str
    total_minor: int
    held_minor: int
