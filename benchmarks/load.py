"""The load generator: HTTP/1.1 over kept-alive raw sockets, as cheap as Python can, since it shares the cores."""

import asyncio
import dataclasses
import time
from collections.abc import Callable
from typing import cast

OPEN_LOOP_CONNECTIONS = 256


@dataclasses.dataclass
class Tally:
    """What came of a run: answers by status, and how long each took (s), from the moment it was due."""

    statuses: dict[int, int] = dataclasses.field(default_factory=dict)
    latencies_s: list[float] = dataclasses.field(default_factory=list)
    seconds: float = 0.0
    last_body: bytes = b""

    def count(self, status: int) -> int:
        """Return how many answers had `status`."""
        return self.statuses.get(status, 0)

    def percentile_ms(self, share: float) -> float:
        """Return the latency that `share` of the answers stayed under, in milliseconds."""
        ordered = sorted(self.latencies_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else 0.0


class _Connection(asyncio.Protocol):
    """One kept-alive connection with one request under way."""

    def __init__(self, answered: "Callable[[_Connection, int, bytes], None]") -> None:
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
        self._answered(self, int(head[9:12]), buffer[head_end + 4 :])


async def _connect(port: int, count: int, answered: "Callable[[_Connection, int, bytes], None]") -> list[_Connection]:
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

    def answered(connection: _Connection, status: int, body: bytes) -> None:
        nonlocal under_way
        now = time.monotonic()
        tally.statuses[status] = tally.statuses.get(status, 0) + 1
        tally.latencies_s.append(now - connection.due_s)
        tally.last_body = body
        if now < stop_at:
            connection.send(request(), now)
            return
        under_way -= 1
        if not under_way and not done.done():
            done.set_result(None)

    opened = await _connect(port, connections, answered)
    for connection in opened:
        connection.send(request(), time.monotonic())
    await done
    tally.seconds = time.monotonic() - started
    _close(opened)
    return tally


async def open_loop(port: int, *, rate: float, seconds: float, request: Callable[[], bytes]) -> Tally:
    """Send `rate` requests per second whatever comes back; one that finds no free connection waits, and counts."""
    tally = Tally()
    free: list[_Connection] = []
    waiting: list[float] = []

    def answered(connection: _Connection, status: int, body: bytes) -> None:
        now = time.monotonic()
        tally.statuses[status] = tally.statuses.get(status, 0) + 1
        tally.latencies_s.append(now - connection.due_s)
        tally.last_body = body
        if waiting:
            connection.send(request(), waiting.pop(0))
        else:
            free.append(connection)

    opened = await _connect(port, OPEN_LOOP_CONNECTIONS, answered)
    free.extend(opened)
    started = time.monotonic()
    total = int(rate * seconds)
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
    while len(tally.latencies_s) < total:  # noqa: ASYNC110 - an event per answer would cost the generator more
        await asyncio.sleep(0.01)
    tally.seconds = time.monotonic() - started
    _close(opened)
    return tally


def _close(connections: list[_Connection]) -> None:
    for connection in connections:
        if connection.transport is not None:
            connection.transport.close()
