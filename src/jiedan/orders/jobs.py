"""What follows from events and the clock: search terms, waiting lines get stock, unpaid orders end."""

from collections.abc import Sequence
from uuid import UUID

from jiedan.accounts import events as staff
from jiedan.base import jobs
from jiedan.base.db import Tx
from jiedan.base.drain import Handler
from jiedan.base.events import StoredEvent
from jiedan.base.jobs import Periodic
from jiedan.inventory import events as inventory
from jiedan.orders import events, indexing, service


async def _fill_waiting(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    sku_ids = {event.subject_id for event in stored if event.kind == inventory.StockBecameAvailable.kind}
    for event in stored:
        if event.kind == events.WaitingLinesLeft.kind:
            sku_ids.update(events.WaitingLinesLeft.of(event).sku_ids)
    await service.fill_waiting(tx, sku_ids=sku_ids)


FILL_WAITING = Handler("orders.fill_waiting", _fill_waiting)
"""Gives stock that appeared to waiting lines; doing it again finds nothing left to give."""


_REWORDED = frozenset({events.OrderPlaced.kind, events.OrderEdited.kind, events.OrderReopened.kind})
"""What changes the names, goods or tags of an order; whatever else is heard of one tells only where it stands."""


async def _write_terms(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    reworded = {event.subject_id for event in stored if event.kind in _REWORDED}
    await indexing.write_terms(tx, reworded, moved={event.subject_id for event in stored})


WRITE_TERMS = Handler("orders.write_terms", _write_terms, history=True, beside=True)
"""Brings the search terms of orders up to date; doing it again changes nothing."""


async def _take_back(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    staff_ids = {event.subject_id for event in stored if event.kind == staff.StaffChanged.kind}
    staff_ids |= {UUID(event.data["assignee_id"]) for event in stored if event.kind != staff.StaffChanged.kind}
    await service.take_back(tx, staff_ids=staff_ids)


TAKE_BACK = Handler("orders.take_back", _take_back)
"""Takes the open orders of who has left from them, set by set; doing it again finds none.

It also hears of each order that is given to somebody: who gives one to a person while they leave is heard after both.
"""

PERIODIC: tuple[Periodic, ...] = (
    Periodic("orders.expire", "* * * * *", jobs.per_tenant(service.expire_orders)),
    Periodic("orders.sweep_waiting", "*/5 * * * *", jobs.per_tenant(service.sweep_waiting)),
    Periodic("orders.forget_discarded", "37 3 * * *", jobs.per_tenant(service.forget_discarded)),
)
"""Once a minute, orders that were not paid in time are canceled; every five, lines that no event told of are filled.

At night in UTC, drafts that were thrown away are forgotten.
"""
