"""The line to an HTTP service: a proxy of one request per connection, that answers in whatever manner it is told.

It stands before the card processor, and before our own door for incoming webhooks; it keeps what passed, so that a
message can be sent again, and often.
"""

import asyncio
import contextlib
import re
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

from jiedan.base import settings

HOST = "127.0.0.1"
HEAD_BYTES_MAX = 65_536
BODY_BYTES_MAX = 1 << 20
KEPT_MAX = 20_000
FORWARD_S_MAX = 60.0

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CONNECTION = re.compile(rb"\r\n(?:connection|host|keep-alive):[^\r]*", re.IGNORECASE)
_UNREACHABLE = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_RESET = struct.pack("ii", 1, 0)


class Request(NamedTuple):
    """One request: its first line, its other headers, its body."""

    first_line: bytes
    headers: bytes
    body: bytes

    @property
    def method(self) -> bytes:
        """The method."""
        return self.first_line.partition(b" ")[0]

    def to(self, port: int) -> bytes:
        """Return what is sent to `port`, on a connection of its own."""
        around = b"\r\nhost: localhost:%d\r\nconnection: close" % port
        return self.first_line + around + self.headers + b"\r\n\r\n" + self.body


class Exchange:
    """One request that waits for its answer: a manner forwards it, answers it, or does neither."""

    def __init__(self, request: Request, line: "HttpLine", writer: asyncio.StreamWriter) -> None:
        self.request = request
        self._line = line
        self._writer = writer

    async def forward(self) -> bytes:
        """Have the request done and return the answer, whole; 502 where nobody listens."""
        return await self._line.send(self.request)

    async def answer(self, answer: bytes) -> None:
        """Give this answer to who asked."""
        self._writer.write(answer)
        await self._writer.drain()

    def reset(self) -> None:
        """Reset the connection."""
        found: socket.socket | None = self._writer.get_extra_info("socket")
        with contextlib.suppress(OSError):
            if found is not None:
                found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._writer.transport.abort()


Manner = Callable[[Exchange], Awaitable[None]]


async def honest(exchange: Exchange) -> None:
    """Answer as the service does."""
    await exchange.answer(await exchange.forward())


class HttpLine:
    """Listen on loopback and forward to a port there, in a manner that may change."""

    def __init__(self, target_port: int, *, keeps: bool = False) -> None:
        self.target_port = target_port
        self.manner: Manner = honest
        self.port = 0
        self.passed = 0
        self.kept: list[Request] = []
        self._keeps = keeps
        self._listener: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen on a free port."""
        self._listener = await asyncio.start_server(self._serve, HOST, 0, limit=HEAD_BYTES_MAX)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening."""
        if self._listener is not None:
            self._listener.close()
        await asyncio.sleep(0)

    def heal(self) -> None:
        """Answer as the service does, from now on."""
        self.manner = honest

    async def send(self, request: Request) -> bytes:
        """Send a request to the service and return the answer, whole; 502 where nobody listens or answers."""
        writer: asyncio.StreamWriter | None = None
        try:
            async with asyncio.timeout(FORWARD_S_MAX):
                reader, writer = await asyncio.open_connection(HOST, self.target_port)
                writer.write(request.to(self.target_port))
                await writer.drain()
                return await reader.read() or _UNREACHABLE
        except (OSError, TimeoutError):
            return _UNREACHABLE
        finally:
            if writer is not None:
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _request(reader)
            self.passed += 1
            if self._keeps and len(self.kept) < KEPT_MAX:
                self.kept.append(request)
            await self.manner(Exchange(request, self, writer))
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n"))[:-4]
    found = _LENGTH.search(head)
    length = int(found[1]) if found else 0
    if length > BODY_BYTES_MAX:
        raise asyncio.LimitOverrunError("a body too large", length)
    body = await reader.readexactly(length)
    first_line, _, rest = head.partition(b"\r\n")
    return Request(first_line, _CONNECTION.sub(b"", b"\r\n" + rest), body)


@contextlib.asynccontextmanager
async def opened(target_port: int, *, keeps: bool = False) -> AsyncIterator[HttpLine]:
    """Open a line to a port of this machine; with `keeps` what passes is kept."""
    line = HttpLine(target_port, keeps=keeps)
    await line.open()
    try:
        yield line
    finally:
        await line.close()


def free_port() -> int:
    """Return a port of this machine that was free a moment ago."""
    while True:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port: int = probe.getsockname()[1]
        if port < settings.PORT_MAX:
            return port
