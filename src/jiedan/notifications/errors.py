"""Refusals about mails and notices."""

import dataclasses
from typing import ClassVar
from uuid import UUID

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class MessageNotFound(errors.NotFound):
    """This merchant has no such message."""

    code: ClassVar[str] = "message_not_found"
    message: ClassVar[str] = N_("There is no mail {message_id}.")

    message_id: UUID


@dataclasses.dataclass(eq=False)
class MessageNotStuck(errors.Conflict):
    """A message was sent, or is on its way: sending it again would tell somebody twice."""

    code: ClassVar[str] = "message_not_stuck"
    message: ClassVar[str] = N_("The mail {message_id} is {state}; only one that was not sent is sent again.")
    remedy: ClassVar[str] = N_("Look at its state again in a minute.")

    message_id: UUID
    state: str


@dataclasses.dataclass(eq=False)
class NotInMailbox(errors.NotFound):
    """A message does not stand in the mailbox: a server sent it, or it is too old."""

    code: ClassVar[str] = "not_in_mailbox"
    message: ClassVar[str] = N_("This mail is not in the mailbox: a mail server sent it, or it was kept long enough.")


@dataclasses.dataclass(eq=False)
class AddressInvalid(errors.Invalid):
    """An address is not one that mail can come from."""

    code: ClassVar[str] = "mail_address_invalid"
    message: ClassVar[str] = N_("{address} is not an e-mail address.")
    remedy: ClassVar[str] = N_("Write it like shop@example.com.")

    address: str


@dataclasses.dataclass(eq=False)
class MailUnknown(errors.Invalid):
    """There is no mail, or no notice, of this kind that can be chosen."""

    code: ClassVar[str] = "mail_unknown"
    message: ClassVar[str] = N_("{kind} is not one of {choices}.")
    remedy: ClassVar[str] = N_("Choose among these.")

    kind: str
    choices: str


@dataclasses.dataclass(eq=False)
class ForPeopleOnly(errors.Forbidden):
    """A program asks for what only a person who is signed in has: notices."""

    code: ClassVar[str] = "for_people_only"
    message: ClassVar[str] = N_("Notices are for people: an API key has none.")
    remedy: ClassVar[str] = N_("Read the event stream instead.")


@dataclasses.dataclass(eq=False)
class DeviceNotFound(errors.NotFound):
    """The caller has no such browser."""

    code: ClassVar[str] = "device_not_found"
    message: ClassVar[str] = N_("None of your browsers is {subscription_id}.")

    subscription_id: UUID
