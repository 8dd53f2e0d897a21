"""A mail did not go out."""

from collections.abc import Sequence
from uuid import UUID

from jiedan.base.db import ReadTx
from jiedan.base.events import StoredEvent
from jiedan.base.i18n import N_
from jiedan.notifications import events
from jiedan.notifications.notices.protocol import Facts, NoticeKind
from jiedan.notifications.values import FAILURES, OUTCOME_UNKNOWN, NewNotice


async def tell(_tx: ReadTx, stored: Sequence[StoredEvent]) -> list[NewNotice]:
    """Tell of each mail that was given up; of one that tells of such a mail nothing is told, or it would never end."""
    return [
        NewNotice(
            event.event_id,
            "mail_failed",
            KIND.permission,
            UUID(event.data["message_id"]),
            {"mail": event.data["mail"], "failure": event.data["failure"]},
        )
        for event in stored
        if event.data["mail"] != f"notice_{KIND.kind}"
    ]


def path(_message_id: UUID, data: Facts) -> str:
    """Return the list of mails that did not go out, or perhaps did."""
    return f"/mail?state={'unknown' if data['failure'] == OUTCOME_UNKNOWN else 'failed'}"


KIND = NoticeKind(
    kind="mail_failed",
    label=N_("Mail not sent"),
    text=N_("A mail was not sent: {failure}."),
    icon="mail",
    permission="mail:read",
    causes=(
        events.OrderMailFailed,
        events.CustomerMailFailed,
        events.StaffMailFailed,
        events.LinkMailFailed,
        events.FormerMailFailed,
    ),
    tell=tell,
    path=path,
    words_by_fact={"failure": FAILURES},
)
