"""The load generator: HTTP/1.1 over kept-alive raw sockets, as cheap as Python can, since it shares the cores."""

import asyncio
import collections
import contextlib
import dataclasses
import gc
import itertools
import time
from collections.abc import Callable, Iterator
from typing import cast

OPEN_LOOP_CONNECTIONS = 256


@dataclasses.dataclass
class Tally:
    """What came of a run: how long the answers of each status took (s), from the moment they were due."""

    latencies_s: dict[int, list[float]] = dataclasses.field(default_factory=dict)
    answers: int = 0
    seconds: float = 0.0
    last_bodies: dict[int, bytes] = dataclasses.field(default_factory=dict)
    hear: Callable[[bytes], None] | None = None
    """Called with the head of every answer."""

    @property
    def statuses(self) -> dict[int, int]:
        """Return how many answers had each status."""
        return {status: len(latencies) for status, latencies in self.latencies_s.items()}

    def count(self, status: int) -> int:
        """Return how many answers had `status`."""
        return len(self.latencies_s.get(status, ()))

    def take(self, status: int, latency_s: float, head: bytes, body: bytes) -> None:
        """Count one answer."""
        self.latencies_s.setdefault(status, []).append(latency_s)
        self.answers += 1
        self.last_bodies[status] = body
        if self.hear is not None:
            self.hear(head)

    def percentile_ms(self, share: float, *statuses: int) -> float:
        """Return the latency that `share` of the answers, of these statuses or of all, stayed under, in ms."""
        ordered = sorted(itertools.chain(*(self.latencies_s.get(x, ()) for x in statuses or self.latencies_s)))
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else 0.0


class _Connection(asyncio.Protocol):
    """One kept-alive connection with one request under way."""

    def __init__(self, answered: "_Answered") -> None:
        self._answered = answered
        self._buffer = b""
        self.transport: asyncio.WriteTransport | None = None
        self.due_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.WriteTransport", transport)  # uvloop's are no subclass of it

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """Forget the transport."""
        self.transport = None

    def send(self, request: bytes, due_s: float) -> None:
        """Send one request that was due at `due_s`."""
        assert self.transport is not None, "the server closed a connection"
        self.due_s = due_s
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Collect one answer."""
        buffer = self._buffer + data if self._buffer else data
        head_end = buffer.find(b"\r\n\r\n")
        if head_end < 0:
            self._buffer = buffer
            return
        head = buffer[:head_end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 : head.find(b"\r\n", at) if head.find(b"\r\n", at) > 0 else None])
        if len(buffer) < head_end + 4 + length:
            self._buffer = buffer
            return
        self._buffer = b""
        self._answered(self, int(head[9:12]), head, buffer[head_end + 4 :])


_Answered = Callable[[_Connection, int, bytes, bytes], None]
"""Called with the connection, the status, the head in lower case and the body."""


async def _connect(port: int, count: int, answered: "_Answered") -> list[_Connection]:
    loop = asyncio.get_running_loop()
    made = await asyncio.gather(
        *(loop.create_connection(lambda: _Connection(answered), "127.0.0.1", port) for _ in range(count))
    )
    return [protocol for _, protocol in made]


async def closed_loop(port: int, *, connections: int, seconds: float, request: Callable[[], bytes]) -> Tally:
    """Keep `connections` requests under way for `seconds`, then let the last ones finish."""
    tally = Tally()
    done = asyncio.get_running_loop().create_future()
    under_way = connections
    started = time.monotonic()
    stop_at = started + seconds

    def answered(connection: _Connection, status: int, head: bytes, body: bytes) -> None:
        nonlocal under_way
        now = time.monotonic()
        tally.take(status, now - connection.due_s, head, body)
        if now < stop_at:
            connection.send(request(), now)
            return
        under_way -= 1
        if not under_way and not done.done():
            done.set_result(None)

    opened = await _connect(port, connections, answered)
    with _uncollected():
        for connection in opened:
            connection.send(request(), time.monotonic())
        await done
    tally.seconds = time.monotonic() - started
    _close(opened)
    return tally


async def open_loop(
    port: int,
    *,
    rate: float,
    seconds: float,
    request: Callable[[], bytes],
    connections: int = OPEN_LOOP_CONNECTIONS,
    tally: Tally | None = None,
) -> Tally:
    """Send `rate` requests per second whatever comes back; one that finds no free connection waits, and counts."""
    tally = tally or Tally()
    free: list[_Connection] = []
    waiting: collections.deque[float] = collections.deque()

    def answered(connection: _Connection, status: int, head: bytes, body: bytes) -> None:
        now = time.monotonic()
        tally.take(status, now - connection.due_s, head, body)
        if waiting:
            connection.send(request(), waiting.popleft())
        else:
            free.append(connection)

    opened = await _connect(port, connections, answered)
    free.extend(opened)
    total = int(rate * seconds)
    started = time.monotonic()
    with _uncollected():
        for number in range(total):
            due = started + number / rate
            pause = due - time.monotonic()
            if pause > 0.001:
                await asyncio.sleep(pause)
            if free:
                free.pop().send(request(), due)
            else:
                waiting.append(due)
            if number % 32 == 0:
                await asyncio.sleep(0)
        while tally.answers < total:  # noqa: ASYNC110 - an event per answer would cost the generator more
            await asyncio.sleep(0.01)
    tally.seconds = time.monotonic() - started
    _close(opened)
    return tally


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Let the garbage collector wait.

    Among thousands of connections it stops the generator for a tenth of a second, which every answer on its way would
    be charged with.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _close(connections: list[_Connection]) -> None:
    for connection in connections:
        if connection.transport is not None:
            connection.transport.close()
