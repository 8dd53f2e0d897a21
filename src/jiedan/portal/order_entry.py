"""Who may see an order in the shop: the customer whose order it is, and who has its secret link. Nobody else finds it.

A link is a ticket behind the address of the order's page; each form of the page carries it on.
"""

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from typing import ClassVar, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from jiedan.base import errors
from jiedan.base.db import ReadTx, Scope, Tx
from jiedan.base.events import Actor
from jiedan.base.i18n import N_
from jiedan.base.web.errors import NoSuchPage
from jiedan.base.web.unit import Unit
from jiedan.customers import queries as customers
from jiedan.fulfillment import queries as fulfillment
from jiedan.orders import queries as orders
from jiedan.orders.queries import Details
from jiedan.orders.rules import tickets
from jiedan.orders.values import Order, OrderId, OrderWithLines
from jiedan.portal import order_windows, visitor
from jiedan.portal.order_windows import Windows
from jiedan.portal.visitor import Visitor

TICKET = "ticket"
"""The parameter in which an order's page is told of its link."""

TICKET_CHARACTERS_MAX = 100


@dataclasses.dataclass(eq=False)
class LinkEnded(errors.NotFound):
    """The order ended so long ago that its link does not work any more."""

    code: ClassVar[str] = "link_ended"
    message: ClassVar[str] = N_("This link does not work any more: the order ended a while ago.")
    remedy: ClassVar[str] = N_("Sign in to see your older orders, or write to the shop.")


def is_collected(order: Order, details: Details) -> bool:
    """Tell whether a customer comes for an order: it asked for a place, and for no address.

    With both, the place is where staff have it sent from.
    """
    return order.requested_location_id is not None and "ship_to" not in details.addresses


class Entry(NamedTuple):
    """Somebody at an order that is theirs to see; `ticket` is the link they came by, empty for a customer's own."""

    who: Visitor
    found: OrderWithLines
    details: Details
    ticket: str

    @property
    def order_id(self) -> OrderId:
        """Return the order."""
        return self.found.order.order_id

    @property
    def is_collected(self) -> bool:
        """Tell whether its customer comes for it."""
        return is_collected(self.found.order, self.details)

    @property
    def scope(self) -> Scope:
        """On whose behalf transactions run: the customer's, or that of whoever has the link."""
        if not self.ticket:
            return self.who.scope
        actor = Actor("guest", visitor.hash_of(self.ticket).hex()[:16])
        return Scope(self.who.tenant, actor, self.who.request_id)

    def at(self, path: str = "") -> str:
        """Return the address of a path below the order's page."""
        kept = f"?{urlencode({TICKET: self.ticket})}" if self.ticket else ""
        return self.who.at(f"/orders/{self.order_id}{path}{kept}")


@contextlib.asynccontextmanager
async def entered(unit: Unit, slug: str, order_id: UUID) -> AsyncIterator[tuple[ReadTx, Entry]]:
    """Let somebody to an order: a transaction to read in, and who they are.

    Raises NoSuchPage for an order that is not theirs as for one that there is not, LinkEnded for an old link.
    """
    async with visitor.entered(unit, slug) as (tx, who):
        found = (await orders.orders(tx, [order_id])).get(OrderId(order_id))
        if found is None:
            raise NoSuchPage
        ticket = ""
        if not await _is_own(tx, who, found):
            ticket = unit.request.query_params.get(TICKET, "")[:TICKET_CHARACTERS_MAX]
            secret = unit.runtime.settings.signing_secret()
            if tickets.order_of(secret, who.tenant, ticket) != order_id:
                raise NoSuchPage
            if not tickets.works(found.order, link_days=who.storefront.link_days, now=tx.now):
                raise LinkEnded
        details = (await orders.details(tx, [order_id]))[OrderId(order_id)]
        yield tx, Entry(who, found, details, ticket)


async def _is_own(tx: ReadTx, who: Visitor, found: OrderWithLines) -> bool:
    """Tell whether the order is of the customer who is signed in, or of a duplicate that was merged into them."""
    if who.customer_id is None or found.order.customer_id is None:
        return False
    known_as = await tx.load_one(customers.identities([who.customer_id]))
    return found.order.customer_id in known_as.get(who.customer_id, (who.customer_id,))


async def windows(tx: ReadTx, entry: Entry) -> Windows:
    """Return what the customer may still do by themselves."""
    loaded = await fulfillment.of_orders(tx, [entry.order_id])
    lying = order_windows.picked(loaded.fulfillments.values())
    return order_windows.windows(entry.found, lying, entry.who.storefront)


async def windows_for_update(tx: Tx, entry: Entry) -> Windows:
    """Return the same of the order as it is now, locked: whoever picks it waits, or has picked already."""
    found = (await orders.orders_for_update(tx, [entry.order_id]))[entry.order_id]
    loaded = await fulfillment.of_orders(tx, [entry.order_id])
    lying = order_windows.picked(loaded.fulfillments.values())
    return order_windows.windows(found, lying, entry.who.storefront)
