"""The line to PostgreSQL: a proxy that forwards, and breaks as a network breaks, when it is told to."""

import asyncio
import contextlib
import dataclasses
import socket
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Literal

from jiedan.torture import wire

HOST = "127.0.0.1"
CHUNK_BYTES = 65_536

Cut = Literal["no", "before", "sent", "done"]
"""Where a line is cut around a commit: before it is sent, when it is sent, when the server has done it and answers."""

_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of no time: closing says RST."""


@dataclasses.dataclass
class Condition:
    """How the line is. A fault changes it, `heal` makes it good again for connections that come then."""

    delay_s: float = 0.0
    """How long each piece takes, each way."""

    is_refusing: bool = False
    """New connections are reset."""

    is_deaf: bool = False
    """New connections are taken, and nobody answers."""

    cut: Callable[[], Cut] | None = None
    """Asked at each commit."""


@dataclasses.dataclass
class Seen:
    """What passed, and what was done to it."""

    connections: int = 0
    commits: int = 0
    cut_before: int = 0
    cut_sent: int = 0
    cut_done: int = 0
    reset: int = 0
    muted: int = 0


class DatabaseLine:
    """Listen on loopback and forward to the Unix socket of a PostgreSQL."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._listener: asyncio.Server | None = None
        self._calls: set[_Call] = set()
        self.condition = Condition()
        self.seen = Seen()
        self.port = 0

    async def open(self) -> None:
        """Listen on a free port."""
        self._listener = await asyncio.start_server(self._serve, HOST, 0)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening, and end every connection."""
        if self._listener is not None:
            self._listener.close()
        self.reset_all()
        await asyncio.sleep(0)

    def url(self, direct: str) -> str:
        """Return a libpq URL that goes over this line to where `direct`, one of `server.RunningServer`, goes."""
        who_and_what, _, _where = direct.partition("?")
        return f"{who_and_what}?host={HOST}&port={self.port}&sslmode=disable&gssencmode=disable"

    def heal(self) -> None:
        """Let the line be good for new connections; those that fell silent stay so, until somebody gives them up."""
        self.condition = Condition()

    def reset_all(self) -> int:
        """Reset every connection at once, and return how many there were."""
        calls = list(self._calls)
        for call in calls:
            call.reset()
        self.seen.reset += len(calls)
        return len(calls)

    def mute_all(self) -> int:
        """Let every connection fall silent without a word to either side: half-open, as when a machine vanishes."""
        for call in self._calls:
            call.is_mute = True
        self.seen.muted += len(self._calls)
        return len(self._calls)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = _Call(self, reader, writer)
        self.seen.connections += 1
        if self.condition.is_refusing:
            call.reset()
            return
        call.is_mute = self.condition.is_deaf
        self._calls.add(call)
        try:
            await call.run(self._target)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):  # canceled when the loop ends
            call.reset()
        finally:
            self._calls.discard(call)
            call.hang_up()


class _Call:
    """One connection."""

    def __init__(self, line: DatabaseLine, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.is_mute = False
        self._line = line
        self._reader = reader
        self._writer = writer
        self._server: asyncio.StreamWriter | None = None
        self._is_withheld = False

    async def run(self, target: Path) -> None:
        """Forward both ways until one side ends, or the line is cut."""
        start = await self._started()
        if start is None:
            return
        answers, self._server = await asyncio.open_unix_connection(target)
        await self._forward(self._server, start)
        both = [asyncio.create_task(self._ask()), asyncio.create_task(self._answer(answers))]
        try:
            ended, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
        for task in ended:
            task.result()  # a message that was not understood is a fault of ours, and must not pass for the line's

    def reset(self) -> None:
        """End it with a reset, as a machine does that knows nothing of the connection."""
        for writer in (self._writer, self._server):
            if writer is None:
                continue
            found = writer.get_extra_info("socket")
            with contextlib.suppress(OSError):
                if found is not None and found.family != socket.AF_UNIX:
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()

    def hang_up(self) -> None:
        """End it."""
        for writer in (self._writer, self._server):
            if writer is not None:
                writer.close()

    async def _started(self) -> bytes | None:
        """Return the client's first message as the server is to have it; encryption is refused here."""
        while True:
            head = await self._reader.readexactly(wire.STARTUP_HEAD_BYTES)
            length, code = wire.startup_code(head)
            if self.is_mute:
                await self._hold()
                return None
            if code not in {wire.SSL_REQUEST, wire.GSS_REQUEST}:
                return head + await self._reader.readexactly(length - wire.STARTUP_HEAD_BYTES)
            await self._forward(self._writer, wire.REFUSED_ENCRYPTION)

    async def _hold(self) -> None:
        """Take what comes and say nothing, until the other side ends."""
        while await self._reader.read(CHUNK_BYTES):
            pass

    async def _ask(self) -> None:
        """Carry what the client says, and cut where a commit ends if that is to be."""
        frames, commits = wire.Frames(), wire.Commits()
        while data := await self._reader.read(CHUNK_BYTES):
            if self.is_mute:
                continue
            whole = b""
            for frame in frames.feed(data):
                whole += frame.raw
                if commits.ends(frame) and not await self._committed(whole):
                    return
            await self._pass_on(whole)

    async def _committed(self, whole: bytes) -> bool:
        """Decide at a commit, whose messages end `whole`; say whether the line goes on."""
        condition, seen = self._line.condition, self._line.seen
        seen.commits += 1
        match condition.cut() if condition.cut is not None else "no":
            case "before":
                seen.cut_before += 1
                self.reset()
                return False
            case "sent":
                seen.cut_sent += 1
                await self._pass_on(whole)
                if self._server is not None:
                    self._server.close()  # sends what is buffered first
                self._server = None
                self.reset()
                return False
            case "done":
                seen.cut_done += 1
                self._is_withheld = True
        return True

    async def _pass_on(self, data: bytes) -> None:
        if data and self._server is not None:
            await self._forward(self._server, data)

    async def _answer(self, answers: asyncio.StreamReader) -> None:
        """Carry what the server says; withheld answers are read to their end, and the line is cut there."""
        frames = wire.Frames()
        while data := await answers.read(CHUNK_BYTES):
            if self.is_mute:
                continue
            is_ended = any(frame.kind == wire.READY for frame in frames.feed(data))
            if not self._is_withheld:
                await self._forward(self._writer, data)
            elif is_ended:
                self.reset()
                return

    async def _forward(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        if self._line.condition.delay_s:
            await asyncio.sleep(self._line.condition.delay_s)
        writer.write(data)
        await writer.drain()


@contextlib.asynccontextmanager
async def opened(target: Path) -> AsyncIterator[DatabaseLine]:
    """Open a line to the Unix socket `target`, good until it is told otherwise."""
    line = DatabaseLine(target)
    await line.open()
    try:
        yield line
    finally:
        await line.close()
