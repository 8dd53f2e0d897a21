"""The ways rows about places are refused: of taxes, and of shipping zones."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class PlaceCountryInvalid(errors.Invalid):
    """A country is not written as ISO 3166-1 writes it."""

    code: ClassVar[str] = "place_country_invalid"
    message: ClassVar[str] = N_("{country} is not a country.")
    remedy: ClassVar[str] = N_("Give two capital letters like CN, or * for all the others.")

    country: str


@dataclasses.dataclass(eq=False)
class PlaceRegionInvalid(errors.Invalid):
    """A region is not written as ISO 3166-2 writes it, or stands without its country."""

    code: ClassVar[str] = "place_region_invalid"
    message: ClassVar[str] = N_("{region} is not a region of {country}.")
    remedy: ClassVar[str] = N_("Name the country, and give the region as one to three capital letters or digits.")

    region: str
    country: str


@dataclasses.dataclass(eq=False)
class PlacePostalInvalid(errors.Invalid):
    """A postal area is neither a prefix nor a range, or stands without its country."""

    code: ClassVar[str] = "place_postal_invalid"
    message: ClassVar[str] = N_("{postal} is not a postal area of {country}.")
    remedy: ClassVar[str] = N_(
        "Name the country, and give how the codes begin, like 94, or a range of equal length, like 94105..94110."
    )

    postal: str
    country: str
