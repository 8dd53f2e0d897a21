"""To one of the staff who wants to see whether mails arrive."""

from jiedan.base.i18n import N_
from jiedan.notifications import events
from jiedan.notifications.mails.protocol import Desk, Mail, nothing_else, subject
from jiedan.notifications.values import Content, Facts, Paragraph


def write(desk: Desk[None]) -> Content | None:
    """Write a mail that says that mails arrive."""
    return Content(
        desk.say(N_("A test mail of {merchant}"), merchant=desk.merchant.name),
        desk.say(N_("Mails arrive")),
        (
            Paragraph(desk.say(N_("You asked for this mail, to see whether mails arrive. This one did."))),
            Facts(((desk.say(N_("Asked for")), desk.moment(desk.event.occurred_at)),)),
        ),
    )


MAIL = Mail(
    "trial", N_("Test mail"), "staff", (events.TestMailRequested,), subject, nothing_else, write, is_optional=False
)
