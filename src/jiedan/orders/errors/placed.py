"""The ways placed orders refuse to be read, canceled, performed or completed."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_, Word

LIFECYCLES: Mapping[str, str] = MappingProxyType(
    {"open": N_("open"), "completed": N_("completed"), "canceled": N_("canceled")}
)
"""The words for an order's lifecycle inside a sentence."""


@dataclasses.dataclass(eq=False)
class OrderNotFound(errors.NotFound):
    """No such order for this caller."""

    code: ClassVar[str] = "order_not_found"
    message: ClassVar[str] = N_("There is no order {order}.")

    order: str


@dataclasses.dataclass(eq=False)
class OrderEnded(errors.Conflict):
    """The order is completed or canceled."""

    code: ClassVar[str] = "order_ended"
    message: ClassVar[str] = N_("Order {number} is {lifecycle}.")
    remedy: ClassVar[str] = N_("Reopen it if it was canceled; for goods that have left, make a return or a new order.")

    number: str
    lifecycle: str

    def __post_init__(self) -> None:
        self.lifecycle = Word(self.lifecycle, LIFECYCLES)


@dataclasses.dataclass(eq=False)
class AlreadyReleased(errors.Conflict):
    """A location is at work on the order, by the facts that were to be changed."""

    code: ClassVar[str] = "already_released"
    message: ClassVar[str] = N_("Order {number} is being picked already.")
    remedy: ClassVar[str] = N_("Put it on hold: what is not picked yet comes back. Then change it and lift the hold.")

    number: str


@dataclasses.dataclass(eq=False)
class AlreadyShipped(errors.Conflict):
    """Goods of the order have left."""

    code: ClassVar[str] = "already_shipped"
    message: ClassVar[str] = N_("Goods of order {number} have left already.")
    remedy: ClassVar[str] = N_("Cancel the lines that have not, or arrange a return.")

    number: str


@dataclasses.dataclass(eq=False)
class LineNotFound(errors.NotFound):
    """The order has no such line."""

    code: ClassVar[str] = "line_not_found"
    message: ClassVar[str] = N_("Order {number} has no line {line}.")

    number: str
    line: int


@dataclasses.dataclass(eq=False)
class LineNotCancelable(errors.Conflict):
    """A fee or a kit's component is not canceled by itself."""

    code: ClassVar[str] = "line_not_cancelable"
    message: ClassVar[str] = N_("Line {line} is not canceled by itself.")
    remedy: ClassVar[str] = N_("Cancel the kit it belongs to, or the whole order.")

    line: int


@dataclasses.dataclass(eq=False)
class TooMuchToCancel(errors.Conflict):
    """More than what is left of a line."""

    code: ClassVar[str] = "too_much_to_cancel"
    message: ClassVar[str] = N_("Only {left} of line {line} can be canceled, not {quantity}.")
    remedy: ClassVar[str] = N_("Give at most what is left; what has been shipped comes back as a return.")

    line: int
    quantity: int
    left: int


@dataclasses.dataclass(eq=False)
class ReasonMissing(errors.Invalid):
    """What is done to an order against its course needs a reason."""

    code: ClassVar[str] = "order_reason_missing"
    message: ClassVar[str] = N_("What is done to an order against its course needs a reason.")
    remedy: ClassVar[str] = N_("Say why, in 1 to {chars_max} characters.")

    chars_max: int


@dataclasses.dataclass(eq=False)
class NothingToPerform(errors.Conflict):
    """The line is no service, or not so much of it is left."""

    code: ClassVar[str] = "nothing_to_perform"
    message: ClassVar[str] = N_("Only {left} of line {line} can be marked as performed, not {quantity}.")
    remedy: ClassVar[str] = N_("Give at most what is left; only services are performed, goods are shipped.")

    line: int
    quantity: int
    left: int


@dataclasses.dataclass(eq=False)
class GoodsOutstanding(errors.Conflict):
    """Goods of the order are still allocated or awaited."""

    code: ClassVar[str] = "goods_outstanding"
    message: ClassVar[str] = N_("Goods of order {number} are still to be shipped.")
    remedy: ClassVar[str] = N_("Ship or cancel them first.")

    number: str
