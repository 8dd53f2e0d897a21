"""To whoever gave an address in the shop: a one-time link, with a secret made for this mail."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from jiedan.base.db import Tx
from jiedan.base.events import StoredEvent
from jiedan.base.i18n import N_
from jiedan.customers import events, service
from jiedan.customers.values import LinkId, LinkPurpose, MailedLink
from jiedan.notifications.mails.protocol import Desk, Errand, Mail
from jiedan.notifications.values import Button, Content, MessageId, Paragraph

LINK_PATH = "/link"


class _Words(NamedTuple):
    """What the mail of a purpose says; message ids, of which `subject` and `text` may name the `{merchant}`."""

    label: str
    subject: str
    text: str
    button: str
    otherwise: str


_WORDS: dict[LinkPurpose, _Words] = {
    "registration": _Words(
        N_("Link to open an account"),
        N_("Your account at {merchant}"),
        N_("With this link you open an account at {merchant}: with a password, or without one."),
        N_("Open an account"),
        N_("You did not ask for it? Then do nothing: without the link there is no account."),
    ),
    "sign_in": _Words(
        N_("Link to sign in"),
        N_("Sign in at {merchant}"),
        N_("With this link you sign in at {merchant}, without a password."),
        N_("Sign in"),
        N_("You did not ask for it? Then do nothing, and hand the link to nobody."),
    ),
    "password_reset": _Words(
        N_("Link to choose a new password"),
        N_("Choose a new password for {merchant}"),
        N_("By this link you choose a new password; you are signed out everywhere then."),
        N_("Choose a new password"),
        N_("You did not ask for it? Then do nothing: your password stays as it is."),
    ),
    "email_change": _Words(
        N_("Link to prove a new address"),
        N_("Your new address at {merchant}"),
        N_("With this link you sign in at {merchant} by this address from now on. Open it where you are signed in."),
        N_("Take this address"),
        N_("You did not ask for it? Then do nothing: the address stays as it is."),
    ),
}


async def gather(tx: Tx, errands: Sequence[Errand]) -> Mapping[MessageId, MailedLink]:
    """Gather the links, made for these mails; what ran out, was replaced or is of no use is absent."""
    links = await service.mail_links(tx, link_ids={x.recipient_id for x in errands})
    link_of = {x.message_id: LinkId(x.recipient_id) for x in errands}
    return {message_id: links[link_id] for message_id, link_id in link_of.items() if link_id in links}


def write(desk: Desk[MailedLink]) -> Content | None:
    """Write the link."""
    link = desk.gathered
    words = _WORDS[link.purpose]
    merchant = desk.merchant.name
    address = desk.shop(f"{LINK_PATH}?{urlencode({'token': link.secret})}")
    return Content(
        desk.say(words.subject, merchant=merchant),
        desk.say(words.button),
        (
            Paragraph(desk.say(words.text, merchant=merchant)),
            Button(desk.say(words.button), address),
            Paragraph(desk.say(N_("The link works once, until {when}."), when=desk.moment(link.expires_at))),
            Paragraph(desk.say(words.otherwise)),
        ),
    )


def _mail(purpose: LinkPurpose) -> Mail[MailedLink]:
    kind, label, causes = f"customer_{purpose}", _WORDS[purpose].label, (events.LinkRequested,)
    return Mail(kind, label, "link", causes, _whom(purpose), gather, write, is_optional=False)


def _whom(purpose: LinkPurpose) -> Callable[[StoredEvent], UUID | None]:
    return lambda event: event.subject_id if event.data["purpose"] == purpose else None


ALL: tuple[Mail[MailedLink], ...] = tuple(_mail(purpose) for purpose in _WORDS)
