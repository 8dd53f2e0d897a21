"""A mail server on the loopback: it takes mails, or does what it was told to do wrong."""

import asyncio
import base64
import contextlib
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from jiedan.notifications.post.smtp import Server, Smtp
from tests.conftest import NOON
from tests.patience import PATIENCE_S

USERNAME, PASSWORD = "shop", "a mail password"


class Taken(NamedTuple):
    """A mail that arrived."""

    sender: str
    recipient: str
    raw: bytes
    was_encrypted: bool
    username: str | None

    @property
    def message(self) -> EmailMessage:
        """What arrived, parsed."""
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def part(self, kind: str) -> str:
        """Return the `plain` or the `html` part."""
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content())


class MailServer:
    """Take mails. `answers` replaces what is said to a command; `hangs_up_after` ends the connection at a step."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.taken: list[Taken] = []
        self.answers: dict[str, str] = {}
        self.hangs_up_after: str | None = None
        self.connections = 0
        self.port = 0
        self._context = context
        self._username: str | None = None

    def client(
        self, security: str = "none", *, trusted: ssl.SSLContext | None = None, timeout_s: float = PATIENCE_S
    ) -> Smtp:
        """Return a client of this server."""
        signs_in = USERNAME if security != "none" else None
        server = Server("127.0.0.1", self.port, security, signs_in, PASSWORD, timeout_s)
        return Smtp(server, context=trusted)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak with one client."""
        self.connections += 1
        sender = recipient = ""
        is_encrypted = writer.get_extra_info("ssl_object") is not None
        await _say(writer, self.answers.get("CONNECT", "220 mail.test"))
        while line := (await reader.readline()).decode().strip():
            verb, _, rest = line.partition(" ")
            verb = verb.upper()
            if verb == self.hangs_up_after:
                break
            if verb == "QUIT":
                await _say(writer, "221 bye")
                break
            if verb == "DATA":
                await _say(writer, self.answers.get("DATA", "354 go ahead"))
                if "DATA" in self.answers:
                    continue
                raw = _undotted(await reader.readuntil(b"\r\n.\r\n"))
                if self.hangs_up_after == "CONTENT":
                    break
                answer = self.answers.get("CONTENT", "250 taken")
                if answer.startswith("250"):
                    self.taken.append(Taken(sender, recipient, raw, is_encrypted, self._username))
                await _say(writer, answer)
                continue
            if verb == "STARTTLS" and self._context is not None:
                await _say(writer, "220 go ahead")
                await writer.start_tls(self._context)
                is_encrypted = True
                continue
            if verb == "MAIL":
                sender = rest.partition("<")[2].partition(">")[0]
            if verb == "RCPT":
                recipient = rest.partition("<")[2].partition(">")[0]
            await _say(writer, self.answers.get(verb, self._usual(verb, rest, is_encrypted=is_encrypted)))
        writer.close()

    def _usual(self, verb: str, rest: str, *, is_encrypted: bool) -> str:
        if verb == "EHLO":
            offers = ["mail.test", "8BITMIME"]
            offers += ["STARTTLS"] if self._context is not None and not is_encrypted else ["AUTH PLAIN"]
            return "\r\n".join(f"250{' ' if x == offers[-1] else '-'}{x}" for x in offers)
        if verb == "AUTH":
            _, username, password = base64.b64decode(rest.split()[1]).decode().split("\0")
            self._username = username
            return "235 welcome" if (username, password) == (USERNAME, PASSWORD) else "535 wrong"
        return "250 ok"


@contextlib.asynccontextmanager
async def mail_server(*, context: ssl.SSLContext | None = None, is_tls: bool = False) -> AsyncIterator[MailServer]:
    """Open a mail server on a free port; `context` makes it able to encrypt, `is_tls` from the first byte on."""
    server = MailServer(context)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=context if is_tls else None)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


def certificates(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server for 127.0.0.1 encrypts with, and what a client that trusts it checks by."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(NOON + dt.timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(_loopback())]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=str(path))


def _loopback() -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address("127.0.0.1")


def _undotted(raw: bytes) -> bytes:
    lines = raw.removesuffix(b".\r\n").split(b"\r\n")
    return b"\r\n".join(line.removeprefix(b".") if line.startswith(b"..") else line for line in lines)


async def _say(writer: asyncio.StreamWriter, text: str) -> None:
    writer.write(f"{text}\r\n".encode())
    await writer.drain()
