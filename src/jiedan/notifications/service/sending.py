"""Messages go out: claimed, written, sent outside of any transaction, and what came of it stored.

A message is claimed by one sender at a time, until a moment that names the try, so an answer that comes late settles
nothing that was tried again. Whoever dies before it was written leaves it to the next. Whoever dies while sending
leaves an outcome that nobody knows: it is not repeated, as the recipient may have the mail; a person may have it sent
again.
"""

import asyncio
import functools
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec
import structlog

from jiedan.accounts import queries as accounts
from jiedan.accounts.values import MerchantSettings, Storefront
from jiedan.base import errors, gateway
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.events import Event
from jiedan.base.i18n import N_
from jiedan.base.ids import TenantId
from jiedan.notifications import events, queries, rules
from jiedan.notifications.mails import MAILS
from jiedan.notifications.mails.protocol import Desk
from jiedan.notifications.post.office import Office
from jiedan.notifications.queries import Contact
from jiedan.notifications.rules import Tried
from jiedan.notifications.service.statements import SQL
from jiedan.notifications.values import OUTCOME_UNKNOWN, Button, Content, Envelope, Message, RecipientKind

MESSAGES_PER_RUN_MAX = 2_000
ORDER: RecipientKind = "order"
LOST_PER_SET_MAX = 200
DROPPED_PER_SET_MAX = 1_000

Written = Envelope | Tried
"""What came of writing a message: an envelope, or why there is none."""


class Claimed(NamedTuple):
    """A message that is one sender's until a moment, which names the try."""

    message: Message
    until: datetime


class ClaimLost(Exception):
    """It took so long to write a message that somebody else has it now."""


log = structlog.get_logger()


async def send_due(database: Database, tenant: TenantId, office: Office) -> int:
    """Send what is queued and due for one merchant, one after the other; return how many were tried.

    Mails about orders go no faster than the office's pace; what is left is sent by the next run. What nobody was there
    to send for days is dropped.
    """
    scope = Scope(tenant)
    loop = asyncio.get_running_loop()
    while await database.write(scope, _drop_stale) == DROPPED_PER_SET_MAX:
        pass
    for count in range(MESSAGES_PER_RUN_MAX):
        held_back = [ORDER] if office.pace.peek(tenant, loop.time()) else []
        claimed = await database.write(scope, functools.partial(_claim, held_back=held_back))
        if claimed is None:
            return count
        if claimed.message.recipient_kind == ORDER:
            office.pace.take(tenant, loop.time())
        await _try(database, scope, office, claimed)
    return MESSAGES_PER_RUN_MAX


async def _drop_stale(tx: Tx) -> int:
    before = tx.now - rules.WAITING_MAX
    return await tx.sql_count(
        SQL["drop_stale"], at=tx.now, before=before, failure="too_late", limit=DROPPED_PER_SET_MAX
    )


async def lose_forgotten(tx: Tx) -> int:
    """Let messages whose sender died be of unknown outcome; return how many."""
    rows = await tx.sql(SQL["lose_messages"], at=tx.now, failure=OUTCOME_UNKNOWN, limit=LOST_PER_SET_MAX)
    tx.emit(*(_told(Message(*row), failure=OUTCOME_UNKNOWN) for row in rows))
    return len(rows)


async def _claim(tx: Tx, *, held_back: Collection[RecipientKind]) -> Claimed | None:
    until = tx.now + rules.SENDING_MAX
    rows = await tx.sql(SQL["claim_message"], at=tx.now, until=until, held_back=list(held_back))
    return Claimed(Message(*rows[0]), until) if rows else None


async def _try(database: Database, scope: Scope, office: Office, claimed: Claimed) -> None:
    message = claimed.message
    is_handed_over = False

    async def before(tx: Tx) -> Envelope | None:
        """Write it; what goes to no server is settled here, so its outcome is never unknown, and None is returned."""
        written = await _write(tx, office, message)
        if office.smtp is None or isinstance(written, Tried):
            await _keep(tx, office, claimed, written)
            return None
        if not await tx.sql_count(SQL["begin_sending"], message_id=message.message_id, until=claimed.until):
            raise ClaimLost
        return written

    async def outside(envelope: Envelope | None) -> Tried | None:
        if office.smtp is None or envelope is None:
            return None
        nonlocal is_handed_over
        is_handed_over = True
        return await office.smtp.send(envelope)

    async def after(tx: Tx, _: Envelope | None, tried: Tried | None) -> None:
        if tried is not None:
            await _settle(tx, claimed, tried)

    try:
        await gateway.call(database, scope, before=before, outside=outside, after=after)
    except errors.Unavailable:
        raise
    except ClaimLost:
        log.warning("mail.claim_lost", mail=message.kind, message=str(message.message_id))
    except Exception:
        if is_handed_over:
            raise
        log.exception("mail.not_written", mail=message.kind, message=str(message.message_id))
        await database.write(scope, lambda tx: _settle(tx, claimed, Tried("later", "not_written")))


async def _keep(tx: Tx, office: Office, claimed: Claimed, written: Written) -> None:
    """Put what was written into the mailbox, or store why there is nothing to send. Raises ClaimLost."""
    if not await _settle(tx, claimed, Tried("sent") if isinstance(written, Envelope) else written):
        raise ClaimLost
    if isinstance(written, Envelope):
        sealed = office.sealed(tx.tenant, written)
        await tx.sql_count(SQL["keep_mail"], message_id=written.message_id, sealed=sealed, at=tx.now)


async def _write(tx: Tx, office: Office, message: Message) -> Written:
    """Write a message in its recipient's language; what it mints is stored by this transaction."""
    mail = MAILS.get(message.kind)
    if mail is None:  # of a release that knew more of them
        return Tried("dropped", "not_needed")
    merchant, chosen, shop = await tx.load(accounts.settings(), queries.settings(), accounts.storefront())
    if mail.kind in chosen.silenced:
        return Tried("dropped", "switched_off")
    contact = (await queries.contacts(tx, message.recipient_kind, [message.recipient_id])).get(message.recipient_id)
    if contact is None or not contact.address:
        return Tried("dropped", "no_address")
    if not rules.is_address(contact.address):
        return Tried("refused", "address_invalid")
    locale = _language(message.recipient_kind, contact, merchant.locales, merchant.locale)
    desk = Desk(
        tx=tx,
        event=await queries.event(tx, message.event_id),
        recipient_id=message.recipient_id,
        contact=contact,
        merchant=merchant,
        locale=locale,
        base_url=office.base_url,
        shop_url=_shop_url(office, merchant, shop),
    )
    content = await mail.write(desk)
    if content is None:
        return Tried("dropped", "not_needed")
    if message.recipient_kind == "order" and shop.is_open:
        content = _with_way_back(desk, content, ticket=office.ticket(tx.tenant, message.recipient_id))
    return Envelope(
        message_id=message.message_id,
        sender=office.sender,
        from_name=merchant.name,
        from_address=chosen.from_address or office.sender,
        reply_to=chosen.reply_to,
        to_name=contact.name,
        to_address=contact.address,
        locale=locale,
        written_at=tx.now,
        content=content,
    )


def _shop_url(office: Office, merchant: MerchantSettings, shop: Storefront) -> str:
    """Return where the shop is reached: at the merchant's own host where there is one."""
    if shop.host is not None:
        return f"{urlsplit(office.base_url).scheme}://{shop.host}"
    return f"{office.base_url}/s/{merchant.slug}"


def _with_way_back(desk: Desk, content: Content, *, ticket: str) -> Content:
    """Return what a mail says with the secret link to its order's page in the shop."""
    link = Button(desk.say(N_("See your order")), desk.shop(f"/orders/{desk.recipient_id}?ticket={ticket}"))
    return msgspec.structs.replace(content, blocks=(*content.blocks, link))


def _language(kind: RecipientKind, contact: Contact, offered: tuple[str, ...], default: str) -> str:
    """Return the language of a mail; staff have chosen theirs among all, customers among those that are offered."""
    if kind == "staff" and contact.locales[0]:
        return contact.locales[0]
    return rules.language(contact.locales, offered=offered, default=default)


async def _settle(tx: Tx, claimed: Claimed, tried: Tried) -> bool:
    """Store what came of a try, once, and tell whether it was; one that was lost meanwhile stays lost."""
    message = claimed.message
    state, available_at, failure = rules.after(tried, attempts=message.attempts, at=tx.now)
    settled = await tx.sql_count(
        SQL["settle_message"],
        message_id=message.message_id,
        until=claimed.until,
        state=state,
        available_at=available_at,
        failure=failure,
        settled_at=None if state == "queued" else tx.now,
    )
    if not settled:
        log.warning("mail.settled_late", message=str(message.message_id), outcome=tried.outcome)
    elif state == "sent":
        tx.emit(_told(message, failure=None))
    elif state in {"failed", "unknown"} and failure is not None:
        tx.emit(_told(message, failure=failure))
    return bool(settled)


_SENT: Mapping[RecipientKind, type[Event]] = {
    "order": events.OrderMailSent,
    "customer": events.CustomerMailSent,
    "staff": events.StaffMailSent,
    "link": events.LinkMailSent,
}
_FAILED: Mapping[RecipientKind, type[Event]] = {
    "order": events.OrderMailFailed,
    "customer": events.CustomerMailFailed,
    "staff": events.StaffMailFailed,
    "link": events.LinkMailFailed,
}


def _told(message: Message, *, failure: str | None) -> Event:
    """Return the event that tells what became of a message, about whom it is about."""
    kind = (_SENT if failure is None else _FAILED)[message.recipient_kind]
    facts = {kind.subject: message.recipient_id, "message_id": message.message_id, "mail": message.kind}
    return kind(**facts) if failure is None else kind(**facts, failure=failure)
