"""The ground of the benchmarks that read: a merchant of a million orders, in a home that is kept for the next run.

`python -m benchmarks.seed_orders [--orders N] [--home FOLDER] [--fresh]`. The demo's play makes the originals through
the services: `ORIGINALS` orders of 60 days, paid, held, picked in parts, sent, collected, canceled, by customers with
Chinese, Japanese and European names. `multiply` makes the million of them, spread over three years. One core at work
takes two minutes for the originals and four for the copies; a finished home is used again.
"""

import argparse
import asyncio
import contextlib
import json
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import psycopg

from benchmarks import multiply
from benchmarks.ground import Ground, ground_folder
from jiedan import wiring
from jiedan.accounts import service as accounts
from jiedan.accounts.service import sessions
from jiedan.accounts.values import ALL_PERMISSIONS, NewMerchant, NewStaff, StaffId, Visitor
from jiedan.base import clock, migrate, runtime, server, settings
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.drain import Drain
from jiedan.base.ids import TenantId
from jiedan.demo import opening, stories
from jiedan.demo.hours import PlayClock
from jiedan.demo.people import people
from jiedan.demo.play import Play
from jiedan.inventory.values import LocationId
from jiedan.orders import service as orders
from jiedan.payments.providers import gateways
from jiedan.payments.providers.sandbox.processor.app import Processor
from jiedan.payments.providers.sandbox.processor.store import Store

ORDERS = 1_000_000
ORIGINALS = 2_000
PEOPLE = 250
DAYS = 60
ANALYZED_EVERY_S = 5.0
SEED = 20261122

SLUG = "bench"
FINISHED = "finished.json"
"""Stands beside the home of a shop that is complete."""

_MERCHANT = NewMerchant(
    slug=SLUG,
    name="Bench",
    country="CN",
    time_zone="Asia/Shanghai",
    currency="CNY",
    backorder=True,
    expiry_minutes=1_440,
)


def kept_folder(count: int = ORDERS) -> Path:
    """Return where the shop of `count` orders is kept unless a folder is named."""
    return Path(tempfile.gettempdir()) / f"jiedan-bench-{count}"


@contextlib.asynccontextmanager
async def open_seeded(*, count: int = ORDERS, folder: Path | None = None) -> AsyncIterator[Ground]:
    """Start the server of a shop of `count` orders, which is made when it is not there; with an API key of its own."""
    folder = kept_folder(count) if folder is None else folder
    if not (folder / FINISHED).exists():
        await seed(folder, count=count)
    home = ground_folder(str(folder))
    running = await asyncio.to_thread(asyncio.run, server.start(home))
    try:
        migrate.migrate(running.owner_url)
        database = Database(running.app_url, clock=clock.SystemClock())
        try:
            yield await _ground(home, running, database, folder)
        finally:
            await database.close()
    finally:
        await running.stop()


async def seed(folder: Path, *, count: int = ORDERS) -> None:
    """Make the shop of `count` orders in `folder`, whatever was there before."""
    home = _emptied(folder)
    originals = min(count, ORIGINALS)
    # Without durability: what a crash leaves is not finished, and made again.
    running = await asyncio.to_thread(asyncio.run, server.start(home, testing=True))
    try:
        migrate.migrate(running.owner_url)
        started = time.monotonic()
        async with _analyzed(running.url("postgres")):
            tenant = await _originals(running.app_url, home, originals)
        print(f"{time.monotonic() - started:.0f} s for {originals} orders through the services", flush=True)
        started = time.monotonic()
        await asyncio.to_thread(multiply.multiply, running.url("postgres"), copies=round(count / originals))
        print(f"{time.monotonic() - started:.0f} s for {count} of them", flush=True)
    finally:
        await running.stop()
    (folder / FINISHED).write_text(json.dumps({"tenant": str(tenant)}), encoding="utf-8")


@contextlib.asynccontextmanager
async def _analyzed(url: str) -> AsyncIterator[None]:
    """Let the planner know meanwhile what grows: a server for tests does not look by itself."""

    def analyze() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(b"ANALYZE")

    async def run() -> None:
        while True:
            await asyncio.sleep(ANALYZED_EVERY_S)
            await asyncio.to_thread(analyze)

    analyzing = asyncio.create_task(run(), name="analyze")
    try:
        yield
    finally:
        analyzing.cancel()
        await asyncio.gather(analyzing, return_exceptions=True)


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return ground_folder(str(folder))


async def _originals(app_url: str, home: Path, count: int) -> TenantId:
    until = datetime.now(UTC)
    play_clock = PlayClock(until - timedelta(days=DAYS + 1))
    database = Database(app_url, clock=play_clock)
    try:
        return await _played(database, play_clock, home, count=count, until=until)
    finally:
        await database.close()


async def _played(database: Database, play_clock: PlayClock, home: Path, *, count: int, until: datetime) -> TenantId:
    """Play `count` orders of the `DAYS` days before `until` in a new merchant, and return it."""
    owner = NewStaff(email="bench@example.com", name="Bench")
    made = await accounts.open_merchant(database, merchant=_MERCHANT, owner=owner)
    scope, folk = Scope(made.tenant_id), people(PEOPLE, seed=SEED)
    told = stories.stories(range(1, count + 1), people=folk, until=until, days=DAYS, seed=SEED)
    chosen = settings.Settings(home=home, testing=True)
    process = runtime.Runtime(settings=chosen, database=database, clock=play_clock)
    with tempfile.TemporaryDirectory() as folder:
        async with httpx2.AsyncClient() as http:
            store = Store(Path(folder) / "sandbox.jsonl")
            processor = Processor(store, play_clock, url="http://sandbox", http=http)
            transport = httpx2.ASGITransport(app=processor.app)  # type: ignore[arg-type]  # Litestar types the three messages
            async with (
                gateways.opened(database, chosen, transport=transport) as open_gateways,
                orders.open_order_desk(process) as desk,
            ):
                play = Play(
                    database,
                    scope,
                    clock=play_clock,
                    desk=desk,
                    drain=Drain(database, None, wiring.SUBSCRIPTIONS),
                    gateways=open_gateways,
                    shop=await opening.open_shop(database, scope, open_gateways, folk),
                    people=folk,
                )
                since = until - timedelta(days=DAYS)
                await play.run(told, count=count, since=since, until=until, advance=lambda _: None)
    return made.tenant_id


async def _ground(home: Path, running: server.RunningServer, database: Database, folder: Path) -> Ground:
    noted: dict[str, Any] = json.loads((folder / FINISHED).read_text(encoding="utf-8"))
    tenant = TenantId(UUID(noted["tenant"]))

    async def key(tx: Tx) -> str:
        made = await accounts.create_api_key(tx, name="bench", permissions=ALL_PERMISSIONS, held=ALL_PERMISSIONS)
        return made.credential

    api_key = await database.write(Scope(tenant), key)
    ground = Ground(home, running, database, tenant, LocationId(tenant), api_key)
    ((location,),) = ground.query("SELECT location_id FROM location ORDER BY priority, code LIMIT 1")
    return Ground(home, running, database, tenant, LocationId(UUID(str(location))), api_key)


async def session_cookie(ground: Ground) -> str:
    """Sign the owner in, past the password, and return the `Cookie` header's value."""
    ((staff,),) = ground.query("SELECT staff_id FROM staff ORDER BY staff_id LIMIT 1")
    visitor = Visitor(network="127.0.0.1", user_agent="bench")
    staff_id = StaffId(UUID(str(staff)))
    signed_in = await ground.database.write(
        Scope(ground.tenant), lambda tx: sessions.begin(tx, staff_id=staff_id, visitor=visitor)
    )
    return f"jd_session={signed_in.credential}"


def main() -> None:
    """Make the shop, or find it made."""
    parser = argparse.ArgumentParser(description="Make a merchant of a million orders to measure with.")
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--fresh", action="store_true", help="make it anew")
    asked = parser.parse_args()
    folder = kept_folder(asked.orders) if asked.home is None else asked.home
    if asked.fresh or not (folder / FINISHED).exists():
        asyncio.run(seed(folder, count=asked.orders))
    print(folder)


if __name__ == "__main__":
    main()
