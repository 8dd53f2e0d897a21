"""What follows from events: orders are released when their gate opens and taken back when it closes; parcels follow."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.base.drain import Handler, Joint
from jiedan.base.events import StoredEvent
from jiedan.fulfillment import events, service
from jiedan.orders import events as orders

_RELEASE = "fulfillment.reconsider_release"
_PROMISE = "fulfillment.promise_orders"


async def _reconsider(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    order_ids = _to_reconsider(stored)
    if order_ids:
        await service.reconsider(tx, order_ids=order_ids)


def _to_reconsider(stored: Sequence[StoredEvent]) -> set[UUID]:
    return {event.subject_id for event in stored if not _awaits_money(event)}


def _awaits_money(event: StoredEvent) -> bool:
    """Tell whether an event tells of a new order whose gate only money can open: that will be an event of its own."""
    if event.kind != orders.OrderPlaced.kind:
        return False
    placed = orders.OrderPlaced.of(event)
    return placed.payment_terms == "prepaid" and placed.total_minor > 0


_ARRIVAL_FIELDS = frozenset({"ship_to", "delivery_wish", "location"})
"""What an edit changes that an arrival depends on."""


async def _promise(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    order_ids, edited = _to_promise(stored)
    await service.promise_orders(tx, order_ids=order_ids, edited=edited)


def _to_promise(stored: Sequence[StoredEvent]) -> tuple[set[UUID], dict[UUID, datetime]]:
    """Return which orders to promise, and which to promise anew, since when."""
    order_ids = {e.subject_id for e in stored if e.kind != orders.OrderEdited.kind and not _is_promised(e)}
    return order_ids, {event.subject_id: event.occurred_at for event in stored if _moves_arrival(event)}


def _is_promised(event: StoredEvent) -> bool:
    """Tell whether an event tells of an order that was promised as it was placed."""
    return event.kind == orders.OrderPlaced.kind and orders.OrderPlaced.of(event).promised


def _moves_arrival(event: StoredEvent) -> bool:
    is_edit = event.kind == orders.OrderEdited.kind
    return is_edit and not _ARRIVAL_FIELDS.isdisjoint(orders.OrderEdited.of(event).fields)


async def _release_and_promise(tx: Tx, sets: Mapping[str, Sequence[StoredEvent]]) -> None:
    promised, edited = _to_promise(sets[_PROMISE])
    reconsidered = _to_reconsider(sets[_RELEASE])
    await service.release_and_promise(tx, reconsidered=reconsidered, promised=promised, edited=edited)


_JOINT = Joint(_release_and_promise)

RECONSIDER = Handler(_RELEASE, _reconsider, joint=_JOINT)
"""Makes releases what the gate says now; doing it again changes nothing."""

PROMISE = Handler(_PROMISE, _promise, joint=_JOINT)
"""Keeps when orders arrive, anew after an edit that changes it; doing it again changes nothing."""


async def _follow(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    shipped = [events.ParcelShipped.of(event) for event in stored]
    numbers = {(x.carrier, x.tracking_number) for x in shipped if x.carrier and x.tracking_number}
    if numbers:
        await service.follow_numbers(tx, numbers=numbers)


FOLLOW = Handler("fulfillment.follow_parcels", _follow)
"""Lets parcels be where their carriers said before anybody said that they left; doing it again changes nothing."""
