"""The ways holds refuse."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from jiedan.accounts.values import PERMISSIONS
from jiedan.base import errors
from jiedan.base.i18n import N_, Word

HOLDS_BY_HAND: Mapping[str, str] = MappingProxyType(
    {
        "manual": N_("Stopped by hand"),
        "address_check": N_("Check the address"),
        "fraud_check": N_("Check for fraud"),
        "payment_check": N_("Check the payment"),
    }
)
"""The words for the kinds of holds that staff place."""

HOLDS: Mapping[str, str] = MappingProxyType({**HOLDS_BY_HAND, "price_approval": N_("Price to be approved")})
"""The words for the kinds of holds; any other kind is its code."""


@dataclasses.dataclass(eq=False)
class HoldKindInvalid(errors.Invalid):
    """A kind of hold is a short word."""

    code: ClassVar[str] = "hold_kind_invalid"
    message: ClassVar[str] = N_("{kind} is not a kind of hold.")
    remedy: ClassVar[str] = N_("Use 1 to 40 lower-case letters, digits and underscores, such as fraud_check.")

    kind: str


@dataclasses.dataclass(eq=False)
class HoldStands(errors.Conflict):
    """The order is already held for that."""

    code: ClassVar[str] = "hold_stands"
    message: ClassVar[str] = N_("Order {number} is already on hold: {kind}.")
    remedy: ClassVar[str] = N_("Lift that hold when the matter is settled, or place one of another kind.")

    number: str
    kind: str

    def __post_init__(self) -> None:
        self.kind = Word(self.kind, HOLDS)


@dataclasses.dataclass(eq=False)
class HoldNotFound(errors.NotFound):
    """There is no such hold."""

    code: ClassVar[str] = "hold_not_found"
    message: ClassVar[str] = N_("There is no hold {hold}.")

    hold: str


@dataclasses.dataclass(eq=False)
class HoldAlreadyLifted(errors.Conflict):
    """Somebody lifted the hold before."""

    code: ClassVar[str] = "hold_already_lifted"
    message: ClassVar[str] = N_("This hold was lifted before.")
    remedy: ClassVar[str] = N_("Nothing is left to do; load the order again.")

    hold: str


@dataclasses.dataclass(eq=False)
class HoldNeedsRight(errors.Forbidden):
    """Lifting the hold needs a permission that the caller lacks."""

    code: ClassVar[str] = "hold_needs_right"
    message: ClassVar[str] = N_("Lifting this hold needs the permission “{permission}”.")
    remedy: ClassVar[str] = N_("Ask somebody who has it.")

    permission: str

    def __post_init__(self) -> None:
        self.permission = Word(self.permission, PERMISSIONS)
