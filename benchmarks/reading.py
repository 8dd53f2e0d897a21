"""Reading by HTTP: latencies of each case, the statements it sends, and the CPU it takes on both sides.

Latency is measured against `jiedan serve`, one request at a time, after a warm-up. Statements and CPU come from a
second pass through the same application in this process: the CPU of Jiedan's side is this process's, that of PostgreSQL
its backends'. CPU is what a busy machine does not change.
"""

import asyncio
import contextlib
import dataclasses
import itertools
import json
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from benchmarks import harness
from benchmarks.ground import Ground, Served
from jiedan.app import create_app
from jiedan.base import clock, settings
from jiedan.base.db import Database
from jiedan.base.recorder import StatementRecorder
from jiedan.base.runtime import Runtime

WARM_UP = 10
"""So many requests of each case are not counted."""

OPENING = 100
"""So many go before the first case, the last paths of all cases in turn: a server that has just begun has statements to
plan on each of its connections, and templates to read. What is measured are orders that nobody has looked at since."""

TICKS_PER_S = 100
"""Linux counts CPU time in hundredths of a second."""


class Case(NamedTuple):
    """Something that is read; its requests take turns. `target_ms` is what p95 may be."""

    name: str
    paths: Sequence[str]
    target_ms: float
    is_page: bool = False


@dataclasses.dataclass(frozen=True)
class Figures:
    """What a case takes: milliseconds, and statements of one request."""

    case: Case
    p50_ms: float
    p95_ms: float
    p99_ms: float
    statements: int
    app_cpu_ms: float
    database_cpu_ms: float

    @property
    def ratio(self) -> float:
        """The target over p95: more is better."""
        return self.case.target_ms / self.p95_ms

    def shown(self) -> dict[str, Any]:
        """Return the figures as the line of JSON has them."""
        return {
            "p50_ms": round(self.p50_ms, 1),
            "p95_ms": round(self.p95_ms, 1),
            "p99_ms": round(self.p99_ms, 1),
            "target_ms": self.case.target_ms,
            "statements": self.statements,
            "app_cpu_ms": round(self.app_cpu_ms, 2),
            "database_cpu_ms": round(self.database_cpu_ms, 2),
        }


class Caller(NamedTuple):
    """Who asks: the API's key, and the cookie of the console."""

    api_key: str
    cookie: str

    def headers(self, case: Case) -> dict[str, str]:
        """Return what goes with each request of `case`."""
        if case.is_page:
            return {"cookie": self.cookie, "accept": "text/html"}
        return {"authorization": f"Bearer {self.api_key}"}


async def measure(
    ground: Ground, served: Served, caller: Caller, cases: Sequence[Case], *, rounds: int
) -> list[Figures]:
    """Measure every case, `rounds` requests each and as many again."""
    found = []
    before = {case.name: itertools.cycle(reversed(case.paths)) for case in cases}
    async with httpx2.AsyncClient(base_url=f"http://localhost:{served.port}") as http, application(ground) as inside:
        for case in itertools.islice(itertools.cycle(cases), OPENING):
            await http.get(next(before[case.name]), headers=caller.headers(case))
        for case in cases:
            latencies = await _latencies(http, caller, case, rounds)
            statements, app_ms, database_ms = await inside.cost(caller, case, rounds)
            figures = Figures(
                case,
                _percentile(latencies, 0.5),
                _percentile(latencies, 0.95),
                _percentile(latencies, 0.99),
                statements,
                app_ms,
                database_ms,
            )
            print(f"{case.name:<44} {json.dumps(figures.shown())}", flush=True)
            found.append(figures)
    return found


def report(name: str, figures: Sequence[Figures], **more: Any) -> dict[str, Any]:
    """Print and store the cases as pairs; the ratio is that of the worst."""
    pairs = [
        harness.Measured(1000 / x.case.target_ms, 1000 / x.p95_ms, {"case": x.case.name, **x.shown()}) for x in figures
    ]
    worst = min(figures, key=lambda x: x.ratio)
    return harness.report(
        name,
        target=1.0,
        pairs=pairs,
        ratio=worst.ratio,
        worst=worst.case.name,
        cases={x.case.name: x.shown() for x in figures},
        **more,
    )


def sample(ground: Ground, columns: str, count: int) -> list[tuple[Any, ...]]:
    """Return `columns` of some orders from all over the table."""
    found = ground.query(f"SELECT {columns} FROM orders TABLESAMPLE SYSTEM (0.5) REPEATABLE (7) ORDER BY md5(number)")  # noqa: S608 - columns named here
    return found[:count]


async def _latencies(http: httpx2.AsyncClient, caller: Caller, case: Case, rounds: int) -> list[float]:
    headers, taken = caller.headers(case), []
    for path in itertools.islice(itertools.cycle(case.paths), WARM_UP + rounds):
        started = time.perf_counter()
        answer = await http.get(path, headers=headers)
        taken.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == httpx2.codes.OK, (path, answer.status_code, answer.text[:300])
    return taken[WARM_UP:]


def _percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Inside:
    """The application in this process, whose statements and CPU are counted."""

    def __init__(
        self,
        http: httpx2.AsyncClient,
        database: Database,
        recorder: StatementRecorder,
        ground: Ground,
        others: set[int],
    ) -> None:
        self.http = http
        self.database = database
        self._recorder = recorder
        self._ground = ground
        self._others = others

    async def cost(self, caller: Caller, case: Case, rounds: int) -> tuple[int, float, float]:
        """Return the most statements of one request, and the CPU of both sides per request (ms)."""
        headers, most = caller.headers(case), 0
        paths = list(itertools.islice(itertools.cycle(case.paths), WARM_UP + rounds))
        for path in paths[:WARM_UP]:
            await self.http.get(path, headers=headers)
        app, database = time.process_time(), self.backends_s()
        for path in paths[WARM_UP:]:
            with self._recorder.watching() as sent:
                answer = await self.http.get(path, headers=headers)
            assert answer.status_code == httpx2.codes.OK, (path, answer.text[:300])
            most = max(most, len(sent))
        return (
            most,
            (time.process_time() - app) * 1000 / rounds,
            (self.backends_s() - database) * 1000 / rounds,
        )

    def backends_s(self) -> float:
        """Return the CPU seconds of the backends that came with this application."""
        total = 0.0
        for pid in _backends(self._ground) - self._others:
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
                total += (int(fields[11]) + int(fields[12])) / TICKS_PER_S
        return total


def _backends(ground: Ground) -> set[int]:
    """Return the process ids of the backends that Jiedan's connections have."""
    found = ground.query(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'jiedan' AND backend_type = 'client backend'"
    )
    return {int(str(pid)) for (pid,) in found}


@contextlib.asynccontextmanager
async def application(ground: Ground) -> AsyncIterator[Inside]:
    """Run the application in this process until the block ends."""
    others = _backends(ground)
    recorder = StatementRecorder()
    system_clock = clock.SystemClock()
    database = Database(ground.server.app_url, clock=system_clock, pool_size=2, recorder=recorder)
    chosen = settings.Settings(home=ground.home)
    app = create_app(Runtime(settings=chosen, database=database, clock=system_clock))
    started, stop = asyncio.Event(), asyncio.Event()
    lifespan = asyncio.create_task(_lifespan(app, started, stop))
    try:
        await started.wait()
        transport = httpx2.ASGITransport(app=app)  # type: ignore[arg-type]  # Litestar types the three messages
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as http:
            yield Inside(http, database, recorder, ground, others)
    finally:
        stop.set()
        await lifespan
        await database.close()


async def _lifespan(app: Any, started: asyncio.Event, stop: asyncio.Event) -> None:
    """Speak the ASGI lifespan with the application: start it, and shut it down when told."""
    steps = iter(("lifespan.startup", "lifespan.shutdown"))

    async def receive() -> dict[str, Any]:
        step = next(steps)
        if step == "lifespan.shutdown":
            await stop.wait()
        return {"type": step}

    async def send(message: dict[str, Any]) -> None:
        assert not message["type"].endswith("failed"), message
        started.set()

    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
