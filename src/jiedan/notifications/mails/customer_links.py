"""To whoever gave an address in the shop: a one-time link, with a secret made for this mail."""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from jiedan.base.events import StoredEvent
from jiedan.base.i18n import N_
from jiedan.customers import events, service
from jiedan.customers.values import LinkPurpose
from jiedan.notifications.mails.protocol import Desk, Mail, Writer
from jiedan.notifications.values import Button, Content, Paragraph

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


async def write(desk: Desk) -> Content | None:
    """Write the link, made for this mail; nothing once it ran out, was replaced or is of no use."""
    link = await service.mail_link(desk.tx, link_id=desk.recipient_id)
    if link is None:
        return None
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


def _mail(purpose: LinkPurpose) -> Mail:
    writer: Writer = write
    kind = f"customer_{purpose}"
    causes = (events.LinkRequested,)
    return Mail(kind, _WORDS[purpose].label, "link", causes, _whom(purpose), writer, is_optional=False)


def _whom(purpose: LinkPurpose) -> Callable[[StoredEvent], UUID | None]:
    return lambda event: event.subject_id if event.data["purpose"] == purpose else None


ALL: tuple[Mail, ...] = tuple(_mail(purpose) for purpose in _WORDS)
