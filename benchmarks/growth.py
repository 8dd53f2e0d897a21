"""P12: an order costs the same in a shop of ten thousand orders and in one of a million.

Claim: the CPU that placing an order takes, of Jiedan and of PostgreSQL, with its events handed out and its search terms
written, is at most 1.2 times as much among 1,000,000 orders as among 10,000.
Method: two shops of `seed_orders` with a server each, and the application and its drain in this process; batches of 200
three-line orders through `POST /api/v1/orders/batch`, then the drain, in turns (A B A B …); CPU of this process and of
its backends. The median of the pairs counts, and the ratio is small over large, so that more is better.
"""

import argparse
import contextlib
import functools
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx2

from benchmarks import harness, reading, seed_orders
from benchmarks.ground import ON_HAND, PER_TRANSACTION, Ground, add_skus
from benchmarks.harness import Measured
from benchmarks.reading import Inside
from jiedan import wiring
from jiedan.base.db import Scope
from jiedan.base.drain import Drain

SMALL = 10_000
LARGE = 1_000_000
SKUS = 1_000
PER_BATCH = 200
BATCHES = 5
GROWTH_MAX = 1.2


class Shop(NamedTuple):
    """A shop that is open: the application in this process, and what hands its events out."""

    ground: Ground
    inside: Inside
    drain: Drain

    async def cost(self, batches: int) -> float:
        """Place batches and hand their events out; return the CPU of one order (ms)."""
        started = time.process_time() + self.inside.backends_s()
        for _ in range(batches):
            await self._place()
        while await self.drain.drain_tenant(self.ground.tenant):
            pass
        spent = time.process_time() + self.inside.backends_s() - started
        return spent * 1000 / (batches * PER_BATCH)

    async def _place(self) -> None:
        body = {"drafts": [{"order": harness.order_body(skus=SKUS)} for _ in range(PER_BATCH)]}
        answer = await self.inside.http.post(
            "/api/v1/orders/batch",
            content=json.dumps(body).encode(),
            headers={
                "authorization": f"Bearer {self.ground.api_key}",
                "content-type": "application/json",
                "idempotency-key": str(uuid4()),
            },
        )
        assert answer.status_code == httpx2.codes.OK, answer.text[:300]


async def measure(
    *, pairs: int = harness.PAIRS, small: int = SMALL, large: int = LARGE, home: Path | None = None
) -> dict[str, Any]:
    """Measure and report."""
    async with _open(small, None) as few, _open(large, home) as many:
        for shop in (few, many):
            await shop.cost(2)
        measured = []
        for _ in range(pairs):
            cheap, dear = await few.cost(BATCHES), await many.cost(BATCHES)
            notes = {"small_cpu_ms": round(cheap, 2), "large_cpu_ms": round(dear, 2)}
            measured.append(Measured(1 / cheap, 1 / dear, notes))
        return harness.report("growth", target=round(1 / GROWTH_MAX, 3), pairs=measured, small=small, large=large)


@contextlib.asynccontextmanager
async def _open(count: int, folder: Path | None) -> AsyncIterator[Shop]:
    async with seed_orders.open_seeded(count=count, folder=folder) as ground, reading.application(ground) as inside:
        for first in range(1, SKUS + 1, PER_TRANSACTION):
            numbers = range(first, min(first + PER_TRANSACTION, SKUS + 1))
            add = functools.partial(add_skus, numbers=numbers, location=ground.location, on_hand=ON_HAND)
            await ground.database.write(Scope(ground.tenant), add)
        yield Shop(ground, inside, Drain(inside.database, None, wiring.SUBSCRIPTIONS))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=LARGE)
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    harness.run(lambda: measure(large=options.orders, home=options.home))
