"""Mail by SMTP (RFC 5321): one connection per mail, in a thread, with a time limit for each answer.

Whatever goes wrong before the content is sent leaves nothing sent. From then on the server may have taken the mail
without our hearing of it: that outcome is `unknown`, never `failed`.
"""

import asyncio
import smtplib
import ssl
from typing import NamedTuple

import structlog

from jiedan.notifications.post import composing
from jiedan.notifications.rules import Tried
from jiedan.notifications.values import OUTCOME_UNKNOWN, Envelope

OK_MIN, OK_MAX = 200, 299
GO_AHEAD = 354
FOR_GOOD_MIN = 500

log = structlog.get_logger()


class Server(NamedTuple):
    """A mail server and how it is spoken to: `security` is starttls, tls or none."""

    host: str
    port: int
    security: str
    username: str | None
    password: str | None
    timeout_s: float


class Smtp:
    """Send mails through one server; `context` is what certificates are checked by."""

    def __init__(self, server: Server, *, context: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._context = context or ssl.create_default_context()

    async def send(self, envelope: Envelope) -> Tried:
        """Send one mail and return what came of it; raises nothing."""
        return await asyncio.to_thread(self._send, envelope)

    def _send(self, envelope: Envelope) -> Tried:
        message = composing.compose(envelope)
        try:
            client = self._open()
        except smtplib.SMTPAuthenticationError as error:
            return self._told(error, "later", "sign_in_refused")
        except (smtplib.SMTPNotSupportedError, ssl.SSLError) as error:
            return self._told(error, "later", "not_encrypted")
        except (OSError, smtplib.SMTPException) as error:
            return self._told(error, "later", "server_away")
        try:
            return self._hand_over(client, envelope, message)
        finally:
            client.close()

    def _open(self) -> smtplib.SMTP:
        """Return a connection, encrypted and signed in as the settings say."""
        server = self._server
        if server.security == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.timeout_s, context=self._context
            )
        else:
            client = smtplib.SMTP(server.host, server.port, timeout=server.timeout_s)
        try:
            client.ehlo()
            if server.security == "starttls":
                client.starttls(context=self._context)
                client.ehlo()
            if server.username is not None:
                client.login(server.username, server.password or "")
        except BaseException:
            client.close()
            raise
        return client

    def _hand_over(self, client: smtplib.SMTP, envelope: Envelope, message: bytes) -> Tried:
        try:
            for failure, (code, words) in (
                ("sender_refused", client.mail(envelope.sender)),
                ("recipient_refused", client.rcpt(envelope.to_address)),
            ):
                if not OK_MIN <= code <= OK_MAX:
                    return self._refused(code, words, failure)
            code, words = client.docmd("DATA")
            if code != GO_AHEAD:
                return self._refused(code, words, "content_refused")
        except (OSError, smtplib.SMTPException) as error:
            return self._told(error, "later", "server_away")
        try:
            client.send(_dotted(message))
            code, words = client.getreply()
        except (OSError, smtplib.SMTPException) as error:
            return self._told(error, "unknown", OUTCOME_UNKNOWN)
        if not OK_MIN <= code <= OK_MAX:
            return self._refused(code, words, "content_refused")
        _part(client)
        return Tried("sent")

    def _refused(self, code: int, words: bytes, failure: str) -> Tried:
        """Return what a refusal means: 5xx is for good, anything else may go well later."""
        log.warning("mail.refused", host=self._server.host, code=code, failure=failure, characters=len(words))
        return Tried("refused", failure) if code >= FOR_GOOD_MIN else Tried("later", "server_busy")

    def _told(self, error: Exception, outcome: str, failure: str) -> Tried:
        """Return an outcome after an error; its text may quote addresses, so only its kind is logged."""
        log.warning("mail.not_sent", host=self._server.host, failure=failure, reason=type(error).__name__)
        return Tried(outcome, failure)


def _dotted(message: bytes) -> bytes:
    """Return a message as DATA carries it: lines end in CRLF, a leading dot is doubled, a lone dot ends it."""
    lines = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n").split(b"\n")
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines) + b".\r\n"


def _part(client: smtplib.SMTP) -> None:
    """Take leave; the mail is delivered, whatever the server says to that."""
    try:
        client.quit()
    except (OSError, smtplib.SMTPException):
        return
