"""Messages are written: what a set of them is about is read at once, then each is written by itself.

Many take as many statements as one: those of the merchant, of each kind of recipient, and of each kind of mail.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import structlog

from jiedan.accounts import queries as accounts
from jiedan.accounts.values import MerchantSettings, Storefront
from jiedan.base import i18n, turns
from jiedan.base.db import Tx
from jiedan.base.i18n import N_
from jiedan.notifications import queries, rules
from jiedan.notifications.mails import MAILS
from jiedan.notifications.mails.protocol import Desk, Errand
from jiedan.notifications.post.office import Office
from jiedan.notifications.queries import Contact
from jiedan.notifications.rules import Tried
from jiedan.notifications.values import Button, Content, Envelope, MailSettings, Message, MessageId, RecipientKind
from jiedan.orders import queries as orders

ORDER: RecipientKind = "order"
STAFF: RecipientKind = "staff"
NOT_NEEDED = Tried("dropped", "not_needed")

log = structlog.get_logger()


class _House(NamedTuple):
    """What all mails of a set have in common."""

    office: Office
    merchant: MerchantSettings
    chosen: MailSettings
    shop: Storefront
    shop_url: str


class _Known(NamedTuple):
    """What was read of a set: where its recipients are reached, and what each mail is written from."""

    contacts: Mapping[UUID, Contact]
    errands: Mapping[MessageId, Errand]
    gathered: Mapping[MessageId, Any]


async def write(tx: Tx, office: Office, messages: Sequence[Message]) -> dict[MessageId, Envelope | Tried]:
    """Write messages in their recipients' languages; return for each an envelope, or why there is none.

    What they mint is stored by this transaction. What cannot be written holds no other up: it is tried later.
    """
    merchant, chosen, shop = await tx.load(accounts.settings(), queries.settings(), accounts.storefront())
    house = _House(office, merchant, chosen, shop, _shop_url(office, merchant, shop))
    contacts = await _contacts(tx, messages)
    unwritten = {x.message_id: _why_not(x, chosen, contacts.get(x.recipient_id)) for x in messages}
    wanted = [x for x in messages if unwritten[x.message_id] is None]
    errands = await _errands(tx, wanted) if wanted else {}
    gathered: dict[MessageId, Any] = {}
    for kind in sorted({x.kind for x in wanted}):
        gathered |= await MAILS[kind].gather(tx, [errands[x.message_id] for x in wanted if x.kind == kind])
    written = await turns.taken(_written(tx, house, _Known(contacts, errands, gathered), wanted))
    return {key: why for key, why in unwritten.items() if why is not None} | dict(written)


async def _contacts(tx: Tx, messages: Collection[Message]) -> dict[UUID, Contact]:
    """Return where the recipients of a set are reached; those without an address of any kind are absent."""
    found: dict[UUID, Contact] = {}
    for kind in sorted({x.recipient_kind for x in messages}):
        found |= await queries.contacts(tx, kind, {x.recipient_id for x in messages if x.recipient_kind == kind})
    return found


def _why_not(message: Message, chosen: MailSettings, contact: Contact | None) -> Tried | None:
    """Return why a message is not to be written; None when it is."""
    if message.kind not in MAILS:  # of a release that knew more of them
        return NOT_NEEDED
    if message.kind in chosen.silenced:
        return Tried("dropped", "switched_off")
    if contact is None or not contact.address:
        return Tried("dropped", "no_address")
    return None if rules.is_address(contact.address) else Tried("refused", "address_invalid")


async def _errands(tx: Tx, messages: Collection[Message]) -> dict[MessageId, Errand]:
    """Return what each message is on account of, with the orders of those to an order's contact."""
    told = await queries.events(tx, {x.event_id for x in messages})
    order_ids = {x.recipient_id for x in messages if x.recipient_kind == ORDER}
    found: Mapping[Any, Any] = await orders.orders(tx, order_ids) if order_ids else {}
    return {
        x.message_id: Errand(x.message_id, told[x.event_id], x.recipient_id, found.get(x.recipient_id))
        for x in messages
    }


def _written(
    tx: Tx, house: _House, known: _Known, messages: Collection[Message]
) -> Iterator[tuple[MessageId, Envelope | Tried]]:
    for message in messages:
        if message.message_id not in known.gathered:
            yield message.message_id, NOT_NEEDED
            continue
        try:
            yield message.message_id, _one(tx, house, known, message)
        except Exception:
            log.exception("mail.not_written", mail=message.kind, message=str(message.message_id))
            yield message.message_id, Tried("later", "not_written")


def _one(tx: Tx, house: _House, known: _Known, message: Message) -> Envelope | Tried:
    office, merchant, chosen, shop, shop_url = house
    contact = known.contacts[message.recipient_id]
    event = known.errands[message.message_id].event
    chose_among_all = STAFF in {message.recipient_kind, event.subject_kind}
    offered = i18n.LOCALES if chose_among_all else merchant.locales
    locale = rules.language(contact.locales, offered=offered, default=merchant.locale)
    desk = Desk(
        gathered=known.gathered[message.message_id],
        event=event,
        recipient_id=message.recipient_id,
        contact=contact,
        merchant=merchant,
        locale=locale,
        base_url=office.base_url,
        shop_url=shop_url,
    )
    content = MAILS[message.kind].write(desk)
    if content is None:
        return NOT_NEEDED
    if message.recipient_kind == ORDER and MAILS[message.kind].leads_to_order and shop.is_open:
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


def _with_way_back(desk: Desk[Any], content: Content, *, ticket: str) -> Content:
    """Return what a mail says with the secret link to its order's page in the shop."""
    link = Button(desk.say(N_("See your order")), desk.shop(f"/orders/{desk.recipient_id}?ticket={ticket}"))
    return msgspec.structs.replace(content, blocks=(*content.blocks, link))
