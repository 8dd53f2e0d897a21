"""To the customer, the last mail of all: what is known of them is about to be erased."""

from jiedan.base.i18n import N_
from jiedan.customers import events
from jiedan.notifications.mails.protocol import Desk, Mail, nothing_else, subject
from jiedan.notifications.values import CUSTOMER_ERASED, Content, Paragraph


def write(desk: Desk[None]) -> Content | None:
    """Write what is erased and what has to be kept; no name, as the name goes, too."""
    merchant = desk.merchant.name
    words = (
        N_("{merchant} is erasing what it knows of you: name, addresses, phone numbers, your account, what was noted."),
        N_("Amounts and goods of your orders are kept as long as the law says, without your name."),
        N_("This mail is the last one, and it is erased as well. There is nothing left for you to do."),
    )
    return Content(
        desk.say(N_("Your data at {merchant} are being erased"), merchant=merchant),
        desk.say(N_("Your data are being erased")),
        tuple(Paragraph(desk.say(text, merchant=merchant)) for text in words),
    )


MAIL = Mail(
    CUSTOMER_ERASED,
    N_("Data being erased"),
    "customer",
    (events.ErasureBegun,),
    subject,
    nothing_else,
    write,
    is_optional=False,
)
