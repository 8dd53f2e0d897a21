"""Customers who are not there, are somebody else now, or are not said as they could be."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_, Word
from jiedan.customers.errors.words import WORDS


@dataclasses.dataclass(eq=False)
class CustomerNotFound(errors.NotFound):
    """No such customer for this caller."""

    code: ClassVar[str] = "customer_not_found"
    message: ClassVar[str] = N_("There is no customer {customer}.")

    customer: str


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
