"""To one of the staff: come in."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jiedan.accounts import events as accounts
from jiedan.accounts import queries, service
from jiedan.accounts.values import OneTimeLink, Staff, StaffId
from jiedan.base.db import Tx
from jiedan.base.i18n import N_
from jiedan.notifications.mails.protocol import Desk, Errand, Mail, subject
from jiedan.notifications.values import Button, Content, Facts, MessageId, Paragraph


class _Invited(NamedTuple):
    """Who is invited, and the link made for this mail."""

    person: Staff
    link: OneTimeLink


async def gather(tx: Tx, errands: Sequence[Errand]) -> Mapping[MessageId, _Invited]:
    """Gather the links, made for these mails, and whose they are; what was accepted or taken back is absent."""
    staff_ids = {x.recipient_id for x in errands}
    links = await service.mail_links(tx, staff_ids=staff_ids, purpose="invitation")
    found = await queries.persons(tx, links)
    return {
        x.message_id: _Invited(found[StaffId(x.recipient_id)], links[x.recipient_id])
        for x in errands
        if x.recipient_id in links
    }


def write(desk: Desk[_Invited]) -> Content | None:
    """Write the invitation."""
    person, link = desk.gathered
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


MAIL = Mail(
    "invitation", N_("Invitation"), "staff", (accounts.StaffInvited,), subject, gather, write, is_optional=False
)
