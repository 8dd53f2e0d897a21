"""To one of the staff: a way back in."""

from jiedan.accounts import events as accounts
from jiedan.accounts import service
from jiedan.base.i18n import N_
from jiedan.notifications.mails.protocol import Desk, Mail, subject
from jiedan.notifications.values import Button, Content, Paragraph


async def write(desk: Desk) -> Content | None:
    """Write the link, made for this mail; nothing once it was used or has ended."""
    link = await service.mail_link(desk.tx, staff_id=desk.recipient_id, purpose="password_reset")
    if link is None:
        return None
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
    "password_reset", N_("Password reset"), "staff", (accounts.PasswordResetIssued,), subject, write, is_optional=False
)
