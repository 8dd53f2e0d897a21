"""A service that takes pushes for a browser, on the loopback; and the browser that reads them."""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jiedan.notifications.values import Push
from tests.accounts.authenticator import text

SECRET = bytes(range(16))


class Browser:
    """Has a key, takes pushes at an address, and answers each with the next of `answers` (else 201)."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.public_key = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.port = 0
        self.answers: list[bytes] = []
        self.heads: list[dict[str, str]] = []
        self.bodies: list[bytes] = []

    def push(self, path: str = "/send/f00d") -> Push:
        """Return where it takes pushes, as it would tell of itself."""
        return Push(f"http://localhost:{self.port}{path}", text(self.public_key), text(SECRET))

    def read(self) -> list[dict[str, Any]]:
        """Return what was pushed, decrypted as RFC 8291 says."""
        return [msgspec.json.decode(self._decrypted(body)) for body in self.bodies]

    def _decrypted(self, body: bytes) -> bytes:
        salt, (size, length) = body[:16], struct.unpack(">IB", body[16:21])
        assert len(body) <= size
        point, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))
        material = _derived(shared, SECRET, b"WebPush: info\0" + self.public_key + point, 32)
        key = AESGCM(_derived(material, salt, b"Content-Encoding: aes128gcm\0", 16))
        content = key.decrypt(_derived(material, salt, b"Content-Encoding: nonce\0", 12), sealed, None)
        assert content.endswith(b"\x02")
        return content[:-1]

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one push and answer."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            head = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            self.heads.append({"request": lines[0], **head})
            self.bodies.append(await reader.readexactly(int(head.get("content-length", 0))))
            answer = self.answers.pop(0) if self.answers else b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n"
            writer.write(answer)
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Open a browser that takes pushes."""
    opened = Browser()
    server = await asyncio.start_server(opened.take, "localhost", 0)
    opened.port = server.sockets[0].getsockname()[1]
    for other in server.sockets[1:]:
        other.close()
    async with server:
        yield opened


def answer(status: str) -> bytes:
    """Return an answer without content."""
    return f"HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n".encode()


def _derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(material)
