"""What follows from events and the clock: refunds of what was canceled, questions that were not answered."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import structlog

from jiedan.base import jobs
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.drain import Handler
from jiedan.base.events import StoredEvent
from jiedan.base.ids import TenantId
from jiedan.base.jobs import Periodic, Task
from jiedan.payments import service
from jiedan.payments.providers import gateways
from jiedan.payments.values import Requested

log = structlog.get_logger()


async def perform_due(database: Database, tenant: TenantId, _ids: Mapping[str, str]) -> None:
    """Perform what is due for one merchant: once done, there is nothing left to do."""
    await service.sweep(database, Scope(tenant), gateways.of(database))


PERFORM_DUE = Task("payments.perform_due", perform_due)


async def _give_back(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    causes: dict[UUID, UUID] = {}
    for event in stored:
        causes.setdefault(event.subject_id, event.event_id)
    outcomes = await service.give_back(tx, causes=causes)
    if any(isinstance(outcome, Requested) for outcome in outcomes):
        await jobs.enqueue(tx, PERFORM_DUE)


GIVE_BACK = Handler("payments.give_back", _give_back)
"""Asks for the refunds and voids that a cancellation makes due; a job performs them after the commit."""


async def sweep(database: Database) -> None:
    """Ask about everything that was not answered in time, and handle messages that were forgotten.

    A merchant whose sweep fails is logged and does not keep the others waiting. Raises SomeTenantsFailed at the end.
    """
    open_gateways = gateways.of(database)
    failed = 0
    async for tenant in jobs.every_tenant(database):
        try:
            await database.write(Scope(tenant), lambda tx: service.handle_stored(tx, open_gateways))
            await service.sweep(database, Scope(tenant), open_gateways)
        except Exception:
            failed += 1
            log.exception("payments.sweep_failed", tenant=str(tenant))
    if failed:
        message = f"{failed} tenants"
        raise jobs.SomeTenantsFailed(message)


PERIODIC: tuple[Periodic, ...] = (Periodic("payments.sweep", "* * * * *", sweep),)
"""Once a minute, providers are asked about what they did not answer."""
