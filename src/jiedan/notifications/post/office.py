"""The post office of a process: how mails leave it, under which address, the key of the mailbox, secret links."""

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator
from uuid import UUID

import msgspec

from jiedan.base.db import Database
from jiedan.base.ids import TenantId
from jiedan.base.runtime import Runtime
from jiedan.base.sealing import Place, Sealer
from jiedan.base.settings import Settings
from jiedan.notifications.post.pusher import Pusher
from jiedan.notifications.post.smtp import Server, Smtp
from jiedan.notifications.values import Envelope
from jiedan.orders.rules import tickets

SENDER_WITHOUT_ONE = "jiedan@localhost.localdomain"
"""Stands in mails that stay in the mailbox."""


class Office:
    """Hold what sending needs; without `smtp`, mails stay in the mailbox, sealed."""

    def __init__(
        self, *, smtp: Smtp | None, sender: str | None, base_url: str, secret: str, pusher: Pusher | None = None
    ) -> None:
        self.smtp = smtp
        self.sender = sender or SENDER_WITHOUT_ONE
        self.base_url = base_url
        self.line = asyncio.Lock()
        """Held by whoever sends: one set at a time is on its way from this process."""
        self.pusher = pusher
        self._secret = secret
        self.sealer = Sealer(secret)

    def ticket(self, tenant: TenantId, order_id: UUID) -> str:
        """Return the secret by which an order's customer sees it."""
        return tickets.ticket_of(self._secret, tenant, order_id)

    def sealed(self, tenant: UUID, envelope: Envelope) -> bytes:
        """Return a mail as the mailbox keeps it."""
        return self.sealer.seal(msgspec.json.encode(envelope), place=_place(tenant, envelope.message_id))

    def opened(self, tenant: UUID, message_id: UUID, sealed: bytes) -> Envelope:
        """Return a mail of the mailbox. Raises SealBroken."""
        plain = self.sealer.open(sealed, place=_place(tenant, message_id))
        return msgspec.json.decode(plain, type=Envelope)


def _place(tenant: UUID, message_id: UUID) -> Place:
    return Place(tenant, "mailbox_mail", "sealed", str(message_id))


_OF_DATABASE: "weakref.WeakKeyDictionary[Database, Office]" = weakref.WeakKeyDictionary()


def of(database: Database) -> Office:
    """Return the office opened on a database: jobs are given nothing else. Raises LookupError without one."""
    try:
        return _OF_DATABASE[database]
    except KeyError as error:
        raise LookupError("no post office is open on this database: is `open_office` in wiring.PARTS?") from error


@contextlib.asynccontextmanager
async def open_office(runtime: Runtime) -> AsyncIterator[Office]:
    """Open the post office of this process; a part of the process."""
    async with opened(runtime.database, runtime.settings) as made:
        yield made


@contextlib.asynccontextmanager
async def opened(
    database: Database, settings: Settings, *, smtp: Smtp | None = None, pusher: Pusher | None = None
) -> AsyncIterator[Office]:
    """Open a post office for one database as the settings say; `smtp` and `pusher` replace what leads outside."""
    made = Office(
        smtp=smtp or _smtp(settings),
        sender=settings.mail_from,
        base_url=settings.base_url(),
        secret=settings.signing_secret(),
        pusher=pusher or Pusher(settings),
    )
    before = _OF_DATABASE.get(database)
    _OF_DATABASE[database] = made
    try:
        yield made
    finally:
        if before is None:
            _OF_DATABASE.pop(database, None)
        else:
            _OF_DATABASE[database] = before


def _smtp(settings: Settings) -> Smtp | None:
    if settings.smtp_host is None:
        return None
    password = settings.smtp_password
    return Smtp(
        Server(
            settings.smtp_host,
            settings.smtp_port_or_usual(),
            settings.smtp_security,
            settings.smtp_username,
            password.get_secret_value() if password is not None else None,
            settings.smtp_timeout_s,
        )
    )
