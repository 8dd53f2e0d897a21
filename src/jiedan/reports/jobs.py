"""Counting by the clock, and what makes an hour due again."""

from collections.abc import Sequence
from uuid import UUID

from jiedan.base import jobs
from jiedan.base.db import Tx
from jiedan.base.drain import Handler
from jiedan.base.events import StoredEvent
from jiedan.base.jobs import Periodic
from jiedan.fulfillment import events as fulfillment
from jiedan.reports import queries, rules, service

_PARCELS = frozenset({fulfillment.ParcelShipped.kind, fulfillment.ParcelDelivered.kind})


async def _mark_hours(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    """Mark the hours of what is told of an hour that is over; most of what happens is told within its own hour."""
    present = rules.hour_of(tx.now)
    late = [x for x in stored if x.history or x.occurred_at < present or x.kind not in _AT_ONCE]
    orders = {x.subject_id for x in late if x.kind not in _PARCELS}
    parcels = {UUID(x.data["parcel_id"]) for x in late if x.kind in _PARCELS}
    moments = [*await queries.moments_of_orders(tx, orders), *await queries.moments_of_parcels(tx, parcels)]
    if moments:
        await service.mark_due(tx, moments=moments, event_id=late[0].event_id)


_AT_ONCE = _PARCELS | {"orders.order_placed"}
"""Kinds whose event tells by itself when it happened; the others change orders that were placed at any time."""

MARK_HOURS = Handler("reports.mark_hours", _mark_hours, history=True, beside=True)
"""Lets hours be counted again; doing it again marks the same."""

PERIODIC: tuple[Periodic, ...] = (
    Periodic("reports.count_hours", "* * * * *", jobs.per_tenant(service.count_hours)),
    Periodic("reports.count_due", "* * * * *", jobs.per_tenant(service.count_due)),
)
"""Once a minute; an hour is counted within the minute after it."""
