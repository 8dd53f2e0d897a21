"""The ways what a customer asks for is refused."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class RequestEmpty(errors.Invalid):
    """A request says nothing, or too much."""

    code: ClassVar[str] = "request_empty"
    message: ClassVar[str] = N_("A request has 1 to {characters_max} characters.")
    remedy: ClassVar[str] = N_("Write what should be done.")

    characters_max: int


@dataclasses.dataclass(eq=False)
class TooManyRequestsOfOrder(errors.Conflict):
    """So much was asked for that somebody has to answer first."""

    code: ClassVar[str] = "too_many_requests_of_order"
    message: ClassVar[str] = N_("{requests_max} things are written down about order {number} already.")
    remedy: ClassVar[str] = N_("Wait for an answer, or call.")

    number: str
    requests_max: int
