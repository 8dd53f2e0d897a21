"""What follows from events: orders are released when their gate opens and taken back when it closes; parcels follow."""

from collections.abc import Sequence

from jiedan.base.db import Tx
from jiedan.base.drain import Handler
from jiedan.base.events import StoredEvent
from jiedan.fulfillment import events, service
from jiedan.orders import events as orders


async def _reconsider(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    order_ids = {event.subject_id for event in stored if not _awaits_money(event)}
    if order_ids:
        await service.reconsider(tx, order_ids=order_ids)


def _awaits_money(event: StoredEvent) -> bool:
    """Tell whether an event tells of a new order whose gate only money can open: that will be an event of its own."""
    if event.kind != orders.OrderPlaced.kind:
        return False
    placed = orders.OrderPlaced.of(event)
    return placed.payment_terms == "prepaid" and placed.total_minor > 0


RECONSIDER = Handler("fulfillment.reconsider_release", _reconsider)
"""Makes releases what the gate says now; doing it again changes nothing."""


_ARRIVAL_FIELDS = frozenset({"ship_to", "delivery_wish", "location"})
"""What an edit changes that an arrival depends on."""


async def _promise(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    order_ids = {event.subject_id for event in stored if event.kind != orders.OrderEdited.kind}
    edited = {event.subject_id: event.occurred_at for event in stored if _moves_arrival(event)}
    await service.promise_orders(tx, order_ids=order_ids, edited=edited)


def _moves_arrival(event: StoredEvent) -> bool:
    is_edit = event.kind == orders.OrderEdited.kind
    return is_edit and not _ARRIVAL_FIELDS.isdisjoint(orders.OrderEdited.of(event).fields)


PROMISE = Handler("fulfillment.promise_orders", _promise)
"""Keeps when orders arrive, anew after an edit that changes it; doing it again changes nothing."""


async def _follow(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    shipped = [events.ParcelShipped.of(event) for event in stored]
    numbers = {(x.carrier, x.tracking_number) for x in shipped if x.carrier and x.tracking_number}
    if numbers:
        await service.follow_numbers(tx, numbers=numbers)


FOLLOW = Handler("fulfillment.follow_parcels", _follow)
"""Lets parcels be where their carriers said before anybody said that they left; doing it again changes nothing."""
