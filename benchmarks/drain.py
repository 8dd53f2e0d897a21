"""P9: events are handed to every subscribed handler faster than orders can make them.

Claim: the worker hands out events through all subscriptions of `wiring` at at least 5 × the rate of P1, so a backlog
melts while orders come in; at 300 orders a second an event waits at most a second (p99).
Method: `jiedan serve --no-worker` with two API processes and a `jiedan worker`. P1's rate is taken with both at work;
then the worker stands still while orders are placed in batches for `BACKLOG_S`, and the time counts from its waking
until nothing is due. Interleaved, median of five pairs. The lag is the age of the oldest due event, looked at every
20 ms.
"""

import asyncio
import os
import signal
import subprocess
import time
from typing import Any

import psycopg

from benchmarks import harness, load, place_batches, place_orders
from benchmarks.ground import Ground, Served, drained, open_ground, processes_of, serve, worker
from benchmarks.harness import Measured

TARGET = 5.0
BACKLOG_S = 3.0
PATIENCE_S = 120.0
STEADY_RATE = 300.0
STEADY_S = 15.0
LAG_MS_MAX = 1_000
LOOK_EVERY_S = 0.02


async def measure(*, pairs: int = harness.PAIRS, seconds: float = harness.SECONDS) -> dict[str, Any]:
    """Measure and report."""
    async with open_ground() as ground, serve(ground.home, has_worker=False) as served, worker(ground.home) as working:
        await place_orders.place(ground, served, place_orders.WARM_UP_S)
        await drained(ground, patience_s=PATIENCE_S)
        measured = []
        for _ in range(pairs):
            placed = await place_orders.place(ground, served, seconds)
            await drained(ground, patience_s=PATIENCE_S)
            events, drained_s = await _backlog(ground, served, working)
            notes = {"events": events, "drained_s": round(drained_s, 2)}
            measured.append(Measured(placed.count(201) / placed.seconds, events / drained_s, notes))
        lag_ms = round(await _lag_ms(ground, served), 1)
        return harness.report(
            "drain",
            target=TARGET,
            pairs=measured,
            is_fine=lag_ms <= LAG_MS_MAX,
            lag_p99_ms=lag_ms,
            lag_p99_ms_max=LAG_MS_MAX,
            lag_rate=STEADY_RATE,
        )


async def _backlog(ground: Ground, served: Served, working: "subprocess.Popen[bytes]") -> tuple[int, float]:
    """Place orders while the worker stands still; return how many events it then hands out, and in what time."""
    before = _handed_out(ground)
    pids = processes_of(working.pid)  # the worker itself is forked from a nursery, with a session of its own
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        await place_batches.place(ground, served, BACKLOG_S)
    finally:
        for pid in reversed(pids):
            os.kill(pid, signal.SIGCONT)
    drained_s = await drained(ground, patience_s=PATIENCE_S)
    return _handed_out(ground) - before, drained_s


def _handed_out(ground: Ground) -> int:
    ((count,),) = ground.query("SELECT count(*) FROM event_stream")
    return int(str(count))


async def _lag_ms(ground: Ground, served: Served) -> float:
    """Return the age that 99 % of the looks at the outbox found its oldest due event below, at a steady rate."""
    looking = asyncio.create_task(asyncio.to_thread(_look, ground, time.monotonic() + STEADY_S))
    await load.open_loop(served.port, rate=STEADY_RATE, seconds=STEADY_S, request=lambda: place_orders.request(ground))
    ages_ms = sorted(await looking)
    return ages_ms[int(0.99 * (len(ages_ms) - 1))]


def _look(ground: Ground, until_s: float) -> list[float]:
    oldest = (
        "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(available_at)) * 1000, 0)::float8 FROM outbox"
        " WHERE available_at <= clock_timestamp()"
    )
    ages_ms = []
    with psycopg.connect(ground.server.url("postgres"), autocommit=True) as connection:
        while time.monotonic() < until_s:
            row = connection.execute(oldest).fetchone()
            assert row is not None
            ages_ms.append(float(row[0]))
            time.sleep(LOOK_EVERY_S)
    return ages_ms


if __name__ == "__main__":
    harness.run(measure)
