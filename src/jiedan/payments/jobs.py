"""What follows from events and the clock: refunds of what was canceled or came late, questions without an answer."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from jiedan.base import jobs
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.drain import Handler
from jiedan.base.errors import Refusal
from jiedan.base.events import StoredEvent
from jiedan.base.ids import TenantId
from jiedan.base.jobs import Periodic, Task
from jiedan.payments import events, service
from jiedan.payments.providers import gateways
from jiedan.payments.service.rewards import ALL_MINOR
from jiedan.payments.values import Requested


async def perform_due(database: Database, tenant: TenantId, _ids: Mapping[str, str]) -> None:
    """Perform what is due for one merchant: once done, there is nothing left to do."""
    await service.sweep(database, Scope(tenant), gateways.of(database))


PERFORM_DUE = Task("payments.perform_due", perform_due)


async def _give_back(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    await _asked(tx, await service.give_back(tx, causes=_causes((e.subject_id, e.event_id) for e in stored)))


GIVE_BACK = Handler("payments.give_back", _give_back)
"""Asks for the refunds and voids that a cancellation makes due; a job performs them after the commit."""


async def _let_go(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    await _asked(tx, await service.let_go(tx, causes=_causes((e.subject_id, e.event_id) for e in stored)))


LET_GO = Handler("payments.let_go", _let_go)
"""Lets go of what is still set aside for orders that are completed and paid."""


async def _follow_late_money(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    told = ((_MONEY[event.kind].of(event).order_id, event.event_id) for event in stored)
    causes = _causes((order_id, event_id) for order_id, event_id in told if order_id is not None)
    await _asked(tx, await service.follow_late_money(tx, causes=causes))


FOLLOW_LATE_MONEY = Handler("payments.follow_late_money", _follow_late_money)
"""Gives back what arrived for ended orders, or opens them again, as the merchant has chosen."""

_MONEY: Mapping[str, Any] = {
    kind.kind: kind for kind in (events.MoneyAuthorized, events.MoneyCaptured, events.PaymentAssigned)
}


async def _settle_points(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    completed = {e.subject_id for e in stored if e.kind not in _MOVED}
    moved = [_MOVED[e.kind].of(e) for e in stored if e.kind in _MOVED]
    arrived: dict[UUID, int] = {}
    for one in moved:
        arrived[one.payment_id] = arrived.get(one.payment_id, 0) + _arrived_minor(one)
    order_ids = completed | {one.order_id for one in moved if one.order_id is not None}
    await service.settle_points(tx, order_ids=order_ids, completed=completed, arrived=arrived)


def _arrived_minor(event: Any) -> int:
    """Return what came by an event; with a payment that was given to an order, all of it came."""
    if isinstance(event, events.PaymentAssigned):
        return ALL_MINOR
    is_in = isinstance(event, events.MoneyCaptured | events.MoneyAdjusted)
    return max(0, event.amount_minor) if is_in else 0


SETTLE_POINTS = Handler("payments.settle_points", _settle_points)
"""Lets complete orders earn points as their money comes, and takes them back with what is refunded or charged back."""

_MOVED: Mapping[str, Any] = {
    kind.kind: kind
    for kind in (
        events.MoneyCaptured,
        events.PaymentAssigned,
        events.MoneyAdjusted,
        events.MoneyRefunded,
        events.MoneyChargedBack,
    )
}


def _causes(pairs: Iterable[tuple[UUID, UUID]]) -> dict[UUID, UUID]:
    """Return the first event of each order."""
    causes: dict[UUID, UUID] = {}
    for order_id, event_id in pairs:
        causes.setdefault(order_id, event_id)
    return causes


async def _asked(tx: Tx, outcomes: Sequence[Requested | Refusal]) -> None:
    """Have performed at once what was asked for, after the commit."""
    if any(isinstance(outcome, Requested) for outcome in outcomes):
        await jobs.enqueue(tx, PERFORM_DUE)


async def sweep(database: Database) -> None:
    """Ask about everything that was not answered in time, and handle messages that were forgotten.

    A merchant whose sweep fails is logged and does not keep the others waiting. Raises SomeTenantsFailed at the end.
    """
    open_gateways = gateways.of(database)

    async def of_one(tenant: TenantId) -> None:
        await service.handle_stored(database, Scope(tenant), open_gateways)
        await service.sweep(database, Scope(tenant), open_gateways)

    await jobs.for_every_tenant(database, of_one, failure="payments.sweep_failed")


PERIODIC: tuple[Periodic, ...] = (Periodic("payments.sweep", "* * * * *", sweep),)
"""Once a minute, providers are asked about what they did not answer."""
