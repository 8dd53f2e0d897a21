"""The ground that scenarios stand on: a merchant with one of everything, the processes that die, the books."""

import contextlib
import dataclasses
import json
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from jiedan import wiring
from jiedan.base import verify
from jiedan.base.db import Database
from jiedan.base.drain import Drain
from jiedan.base.sql import Statement
from jiedan.catalog.storage import folder as folders
from tests.api import operations, worlds
from tests.api.operations import JSON, Operation
from tests.api.worlds import World
from tests.base import web_client
from tests.conftest import NOON, FakeClock, Urls
from tests.crashes import nursery
from tests.crashes.books import Books, Rows
from tests.crashes.nursery import Done, Work
from tests.crashes.outside import Outside, Remembered, SocketTransport

ROOT = Path(__file__).resolve().parents[2]
AT = NOON + timedelta(minutes=12)
"""When a process does its work, later than every stage: ids follow the clock, and lists follow ids."""

STAGED = AT - timedelta(minutes=1)
"""When a process does what a stage needs done."""

CHECKS = [check for check in verify.checks() if check.name != "i16_dead_letters"]

PICTURES = "pictures"
"""Stands among the tables for the folder of pictures."""

CHARGES = "charges"
"""Stands among the tables for what the processor has charged."""

ELSEWHERE = frozenset({PICTURES, CHARGES, nursery.MAILS})
"""`nursery.MAILS` stands for the mails that a server was given."""

KEY = "the-key-of-this-work"


class Nursery:
    """The process that others are forked from, as seen from the tests."""

    def __init__(self, start: nursery.Start) -> None:
        command = [sys.executable, "-m", "tests.crashes.nursery"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._write(start)

    def do(self, work: Work) -> Done:
        """Let a fresh process do one piece of work."""
        self._write(work)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process that forks others has ended"
        return msgspec.json.decode(line, type=Done)

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)

    def _write(self, message: msgspec.Struct) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(message) + b"\n")
        self._process.stdin.flush()


@dataclasses.dataclass
class Ground:
    """A merchant, its callers, and what can be brought back."""

    home: Path
    client: web_client.Client
    database: Database
    verifier: Database
    clock: FakeClock
    world: World
    nursery: Nursery
    books: Books
    outside: Outside
    operations: Mapping[tuple[str, str], Operation]

    async def call(self, method: str, path: str, body: object = None, *, content: bytes | None = None) -> Any:
        """Call the API as the owner, who must succeed; return the answer's JSON."""
        sent = content if body is None else json.dumps(body).encode()
        headers = {**self.world.headers, "content-type": JSON}
        got = await self.client.request(method, f"/api/v1{path}", content=sent, headers=headers)
        assert got.status_code < 300, f"{method} {path}: {got.status_code} {got.text}"
        return got.json() if got.content else None

    async def post(self, path: str, body: object = None) -> Any:
        """Post to the API."""
        return await self.call("POST", path, {} if body is None else body)

    async def drain(self) -> None:
        """Hand out every event that waits."""
        await Drain(self.database, None, wiring.SUBSCRIPTIONS).drain_tenant(self.world.at.tenant)

    def request(self, method: str, path: str, body: object = None, **options: Any) -> Work:
        """Return the work of answering a call of the API; `path` as the route has it, `body` its example by default."""
        operation = self.operations.get((method, path))
        if body is None and operation is not None and operation.example is not None:
            body = self.world.known(operation.example)
        content = options.pop("content", b"" if body is None else json.dumps(body).encode())
        headers = {**self.world.headers, "content-type": JSON, "idempotency-key": KEY, **options.pop("headers", {})}
        address = options.pop("address", None) or self.world.address(path)
        return Work(
            do="request",
            at=AT,
            tenant=self.world.at.tenant,
            name=method,
            address=address,
            headers=headers,
            content=content,
        )

    def work(self, do: str, name: str = "", *, after: timedelta = timedelta(0), **ids: str) -> Work:
        """Return the work of a drain, of periodic work or of a task, done `after` a while."""
        return Work(do=do, at=AT + after, tenant=self.world.at.tenant, name=name, ids=ids)

    def do(self, do: str, name: str = "", *, after: timedelta = timedelta(0), **ids: str) -> None:
        """Let a fresh process do such work undisturbed: a stage needs it done."""
        done = self.nursery.do(self.work(do, name, after=STAGED - AT + after, **ids))
        assert not done.error, f"{do} {name}: {done.error}"

    async def rest(self) -> "Moment":
        """Let go of every connection, and return what is there."""
        await self.database.close()
        self.books.wait_until_alone()
        return Moment(self.rows(), self.outside.remembered(), self._pictures())

    def rows(self) -> Rows:
        """Return what stands in every table, which pictures there are, and what the processor has charged."""
        elsewhere = {PICTURES: Counter(map(str, self._pictures())), CHARGES: Counter(self.outside.charges())}
        elsewhere[nursery.MAILS] = Counter(self._mails())
        return {**self.books.rows(), **elsewhere}

    def _pictures(self) -> dict[Path, bytes]:
        folder = self.home / folders.FOLDER
        return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def _mails(self) -> list[str]:
        book = self.home / nursery.MAILS
        return book.read_text().splitlines() if book.exists() else []

    def bring_back(self, moment: "Moment") -> None:
        """Let everything be as it was."""
        self.books.bring_back({name: rows for name, rows in moment.rows.items() if name not in ELSEWHERE})
        self.outside.forget(moment.remembered)
        (self.home / nursery.MAILS).write_text("".join(f"{line}\n" for line in moment.rows[nursery.MAILS].elements()))
        present = self._pictures()
        for path in present.keys() - moment.pictures.keys():
            (self.home / folders.FOLDER / path).unlink()
        for path in moment.pictures.keys() - present.keys():
            (self.home / folders.FOLDER / path).write_bytes(moment.pictures[path])

    async def findings(self) -> list[str]:
        """Return which checks of `jiedan verify` find something; the merchant has a dead letter from the start."""
        async with self.verifier.read(self.world.at.scope) as tx:
            found = await tx.sql_many([(check.statement, {"now": tx.now}) for check in CHECKS])
        return [f"{check.name}: {rows}" for check, rows in zip(CHECKS, found, strict=True) if rows]


@dataclasses.dataclass(frozen=True)
class Moment:
    """What the database, the processor and the folder of pictures held."""

    rows: Rows
    remembered: Remembered
    pictures: Mapping[Path, bytes]


@contextlib.asynccontextmanager
async def open_ground(urls: Urls, home: Path) -> AsyncIterator[Ground]:
    """Make a merchant in a fresh database, and the processes beside it."""
    clock = FakeClock(NOON)
    database = Database(urls.app, clock=clock, pool_size=5, strict_locks=True)
    with (
        Outside(home / "processor", web_client.StoppedClock(AT)).listening() as outside,
        psycopg.connect(urls.superuser, autocommit=True) as connection,
        _nursery(nursery.Start(urls.app, str(home), str(outside.path))) as born,
    ):
        transport = SocketTransport(outside.path)
        parts = [nursery.stands_in(part, transport) for part in nursery.PARTS]
        async with web_client.open_client(
            routers=wiring.ROUTERS,
            authenticators=wiring.AUTHENTICATORS,
            parts=parts,
            navigation=wiring.NAVIGATION,
            permissions=wiring.PERMISSIONS,
            enter_shop=wiring.ENTER_SHOP,
            database=database,
            home=home,
        ) as client:
            world = await worlds.build(client, database)
            told = {(o.method.upper(), o.path): o for o in await operations.all_operations(client)}
            verifier = Database(urls.app, clock=clock, pool_size=1)
            (pid,) = (await verifier.ask(_PID))[0]
            books = Books(connection, also=pid)
            yield Ground(home, client, database, verifier, clock, world, born, books, outside, told)
            await verifier.close()
        await database.close()


_PID = Statement("pid", b"SELECT pg_backend_pid()")


@contextlib.contextmanager
def _nursery(start: nursery.Start) -> Iterator[Nursery]:
    born = Nursery(start)
    try:
        yield born
    finally:
        born.close()
