"""Dead letters: events that a handler could not digest however often it tried, listed with the reason.

They stay until somebody lets them be tried again or gives them up with a reason; nothing removes them silently.
"""

import dataclasses
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from jiedan.base import cards, errors, paging, sql
from jiedan.base.db import ReadTx, Tx
from jiedan.base.errors import Refusal
from jiedan.base.events import Event
from jiedan.base.i18n import N_
from jiedan.base.tables import EventLog, OutboxRetry

SQL = sql.load("jiedan.base", "dead_letters.sql")

LIST_NAME = "dead-letters"
LETTERS_PER_SET_MAX = 200
REASON_CHARS_MAX = 2_000

KEYSET = paging.Keyset(columns=(OutboxRetry.handler, OutboxRetry.event_id), descending=False)


class Letter(NamedTuple):
    """The address of a dead letter: which handler gave up on which event."""

    handler: str
    event_id: UUID


class DeadLetter(NamedTuple):
    """An event and the handler that gave up on it after `attempts`; `reason` quotes no values."""

    handler: str
    event_id: UUID
    kind: str
    subject_id: UUID
    occurred_at: datetime
    attempts: int
    reason: str
    dead_at: datetime

    @property
    def letter(self) -> Letter:
        """The address of this one."""
        return Letter(self.handler, self.event_id)


class DeadLetterLeft(Event, frozen=True, kw_only=True):
    """A handler gave up on an event."""

    kind: ClassVar[str] = "base.dead_letter_left"
    subject_kind: ClassVar[str] = "event"
    subject: ClassVar[str] = "event_id"

    event_id: UUID
    handler: str


class DeadLetterRequeued(Event, frozen=True, kw_only=True):
    """A handler is to try an event again that it had given up on."""

    kind: ClassVar[str] = "base.dead_letter_requeued"
    subject_kind: ClassVar[str] = "event"
    subject: ClassVar[str] = "event_id"

    event_id: UUID
    handler: str


class DeadLetterDiscarded(Event, frozen=True, kw_only=True):
    """A handler never gets an event that it had given up on; the reason stands in the private part."""

    kind: ClassVar[str] = "base.dead_letter_discarded"
    subject_kind: ClassVar[str] = "event"
    subject: ClassVar[str] = "event_id"

    event_id: UUID
    handler: str


@dataclasses.dataclass(eq=False)
class DeadLetterNotFound(errors.NotFound):
    """No handler of this name has given up on this event, or not any more."""

    code: ClassVar[str] = "dead_letter_not_found"
    message: ClassVar[str] = N_("{handler} has not given up on the event {event_id}.")
    remedy: ClassVar[str] = N_("List what is given up; it may have been tried again meanwhile.")

    handler: str
    event_id: str


@dataclasses.dataclass(eq=False)
class DiscardReasonMissing(errors.Invalid):
    """Something is to be given up and nobody says why."""

    code: ClassVar[str] = "discard_reason_missing"
    message: ClassVar[str] = N_("Giving up needs a reason of 1 to {characters_max} characters.")
    remedy: ClassVar[str] = N_("Say why nobody needs it.")

    characters_max: int = REASON_CHARS_MAX


async def dead_letters(tx: ReadTx, *, request: paging.Request) -> paging.Page[DeadLetter]:
    """Return a page of this tenant's dead letters, by handler and event."""
    retry, log = OutboxRetry, EventLog
    statement = (
        sa.select(
            retry.handler,
            retry.event_id,
            log.kind,
            log.subject_id,
            log.occurred_at,
            retry.attempts,
            retry.reason,
            retry.dead_at,
        )
        .join_from(retry, log, sa.and_(log.tenant_id == retry.tenant_id, log.event_id == retry.event_id))
        .where(retry.tenant_id == tx.tenant, retry.dead_at.is_not(None))
    )
    rows = (await tx.execute(KEYSET.apply(statement, request))).all()
    return KEYSET.page(rows, request, make=_dead_letter, position=lambda row: (row.handler, row.event_id))


def _dead_letter(row: Any) -> DeadLetter:
    return DeadLetter(*row)


async def count(tx: ReadTx) -> paging.Count:
    """Count this tenant's dead letters; the count stops somewhere."""
    dead = sa.select(OutboxRetry.event_id).where(OutboxRetry.tenant_id == tx.tenant, OutboxRetry.dead_at.is_not(None))
    return await paging.count(tx, dead)


async def requeue(tx: Tx, *, letters: Sequence[Letter]) -> list[Letter | Refusal]:
    """Let the drain try events again from the start: one outcome per letter, in order; DeadLetterNotFound."""
    known = await tx.sql(SQL["requeue"], now=tx.now, **_addresses(letters)) if letters else ()
    outcomes = _outcomes(letters, known)
    tx.emit(*(DeadLetterRequeued(event_id=x.event_id, handler=x.handler) for x in _done(outcomes)))
    return outcomes


async def discard(tx: Tx, *, letters: Sequence[Letter], reason: str) -> list[Letter | Refusal]:
    """Give events up for their handlers: one outcome per letter, in order; DeadLetterNotFound.

    The events themselves stay in the log. Raises DiscardReasonMissing.
    """
    if not 0 < len(reason.strip()) <= REASON_CHARS_MAX:
        raise DiscardReasonMissing(field="reason")
    known = await tx.sql(SQL["discard"], **_addresses(letters)) if letters else ()
    outcomes = _outcomes(letters, known)
    for x in _done(outcomes):
        tx.emit(DeadLetterDiscarded(event_id=x.event_id, handler=x.handler), private={"reason": cards.masked(reason)})
    return outcomes


def _addresses(letters: Collection[Letter]) -> dict[str, Any]:
    pairs = sorted(set(letters))
    return {"handlers": [x.handler for x in pairs], "event_ids": [x.event_id for x in pairs]}


def _outcomes(letters: Sequence[Letter], rows: Sequence[tuple[Any, ...]]) -> list[Letter | Refusal]:
    """Return what became of each letter; one that stands twice in the set shares its fate."""
    known = {Letter(*row) for row in rows}
    return [x if x in known else DeadLetterNotFound(x.handler, str(x.event_id)) for x in letters]


def _done(outcomes: Sequence[Letter | Refusal]) -> list[Letter]:
    return list(dict.fromkeys(x for x in outcomes if isinstance(x, Letter)))
