"""Addresses that are not there, or that no parcel would reach."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_, Word
from jiedan.customers.errors.words import WORDS


@dataclasses.dataclass(eq=False)
class CountryUnknown(errors.Invalid):
    """A country code that ISO 3166-1 does not have."""

    code: ClassVar[str] = "country_unknown"
    message: ClassVar[str] = N_("{country} is not a country code.")
    remedy: ClassVar[str] = N_("Give two letters such as CN, TW, HK or US.")

    country: str


@dataclasses.dataclass(eq=False)
class AddressFieldMissing(errors.Invalid):
    """A country's addresses need a field that is empty."""

    code: ClassVar[str] = "address_field_missing"
    message: ClassVar[str] = N_("An address in {country} needs the field {name}.")
    remedy: ClassVar[str] = N_("Fill it in.")

    country: str
    name: str

    def __post_init__(self) -> None:
        self.name = Word(self.name, WORDS)


@dataclasses.dataclass(eq=False)
class PostalCodeInvalid(errors.Invalid):
    """A postal code that does not look like those of its country."""

    code: ClassVar[str] = "postal_code_invalid"
    message: ClassVar[str] = N_("{postal_code} is not a postal code of {country}.")
    remedy: ClassVar[str] = N_("Write it like {example}.")

    postal_code: str
    country: str
    example: str


@dataclasses.dataclass(eq=False)
class AddressFieldTooLong(errors.Invalid):
    """A field of an address is longer than any label."""

    code: ClassVar[str] = "address_field_too_long"
    message: ClassVar[str] = N_("The field {name} has more than {characters_max} characters.")
    remedy: ClassVar[str] = N_("Shorten it.")

    name: str
    characters_max: int

    def __post_init__(self) -> None:
        self.name = Word(self.name, WORDS)


@dataclasses.dataclass(eq=False)
class CoordinatesInvalid(errors.Invalid):
    """Coordinates that are not on earth, or half given."""

    code: ClassVar[str] = "coordinates_invalid"
    message: ClassVar[str] = N_("The coordinates are not a place on earth.")
    remedy: ClassVar[str] = N_("Give lat from -90 to 90 and lon from -180 to 180, or neither.")


@dataclasses.dataclass(eq=False)
class AddressNotFound(errors.NotFound):
    """No such address in the customer's book."""

    code: ClassVar[str] = "address_not_found"
    message: ClassVar[str] = N_("There is no address {address}.")

    address: str
