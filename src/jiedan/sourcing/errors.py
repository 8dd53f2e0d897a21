"""The ways sourcing refuses."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class PostalAreaInvalid(errors.Invalid):
    """A row of the postal area table cannot be used."""

    code: ClassVar[str] = "postal_area_invalid"
    message: ClassVar[str] = N_("The postal area {country} {prefix} cannot be used.")
    remedy: ClassVar[str] = N_(
        "Give a two-letter country, a prefix of at most 16 characters, a latitude and a longitude."
    )

    country: str
    prefix: str


@dataclasses.dataclass(eq=False)
class PostalAreaNotFound(errors.NotFound):
    """The table has no such postal area."""

    code: ClassVar[str] = "postal_area_not_found"
    message: ClassVar[str] = N_("The postal area {country} {prefix} is not in the table.")

    country: str
    prefix: str
