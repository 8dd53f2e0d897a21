"""Reads of mails and notices."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from jiedan.accounts import rules as account_rules
from jiedan.base import ids, paging, sql
from jiedan.base.db import Load, ReadTx, Tx
from jiedan.base.events import Actor, StoredEvent
from jiedan.notifications import errors
from jiedan.notifications.tables import MailboxMail, MailMessage, PushSubscription
from jiedan.notifications.values import (
    NOTICES_KNOWN_MAX,
    Device,
    MailSettings,
    Message,
    MessageId,
    NewNotice,
    Notice,
    RecipientKind,
    State,
    audience_of,
)

SQL = sql.load("jiedan.notifications", "queries.sql")

LIST_NAME = "mail-messages"
MAILBOX_NAME = "mailbox"
MESSAGES_ABOUT_MAX = 100
COUNTED_MAX = 1_000
DEVICES_MAX = 100

KEYSET = paging.Keyset(columns=(MailMessage.message_id,), descending=True)
MAILBOX_KEYSET = paging.Keyset(columns=(MailboxMail.kept_at, MailboxMail.message_id), descending=True)

_COLUMNS = (
    MailMessage.message_id,
    MailMessage.event_id,
    MailMessage.kind,
    MailMessage.recipient_kind,
    MailMessage.recipient_id,
    MailMessage.state,
    MailMessage.attempts,
    MailMessage.failure,
    MailMessage.created_at,
    MailMessage.settled_at,
)

_CONTACTS = {
    "order": ("contacts_of_orders", "order_ids"),
    "customer": ("contacts_of_customers", "customer_ids"),
    "staff": ("contacts_of_staff", "staff_ids"),
    "link": ("contacts_of_links", "link_ids"),
    "former": ("contacts_of_changes", "event_ids"),
}


class Contact(NamedTuple):
    """Where somebody is reached; `address` may be empty. `locales` are theirs and their order's, as far as known."""

    name: str
    address: str
    locales: tuple[str | None, ...]


class Kept(NamedTuple):
    """A mail in the mailbox, sealed."""

    message_id: MessageId
    kind: str
    recipient_kind: RecipientKind
    recipient_id: UUID
    sealed: bytes
    kept_at: datetime


class Wisher(NamedTuple):
    """One of the staff who wants notices of a kind as mail, and what they may do."""

    staff_id: UUID
    permissions: frozenset[str]


def settings() -> Load[MailSettings]:
    """Read what the merchant has chosen of mails; version 1 where nobody has chosen."""
    return Load(SQL["settings"], {}, _settings)


def _settings(rows: list[tuple[Any, ...]]) -> MailSettings:
    if not rows:
        return MailSettings(None, None, (), 1)
    from_address, reply_to, silenced, version = rows[0]
    return MailSettings(from_address, reply_to, tuple(silenced), version)


async def contacts(tx: ReadTx, kind: RecipientKind, recipient_ids: Collection[UUID]) -> dict[UUID, Contact]:
    """Return where recipients of one kind are reached; unknown ones, and staff who left, are absent."""
    statement, name = _CONTACTS[kind]
    rows = await tx.sql(SQL[statement], **{name: ids.in_order(recipient_ids)})
    return {row[0]: Contact(row[1], row[2], (row[3], row[4])) for row in rows}


async def new_addresses(tx: ReadTx, event_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the addresses that accounts got by events, by event; what was erased is absent."""
    return {row[0]: row[1] for row in await tx.sql(SQL["new_addresses"], event_ids=ids.in_order(event_ids))}


async def event(tx: ReadTx, event_id: UUID) -> StoredEvent:
    """Return an event as a handler would see it, without its position. Raises LookupError."""
    return (await events(tx, [event_id]))[event_id]


async def events(tx: ReadTx, event_ids: Collection[UUID]) -> dict[UUID, StoredEvent]:
    """Return events by id as a handler would see them, without their positions; unknown ids are absent."""
    rows = await tx.sql(SQL["events"], event_ids=ids.in_order(event_ids))
    return {row[0]: StoredEvent(row[0], 0, row[1], row[2], Actor(row[3], row[4]), *row[5:]) for row in rows}


async def messages(
    tx: ReadTx, *, request: paging.Request, state: State | None = None, recipient_id: UUID | None = None
) -> paging.Page[Message]:
    """Return a page of messages, newest first."""
    statement = sa.select(*_COLUMNS).where(MailMessage.tenant_id == tx.tenant)
    if state is not None:
        statement = statement.where(MailMessage.state == state)
    if recipient_id is not None:
        statement = statement.where(MailMessage.recipient_id == recipient_id)
    rows = (await tx.execute(KEYSET.apply(statement, request))).all()
    return KEYSET.page(rows, request, make=_message, position=lambda row: (row.message_id,))


async def message(tx: ReadTx, message_id: UUID) -> Message:
    """Return one message. Raises MessageNotFound."""
    found = await tx.execute(
        sa.select(*_COLUMNS).where(MailMessage.tenant_id == tx.tenant, MailMessage.message_id == message_id)
    )
    row = found.one_or_none()
    if row is None:
        raise errors.MessageNotFound(message_id)
    return _message(row)


async def names_of_recipients(tx: ReadTx, recipient_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return numbers of orders and names of people, by their ids or by those of what happened to them."""
    return {
        row[0]: row[1] for row in await tx.sql(SQL["names_of_recipients"], recipient_ids=ids.in_order(recipient_ids))
    }


async def counts_by_state(tx: ReadTx, states: Collection[State]) -> dict[str, int]:
    """Return how many messages are in each of these states; the count stops at `COUNTED_MAX`."""
    return {row[0]: row[1] for row in await tx.sql(SQL["counts_by_state"], states=sorted(states), limit=COUNTED_MAX)}


async def messages_about(tx: ReadTx, recipient_ids: Collection[UUID]) -> list[Message]:
    """Return the newest messages about orders, customers or staff, newest first, `MESSAGES_ABOUT_MAX` at most."""
    rows = await tx.sql(SQL["messages_about"], recipient_ids=ids.in_order(recipient_ids), limit=MESSAGES_ABOUT_MAX)
    return [_message(row) for row in rows]


async def messages_for_update(tx: Tx, message_ids: Collection[UUID]) -> dict[UUID, Message]:
    """Lock messages in key order and return them by id; unknown ids are absent. They come after every ranked lock."""
    rows = await tx.sql(SQL["messages_for_update"], message_ids=ids.in_order(message_ids))
    return {row[0]: _message(row) for row in rows}


async def mailbox(tx: ReadTx, *, request: paging.Request) -> paging.Page[Kept]:
    """Return a page of the mailbox, newest first."""
    k, m = MailboxMail, MailMessage
    statement = (
        sa.select(k.message_id, m.kind, m.recipient_kind, m.recipient_id, k.sealed, k.kept_at)
        .join(m, sa.and_(m.tenant_id == k.tenant_id, m.message_id == k.message_id))
        .where(k.tenant_id == tx.tenant)
    )
    rows = (await tx.execute(MAILBOX_KEYSET.apply(statement, request))).all()
    return MAILBOX_KEYSET.page(
        rows, request, make=lambda row: Kept(*row), position=lambda row: (row.kept_at, row.message_id)
    )


async def kept(tx: ReadTx, message_id: UUID) -> Kept:
    """Return a mail in the mailbox. Raises NotInMailbox."""
    rows = await tx.sql(SQL["kept"], message_ids=[message_id])
    if not rows:
        raise errors.NotInMailbox
    return Kept(*rows[0])


def audiences(staff_id: UUID, permissions: Collection[str]) -> list[str]:
    """Return the audiences that one of the staff belongs to."""
    return [audience_of(staff_id), *sorted(permissions)]


async def unread(tx: ReadTx, *, staff_id: UUID, permissions: Collection[str]) -> int:
    """Return how many notices somebody has not read, among the newest `NOTICES_KNOWN_MAX` of each audience."""
    found = audiences(staff_id, permissions)
    rows = await tx.sql(SQL["unread"], audiences=found, staff_id=staff_id, known_max=NOTICES_KNOWN_MAX)
    return int(rows[0][0])


async def notices(tx: ReadTx, *, staff_id: UUID, permissions: Collection[str]) -> list[Notice]:
    """Return the newest notices for somebody, newest first, `NOTICES_KNOWN_MAX` at most."""
    found = audiences(staff_id, permissions)
    rows = await tx.sql(SQL["notices"], audiences=found, staff_id=staff_id, known_max=NOTICES_KNOWN_MAX)
    return [Notice(*row) for row in rows]


async def wishes_of(tx: ReadTx, *, staff_id: UUID) -> frozenset[str]:
    """Return the kinds of notices that somebody wants as mail, too."""
    return frozenset(row[0] for row in await tx.sql(SQL["wishes_of"], staff_id=staff_id))


async def who_wants(tx: ReadTx, kinds: Collection[str]) -> Mapping[str, list[Wisher]]:
    """Return who at work wants notices of these kinds as mail, by kind."""
    found: dict[str, list[Wisher]] = {}
    for kind, staff_id, role, permissions in await tx.sql(SQL["who_wants"], kinds=sorted(set(kinds))):
        found.setdefault(kind, []).append(Wisher(staff_id, account_rules.effective_permissions(role, permissions)))
    return found


async def notices_of_events(tx: ReadTx, event_ids: Collection[UUID], *, kind: str) -> dict[UUID, NewNotice]:
    """Return what was put up on account of events, by event; absent when it is not any more."""
    rows = await tx.sql(SQL["notices_of_events"], event_ids=ids.in_order(event_ids), kind=kind)
    return {row[0]: NewNotice(*row) for row in rows}


def _message(row: Any) -> Message:
    return Message(*row)


async def devices(tx: ReadTx, *, staff_id: UUID) -> list[Device]:
    """Return the browsers that one of the staff wants notices pushed to, newest first."""
    table = PushSubscription
    rows = await tx.execute(
        sa.select(table.subscription_id, table.browser, table.created_at)
        .where(table.tenant_id == tx.tenant, table.staff_id == staff_id)
        .order_by(table.subscription_id.desc())
        .limit(DEVICES_MAX)
    )
    return [Device(row.subscription_id, row.browser, row.created_at) for row in rows]
