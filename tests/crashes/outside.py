"""The processor of the sandbox, alive in the process of the tests while those that call it die.

One exchange per connection to a socket file: a length, a request, the end; then an answer, the end.
"""

import asyncio
import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import msgspec

from jiedan.payments.providers.sandbox.processor.app import Processor
from jiedan.payments.providers.sandbox.processor.store import Store
from tests.base.web_client import StoppedClock

PROCESSOR_URL = "http://localhost:8001"


class _Asked(msgspec.Struct):
    method: str
    url: str
    headers: list[tuple[str, str]]
    content: bytes


class _Answered(msgspec.Struct):
    status: int
    headers: list[tuple[str, str]]
    content: bytes


class SocketTransport(httpx2.AsyncBaseTransport):
    """Carry requests to the processor behind a socket file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Carry one request."""
        try:
            reader, writer = await asyncio.open_unix_connection(self._path)
        except OSError as error:
            raise httpx2.ConnectError("nobody listens", request=request) from error
        asked = _Asked(request.method, str(request.url), list(request.headers.items()), await request.aread())
        writer.write(msgspec.msgpack.encode(asked))
        writer.write_eof()
        raw = await reader.read()
        writer.close()
        if not raw:
            raise httpx2.ReadError("no answer came", request=request)
        answered = msgspec.msgpack.decode(raw, type=_Answered)
        return httpx2.Response(answered.status, headers=answered.headers, content=answered.content)


class Outside:
    """The processor, and the messages it would send."""

    def __init__(self, path: Path, clock: StoppedClock) -> None:
        self.path = path
        self.clock = clock
        self.is_silent = False
        self.sent: list[httpx2.Request] = []
        self.store = Store(None)
        self._http = httpx2.AsyncClient(transport=httpx2.MockTransport(self._kept))
        self._processor = Processor(self.store, clock, url=PROCESSOR_URL, http=self._http, hang_s=0.0)
        self._client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self._processor.app),  # type: ignore[arg-type]  # httpx2 and Litestar type ASGI messages differently
            base_url=PROCESSOR_URL,
        )
        self._loop = asyncio.new_event_loop()

    def remembered(self) -> "Remembered":
        """Return what the processor knows now."""
        return copy.deepcopy({name: getattr(self.store, name) for name in _REMEMBERED})

    def forget(self, remembered: "Remembered") -> None:
        """Let the processor know only what it knew then."""
        for name, value in copy.deepcopy(remembered).items():
            setattr(self.store, name, value)

    def charges(self) -> list[str]:
        """Return what was charged, let go and given back, one JSON text for each charge."""
        return [msgspec.json.encode(charge).decode() for charge in self.store.charges.values()]

    def pay(self, pay_url: str, number: str) -> None:
        """Let somebody pay by card on the processor's page."""
        self._processor.bank.pay(pay_url.rpartition("/")[2], number)

    def deliver(self) -> list[httpx2.Request]:
        """Return the messages that the processor sends now."""
        self.sent.clear()
        asyncio.run_coroutine_threadsafe(self._processor.deliverer.send_due(), self._loop).result()
        return list(self.sent)

    @contextmanager
    def silence(self) -> Iterator[None]:
        """Hear nothing and answer nothing while the block runs."""
        self.is_silent = True
        yield
        self.is_silent = False

    @contextmanager
    def listening(self) -> Iterator["Outside"]:
        """Answer on the socket file while the block runs."""
        thread = threading.Thread(target=self._loop.run_forever, name="processor", daemon=True)
        thread.start()
        server = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(server.close)
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    async def _start(self) -> asyncio.Server:
        return await asyncio.start_unix_server(self._serve, self.path)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raw = await reader.read()
        if raw and not self.is_silent:
            asked = msgspec.msgpack.decode(raw, type=_Asked)
            got = await self._client.request(asked.method, asked.url, headers=asked.headers, content=asked.content)
            headers = [(name, value) for name, value in got.headers.items() if name != "content-length"]
            writer.write(msgspec.msgpack.encode(_Answered(got.status_code, headers, got.content)))
        writer.close()

    async def _kept(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append(request)
        return httpx2.Response(200)


Remembered = dict[str, object]
_REMEMBERED = ("accounts", "charges", "operations", "deliveries")
