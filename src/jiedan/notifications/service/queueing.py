"""Messages come to be: once per (event, mail, recipient), in the transaction of whoever heard of the event."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.base.events import StoredEvent
from jiedan.notifications import queries
from jiedan.notifications.mails import MAILS
from jiedan.notifications.mails.protocol import Mail
from jiedan.notifications.service.statements import SQL
from jiedan.notifications.values import MessageId, NewMessage, RecipientKind


async def queue_mails(tx: Tx, stored: Sequence[StoredEvent]) -> int:
    """Queue the mails that these events cause; return how many are new.

    Who has no address gets none, nor what the merchant has switched off. Doing it again changes nothing.
    """
    found = [
        NewMessage(event.event_id, mail.kind, mail.to, whom)
        for event in stored
        for mail in _BY_CAUSE.get(event.kind, ())
        if (whom := mail.whom(event)) is not None
    ]
    if not found:
        return 0
    silenced = (await tx.load_one(queries.settings())).silenced
    wanted = [x for x in found if x.kind not in silenced]
    reached = {
        kind: await _reached(tx, kind, {x.recipient_id for x in wanted if x.recipient_kind == kind})
        for kind in sorted({x.recipient_kind for x in wanted})
    }
    return len(await queue(tx, [x for x in wanted if x.recipient_id in reached[x.recipient_kind]]))


async def _reached(tx: Tx, kind: RecipientKind, recipient_ids: set[UUID]) -> set[UUID]:
    return {key for key, contact in (await queries.contacts(tx, kind, recipient_ids)).items() if contact.address}


async def queue(tx: Tx, messages: Sequence[NewMessage]) -> list[MessageId]:
    """Queue messages; return the ids of those that are new."""
    if not messages:
        return []
    rows = await tx.sql(
        SQL["queue_messages"],
        message_ids=tx.new_ids(len(messages)),
        event_ids=[x.event_id for x in messages],
        kinds=[x.kind for x in messages],
        recipient_kinds=[x.recipient_kind for x in messages],
        recipient_ids=[x.recipient_id for x in messages],
        at=tx.now,
    )
    return [MessageId(row[0]) for row in rows]


def _by_cause() -> Mapping[str, Sequence[Mail[Any]]]:
    found: dict[str, list[Mail[Any]]] = {}
    for mail in MAILS.values():
        for cause in mail.causes:
            found.setdefault(cause.kind, []).append(mail)
    return found


_BY_CAUSE = _by_cause()
