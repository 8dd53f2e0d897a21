"""To the address that an account had before: another one signs in from now on."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from jiedan.accounts import events as accounts
from jiedan.base.db import Tx
from jiedan.base.events import StoredEvent
from jiedan.base.i18n import N_
from jiedan.customers import events as customers
from jiedan.notifications import queries, rules
from jiedan.notifications.mails.protocol import Desk, Errand, Mail
from jiedan.notifications.values import Content, MessageId, Paragraph


def whom(event: StoredEvent) -> UUID | None:
    """Return the event, by which the former address is known; None where no address changed."""
    is_staff = event.kind == accounts.StaffChanged.kind
    return event.event_id if not is_staff or "email" in event.data["fields"] else None


async def gather(tx: Tx, errands: Sequence[Errand]) -> Mapping[MessageId, str]:
    """Gather the new addresses; those that were erased meanwhile are absent."""
    found = await queries.new_addresses(tx, {x.recipient_id for x in errands})
    return {x.message_id: found[x.recipient_id] for x in errands if x.recipient_id in found}


def write(desk: Desk[str]) -> Content | None:
    """Write that it changed, and so much of the new address as its owner knows it by.

    There is nothing to say when the two are the same but for capital letters.
    """
    before, after = desk.contact.address, desk.gathered
    if before.casefold() == after.casefold():
        return None
    merchant = desk.merchant.name
    return Content(
        desk.say(N_("Your e-mail address at {merchant} was changed"), merchant=merchant),
        desk.say(N_("Your e-mail address was changed")),
        (
            Paragraph(
                desk.say(
                    N_("The account at {merchant} that {before} signed in to now has the address {after}."),
                    merchant=merchant,
                    before=before,
                    after=rules.masked(after),
                )
            ),
            Paragraph(desk.say(N_("If that is what you wanted, there is nothing for you to do."))),
            Paragraph(
                desk.say(
                    N_("If it was not you, tell {merchant} at once: somebody else may be using your account."),
                    merchant=merchant,
                )
            ),
        ),
    )


MAIL = Mail(
    "address_changed",
    N_("Sign-in address changed"),
    "former",
    (customers.AccountEmailChanged, accounts.StaffChanged),
    whom,
    gather,
    write,
    is_optional=False,
)
