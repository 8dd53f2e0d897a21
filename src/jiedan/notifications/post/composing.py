"""An envelope as the message that travels: headers, a text and an HTML part (RFC 5322, RFC 2046, RFC 2047).

It is written by the older of the standard library's two ways: the newer one parses every header that it writes, which
takes four times as long as all the rest of a mail.
"""

import base64
from email import policy
from email.header import Header, decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import format_datetime, formataddr
from typing import Any

from jiedan.base import i18n
from jiedan.notifications.post import rendering
from jiedan.notifications.values import Envelope

NAME_CHARACTERS_MAX = 100
SUBJECT_CHARACTERS_MAX = 200

_POLICY = policy.compat32.clone(linesep="\r\n")


def compose(envelope: Envelope) -> bytes:
    """Return the message. The same envelope has the same Message-ID, so a program that gets it twice shows it once."""
    message: Message[Any, Any] = Message(policy=_POLICY)
    message["From"] = _address("From", envelope.from_name, envelope.from_address)
    if envelope.from_address != envelope.sender:
        message["Sender"] = envelope.sender
    if envelope.reply_to is not None:
        message["Reply-To"] = _address("Reply-To", envelope.from_name, envelope.reply_to)
    message["To"] = _address("To", envelope.to_name, envelope.to_address)
    subject = _line(envelope.content.subject, SUBJECT_CHARACTERS_MAX)
    message["Subject"] = Header(subject, _charset(subject), header_name="Subject")
    message["Date"] = format_datetime(envelope.written_at)
    message["Message-ID"] = f"<{envelope.message_id}@{envelope.sender.rpartition('@')[2]}>"
    message["Content-Language"] = i18n.LANG_BY_LOCALE[envelope.locale]
    message["Auto-Submitted"] = "auto-generated"
    message["MIME-Version"] = "1.0"
    # No line of base64 begins with two hyphens, so no part can end at this boundary.
    message["Content-Type"] = f'multipart/alternative; boundary="={envelope.message_id.hex}="'
    message.attach(_part("plain", rendering.text(envelope)))
    message.attach(_part("html", rendering.html(envelope)))
    return message.as_bytes()


def headers(envelope: Envelope) -> list[tuple[str, str]]:
    """Return the headers of the message as a mail program reads them."""
    read = BytesHeaderParser(policy=_POLICY).parsebytes(compose(envelope))
    unfolded = [(name, "".join(value.splitlines()).strip()) for name, value in read.items()]
    return [(name, str(make_header(decode_header(value)))) for name, value in unfolded]


def _part(kind: str, text: str) -> Message:
    part = Message(policy=_POLICY)
    part["Content-Type"] = f'text/{kind}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(base64.encodebytes(text.encode()).decode("ascii"))
    return part


def _address(header: str, name: str, address: str) -> Header:
    """Return a header with a name, quoted or encoded in pieces that are short enough, and its address."""
    text = _line(name, NAME_CHARACTERS_MAX)
    if not text or _charset(text) == "us-ascii":
        return Header(formataddr((text, address)), "us-ascii", header_name=header)
    written = Header(text, "utf-8", header_name=header)
    written.append(f"<{address}>", "us-ascii")
    return written


def _charset(text: str) -> str:
    """Return how a text stands in a header; what looks encoded is encoded, so that it is read as it is written."""
    return "us-ascii" if text.isascii() and "=?" not in text else "utf-8"


def _line(text: str, characters_max: int) -> str:
    """Return a text as a header can hold it: on one line, of bounded length, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:characters_max]
