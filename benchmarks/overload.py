"""Overload: three times what it can do costs Jiedan little of what it does, and the rest hear so at once.

Claim: when orders come at 3 × the peak rate, at least 90 % of the peak is still placed (goodput), and everybody else is
answered 503 with `Retry-After` within 50 ms (p99); nobody hangs, nothing else is answered.
Method: `jiedan serve` with two API processes and its worker. Peak and overload take turns, median of `PAIRS`; while the
peak is taken the generator also asks for `/livez` at 2 × the peak, so both sides pay for the same number of requests on
the same two cores. Overload is an open loop over `CONNECTIONS` connections.
"""

import asyncio
from typing import Any

from benchmarks import harness, load, place_orders
from benchmarks.ground import Ground, Served, drained, open_ground, serve
from benchmarks.harness import Measured

PAIRS = 3
TIMES = 3.0
CONNECTIONS = 4_000
TARGET = 0.9
REFUSED_MS_MAX = 50
PATIENCE_S = 120.0
_LIVEZ = b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n"


async def measure(*, pairs: int = PAIRS, seconds: float = harness.SECONDS) -> dict[str, Any]:
    """Measure and report."""
    async with open_ground() as ground, serve(ground.home) as served:
        warm = await place_orders.place(ground, served, place_orders.WARM_UP_S)
        peak = warm.count(201) / warm.seconds
        measured, refused_ms = [], []
        for _ in range(pairs):
            await drained(ground, patience_s=PATIENCE_S)
            peak = await _peak(ground, served, seconds, aside=(TIMES - 1) * peak)
            await drained(ground, patience_s=PATIENCE_S)
            tally = await _overload(ground, served, seconds, TIMES * peak)
            refused_ms.append(tally.percentile_ms(0.99, 503))
            notes = {
                "asked": tally.answers,
                "refused": tally.count(503),
                "refused_p50_ms": round(tally.percentile_ms(0.5, 503)),
                "refused_p99_ms": round(refused_ms[-1]),
                "placed_p99_ms": round(tally.percentile_ms(0.99, 201)),
            }
            measured.append(Measured(peak, tally.count(201) / tally.seconds, notes))
        p99_ms = round(harness.median(refused_ms), 1)
        return harness.report(
            "overload",
            target=TARGET,
            pairs=measured,
            is_fine=p99_ms <= REFUSED_MS_MAX,
            refused_p99_ms=p99_ms,
            refused_p99_ms_max=REFUSED_MS_MAX,
        )


async def _peak(ground: Ground, served: Served, seconds: float, *, aside: float) -> float:
    """Return the orders per second while `aside` cheap requests per second are answered, too."""
    placed, _ = await asyncio.gather(
        place_orders.place(ground, served, seconds),
        load.open_loop(served.port, rate=aside, seconds=seconds, request=lambda: _LIVEZ),
    )
    return placed.count(201) / placed.seconds


async def _overload(ground: Ground, served: Served, seconds: float, rate: float) -> load.Tally:
    tally = await load.open_loop(
        served.port,
        rate=rate,
        seconds=seconds,
        request=lambda: place_orders.request(ground),
        connections=CONNECTIONS,
    )
    assert set(tally.statuses) <= {201, 503}, (tally.statuses, tally.last_bodies)
    return tally


if __name__ == "__main__":
    harness.run(measure)
