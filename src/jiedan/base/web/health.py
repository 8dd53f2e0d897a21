"""Health: is the process alive, can it take work, and its numbers.

`/readyz` asks the database to write (and takes it back), compares its revision with the code's, and looks at the
clock, the outbox and the disk. Its answer names what is wrong, never where anything lies.
"""

import asyncio
import functools
import shutil
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import sqlalchemy as sa
from litestar import Request, Response, get

from jiedan.base import connections, db, draining, errors, metrics, revisions, timekeeping
from jiedan.base.runtime import Runtime
from jiedan.base.web import exchange, routing

PROBE_TIMEOUT_S = 1.0
OUTBOX_LAG_S_MAX = 300.0
CLOCK_TOLD_S_MIN = 1.0
"""A difference of the clocks that is worth a word."""

DISK_FREE_BYTES_MIN = 200 * 1024 * 1024

_LATE: "set[asyncio.Future[Check]]" = set()
"""Probes that were canceled and have not ended yet."""

_NOBODY = UUID(int=0)
_PROBE = "INSERT INTO number_series (tenant_id, series, next_number) VALUES (%(nobody)s, 'readiness', 1)"
_OUTBOX_AGE = (
    "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(available_at)), 0)::float8 FROM outbox"
    " /* across tenants: how far the drain is behind */"
)


class Check(msgspec.Struct, frozen=True):
    """One thing looked at: whether it is well, and a word on it."""

    ok: bool
    detail: str


class Readiness(msgspec.Struct, frozen=True):
    """What was looked at, by name."""

    ready: bool
    checks: dict[str, Check]


@get("/livez", public=True, unlimited=True)
async def livez() -> Response[str]:
    """Answer that the process serves."""
    return Response("ok\n", media_type="text/plain")


@get("/readyz", public=True)
async def readyz(request: Request[Any, Any, Any]) -> Response[Readiness]:
    """Answer 200 when this process can take orders, else 503 with what is wrong."""
    checks = await look(exchange.of(request.scope).runtime)
    if draining.is_on():
        checks["process"] = Check(ok=False, detail="asked to end")
    is_ready = all(check.ok for check in checks.values())
    return Response(Readiness(is_ready, checks), status_code=200 if is_ready else 503)


@get("/metrics", public=True, unlimited=True)
async def prometheus() -> Response[bytes]:
    """Answer the metrics of all processes."""
    return Response(metrics.render(), media_type=metrics.CONTENT_TYPE)


ROUTER = routing.root([livez, readyz, prometheus])


async def look(runtime: Runtime) -> dict[str, Check]:
    """Look at everything that readiness needs."""
    probes: dict[str, Callable[[Runtime], Awaitable[Check]]] = {
        "database": _database,
        "migrations": _migrations,
        "clock": _clock,
        "outbox": _outbox,
        "disk": _disk,
    }
    found = await asyncio.gather(*(_within(_insisting(probe, runtime)) for probe in probes.values()))
    return dict(zip(probes, found, strict=True))


async def _insisting(probe: Callable[[Runtime], Awaitable[Check]], runtime: Runtime) -> Check:
    """Look again where a connection broke: those of the pool may have died while nobody used them, as by a restart.

    As often as there can be such, then with a new one. Raises what the last look raises.
    """
    for _ in range(runtime.settings.pool_size):
        try:
            return await probe(runtime)
        except (db.DatabaseUnavailable, psycopg.OperationalError) as error:
            if not (isinstance(error, db.DatabaseUnavailable) or connections.is_connection_lost(error)):
                raise
            await asyncio.sleep(0)
    return await probe(runtime)


async def _within(probe: Awaitable[Check]) -> Check:
    """Bound a probe in time, and turn what it raises into a finding.

    One that is late is canceled and not waited for: its server may have to hear of it first, and be as silent then.
    """
    task = asyncio.ensure_future(probe)
    try:
        await asyncio.wait([task], timeout=PROBE_TIMEOUT_S)
        if not task.done():
            return Check(ok=False, detail=f"no answer within {PROBE_TIMEOUT_S:g} s")
        return await task
    except errors.Unavailable as refusal:
        return Check(ok=False, detail=str(refusal))
    except (psycopg.Error, sa.exc.DBAPIError, OSError) as error:
        return Check(ok=False, detail=type(error).__name__)
    finally:
        if not task.done():
            _LATE.add(task)
            task.add_done_callback(_forget)
            task.cancel()


def _forget(task: asyncio.Future[Check]) -> None:
    """Let go of a late probe; whatever it raised in the end is too late to be told."""
    _LATE.discard(task)
    if not task.cancelled():
        task.exception()


async def _database(runtime: Runtime) -> Check:
    """Write a row for nobody, and take it back."""
    started_s = time.monotonic()
    async with runtime.database.connect() as (_, driver):
        await driver.execute(f"BEGIN; SET LOCAL app.tenant_id = '{_NOBODY}'", prepare=False)
        await driver.execute(_PROBE, {"nobody": _NOBODY}, prepare=False)
        # Not by the driver's cursor: at a ROLLBACK it throws away what is prepared, and the next set would look for it.
        await driver.ask([], last=b"ROLLBACK")
    return Check(ok=True, detail=f"writes in {(time.monotonic() - started_s) * 1000:.0f} ms")


@functools.cache
def _newest() -> str:
    return revisions.newest()


async def _migrations(runtime: Runtime) -> Check:
    """Compare the database's revision with the one this code needs."""
    async with runtime.database.connect() as (_, driver):
        cursor = await driver.execute("SELECT version_num FROM alembic_version", prepare=False)
        row = await cursor.fetchone()
    at = row[0] if row else None
    if at == _newest():
        return Check(ok=True, detail=str(at))
    return Check(ok=False, detail=f"at {at}, needs {_newest()}: run `jiedan migrate`")


async def _clock(runtime: Runtime) -> Check:
    """Compare this process's clock with the database's."""
    off_s = await timekeeping.off_s(runtime.database)
    side = "ahead of" if off_s > 0 else "behind"
    detail = f"{abs(off_s):.0f} s {side} the database's" if abs(off_s) >= CLOCK_TOLD_S_MIN else "as the database's"
    return Check(ok=abs(off_s) <= timekeeping.CLOCK_OFF_S_MAX, detail=detail)


async def _outbox(runtime: Runtime) -> Check:
    """Look how long the oldest event has waited; only the dispatch role may see this across merchants."""
    url = runtime.settings.database_dispatch_url
    if url is None:
        return Check(ok=True, detail="not looked at: this process has no dispatch connection")
    connection = await psycopg.AsyncConnection.connect(url.get_secret_value(), autocommit=True)
    async with connection:
        row = await (await connection.execute(_OUTBOX_AGE)).fetchone()
    lag_s = max(float(row[0]), 0.0) if row else 0.0
    return Check(ok=lag_s <= OUTBOX_LAG_S_MAX, detail=f"oldest event waits {lag_s:.0f} s")


async def _disk(runtime: Runtime) -> Check:
    """Look at the free space where the home folder is."""
    folder = runtime.settings.home
    while not folder.exists():
        folder = folder.parent
    free = (await asyncio.to_thread(shutil.disk_usage, folder)).free
    return Check(ok=free >= DISK_FREE_BYTES_MIN, detail=f"{free // (1024 * 1024)} MiB free")
