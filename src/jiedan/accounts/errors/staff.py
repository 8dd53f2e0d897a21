"""Refusals about people and their e-mail addresses and names."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class StaffNotFound(errors.NotFound):
    """Nobody of this merchant has that id or e-mail."""

    code: ClassVar[str] = "staff_not_found"
    message: ClassVar[str] = N_("There is no such person among the staff.")


@dataclasses.dataclass(eq=False)
class EmailTaken(errors.Conflict):
    """Somebody of this merchant has the e-mail address."""

    code: ClassVar[str] = "email_taken"
    message: ClassVar[str] = N_("Somebody with this e-mail address is among the staff already.")
    remedy: ClassVar[str] = N_("Find the person in the list of staff, or give another address.")


@dataclasses.dataclass(eq=False)
class LastOwner(errors.Conflict):
    """Without this person nobody could manage the merchant."""

    code: ClassVar[str] = "last_owner"
    message: ClassVar[str] = N_("This is the last owner who can sign in.")
    remedy: ClassVar[str] = N_("Make somebody else an owner first.")


@dataclasses.dataclass(eq=False)
class AlreadyJoined(errors.Conflict):
    """The person has come in, so there is no invitation to revoke."""

    code: ClassVar[str] = "already_joined"
    message: ClassVar[str] = N_("This person has accepted the invitation already.")
    remedy: ClassVar[str] = N_("Deactivate the account instead.")


@dataclasses.dataclass(eq=False)
class EmailInvalid(errors.Invalid):
    """The text is no e-mail address."""

    code: ClassVar[str] = "email_invalid"
    message: ClassVar[str] = N_("This is not an e-mail address.")
    remedy: ClassVar[str] = N_("Write it like name@example.com.")


@dataclasses.dataclass(eq=False)
class NameInvalid(errors.Invalid):
    """A name is empty or too long."""

    code: ClassVar[str] = "name_invalid"
    message: ClassVar[str] = N_("A name has 1 to {characters_max} characters.")
    remedy: ClassVar[str] = N_("Write one of that length.")

    characters_max: int
