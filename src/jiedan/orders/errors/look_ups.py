"""Refusals about guests who look for their order."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_
from jiedan.base.web.errors import TooManyRequests


@dataclasses.dataclass(eq=False)
class LookUpsThrottled(TooManyRequests):
    """Too many look-ups for this order, by this contact or from this network."""

    code: ClassVar[str] = "look_ups_throttled"
    message: ClassVar[str] = N_("There were too many attempts to find an order.")
    remedy: ClassVar[str] = N_("Wait a few minutes and try again; look into your mail meanwhile.")


@dataclasses.dataclass(eq=False)
class LookUpRefused(errors.Invalid):
    """A code is wrong, was used, or took too long; which of these is not said."""

    code: ClassVar[str] = "look_up_refused"
    message: ClassVar[str] = N_("This code is not right, or it has ended.")
    remedy: ClassVar[str] = N_("Check it in your mail, or ask for a new one.")
