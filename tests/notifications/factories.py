"""Merchants that tell: events are heard, mails are sent to a server of the test's or kept in the mailbox."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import SecretStr

from jiedan import wiring
from jiedan.base import paging
from jiedan.base.db import Database, Scope
from jiedan.base.drain import Drain
from jiedan.base.settings import Settings
from jiedan.base.tables import EventLog
from jiedan.inventory import service as inventory
from jiedan.inventory.values import NewLocation
from jiedan.notifications import queries, service
from jiedan.notifications.post import office
from jiedan.notifications.post.office import Office
from jiedan.notifications.post.smtp import Smtp
from jiedan.notifications.values import Envelope, Message
from jiedan.orders.values import Contact, NewOrder, Placed
from jiedan.payments.providers import gateways
from tests.accounts import factories as accounts
from tests.base.web_client import SECRET
from tests.orders import factories as orders
from tests.orders.factories import Shop

SENDER = "shop@jiedan.example"
BASE_URL = "https://oms.example"
CONTACT = Contact(name="李雷", phone="+8613912345678", email="li.lei@example.com")


class Post(NamedTuple):
    """A merchant with goods, people and a post office."""

    db: Database
    at: accounts.Opened
    office: Office
    shop: Shop

    @property
    def scope(self) -> Scope:
        """The owner at work."""
        return self.at.scope

    async def place(self, **facts: Any) -> Placed:
        """Place an order of somebody with an address, and let everybody hear of it."""
        wanted: NewOrder = orders.order(("TEA", 2), **{"contact": CONTACT, "payment_terms": "on_account", **facts})
        placed = await orders.place_one(self.db, self.scope, wanted)
        await self.hear()
        return placed

    async def hear(self) -> None:
        """Let the drain hand out what happened."""
        drain = Drain(self.db, None, wiring.SUBSCRIPTIONS)
        while await drain.drain_tenant(self.at.tenant):
            pass

    async def send(self) -> int:
        """Send what is due, and let everybody hear of it."""
        tried = await service.send_due(self.db, self.at.tenant, self.office)
        await self.hear()
        return tried

    async def messages(self, kind: str | None = None) -> list[Message]:
        """Return the merchant's messages, oldest first."""
        async with self.db.read(self.scope) as tx:
            page = await queries.messages(tx, request=first_page(self.scope))
        return [x for x in reversed(page.items) if kind is None or x.kind == kind]

    async def message(self, kind: str) -> Message:
        """Return the only message of a kind."""
        (found,) = await self.messages(kind)
        return found

    async def kept(self, kind: str) -> Envelope:
        """Return the only mail of a kind in the mailbox."""
        message = await self.message(kind)
        async with self.db.read(self.scope) as tx:
            kept = await queries.kept(tx, message.message_id)
        return self.office.opened(self.at.tenant, kept.message_id, kept.sealed)

    async def event_kinds(self, subject_id: UUID) -> Sequence[str]:
        """Return what happened to something, oldest first."""
        statement = accounts.event_kinds(self.at.tenant).where(EventLog.subject_id == subject_id)
        async with self.db.read(self.scope) as tx:
            return list((await tx.execute(statement)).scalars())


def first_page(scope: Scope) -> paging.Request:
    """Return the request for the first page of a list."""
    return paging.Request.of(paging.Cursors(SECRET), tenant=scope.tenant, name="test", filters={}, limit=200)


@contextlib.asynccontextmanager
async def opened(db: Database, *, smtp: Smtp | None = None, **changes: Any) -> AsyncIterator[Post]:
    """Open a merchant with tea to sell; without `smtp` mails stay in the mailbox."""
    at = await accounts.opened(db, **changes)
    async with db.begin(at.scope) as tx:
        tea = await orders.sku(tx, "TEA")
        place = await inventory.create_location(tx, location=NewLocation(code="W1", name="Tea House"))
        shop = Shop({"TEA": tea}, {"W1": place.location_id})
        await orders.receive(tx, shop, {"TEA": {"W1": 100}})
    settings = Settings(mail_from=SENDER, secret=SecretStr(SECRET), public_url=BASE_URL)
    async with office.opened(db, settings, smtp=smtp) as made, gateways.opened(db, settings):
        yield Post(db, at, made, shop)
