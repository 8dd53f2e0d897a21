"""The ways customers refuse."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_, Word
from jiedan.base.web.errors import TooManyRequests, Unauthenticated
from jiedan.customers.errors.exempting import (
    ExemptionDayInvalid,
    ExemptionNotFound,
    ExemptionPartNotAllowed,
    ExemptionPeriodInvalid,
    ExemptionPlaceInvalid,
    ExemptionTextInvalid,
    VatNumberInvalid,
)

__all__ = [
    "ExemptionDayInvalid",
    "ExemptionNotFound",
    "ExemptionPartNotAllowed",
    "ExemptionPeriodInvalid",
    "ExemptionPlaceInvalid",
    "ExemptionTextInvalid",
    "VatNumberInvalid",
]

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "addresses": N_("addresses"),
        "city": N_("city"),
        "company": N_("company"),
        "contacts": N_("contacts"),
        "customers": N_("customers"),
        "district": N_("district"),
        "external_id": N_("external id"),
        "line1": N_("street and number"),
        "line2": N_("second address line"),
        "locale": N_("language"),
        "name": N_("name"),
        "note": N_("note"),
        "notes": N_("notes"),
        "phone": N_("phone"),
        "places": N_("places"),
        "postal_code": N_("postal code"),
        "region": N_("province or state"),
        "tag": N_("tag"),
        "tags": N_("tags"),
        "tax_classes": N_("tax classes"),
        "tax_exemptions": N_("tax exemptions"),
        "tax_number": N_("tax number"),
    }
)
"""What fields of customers and addresses are called inside a sentence."""


@dataclasses.dataclass(eq=False)
class CustomerNotFound(errors.NotFound):
    """No such customer for this caller."""

    code: ClassVar[str] = "customer_not_found"
    message: ClassVar[str] = N_("There is no customer {customer}.")

    customer: str


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
class PhoneInvalid(errors.Invalid):
    """A phone number that nobody could call."""

    code: ClassVar[str] = "phone_invalid"
    message: ClassVar[str] = N_("{phone} is not a phone number.")
    remedy: ClassVar[str] = N_("Write it with its country code, such as +86 138 0013 8000.")

    phone: str


@dataclasses.dataclass(eq=False)
class NameInvalid(errors.Invalid):
    """A customer without a name, or with a very long one."""

    code: ClassVar[str] = "customer_name_invalid"
    message: ClassVar[str] = N_("A customer needs a name of at most {characters_max} characters.")
    remedy: ClassVar[str] = N_("Write one, or a shorter one.")

    characters_max: int


@dataclasses.dataclass(eq=False)
class EmailInvalid(errors.Invalid):
    """An e-mail address that no mail would reach."""

    code: ClassVar[str] = "email_invalid"
    message: ClassVar[str] = N_("{email} is not an e-mail address.")
    remedy: ClassVar[str] = N_("Write it like name@example.com.")

    email: str


@dataclasses.dataclass(eq=False)
class TextTooLong(errors.Invalid):
    """A field is longer than it may be."""

    code: ClassVar[str] = "customer_text_too_long"
    message: ClassVar[str] = N_("The field {name} has more than {characters_max} characters.")
    remedy: ClassVar[str] = N_("Shorten it.")

    name: str
    characters_max: int

    def __post_init__(self) -> None:
        self.name = Word(self.name, WORDS)


@dataclasses.dataclass(eq=False)
class TagEmpty(errors.Invalid):
    """A tag without any character but spaces."""

    code: ClassVar[str] = "tag_empty"
    message: ClassVar[str] = N_("This tag is empty.")
    remedy: ClassVar[str] = N_("Write a word, or leave it out.")


@dataclasses.dataclass(eq=False)
class TooMany(errors.Invalid):
    """More things on one customer than a person could read."""

    code: ClassVar[str] = "customer_too_many"
    message: ClassVar[str] = N_("A customer may have at most {count_max} {name}.")
    remedy: ClassVar[str] = N_("Remove some first.")

    name: str
    count_max: int

    def __post_init__(self) -> None:
        self.name = Word(self.name, WORDS)


@dataclasses.dataclass(eq=False)
class RepeatedExternalId(errors.Invalid):
    """The same external id stands twice in one call."""

    code: ClassVar[str] = "repeated_external_id"
    message: ClassVar[str] = N_("The external id {external_id} stands twice.")
    remedy: ClassVar[str] = N_("Send each customer once.")

    external_id: str


@dataclasses.dataclass(eq=False)
class CustomerMerged(errors.Conflict):
    """The customer was merged into another one and is no longer edited."""

    code: ClassVar[str] = "customer_merged"
    message: ClassVar[str] = N_("This customer was merged into {survivor}.")
    remedy: ClassVar[str] = N_("Work with that one, or undo the merge first.")

    survivor: str


@dataclasses.dataclass(eq=False)
class CustomerErased(errors.Conflict):
    """The customer was forgotten, or is about to be; nothing can be done with what is left."""

    code: ClassVar[str] = "customer_erased"
    message: ClassVar[str] = N_("This customer's personal data were erased, or are being erased.")
    remedy: ClassVar[str] = N_("That cannot be taken back. If the person comes again, add a new customer.")

    customer: str


@dataclasses.dataclass(eq=False)
class MergeIntoItself(errors.Invalid):
    """A customer cannot be its own duplicate."""

    code: ClassVar[str] = "merge_into_itself"
    message: ClassVar[str] = N_("A customer cannot be merged into itself.")
    remedy: ClassVar[str] = N_("Choose the customer that it repeats.")


@dataclasses.dataclass(eq=False)
class NothingToUndo(errors.Conflict):
    """There is no merge that could still be undone."""

    code: ClassVar[str] = "nothing_to_undo"
    message: ClassVar[str] = N_("There is no merge of this customer that could be undone.")
    remedy: ClassVar[str] = N_("A merge can be undone for {days} days.")

    days: int


@dataclasses.dataclass(eq=False)
class GroupNotFound(errors.NotFound):
    """No such group of customers for this caller."""

    code: ClassVar[str] = "customer_group_not_found"
    message: ClassVar[str] = N_("There is no customer group {group}.")

    group: str


@dataclasses.dataclass(eq=False)
class UnknownGroup(errors.Invalid):
    """A code that no group of customers has."""

    code: ClassVar[str] = "unknown_customer_group"
    message: ClassVar[str] = N_("No customer group has the code {group}.")
    remedy: ClassVar[str] = N_("Check the code, or create the group first.")

    group: str


@dataclasses.dataclass(eq=False)
class GroupCodeTaken(errors.Conflict):
    """Another group of customers has this code."""

    code: ClassVar[str] = "customer_group_code_taken"
    message: ClassVar[str] = N_("There is already a customer group {group}.")
    remedy: ClassVar[str] = N_("Choose another code.")

    group: str


@dataclasses.dataclass(eq=False)
class GroupNotEmpty(errors.Conflict):
    """A group that customers are in is not removed: what is agreed with them would end without a word."""

    code: ClassVar[str] = "customer_group_not_empty"
    message: ClassVar[str] = N_("The group {group} still has members: {members}.")
    remedy: ClassVar[str] = N_("Take them out first.")

    group: str
    members: int


@dataclasses.dataclass(eq=False)
class TooManyGroups(errors.Conflict):
    """More groups of customers than a person could tell apart."""

    code: ClassVar[str] = "too_many_customer_groups"
    message: ClassVar[str] = N_("There cannot be more than {groups_max} customer groups.")
    remedy: ClassVar[str] = N_("Remove one that is not needed any more.")

    groups_max: int


@dataclasses.dataclass(eq=False)
class AddressNotFound(errors.NotFound):
    """No such address in the customer's book."""

    code: ClassVar[str] = "address_not_found"
    message: ClassVar[str] = N_("There is no address {address}.")

    address: str


@dataclasses.dataclass(eq=False)
class AccountNotFound(errors.NotFound):
    """The customer has no account in the shop."""

    code: ClassVar[str] = "customer_account_not_found"
    message: ClassVar[str] = N_("This customer has no account in the shop.")
    remedy: ClassVar[str] = N_("Send them a link first.")


@dataclasses.dataclass(eq=False)
class AccountDisabled(errors.Conflict):
    """Nothing is mailed to an account that was closed by staff."""

    code: ClassVar[str] = "customer_account_disabled"
    message: ClassVar[str] = N_("This account is disabled.")
    remedy: ClassVar[str] = N_("Enable it first.")


@dataclasses.dataclass(eq=False)
class NoAddressToWriteTo(errors.Conflict):
    """A customer without an e-mail address cannot be sent a link."""

    code: ClassVar[str] = "no_address_to_write_to"
    message: ClassVar[str] = N_("This customer has no e-mail address.")
    remedy: ClassVar[str] = N_("Write it down first.")


@dataclasses.dataclass(eq=False)
class ShopClosed(errors.Conflict):
    """A link into the shop leads nowhere while nobody can get in."""

    code: ClassVar[str] = "shop_closed"
    message: ClassVar[str] = N_("The shop is closed, so a link into it would lead nowhere.")
    remedy: ClassVar[str] = N_("Open the shop in its settings first.")


@dataclasses.dataclass(eq=False)
class EntryRefused(Unauthenticated):
    """Address and password do not go together; the answer is the same whether the account exists or not."""

    code: ClassVar[str] = "entry_refused"
    message: ClassVar[str] = N_("The e-mail address or the password is wrong.")
    remedy: ClassVar[str] = N_("Check both, or have a link mailed to you.")


@dataclasses.dataclass(eq=False)
class EntryThrottled(TooManyRequests):
    """Too many attempts for this address or from this network."""

    code: ClassVar[str] = "entry_throttled"
    message: ClassVar[str] = N_("There were too many attempts to sign in.")
    remedy: ClassVar[str] = N_("Wait a few minutes and try again.")


@dataclasses.dataclass(eq=False)
class LinksThrottled(TooManyRequests):
    """Too many links were asked for, for this address or from this network."""

    code: ClassVar[str] = "links_throttled"
    message: ClassVar[str] = N_("There were too many requests for a link.")
    remedy: ClassVar[str] = N_("Wait a few minutes and try again; look into your mail meanwhile.")


@dataclasses.dataclass(eq=False)
class LinkNotValid(errors.NotFound):
    """A one-time link is unknown, used, replaced or expired; which of these is not said."""

    code: ClassVar[str] = "customer_link_not_valid"
    message: ClassVar[str] = N_("This link is not valid any more.")
    remedy: ClassVar[str] = N_("Ask for a new one.")


@dataclasses.dataclass(eq=False)
class PresentPasswordWrong(errors.Invalid):
    """A customer who changes how they sign in did not give the present password."""

    code: ClassVar[str] = "present_password_wrong"
    message: ClassVar[str] = N_("This is not your present password.")
    remedy: ClassVar[str] = N_("Write the password you signed in with, or have a link mailed to you.")
