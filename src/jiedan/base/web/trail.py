"""REST of the audit log: who did what, and when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import get

from jiedan.base import audit
from jiedan.base.web import bodies, routing
from jiedan.base.web.unit import Unit


class AuditEntry(msgspec.Struct, frozen=True):
    """Something that happened, by whom; `private` holds texts and names, null where there are none any more."""

    event_id: UUID
    kind: str
    occurred_at: datetime
    recorded_at: datetime
    actor_kind: str
    actor_id: str
    subject_kind: str
    subject_id: UUID
    request_id: str
    data: Mapping[str, Any]
    private: Mapping[str, Any] | None
    history: bool


class AuditPage(msgspec.Struct, frozen=True):
    """A page of entries; `next` goes on behind it as `before`, null at the end.

    A page may be empty and not the last: it looks at a limited number of events.
    """

    items: list[AuditEntry]
    next: UUID | None


@get("/audit-log", permission="events:read", summary="Read the audit log")
async def read_audit_log(
    unit: Unit,
    *,
    actor_kind: bodies.Code | None = None,
    actor_id: bodies.Code | None = None,
    area: bodies.Code | None = None,
    subject_id: UUID | None = None,
    until: bodies.Moment | None = None,
    before: UUID | None = None,
    limit: bodies.Limit = 50,
) -> AuditPage:
    """Return what happened, latest first: by whom, in which module (`area`, such as `orders`), about which thing."""
    wanted = audit.Wanted(actor_kind or "", actor_id or "", area or "", subject_id, until)
    async with unit.read() as tx:
        found = await audit.entries(tx, wanted=wanted, before=before, limit=limit)
    return AuditPage([_view(entry) for entry in found.entries], found.next)


def _view(entry: audit.Entry) -> AuditEntry:
    return AuditEntry(
        event_id=entry.event_id,
        kind=entry.kind,
        occurred_at=entry.occurred_at,
        recorded_at=entry.recorded_at,
        actor_kind=entry.actor.kind,
        actor_id=entry.actor.id,
        subject_kind=entry.subject_kind,
        subject_id=entry.subject_id,
        request_id=entry.request_id,
        data=entry.data,
        private=entry.private,
        history=entry.is_history,
    )


ROUTER = routing.api("Audit log", [read_audit_log])
