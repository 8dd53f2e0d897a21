"""A working day in twenty minutes: memory does not grow, and the slowest stay as fast as they were.

Claim: at a steady rate of placing, reading, listing and canceling, the memory that Jiedan's processes have to
themselves grows by at most 2 % over the second half of the run, and the p99 of its last third is at most 1.5 × that of
the first.
Method: `jiedan serve` with two API processes and its worker, an open loop of `RATE` requests a second; memory is the
sum of the private pages of all its processes (`/proc/PID/smaps_rollup`), the median of the looks of a window. What the
first half warms up (caches, plans, pools) is not growth. `--seconds N` makes it shorter. `make proof` runs it whole.
"""

import argparse
import asyncio
import collections
import functools
import random
import re
from pathlib import Path
from typing import Any

from benchmarks import harness, load
from benchmarks.ground import Ground, drained, open_ground, processes_of, serve
from benchmarks.harness import Measured

SECONDS = 1_200.0
RATE = 100.0
LOOK_EVERY_S = 5.0
GROWTH_MAX = 0.02
P99_TIMES_MAX = 1.5
PATIENCE_S = 60.0
KNOWN_MAX = 2_000

_DICE = random.Random(20261122)
_LOCATION = re.compile(rb"\r\nlocation: (/api/v1/orders/[0-9a-f-]{36})\r\n")


class Day:
    """What clients do: they place orders, look at those they know, and cancel some, each once."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._known: collections.deque[str] = collections.deque(maxlen=KNOWN_MAX)

    def request(self) -> bytes:
        """Return the next request."""
        dice = _DICE.random()
        if not self._known or dice < 0.6:
            return harness.request(self._ground, "/api/v1/orders", harness.order_body())
        if dice < 0.7:
            canceled = {"reason": "customer_request"}
            return harness.request(self._ground, f"{self._known.popleft()}/cancellations", canceled)
        if dice < 0.8:
            return self._get("/api/v1/orders?limit=50")
        return self._get(_DICE.choice((self._known[-1], f"{self._known[0]}/timeline")))

    def hear(self, head: bytes) -> None:
        """Remember an order that was placed."""
        found = _LOCATION.search(head)
        if found is not None:
            self._known.append(found[1].decode())

    def _get(self, path: str) -> bytes:
        key = self._ground.api_key
        return f"GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\r\n".encode()


async def measure(*, seconds: float = SECONDS) -> dict[str, Any]:
    """Measure and report."""
    async with open_ground() as ground, serve(ground.home) as served:
        day = Day(ground)
        looking = asyncio.create_task(_look(served.process.pid))
        thirds = [await _third(served.port, day, seconds / 3) for _ in range(3)]
        lag_s = await drained(ground, patience_s=PATIENCE_S)
        looking.cancel()
        looks = await looking
    assert lag_s < PATIENCE_S, "the outbox was not empty after a minute"
    half = looks[len(looks) // 2 :]
    window = max(len(half) // 4, 1)
    before, after = harness.median(half[:window]), harness.median(half[-window:])
    p99_ms = [round(third.percentile_ms(0.99), 1) for third in thirds]
    return harness.report(
        "soak",
        target=1 / P99_TIMES_MAX,
        pairs=[Measured(RATE, sum(third.answers for third in thirds) / seconds, {"p99_ms": p99_ms})],
        ratio=p99_ms[0] / p99_ms[-1],
        is_fine=after <= before * (1 + GROWTH_MAX),
        seconds=seconds,
        p99_ms=p99_ms,
        memory_mb=[round(before, 1), round(after, 1)],
        growth=round(after / before - 1, 4),
        growth_max=GROWTH_MAX,
    )


async def _third(port: int, day: Day, seconds: float) -> load.Tally:
    tally = load.Tally(hear=day.hear)
    await load.open_loop(port, rate=RATE, seconds=seconds, request=day.request, tally=tally)
    assert set(tally.statuses) <= {200, 201}, (tally.statuses, tally.last_bodies)
    return tally


async def _look(pid: int) -> list[float]:
    """Return the private memory (MB) of the processes below `pid` at each look, until canceled."""
    looks: list[float] = []
    try:
        while True:
            looks.append(await asyncio.to_thread(_private_mb, pid))
            await asyncio.sleep(LOOK_EVERY_S)
    except asyncio.CancelledError:
        return looks


def _private_mb(pid: int) -> float:
    kilobytes = 0
    for each in processes_of(pid):
        text = Path(f"/proc/{each}/smaps_rollup").read_text(encoding="ascii")
        kilobytes += sum(int(n) for n in re.findall(r"^Private_\w+:\s+(\d+) kB$", text, re.MULTILINE))
    return kilobytes / 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    harness.run(functools.partial(measure, seconds=parser.parse_args().seconds))
