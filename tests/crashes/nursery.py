"""Processes that live for one piece of work: forked from one that has imported everything and opened nothing.

`python -m tests.crashes.nursery` reads what it is to start as JSON and then tasks, one per line, from standard input.
For each it forks a process, which has the application and nothing else from before: no connection, no cache, no
number in hand. So the next process after one that was killed is the restarted one.
"""

import asyncio
import contextlib
import gc
import os
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import httpx2
import msgspec
import structlog
from pydantic import SecretStr

from jiedan import wiring
from jiedan.accounts import service as accounts
from jiedan.base import dispatch
from jiedan.base.drain import Drain
from jiedan.base.ids import TenantId
from jiedan.base.recorder import StatementRecorder
from jiedan.base.runtime import Part, Runtime, opened
from jiedan.base.settings import Settings
from jiedan.base.web import application
from jiedan.base.web.frame import Frame
from jiedan.notifications.post import office
from jiedan.payments.providers import gateways
from tests.accounts import factories
from tests.base import web_client
from tests.crashes.outside import SocketTransport
from tests.crashes.points import MortalDatabase, MortalSmtp, MortalTransport, Points

MAILS = "mails"
"""The file of the home folder where the mail server writes down what it took."""

PARTS = [part for part in wiring.PARTS if part is not dispatch.bell]
"""Without the hint that events wait: it is sent at any time, so the next statement would now be this, now that."""


class Start(msgspec.Struct):
    """Where the application finds things."""

    url: str
    home: str
    processor: str


class Work(msgspec.Struct, kw_only=True):
    """One piece of work: a request, a drain, periodic work or a task; the process dies at point `kill_at`."""

    do: str
    at: datetime
    tenant: UUID
    kill_at: int | None = None
    name: str = ""
    """Of the request's method, of the handler (empty: all of them), of the periodic work or of the task."""

    address: str = ""
    headers: dict[str, str] = {}
    content: bytes = b""
    ids: dict[str, str] = {}
    is_mailing: bool = False
    """Mails go to a server; else they stay in the mailbox."""


class Done(msgspec.Struct, kw_only=True):
    """What came of it: an answer, and the points that were passed; None of them when it was killed."""

    status: int = 0
    content_type: str = ""
    location: str = ""
    content: bytes = b""
    passed: list[str] = []
    sent: list[str] = []
    """The statements that the database was sent, as they stand in the program."""

    error: str = ""


KILLED = Done(error="killed")


class _Application:
    """The application, built; nothing is open."""

    def __init__(self, start: Start) -> None:
        self.points = Points()
        self.clock = web_client.StoppedClock(datetime.fromisoformat("2026-01-01T00:00:00Z"))
        self.recorder = StatementRecorder()
        self.database = MortalDatabase(
            start.url,
            points=self.points,
            clock=self.clock,
            pool_size=5,
            strict_locks=True,
            recorder=self.recorder,
        )
        settings = Settings(home=Path(start.home), secret=SecretStr(web_client.SECRET), testing=True)
        self.runtime = Runtime(settings, self.database, self.clock)
        transport = MortalTransport(SocketTransport(Path(start.processor)), self.points)
        self.parts = [stands_in(part, transport) for part in PARTS]
        self.smtp = MortalSmtp(Path(start.home) / MAILS, self.points)
        self.frame: Frame = application.build(
            self.runtime,
            routers=wiring.ROUTERS,
            authenticators=wiring.AUTHENTICATORS,
            parts=self.parts,
            navigation=wiring.NAVIGATION,
            permissions=wiring.PERMISSIONS,
            enter_shop=wiring.ENTER_SHOP,
        )

    async def warm_up(self) -> None:
        """Do once what is done once per process and only takes time; every connection is closed again."""
        nobody = Work(do="request", at=self.clock.at, tenant=web_client.TENANT, name="GET", address="/api/v1/orders")
        await self.perform(nobody)
        async with self.database.connect():
            pass
        await self.database.close()
        self.points.passed.clear()

    async def perform(self, work: Work) -> Done:
        """Do one piece of work in this process."""
        self.clock.at = work.at
        self.points.kill_at = work.kill_at
        smtp = self.smtp if work.is_mailing else None
        with self.recorder.watching() as sent:
            async with opened(self.runtime, self.parts), office.opened(self.database, self.runtime.settings, smtp=smtp):
                done: Done = await getattr(self, f"_{work.do}")(work)
        return msgspec.structs.replace(done, passed=self.points.passed, sent=sent)

    async def _request(self, work: Work) -> Done:
        transport = httpx2.ASGITransport(app=self.frame, raise_app_exceptions=True)  # type: ignore[arg-type]  # httpx2 and Litestar type ASGI messages differently
        async with httpx2.AsyncClient(transport=transport, base_url=web_client.BASE_URL) as client:
            got = await client.request(work.name, work.address, headers=work.headers, content=work.content)
        kind, location = got.headers.get("content-type", ""), got.headers.get("location", "")
        return Done(status=got.status_code, content_type=kind, location=location, content=got.content)

    async def _drain(self, work: Work) -> Done:
        subscriptions = {
            kind: tuple(handler for handler in handlers if work.name in {"", handler.name})
            for kind, handlers in wiring.SUBSCRIPTIONS.items()
        }
        drain = Drain(self.database, None, subscriptions)
        while await drain.drain_tenant(TenantId(work.tenant)):
            pass
        return Done()

    async def _periodic(self, work: Work) -> Done:
        (found,) = [periodic for periodic in wiring.PERIODIC if periodic.name == work.name]
        await found.work(self.database)
        return Done()

    async def _task(self, work: Work) -> Done:
        (found,) = [task for task in wiring.TASKS if task.name == work.name]
        await found.work(self.database, TenantId(work.tenant), work.ids)
        return Done()


def stands_in(part: Part, transport: httpx2.AsyncBaseTransport) -> Part:
    """Return a part of the application, or one in its place: cheap passwords, the processor behind a socket file."""
    if part is accounts.open_passwords:
        return factories.open_fast_passwords
    if part is not gateways.open_gateways:
        return part

    @contextlib.asynccontextmanager
    async def wired(runtime: Runtime) -> AsyncIterator[gateways.Gateways]:
        async with gateways.opened(runtime.database, runtime.settings, transport=transport) as made:
            yield made

    return wired


def main() -> None:
    """Fork a process per line until standard input ends."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    lines = sys.stdin.buffer
    app = _Application(msgspec.json.decode(lines.readline(), type=Start))
    asyncio.run(app.warm_up())
    gc.freeze()
    for line in lines:
        work = msgspec.json.decode(line, type=Work)
        sys.stdout.buffer.write(msgspec.json.encode(_in_a_process(app, work)) + b"\n")
        sys.stdout.buffer.flush()


def _in_a_process(app: _Application, work: Work) -> Done:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        os._exit(_live(app, work, writing))
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        raw = answer.read()
    os.waitpid(pid, 0)
    return msgspec.json.decode(raw, type=Done) if raw else KILLED


def _live(app: _Application, work: Work, writing: int) -> int:
    try:
        done = asyncio.run(app.perform(work))
    except BaseException as error:  # noqa: BLE001 - the parent says what it was
        done = Done(error=f"{type(error).__name__}: {error}", passed=app.points.passed)
    with os.fdopen(writing, "wb") as answer:
        answer.write(msgspec.json.encode(done))
    return 0


if __name__ == "__main__":
    main()
