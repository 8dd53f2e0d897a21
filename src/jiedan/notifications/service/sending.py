"""Messages go out in sets: taken, written, sent outside of any transaction, and what came of them stored.

Where no server is set, a set is taken, written and put into the mailbox by one transaction: whoever dies leaves it as
it was, and no outcome is unknown. Where there is one, that transaction claims the set until a moment that names the
try, so an answer that comes late settles nothing that was tried again; then a few at a time are begun, sent and
settled. Whoever dies before a message was begun leaves it to the next when the claim has ended. Whoever dies while
sending leaves an outcome that nobody knows: it is not repeated, as the recipient may have the mail; a person may have
it sent again.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import structlog

from jiedan.base import errors, gateway
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.events import Event
from jiedan.base.ids import TenantId
from jiedan.notifications import events, rules
from jiedan.notifications.post.office import Office
from jiedan.notifications.post.smtp import Smtp
from jiedan.notifications.rules import Tried
from jiedan.notifications.service import writing
from jiedan.notifications.service.statements import SQL
from jiedan.notifications.values import OUTCOME_UNKNOWN, Envelope, Message, MessageId, RecipientKind

MESSAGES_PER_RUN_MAX = 2_000
KEPT_PER_SET_MAX = 100
"""Mails that one transaction writes and puts into the mailbox."""

SENT_PER_SET_MAX = 20
"""Mails that one transaction writes for a server: not so many that the last waits long and tells of yesterday."""

SENT_AT_ONCE_MAX = 4
"""Mails that are on their way at the same time; servers take few connections from one place. So many outcomes are
unknown when a sender dies."""

LOST_PER_SET_MAX = 200
DROPPED_PER_SET_MAX = 1_000


class Try(NamedTuple):
    """A message that is one sender's: its row is locked, or claimed until a moment, which names the try."""

    message: Message
    until: datetime


class Ready(NamedTuple):
    """A claimed message that is written and to be sent."""

    tried: Try
    envelope: Envelope


Take = Callable[[Tx], Awaitable[list[Try]]]
"""Locks messages that are due, passing over what others have."""

log = structlog.get_logger()


async def send_due(database: Database, tenant: TenantId, office: Office) -> int:
    """Send what is queued and due for one merchant, set by set; return how many were tried.

    What nobody was there to send for days is dropped.
    """
    scope = Scope(tenant)
    while await database.write(scope, _drop_stale) == DROPPED_PER_SET_MAX:
        pass
    set_max = KEPT_PER_SET_MAX if office.smtp is None else SENT_PER_SET_MAX
    count = 0
    while count < MESSAGES_PER_RUN_MAX:
        tried = await _send_set(database, scope, office, functools.partial(_take_due, limit=set_max))
        count += tried
        if tried < set_max:
            break
    return count


async def _drop_stale(tx: Tx) -> int:
    before = tx.now - rules.WAITING_MAX
    return await tx.sql_count(
        SQL["drop_stale"], at=tx.now, before=before, failure="too_late", limit=DROPPED_PER_SET_MAX
    )


async def lose_forgotten(tx: Tx) -> int:
    """Let messages whose sender died be of unknown outcome; return how many."""
    rows = await tx.sql(SQL["lose_messages"], at=tx.now, failure=OUTCOME_UNKNOWN, limit=LOST_PER_SET_MAX)
    tx.emit(*(_told(Message(*row), failure=OUTCOME_UNKNOWN) for row in rows))
    return len(rows)


async def _take_due(tx: Tx, *, limit: int) -> list[Try]:
    rows = await tx.sql(SQL["due_messages"], at=tx.now, limit=limit)
    return [Try(Message(*row[:-1]), row[-1]) for row in rows]


async def _take_again(tx: Tx, *, message_ids: Sequence[MessageId]) -> list[Try]:
    rows = await tx.sql(SQL["due_messages_of"], at=tx.now, message_ids=message_ids)
    return [Try(Message(*row[:-1]), row[-1]) for row in rows]


async def _send_set(database: Database, scope: Scope, office: Office, take: Take) -> int:
    """Send a set; return how many were tried.

    One whose writing fails, as what is read for it is broken, is halved until the culprit stands alone and is put off.
    """
    taken: list[MessageId] = []

    async def prepare(tx: Tx) -> list[Ready]:
        tries = await take(tx)
        taken[:] = [x.message.message_id for x in tries]
        return await _prepare(tx, office, tries) if tries else []

    try:
        ready = await database.write(scope, prepare)
    except errors.Unavailable:
        raise
    except Exception:
        if not taken:
            raise
        log.exception("mail.set_not_written", messages=len(taken), first=str(taken[0]))
        half = len(taken) // 2
        for part in (taken[:half], taken[half:]) if half else ():
            await _send_set(database, scope, office, functools.partial(_take_again, message_ids=part))
        if not half:
            await database.write(scope, functools.partial(_put_off, message_ids=taken))
    else:
        if office.smtp is not None:
            await _hand_over(database, scope, office, office.smtp, ready)
    return len(taken)


async def _prepare(tx: Tx, office: Office, tries: Sequence[Try]) -> list[Ready]:
    """Write a set and settle what goes to no server: its outcome is never unknown. Return what is to be sent."""
    written = await writing.write(tx, office, [x.message for x in tries])
    settled: list[tuple[Try, Tried]] = []
    kept: list[Envelope] = []
    claimed: list[tuple[Message, Envelope]] = []
    for each in tries:
        found = written[each.message.message_id]
        if isinstance(found, Tried):
            settled.append((each, found))
        elif office.smtp is None:
            settled.append((each, Tried("sent")))
            kept.append(found)
        else:
            claimed.append((each.message, found))
    await _settle(tx, settled)
    if kept:
        await tx.sql_count(
            SQL["keep_mails"],
            message_ids=[x.message_id for x in kept],
            sealed=[office.sealed(tx.tenant, x) for x in kept],
            at=tx.now,
        )
    until = tx.now + rules.SENDING_MAX
    if claimed:
        await tx.sql_count(
            SQL["claim_messages"], message_ids=[message.message_id for message, _ in claimed], until=until
        )
    return [Ready(Try(message, until), envelope) for message, envelope in claimed]


async def _put_off(tx: Tx, *, message_ids: Sequence[MessageId]) -> None:
    later = Tried("later", "not_written")
    await _settle(tx, [(each, later) for each in await _take_again(tx, message_ids=message_ids)])


async def _hand_over(database: Database, scope: Scope, office: Office, smtp: Smtp, ready: Sequence[Ready]) -> None:
    """Send what is written and claimed, a few at a time; what another has claimed meanwhile is theirs."""

    async def begin(tx: Tx, *, several: Sequence[Ready]) -> list[Ready]:
        until = tx.now + rules.SENDING_MAX
        rows = await tx.sql(
            SQL["begin_sending"],
            message_ids=[x.envelope.message_id for x in several],
            claimed_until=several[0].tried.until,
            until=until,
        )
        begun = {row[0] for row in rows}
        if len(begun) < len(several):
            log.warning("mail.claim_lost", messages=len(several) - len(begun))
        return [Ready(Try(x.tried.message, until), x.envelope) for x in several if x.envelope.message_id in begun]

    async def send(begun: Sequence[Ready]) -> list[Tried]:
        return await asyncio.gather(*(_sent(smtp, x.envelope) for x in begun))

    async def settle(tx: Tx, begun: Sequence[Ready], outcomes: Sequence[Tried]) -> None:
        await _settle(tx, [(x.tried, tried) for x, tried in zip(begun, outcomes, strict=True)])

    for i in range(0, len(ready), SENT_AT_ONCE_MAX):
        several = ready[i : i + SENT_AT_ONCE_MAX]
        async with office.line:
            await gateway.call(
                database, scope, before=functools.partial(begin, several=several), outside=send, after=settle
            )


async def _sent(smtp: Smtp, envelope: Envelope) -> Tried:
    """Send one mail; where that fails in a way that nobody thought of, nobody knows how far it came."""
    try:
        return await smtp.send(envelope)
    except Exception:
        log.exception("mail.outcome_unknown", message=str(envelope.message_id))
        return Tried("unknown", OUTCOME_UNKNOWN)


async def _settle(tx: Tx, outcomes: Sequence[tuple[Try, Tried]]) -> None:
    """Store what came of tries, each once, and tell it; what was lost meanwhile stays lost."""
    if not outcomes:
        return
    then = [rules.after(tried, attempts=each.message.attempts, at=tx.now) for each, tried in outcomes]
    rows = await tx.sql(
        SQL["settle_messages"],
        message_ids=[each.message.message_id for each, _ in outcomes],
        until=[each.until for each, _ in outcomes],
        states=[x.state for x in then],
        attempts=[each.message.attempts for each, _ in outcomes],
        available_at=[x.available_at for x in then],
        failures=[x.failure for x in then],
        settled_at=[None if x.state == "queued" else tx.now for x in then],
    )
    settled = {row[0] for row in rows}
    for (each, tried), (state, _, failure) in zip(outcomes, then, strict=True):
        if each.message.message_id not in settled:
            log.warning("mail.settled_late", message=str(each.message.message_id), outcome=tried.outcome)
        elif state == "sent":
            tx.emit(_told(each.message, failure=None))
        elif state in {"failed", "unknown"} and failure is not None:
            tx.emit(_told(each.message, failure=failure))


_SENT: Mapping[RecipientKind, type[Event]] = {
    "order": events.OrderMailSent,
    "customer": events.CustomerMailSent,
    "staff": events.StaffMailSent,
    "link": events.LinkMailSent,
    "former": events.FormerMailSent,
}
_FAILED: Mapping[RecipientKind, type[Event]] = {
    "order": events.OrderMailFailed,
    "customer": events.CustomerMailFailed,
    "staff": events.StaffMailFailed,
    "link": events.LinkMailFailed,
    "former": events.FormerMailFailed,
}


def _told(message: Message, *, failure: str | None) -> Event:
    """Return the event that tells what became of a message, about whom it is about."""
    kind = (_SENT if failure is None else _FAILED)[message.recipient_kind]
    facts = {kind.subject: message.recipient_id, "message_id": message.message_id, "mail": message.kind}
    return kind(**facts) if failure is None else kind(**facts, failure=failure)
