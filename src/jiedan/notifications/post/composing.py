"""An envelope as the message that travels: headers, a text and an HTML part (RFC 5322, RFC 2046)."""

from email import policy
from email.headerregistry import Address
from email.message import EmailMessage

from jiedan.base import i18n
from jiedan.notifications.post import rendering
from jiedan.notifications.values import Envelope

NAME_CHARACTERS_MAX = 100
SUBJECT_CHARACTERS_MAX = 200


def compose(envelope: Envelope) -> EmailMessage:
    """Return the message. The same envelope has the same Message-ID, so a program that gets it twice shows it once."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = _address(envelope.from_name, envelope.from_address)
    if envelope.from_address != envelope.sender:
        message["Sender"] = _address("", envelope.sender)
    if envelope.reply_to is not None:
        message["Reply-To"] = _address(envelope.from_name, envelope.reply_to)
    message["To"] = _address(envelope.to_name, envelope.to_address)
    message["Subject"] = _line(envelope.content.subject, SUBJECT_CHARACTERS_MAX)
    message["Date"] = envelope.written_at
    message["Message-ID"] = f"<{envelope.message_id}@{envelope.sender.rpartition('@')[2]}>"
    message["Content-Language"] = i18n.LANG_BY_LOCALE[envelope.locale]
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(rendering.text(envelope), cte="base64")
    message.add_alternative(rendering.html(envelope), subtype="html", cte="base64")
    return message


def _address(name: str, address: str) -> Address:
    return Address(_line(name, NAME_CHARACTERS_MAX), addr_spec=address)


def _line(text: str, characters_max: int) -> str:
    """Return a text as a header can hold it: on one line, of bounded length, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:characters_max]
