"""What follows from events and the clock: mails are queued and sent, notices are put up, old things go."""

from collections.abc import Mapping, Sequence

from jiedan.base import jobs
from jiedan.base.backlog import EVENTS
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.drain import Handler
from jiedan.base.events import StoredEvent
from jiedan.base.ids import TenantId
from jiedan.base.jobs import Periodic, Task
from jiedan.notifications import service
from jiedan.notifications.post import office

_waiting: set[TenantId] = set()
"""Whose mails wait until events have melted: of one merchant at a time."""


async def send_due(database: Database, tenant: TenantId, _ids: Mapping[str, str]) -> None:
    """Send what is due for one merchant: once sent, there is nothing left to send.

    While events pile up, mails give way to them for some seconds. One job of the process waits for that: another of the
    same merchant leaves its mails to it, and those of others are sent at once, so that no slots are slept in.
    """
    if tenant in _waiting:
        return
    if not _waiting:
        _waiting.add(tenant)
        try:
            await EVENTS.melted()
        finally:
            _waiting.discard(tenant)
    await service.send_due(database, tenant, office.of(database))


SEND_DUE = Task("notifications.send_due", send_due)


async def push_due(database: Database, tenant: TenantId, _ids: Mapping[str, str]) -> None:
    """Push what is due for one merchant: once pushed, there is nothing left to push."""
    await service.push_due(database, tenant, office.of(database))


PUSH_DUE = Task("notifications.push_due", push_due)


async def _queue_mails(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    if await service.queue_mails(tx, stored):
        await jobs.enqueue(tx, SEND_DUE)


QUEUE_MAILS = Handler("notifications.queue_mails", _queue_mails)
"""Queues the mails that events cause, once each; a job sends them after the commit. Imported history causes none."""


async def _put_up_notices(tx: Tx, stored: Sequence[StoredEvent]) -> None:
    told = await service.put_up_notices(tx, stored)
    if told.mails:
        await jobs.enqueue(tx, SEND_DUE)
    if told.pushes:
        await jobs.enqueue(tx, PUSH_DUE)


PUT_UP_NOTICES = Handler("notifications.put_up_notices", _put_up_notices)
"""Tells staff under the bell, by mail those who want it, and their browsers; doing it again changes nothing."""


async def _send_again(tx: Tx, _stored: Sequence[StoredEvent]) -> None:
    await jobs.enqueue(tx, SEND_DUE)


SEND_AGAIN = Handler("notifications.send_again", _send_again)
"""Lets what somebody wants sent again be sent at once."""


FOLLOW_SESSIONS = Handler("notifications.follow_sessions", service.follow_sessions)
"""Pushes nothing more to browsers in which somebody signed out; doing it again changes nothing."""


async def sweep(database: Database) -> None:
    """Send and push what is due for every merchant: what failed before, and what a job that died has left.

    A merchant whose mails fail is logged and does not keep the others waiting. Raises SomeTenantsFailed at the end.
    """
    post = office.of(database)

    async def of_one(tenant: TenantId) -> None:
        await database.write(Scope(tenant), service.lose_forgotten)
        await service.send_due(database, tenant, post)
        await service.push_due(database, tenant, post)

    await jobs.for_every_tenant(database, of_one, failure="mail.sweep_failed")


PERIODIC: tuple[Periodic, ...] = (
    Periodic("notifications.sweep", "* * * * *", sweep),
    Periodic("notifications.empty_mailbox", "23 * * * *", jobs.per_tenant(service.empty_mailbox)),
    Periodic("notifications.take_down_notices", "43 3 * * *", jobs.per_tenant(service.take_down_notices)),
)
"""Once a minute what is due is sent; once an hour the mailbox is emptied, once a day old notices are taken down."""

TASKS: tuple[Task, ...] = (PUSH_DUE, SEND_DUE)
