"""To one of the staff: a way back in."""

from collections.abc import Mapping, Sequence

from jiedan.accounts import events as accounts
from jiedan.accounts import service
from jiedan.accounts.values import OneTimeLink
from jiedan.base.db import Tx
from jiedan.base.i18n import N_
from jiedan.notifications.mails.protocol import Desk, Errand, Mail, subject
from jiedan.notifications.values import Button, Content, MessageId, Paragraph


async def gather(tx: Tx, errands: Sequence[Errand]) -> Mapping[MessageId, OneTimeLink]:
    """Gather the links, made for these mails; one that was used or has ended is absent."""
    links = await service.mail_links(tx, staff_ids={x.recipient_id for x in errands}, purpose="password_reset")
    return {x.message_id: links[x.recipient_id] for x in errands if x.recipient_id in links}


def write(desk: Desk[OneTimeLink]) -> Content | None:
    """Write the link."""
    link = desk.gathered
    address = service.link_address(desk.base_url, desk.merchant.slug, link)
    return Content(
        desk.say(N_("Choose a new password for {merchant}"), merchant=desk.merchant.name),
        desk.say(N_("Choose a new password")),
        (
            Paragraph(desk.say(N_("By this link you choose a new password; you are signed out everywhere then."))),
            Button(desk.say(N_("Choose a new password")), address),
            Paragraph(desk.say(N_("The link works once, until {when}."), when=desk.moment(link.expires_at))),
            Paragraph(desk.say(N_("You did not ask for it? Then do nothing: your password stays as it is."))),
        ),
    )


MAIL = Mail(
    "password_reset",
    N_("Password reset"),
    "staff",
    (accounts.PasswordResetIssued,),
    subject,
    gather,
    write,
    is_optional=False,
)
