"""The ground of a benchmark: an embedded server of its own, a merchant with SKUs and stock, and Jiedan serving it."""

import asyncio
import contextlib
import dataclasses
import functools
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import psycopg

from jiedan.accounts import service as accounts
from jiedan.accounts.values import ALL_PERMISSIONS, NewMerchant, NewStaff
from jiedan.base import clock, migrate, server
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.ids import TenantId
from jiedan.catalog import queries as catalog_queries
from jiedan.catalog import service as catalog
from jiedan.catalog.values import Price, ProductDraft, SkuDraft
from jiedan.inventory import service as inventory
from jiedan.inventory.values import LocationId, NewLocation, Receipt

SKUS = 9_999
PER_TRANSACTION = 200
ON_HAND = 10_000_000
PRICE_MINOR = 1_999
READY_S_MAX = 30.0
DRAINED_S_MAX = 2.0


@dataclasses.dataclass(frozen=True)
class Ground:
    """A running server with one merchant; `api_key` may do everything there."""

    home: Path
    server: server.RunningServer
    database: Database
    tenant: TenantId
    location: LocationId
    api_key: str

    def query(self, text: str, *values: object) -> list[tuple[object, ...]]:
        """Ask the database as superuser, past row-level security."""
        with psycopg.connect(self.server.url("postgres"), autocommit=True) as connection:
            cursor = connection.execute(text.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def settle(self) -> None:
        """Forget what is due, and let the planner know what there is."""
        self.query("DELETE FROM outbox")
        self.query("VACUUM ANALYZE")

    def count_orders(self) -> int:
        """Return how many orders there are."""
        ((count,),) = self.query("SELECT count(*) FROM orders")
        return int(str(count))


def ground_folder(folder: str) -> Path:
    """Return the home inside a temporary folder that the server's own user may enter."""
    Path(folder).chmod(0o711)  # as root the server runs as a system user, who must get in
    return Path(folder) / "home"


@contextlib.asynccontextmanager
async def open_ground(*, skus: int = SKUS, on_hand: int = ON_HAND) -> AsyncIterator[Ground]:
    """Start a server in a temporary home, durable as in production, and fill a merchant with `skus` SKUs."""
    with tempfile.TemporaryDirectory(prefix="jiedan-bench-", ignore_cleanup_errors=True) as folder:
        home = ground_folder(folder)
        # On a loop of its own: uvloop starts no process as another user.
        running = await asyncio.to_thread(asyncio.run, server.start(home))
        try:
            migrate.migrate(running.owner_url)
            database = Database(running.app_url, clock=clock.SystemClock())
            try:
                yield await _filled(home, running, database, skus, on_hand)
            finally:
                await database.close()
        finally:
            await running.stop()


async def _filled(home: Path, running: server.RunningServer, database: Database, skus: int, on_hand: int) -> Ground:
    tenant, location, api_key = await open_merchant(database, slug="bench", skus=skus, on_hand=on_hand)
    ground = Ground(home, running, database, tenant, location, api_key)
    ground.settle()
    return ground


async def open_merchant(
    database: Database, *, slug: str, skus: int = SKUS, on_hand: int = ON_HAND
) -> tuple[TenantId, LocationId, str]:
    """Open a merchant with `skus` SKUs, and return who it is, where its goods lie, and a key that may do everything."""
    opened = await accounts.open_merchant(
        database,
        merchant=NewMerchant(slug=slug, name="Bench", country="CN", time_zone="Asia/Shanghai", currency="CNY"),
        owner=NewStaff(email=f"{slug}@example.com", name="Bench"),
    )
    scope = Scope(opened.tenant_id)

    async def start(tx: Tx) -> tuple[LocationId, str]:
        place = await inventory.create_location(tx, location=NewLocation(code="W1", name="Warehouse"))
        key = await accounts.create_api_key(tx, name="bench", permissions=ALL_PERMISSIONS, held=ALL_PERMISSIONS)
        return place.location_id, key.credential

    location, api_key = await database.write(scope, start)
    for first in range(1, skus + 1, PER_TRANSACTION):
        numbers = range(first, min(first + PER_TRANSACTION, skus + 1))
        await database.write(scope, functools.partial(add_skus, numbers=numbers, location=location, on_hand=on_hand))
    return opened.tenant_id, location, api_key


async def add_skus(tx: Tx, *, numbers: range, location: LocationId, on_hand: int) -> None:
    """Bring in the products of these numbers, with `on_hand` of each at the location; again it changes nothing."""
    products = [
        ProductDraft(
            code=f"SKU-{n}",
            name=f"Product {n}",
            skus=(SkuDraft(code=f"SKU-{n}", prices=(Price("CNY", PRICE_MINOR),)),),
        )
        for n in numbers
    ]
    await catalog.upsert_products(tx, products=products)
    skus = await tx.load_one(catalog_queries.sellable_skus([product.code for product in products]))
    assert len(skus) == len(numbers), skus
    receipts = [Receipt(sku.sku_id, location, on_hand, f"opening-{sku.sku_id}") for sku in skus.values()]
    await inventory.receive_many(tx, receipts=receipts)


@dataclasses.dataclass(frozen=True)
class Served:
    """Jiedan serving a ground: `port` on loopback, and how long it took to answer first."""

    port: int
    process: "subprocess.Popen[bytes]"
    ready_s: float

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Stop all its processes inside the block, so that they take nothing from what is measured there."""
        # The supervisor first: it must not hear that the others stopped answering. They are forked from a nursery,
        # which has a session, and so a group, of its own.
        groups = [self.process.pid, *(os.getpgid(pid) for pid in _children(self.process.pid))]
        for group in groups:
            os.killpg(group, signal.SIGSTOP)
        try:
            yield
        finally:
            for group in reversed(groups):
                os.killpg(group, signal.SIGCONT)


@contextlib.asynccontextmanager
async def serve(home: Path, *, processes: int = 2, has_worker: bool = True) -> AsyncIterator[Served]:
    """Run `jiedan serve` on `home` until the block ends, with a worker unless told otherwise."""
    port = _free_port()
    started = time.monotonic()
    no_worker = () if has_worker else ("--no-worker",)
    async with _command(home, "serve", "--port", str(port), "--processes", str(processes), *no_worker) as process:
        await _ready(port, process, started)
        yield Served(port, process, time.monotonic() - started)


@contextlib.asynccontextmanager
async def worker(home: Path) -> AsyncIterator["subprocess.Popen[bytes]"]:
    """Run `jiedan worker` on `home` until the block ends."""
    async with _command(home, "worker") as process:
        yield process


@contextlib.asynccontextmanager
async def _command(home: Path, *arguments: str) -> AsyncIterator["subprocess.Popen[bytes]"]:
    process = _spawn(home, arguments)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait)


def _spawn(home: Path, arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", "from jiedan.cli import main; main()", *arguments]
    environment = {**os.environ, "JIEDAN_HOME": str(home), "JIEDAN_LOG_LEVEL": "warning"}
    return subprocess.Popen(command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL)


def processes_of(pid: int) -> list[int]:
    """Return `pid` and the process ids of all that descend from it, the database's own left out."""
    found = [pid]
    for each in found:
        found += [child for child in _children(each) if not _is_database(child)]
    return found


def _is_database(pid: int) -> bool:
    return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").startswith("postgres")


def _children(pid: int) -> list[int]:
    """Return the process ids of the children of `pid`."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, check=True, text=True).stdout  # noqa: S607 - ps is ps
    pairs = (map(int, line.split()) for line in listed.splitlines())
    return [child for child, parent in pairs if parent == pid]


async def drained(ground: Ground, *, patience_s: float = 2 * DRAINED_S_MAX) -> float:
    """Return how many seconds it takes until nothing is due in the outbox; at most `patience_s`."""
    started = time.monotonic()
    while ground.query("SELECT 1 FROM outbox WHERE available_at < 'infinity' LIMIT 1"):
        if time.monotonic() - started > patience_s:
            break
        await asyncio.sleep(0.02)
    return time.monotonic() - started


async def _ready(port: int, process: "subprocess.Popen[bytes]", started: float) -> None:
    while time.monotonic() - started < READY_S_MAX:
        assert process.poll() is None, f"serve ended with {process.returncode}"
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            status = await reader.readline()
            writer.close()
            if b" 200 " in status:
                return
        await asyncio.sleep(0.01)
    message = f"not ready within {READY_S_MAX} s"
    raise TimeoutError(message)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
