"""The ways replays refuse."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class ReplayNotFound(errors.NotFound):
    """No replay of this merchant has that id."""

    code: ClassVar[str] = "replay_not_found"
    message: ClassVar[str] = N_("There is no such replay.")
    remedy: ClassVar[str] = N_("Replays are kept for ninety days; look at the list of those that are.")


@dataclasses.dataclass(eq=False)
class ReplayUnderWay(errors.Conflict):
    """One replay at a time: it keeps the worker busy."""

    code: ClassVar[str] = "replay_under_way"
    message: ClassVar[str] = N_("A replay is under way already.")
    remedy: ClassVar[str] = N_("Wait until it is through, or cancel it first.")


@dataclasses.dataclass(eq=False)
class ReplayEnded(errors.Conflict):
    """What is through, or was canceled, cannot be canceled."""

    code: ClassVar[str] = "replay_ended"
    message: ClassVar[str] = N_("This replay is not under way any more.")
    remedy: ClassVar[str] = N_("Look at what it came to, or begin another one.")


@dataclasses.dataclass(eq=False)
class ReplayDaysInvalid(errors.Invalid):
    """No day, or more than are looked back on."""

    code: ClassVar[str] = "replay_days_invalid"
    message: ClassVar[str] = N_("The orders of 1 to {days_max} days can be replayed.")
    remedy: ClassVar[str] = N_("Choose how many days to look back.")

    days_max: int


@dataclasses.dataclass(eq=False)
class TooManyToReplay(errors.Invalid):
    """More orders than one replay takes."""

    code: ClassVar[str] = "too_many_to_replay"
    message: ClassVar[str] = N_("One replay takes {orders_max} orders at most; there are more in these days.")
    remedy: ClassVar[str] = N_("Look back fewer days.")

    orders_max: int


@dataclasses.dataclass(eq=False)
class NothingToReplay(errors.Invalid):
    """No order was placed in these days."""

    code: ClassVar[str] = "nothing_to_replay"
    message: ClassVar[str] = N_("No order was placed in these days.")
    remedy: ClassVar[str] = N_("Look back more days.")


@dataclasses.dataclass(eq=False)
class ReplayGivenUp(errors.Conflict):
    """The worker tried to go on with it for a day, and failed each time."""

    code: ClassVar[str] = "replay_given_up"
    message: ClassVar[str] = N_("This replay failed each time it was tried.")
    remedy: ClassVar[str] = N_("Begin another one; if it fails again, look at the log of the worker.")
