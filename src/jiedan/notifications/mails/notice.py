"""To staff who want notices as mail, too: the same words, and the way to the place."""

from collections.abc import Mapping, Sequence

from jiedan.base.db import Tx
from jiedan.base.i18n import N_
from jiedan.notifications import queries
from jiedan.notifications.mails.protocol import Desk, Errand, Gatherer, Mail, Writer, subject
from jiedan.notifications.notices.protocol import NoticeKind
from jiedan.notifications.values import Button, Content, MessageId, NewNotice, Paragraph


def mail_of(kind: NoticeKind) -> Mail[NewNotice]:
    """Return the mail that tells of notices of a kind; it is queued for those who want it, not by its events."""
    name = f"notice_{kind.kind}"
    return Mail(name, kind.label, "staff", (), subject, _gatherer(kind), _writer(kind), is_optional=False)


def _gatherer(kind: NoticeKind) -> Gatherer[NewNotice]:
    async def gather(tx: Tx, errands: Sequence[Errand]) -> Mapping[MessageId, NewNotice]:
        put_up = await queries.notices_of_events(tx, {x.event.event_id for x in errands}, kind=kind.kind)
        return {x.message_id: put_up[x.event.event_id] for x in errands if x.event.event_id in put_up}

    return gather


def _writer(kind: NoticeKind) -> Writer[NewNotice]:
    def write(desk: Desk[NewNotice]) -> Content | None:
        put_up = desk.gathered
        text = kind.words(desk.locale, put_up.data)
        return Content(
            text,
            desk.say(kind.label),
            (
                Paragraph(text),
                Button(desk.say(N_("Look at it")), desk.console(kind.path(put_up.subject_id, put_up.data))),
            ),
        )

    return write
