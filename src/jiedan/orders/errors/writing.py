"""The ways that is refused what people write on drafts and orders: contact, dates, tags, places, missing goods."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_
from jiedan.orders.values import NOTES_KEPT_MAX


@dataclasses.dataclass(eq=False)
class UnknownLocation(errors.Invalid):
    """No active location has this code."""

    code: ClassVar[str] = "unknown_location"
    message: ClassVar[str] = N_("There is no active location {location}.")
    remedy: ClassVar[str] = N_("Check the code, or leave it out and let the nearest location ship.")

    location: str


@dataclasses.dataclass(eq=False)
class LocationWithoutCounter(errors.Invalid):
    """Goods that are sent nowhere are to wait at a place that hands out nothing; `location` is its name."""

    code: ClassVar[str] = "location_without_counter"
    message: ClassVar[str] = N_("Customers cannot collect goods at {location}: it is no store.")
    remedy: ClassVar[str] = N_("Choose a store, or have the goods sent.")

    location: str


@dataclasses.dataclass(eq=False)
class PhoneInvalid(errors.Invalid):
    """A phone number cannot be dialed."""

    code: ClassVar[str] = "phone_invalid"
    message: ClassVar[str] = N_("{phone} is not a phone number.")
    remedy: ClassVar[str] = N_("Write it with its country code, like +86 139 1234 5678.")

    phone: str


@dataclasses.dataclass(eq=False)
class EmailInvalid(errors.Invalid):
    """An e-mail address cannot be right."""

    code: ClassVar[str] = "email_invalid"
    message: ClassVar[str] = N_("{email} is not an e-mail address.")
    remedy: ClassVar[str] = N_("Write it like name@example.com.")

    email: str


@dataclasses.dataclass(eq=False)
class DateOutOfRange(errors.Invalid):
    """A date lies outside what makes sense for it."""

    code: ClassVar[str] = "date_out_of_range"
    message: ClassVar[str] = N_("{given} is not between {earliest} and {latest}.")
    remedy: ClassVar[str] = N_("Check the date.")

    given: str
    earliest: str
    latest: str


@dataclasses.dataclass(eq=False)
class RepeatedTag(errors.Invalid):
    """A tag stands twice."""

    code: ClassVar[str] = "repeated_tag"
    message: ClassVar[str] = N_("The tag {tag} stands twice.")
    remedy: ClassVar[str] = N_("Leave one out.")

    tag: str


@dataclasses.dataclass(eq=False)
class AttributeNameInvalid(errors.Invalid):
    """An attribute of an order has no name, or one that nobody could type."""

    code: ClassVar[str] = "attribute_name_invalid"
    message: ClassVar[str] = N_("“{name}” cannot be the name of an attribute.")
    remedy: ClassVar[str] = N_("Use up to 50 characters without spaces, commas, semicolons or signs of comparison.")

    name: str


@dataclasses.dataclass(eq=False)
class InsufficientStock(errors.Conflict):
    """Not enough is available to promise, and the merchant takes no backorders."""

    code: ClassVar[str] = "insufficient_stock"
    message: ClassVar[str] = N_("Of SKU {sku} {requested} were asked for, {available} are available.")
    remedy: ClassVar[str] = N_("Order less, choose another location, or allow backorders.")

    sku: str
    requested: int
    available: int


@dataclasses.dataclass(eq=False)
class TooManyNotes(errors.Conflict):
    """An order has as many notes as one may have."""

    code: ClassVar[str] = "too_many_notes"
    message: ClassVar[str] = N_("An order may have {notes_max} notes, this one has {notes}.")
    remedy: ClassVar[str] = N_("Put several remarks into one note, or open a case.")

    notes: int
    notes_max: int = NOTES_KEPT_MAX


@dataclasses.dataclass(eq=False)
class TooManyTags(errors.Conflict):
    """An order would have more tags than one may have."""

    code: ClassVar[str] = "too_many_tags"
    message: ClassVar[str] = N_("Order {number} would have more than {tags_max} tags.")
    remedy: ClassVar[str] = N_("Take off a tag that is not needed any more.")

    number: str
    tags_max: int


@dataclasses.dataclass(eq=False)
class NothingToEdit(errors.Invalid):
    """An edit that names no field."""

    code: ClassVar[str] = "nothing_to_edit"
    message: ClassVar[str] = N_("The edit changes nothing.")
    remedy: ClassVar[str] = N_("Name at least one field to change.")
