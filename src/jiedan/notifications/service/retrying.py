"""Messages that were not sent are tried again, because somebody wants it."""

from collections.abc import Sequence
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import Word
from jiedan.notifications import errors, events, queries, rules
from jiedan.notifications.service.statements import SQL
from jiedan.notifications.values import STATE_LABELS, MessageId


async def requeue_messages(tx: Tx, *, message_ids: Sequence[UUID]) -> list[MessageId | Refusal]:
    """Let messages be tried again from the start: one outcome each, in order; MessageNotFound, MessageNotStuck.

    They are written anew, as things stand then.
    """
    found = await queries.messages_for_update(tx, message_ids)
    outcomes: list[MessageId | Refusal] = []
    for message_id in message_ids:
        message = found.get(message_id)
        if message is None:
            outcomes.append(errors.MessageNotFound(message_id))
        elif message.state not in rules.STUCK:
            outcomes.append(errors.MessageNotStuck(message_id, Word(message.state, STATE_LABELS)))
        else:
            outcomes.append(message.message_id)
    again = list(dict.fromkeys(x for x in outcomes if not isinstance(x, Refusal)))
    if again:
        await tx.sql_count(SQL["requeue_messages"], message_ids=again, at=tx.now)
    tx.emit(*(events.MailRequeued(message_id=message_id) for message_id in again))
    return outcomes
