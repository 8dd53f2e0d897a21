"""To one of the staff: come in."""

from jiedan.accounts import events as accounts
from jiedan.accounts import queries, service
from jiedan.base.i18n import N_
from jiedan.notifications.mails.protocol import Desk, Mail, subject
from jiedan.notifications.values import Button, Content, Facts, Paragraph


async def write(desk: Desk) -> Content | None:
    """Write the invitation, with a link made for this mail; nothing once it was accepted or taken back."""
    link = await service.mail_link(desk.tx, staff_id=desk.recipient_id, purpose="invitation")
    if link is None:
        return None
    person = await queries.person(desk.tx, desk.recipient_id)
    pairs = (
        (desk.say(N_("Merchant")), desk.merchant.name),
        (desk.say(N_("Role")), desk.say(person.role.name)),
        (desk.say(N_("E-mail")), person.email),
    )
    return Content(
        desk.say(N_("{merchant} invites you to Jiedan"), merchant=desk.merchant.name),
        desk.say(N_("Welcome, {name}"), name=person.name),
        (
            Paragraph(
                desk.say(N_("You are invited to work on the orders of {merchant}."), merchant=desk.merchant.name)
            ),
            Facts(pairs),
            Button(desk.say(N_("Choose a password")), service.link_address(desk.base_url, desk.merchant.slug, link)),
            Paragraph(desk.say(N_("The link works once, until {when}."), when=desk.moment(link.expires_at))),
        ),
    )


MAIL = Mail("invitation", N_("Invitation"), "staff", (accounts.StaffInvited,), subject, write, is_optional=False)
