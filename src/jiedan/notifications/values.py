"""Ids, states, recipients, contents and choices, as other modules see them."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple, NewType
from uuid import UUID

import msgspec

from jiedan.base.i18n import N_

MessageId = NewType("MessageId", UUID)
NoticeId = NewType("NoticeId", UUID)

State = Literal["queued", "sending", "sent", "failed", "unknown", "dropped"]
STATES: tuple[State, ...] = ("queued", "sending", "sent", "failed", "unknown", "dropped")

STATE_LABELS: Mapping[str, str] = {
    "queued": N_("waiting to be sent"),
    "sending": N_("being sent"),
    "sent": N_("sent"),
    "failed": N_("not sent"),
    "unknown": N_("perhaps sent"),
    "dropped": N_("not needed"),
}

RecipientKind = Literal["order", "customer", "staff", "link", "former"]
RECIPIENT_KINDS: tuple[RecipientKind, ...] = ("order", "customer", "staff", "link", "former")
"""Whom a message goes to: the contact of an order, a customer, one of the staff, the address of a one-time link, or the
address that an account had before; the last is known by the event of its change."""

OUTCOME_UNKNOWN = "outcome_unknown"

CUSTOMER_ERASED = "customer_erased"
"""The kind of the last mail to a customer: what erases their data waits until it is out."""

FAILURES: Mapping[str, str] = {
    OUTCOME_UNKNOWN: N_("the mail server's answer was lost: it may have been sent"),
    "not_written": N_("it could not be written"),
    "server_away": N_("the mail server does not answer"),
    "server_busy": N_("the mail server asked to try again later"),
    "sign_in_refused": N_("the mail server refused our name or password"),
    "not_encrypted": N_("the way to the mail server cannot be encrypted"),
    "sender_refused": N_("the mail server refused the sender"),
    "recipient_refused": N_("the mail server refused the recipient"),
    "content_refused": N_("the mail server refused the mail"),
    "address_invalid": N_("the address is not one that mail can go to"),
    "no_address": N_("there is no address"),
    "too_late": N_("nobody was there to send it in time"),
    "switched_off": N_("the merchant sends no such mails"),
    "not_needed": N_("what it would say is over"),
}
"""Why a message was not sent, in words."""

MESSAGES_PER_CALL_MAX = 200
NOTICES_PER_CALL_MAX = 200
NOTICES_KNOWN_MAX = 200
"""So many of the newest notices of each audience are looked at by the bell and its page."""

ADDRESS_CHARACTERS_MAX = 254


class Paragraph(msgspec.Struct, frozen=True, tag="paragraph"):
    """Words in a row."""

    text: str


class Facts(msgspec.Struct, frozen=True, tag="facts"):
    """Pairs of a label and a value."""

    pairs: tuple[tuple[str, str], ...]


class Goods(msgspec.Struct, frozen=True, tag="goods"):
    """What was bought: name, quantity and amount of each line, and what it comes to."""

    lines: tuple[tuple[str, str, str], ...]
    sums: tuple[tuple[str, str], ...]


class Button(msgspec.Struct, frozen=True, tag="button"):
    """A place to go to."""

    label: str
    address: str


class Code(msgspec.Struct, frozen=True, tag="code"):
    """Something short to be typed or shown elsewhere."""

    text: str


Block = Paragraph | Facts | Goods | Button | Code


class Content(msgspec.Struct, frozen=True):
    """What a mail says, in the recipient's language; how it looks is decided once, for all of them."""

    subject: str
    heading: str
    blocks: tuple[Block, ...]


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A mail ready to go. `sender` is whom answers to failures go to; `from_address` may be the merchant's own."""

    message_id: UUID
    sender: str
    from_name: str
    from_address: str
    reply_to: str | None
    to_name: str
    to_address: str
    locale: str
    written_at: datetime
    content: Content


class NewMessage(NamedTuple):
    """A mail to be sent on account of an event; `about_id` is the order, customer or person it is about."""

    event_id: UUID
    kind: str
    recipient_kind: RecipientKind
    recipient_id: UUID


@dataclasses.dataclass(frozen=True, slots=True)
class Message:
    """One mail to one recipient on account of one event. Address and content are not kept; `failure` is a code."""

    message_id: MessageId
    event_id: UUID
    kind: str
    recipient_kind: RecipientKind
    recipient_id: UUID
    state: State
    attempts: int
    failure: str | None
    created_at: datetime
    settled_at: datetime | None
    """When it was sent, given up or dropped."""


@dataclasses.dataclass(frozen=True, slots=True)
class MailSettings:
    """What a merchant has chosen of mails; `silenced` are the kinds that are not sent."""

    from_address: str | None
    reply_to: str | None
    silenced: tuple[str, ...]
    version: int


class NewNotice(NamedTuple):
    """A line for staff: for everybody with the permission `audience`, or for one of them, `staff:<id>`.

    `data` fills the words of its kind: ids, codes, numbers, names of our own things; nothing about customers.
    """

    event_id: UUID
    kind: str
    audience: str
    subject_id: UUID
    data: Mapping[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Notice:
    """A line for staff, and whether the one who asks has read it."""

    notice_id: NoticeId
    kind: str
    subject_id: UUID
    data: Mapping[str, Any]
    created_at: datetime
    is_read: bool


def audience_of(staff_id: UUID) -> str:
    """Return the audience that is one of the staff alone."""
    return f"staff:{staff_id}"


class Push(msgspec.Struct, frozen=True):
    """Where a browser takes pushes, and the keys they are encrypted with: as `PushSubscription.toJSON()` tells them."""

    endpoint: str
    p256dh: str
    auth: str


@dataclasses.dataclass(frozen=True, slots=True)
class Device:
    """A browser that one of the staff wants notices pushed to."""

    subscription_id: UUID
    browser: str
    created_at: datetime
