"""A handler gave up on an event: something that should have followed did not."""

from collections.abc import Sequence
from uuid import UUID

from jiedan.base import dead_letters
from jiedan.base.db import ReadTx
from jiedan.base.events import StoredEvent
from jiedan.base.i18n import N_
from jiedan.notifications.notices.protocol import Facts, NoticeKind
from jiedan.notifications.values import NewNotice


async def tell(_tx: ReadTx, stored: Sequence[StoredEvent]) -> list[NewNotice]:
    """Tell of each dead letter."""
    told = [(event.event_id, dead_letters.DeadLetterLeft.of(event)) for event in stored]
    return [
        NewNotice(event_id, "dead_letter", KIND.permission, letter.event_id, {"handler": letter.handler})
        for event_id, letter in told
    ]


def path(_event_id: UUID, _data: Facts) -> str:
    """Return the page that lists dead letters."""
    return "/dead-letters"


KIND = NoticeKind(
    kind="dead_letter",
    label=N_("Dead letter"),
    text=N_("{handler} has given up on an event."),
    icon="alert",
    permission="events:read",
    causes=(dead_letters.DeadLetterLeft,),
    tell=tell,
    path=path,
)
