"""The ways in which how a shop shows itself is refused."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class HostInvalid(errors.Invalid):
    """A host is no name that a browser could ask for."""

    code: ClassVar[str] = "host_invalid"
    message: ClassVar[str] = N_("{host} is not the name of a host.")
    remedy: ClassVar[str] = N_("Write it like shop.example.com: without https:// and without a path.")

    host: str


@dataclasses.dataclass(eq=False)
class HostTaken(errors.Conflict):
    """Another merchant, or Jiedan itself, answers at that host."""

    code: ClassVar[str] = "host_taken"
    message: ClassVar[str] = N_("{host} is in use already.")
    remedy: ClassVar[str] = N_("Choose another host.")

    host: str


@dataclasses.dataclass(eq=False)
class StorefrontTextTooLong(errors.Invalid):
    """A text that the shop shows is too long."""

    code: ClassVar[str] = "storefront_text_too_long"
    message: ClassVar[str] = N_("The text is longer than {characters_max} characters.")
    remedy: ClassVar[str] = N_("Shorten it.")

    characters_max: int


@dataclasses.dataclass(eq=False)
class LinkDaysOutOfRange(errors.Invalid):
    """Links to orders would stay good for no time, or for ever."""

    code: ClassVar[str] = "link_days_out_of_range"
    message: ClassVar[str] = N_("Links to orders stay good for 1 to {days_max} days.")
    remedy: ClassVar[str] = N_("Give a number of days in between.")

    days_max: int


@dataclasses.dataclass(eq=False)
class LogoTooLarge(errors.Invalid):
    """A logo takes too many bytes, even encoded anew."""

    code: ClassVar[str] = "logo_too_large"
    message: ClassVar[str] = N_("The logo takes more than {bytes_max} bytes.")
    remedy: ClassVar[str] = N_("Upload a smaller picture; 400 pixels are enough.")

    bytes_max: int
