"""The ways points refuse to pay."""

import dataclasses
from typing import ClassVar

from jiedan.base.errors import Conflict, Invalid
from jiedan.base.i18n import N_
from jiedan.wallets import values


@dataclasses.dataclass(eq=False)
class NoPoints(Conflict):
    """The customer has no points."""

    code: ClassVar[str] = "no_points"
    message: ClassVar[str] = N_("There are no points to pay with.")
    remedy: ClassVar[str] = N_("Leave them out, or pay in another way.")


@dataclasses.dataclass(eq=False)
class PointsNeedCustomer(Invalid):
    """Points are asked for an order of nobody who is known."""

    code: ClassVar[str] = "points_need_customer"
    message: ClassVar[str] = N_("Points belong to a customer, and the order names none.")
    remedy: ClassVar[str] = N_("Name the customer, or pay in another way.")


@dataclasses.dataclass(eq=False)
class PointsPayNothing(Conflict):
    """By the merchant's rules points do not pay in the currency of the order."""

    code: ClassVar[str] = "points_pay_nothing"
    message: ClassVar[str] = N_("Points do not pay for orders in {currency}.")
    remedy: ClassVar[str] = N_("Pay in another way, or set what points pay in the rules of loyalty.")

    currency: str


@dataclasses.dataclass(eq=False)
class TooFewPoints(Conflict):
    """Fewer points could pay than the rules ask for."""

    code: ClassVar[str] = "too_few_points"
    message: ClassVar[str] = N_("An order is paid with at least {points_min} points.")
    remedy: ClassVar[str] = N_("Leave the points out, or pay in another way.")

    points_min: int


@dataclasses.dataclass(eq=False)
class PointsNotWhole(Invalid):
    """Points pay by whole steps alone."""

    code: ClassVar[str] = "points_not_whole"
    message: ClassVar[str] = N_("Points pay by steps: {points} of them pay {step}.")
    remedy: ClassVar[str] = N_("Send a multiple of that, or leave the amount out: then as much is taken as is needed.")

    points: int
    step: int
    unit: str

    def __post_init__(self) -> None:
        """Let people be told money, where machines are sent minor units."""
        self.step = values.told(self.step, self.unit)


@dataclasses.dataclass(eq=False)
class PointsRateChanged(Conflict):
    """The amount and the points that were agreed to are not the same by the rules any more."""

    code: ClassVar[str] = "points_rate_changed"
    message: ClassVar[str] = N_("So many points do not pay this amount.")
    remedy: ClassVar[str] = N_("Look at what points pay now, and order again if it is all right.")


@dataclasses.dataclass(eq=False)
class PointsShareExceeded(Conflict):
    """More of an order would be paid with points than the rules allow."""

    code: ClassVar[str] = "points_share_exceeded"
    message: ClassVar[str] = N_("Points pay at most {percent} % of an order: {most} of this one.")
    remedy: ClassVar[str] = N_("Take less, or leave the amount out: then as much is taken as may be.")

    percent: int
    most: int
    unit: str

    def __post_init__(self) -> None:
        """Let people be told money, where machines are sent minor units."""
        self.most = values.told(self.most, self.unit)
