"""Events: past-tense facts, stored in the transaction that made them true.

A module declares its events as frozen structs; `tx.emit` records them, the boundary writes them at commit to
`event_log` and `outbox` (and the personal part to `event_private`), the drain hands them to their handlers.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, Self
from uuid import UUID

import msgspec

from jiedan.base import sql

SQL = sql.load("jiedan.base", "events.sql")

SALT_BYTES = 16


class Actor(NamedTuple):
    """Who did it: `kind` is staff, customer, api_key, guest or system; `id` names one inside the tenant."""

    kind: str
    id: str


SYSTEM = Actor("system", "jiedan")


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that became true. Fields are ids, codes, amounts and field names; never personal data or secrets.

    `kind` is `module.past_tense`, `subject_kind` the thing's name, `subject` the field that holds its id.
    """

    kind: ClassVar[str]
    subject_kind: ClassVar[str]
    subject: ClassVar[str]

    @classmethod
    def of(cls, stored: "StoredEvent") -> Self:
        """Return the event that `stored` holds."""
        return msgspec.convert(stored.data, cls, strict=False)


class Emitted(NamedTuple):
    """An event with its circumstances, waiting for the commit."""

    event: Event
    actor: Actor
    request_id: str
    occurred_at: datetime
    history: bool
    private: Mapping[str, Any] | None


class StoredEvent(NamedTuple):
    """An event as handlers and readers see it; `position` is 0 where it is not known."""

    event_id: UUID
    position: int
    occurred_at: datetime
    recorded_at: datetime
    actor: Actor
    kind: str
    subject_kind: str
    subject_id: UUID
    request_id: str
    data: dict[str, Any]
    history: bool


def canonical(data: object) -> bytes:
    """Return `data` as JSON with sorted keys: the same bytes before it is stored as jsonb and after it is read back."""
    return msgspec.json.encode(data, order="sorted")


def private_hash(salt: bytes, data: bytes) -> bytes:
    """Return the salted SHA-256 that stands for erasable data in the event log; `data` is its canonical form."""
    return hashlib.sha256(salt + data).digest()


def save_statements(
    tenant: UUID, emitted: Sequence[Emitted], ids: Sequence[UUID], recorded_at: datetime
) -> list[tuple[sql.Statement, dict[str, Any]]]:
    """Return the statements that store `emitted` under `ids`: two, or three when some carry personal data."""
    if not emitted:
        return []
    privates: list[tuple[UUID, bytes, bytes]] = []
    hashes: list[bytes | None] = []
    for event_id, item in zip(ids, emitted, strict=True):
        if item.private is None:
            hashes.append(None)
            continue
        salt, data = os.urandom(SALT_BYTES), canonical(item.private)
        privates.append((event_id, salt, data))
        hashes.append(private_hash(salt, data))
    log = {
        "tenant_id": tenant,
        "recorded_at": recorded_at,
        "event_ids": list(ids),
        "occurred_at": [e.occurred_at for e in emitted],
        "kinds": [e.event.kind for e in emitted],
        "subject_ids": [getattr(e.event, e.event.subject) for e in emitted],
        "data": [msgspec.json.encode(e.event).decode() for e in emitted],
        "private_hashes": hashes if privates else [],
        **_column("actor_kind", [e.actor.kind for e in emitted]),
        **_column("actor_id", [e.actor.id for e in emitted]),
        **_column("subject_kind", [e.event.subject_kind for e in emitted]),
        **_column("request_id", [e.request_id for e in emitted]),
        **_column("history", [e.history for e in emitted]),
    }
    outbox = {"tenant_id": tenant, "event_ids": list(ids), "available_at": recorded_at}
    statements = [(SQL["insert_event_log"], log), (SQL["insert_outbox"], outbox)]
    if privates:
        rows = {
            "tenant_id": tenant,
            "event_ids": [p[0] for p in privates],
            "salts": [p[1] for p in privates],
            "data": [p[2].decode() for p in privates],
        }
        statements.append((SQL["insert_event_private"], rows))
    return statements


def _column(name: str, values: Sequence[Any]) -> dict[str, Any]:
    """Return a column for the statement: as one value where all are the same, as they mostly are, and else as a list.

    Of the shorter list the statement reads NULL in each row, and takes the one value.
    """
    first = values[0]
    return {name: first, f"{name}_each": [] if values.count(first) == len(values) else values}
