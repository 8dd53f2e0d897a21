"""P2: orders placed in bulk go several times as fast as raw PostgreSQL does them one by one.

Claim: `POST /api/v1/orders/batch` with 200 drafts per call reaches at least 3 × the yardstick, everything on.
Method: `jiedan serve` with two API processes and its worker, four connections; interleaved with the yardstick, during
which Jiedan stands still; median of five pairs. A run counts only if every draft was placed. Batches outrun the worker,
so the next pair waits until the outbox is empty; how long that took is told.
"""

from typing import Any

from benchmarks import harness, load
from benchmarks.ground import Ground, Served, drained, open_ground, serve
from benchmarks.harness import Measured

CONNECTIONS = 4
DRAFTS = 200
TARGET = 3.0
WARM_UP_S = 3.0
PATIENCE_S = 120.0
REQUESTS_READY = 40
"""Bodies made beforehand: a batch takes the generator longer to write than the server to read."""


async def measure(*, pairs: int = harness.PAIRS, seconds: float = harness.SECONDS) -> dict[str, Any]:
    """Measure and report."""
    async with open_ground() as ground, serve(ground.home) as served:
        await place(ground, served, WARM_UP_S)
        await drained(ground, patience_s=PATIENCE_S)
        measured = []
        for _ in range(pairs):
            with served.paused():
                raw = harness.yardstick(ground, seconds=seconds)
            ours, tally = await place(ground, served, seconds)
            lag_s = await drained(ground, patience_s=PATIENCE_S)
            assert lag_s < PATIENCE_S, f"the outbox was not empty after {lag_s:.0f} s"
            notes = {"p50_ms": round(tally.percentile_ms(0.5)), "drained_s": round(lag_s, 2)}
            measured.append(Measured(raw, ours, notes))
        return harness.report("place_batches", target=TARGET, pairs=measured)


async def place(ground: Ground, served: Served, seconds: float) -> tuple[float, load.Tally]:
    """Place batches for `seconds`; return the orders per second, counted in the database, and the tally of calls."""
    bodies = [{"drafts": [{"order": harness.order_body()} for _ in range(DRAFTS)]} for _ in range(REQUESTS_READY)]
    requests = [harness.request(ground, "/api/v1/orders/batch", body) for body in bodies]
    number = 0

    def request() -> bytes:
        nonlocal number
        number += 1
        return requests[number % len(requests)]

    before = ground.count_orders()
    tally = await load.closed_loop(served.port, connections=CONNECTIONS, seconds=seconds, request=request)
    assert set(tally.statuses) == {200}, (tally.statuses, tally.last_bodies)
    placed = ground.count_orders() - before
    assert placed == tally.count(200) * DRAFTS, (placed, tally.statuses, tally.last_bodies)
    return placed / tally.seconds, tally


if __name__ == "__main__":
    harness.run(measure)
