"""The ways a draft is refused for what it should have cost: its codes, its offers, its total."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_, Word

COUPON_STATES: Mapping[str, str] = MappingProxyType(
    {
        "unknown": N_("there is no such code"),
        "not_begun": N_("it is not valid yet"),
        "expired": N_("it has expired"),
        "used": N_("it has been used"),
        "cap_reached": N_("it has been used as often as it may be"),
        "not_yours": N_("it is only for customers who are known"),
    }
)


@dataclasses.dataclass(eq=False)
class CouponRefused(errors.Invalid):
    """A code that was given opens nothing, or nothing any more."""

    code: ClassVar[str] = "coupon_refused"
    message: ClassVar[str] = N_("The coupon {coupon} cannot be used: {state}.")
    remedy: ClassVar[str] = N_("Check the code, or order without it.")

    coupon: str
    state: str

    def __post_init__(self) -> None:
        self.state = Word(self.state, COUPON_STATES)


@dataclasses.dataclass(eq=False)
class GiftNotOffered(errors.Invalid):
    """A SKU was chosen that no promotion gives."""

    code: ClassVar[str] = "gift_not_offered"
    message: ClassVar[str] = N_("{sku} is not offered as a gift.")
    remedy: ClassVar[str] = N_("Leave it out, or choose one of the gifts of a promotion.")

    sku: str


@dataclasses.dataclass(eq=False)
class PromotionUsedUp(errors.Conflict):
    """Others were quicker: an offer that made the price is used up."""

    code: ClassVar[str] = "promotion_used_up"
    message: ClassVar[str] = N_("“{promotion}” was used up while this was being ordered.")
    remedy: ClassVar[str] = N_("Look at the new total, and order again if it suits.")

    promotion: str


@dataclasses.dataclass(eq=False)
class TotalRisen(errors.Conflict):
    """The order would cost more than whoever orders has seen."""

    code: ClassVar[str] = "total_risen"
    message: ClassVar[str] = N_("The total has risen since it was shown.")
    remedy: ClassVar[str] = N_("Look at the new total, and order again if it suits.")

    total_minor: int
    expected_total_minor: int
    currency: str
