"""To staff who want notices as mail, too: the same words, and the way to the place."""

from jiedan.base.i18n import N_
from jiedan.notifications import queries
from jiedan.notifications.mails.protocol import Desk, Mail, Writer, subject
from jiedan.notifications.notices.protocol import NoticeKind
from jiedan.notifications.values import Button, Content, Paragraph


def mail_of(kind: NoticeKind) -> Mail:
    """Return the mail that tells of notices of a kind; it is queued for those who want it, not by its events."""
    return Mail(f"notice_{kind.kind}", kind.label, "staff", (), subject, _writer(kind), is_optional=False)


def _writer(kind: NoticeKind) -> Writer:
    async def write(desk: Desk) -> Content | None:
        put_up = await queries.notice_of_event(desk.tx, desk.event.event_id, kind=kind.kind)
        if put_up is None:
            return None
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
