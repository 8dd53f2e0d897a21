"""P5: an order is shown fast among a million.

Claim: the detail of an order by key has p95 ≤ 10 ms through the API and ≤ 25 ms as the console's page.
Method: a shop of a million orders (`seed_orders`), `jiedan serve`, one request at a time for orders from all over the
table; see `reading`. The ratio is that of the slower of the two.
"""

import argparse
from pathlib import Path
from typing import Any

from benchmarks import harness, reading, seed_orders
from benchmarks.ground import serve
from benchmarks.reading import Caller, Case

API_MS = 10.0
PAGE_MS = 25.0
ROUNDS = 300
SAMPLES = ROUNDS + reading.OPENING


async def measure(*, rounds: int = ROUNDS, count: int = seed_orders.ORDERS, home: Path | None = None) -> dict[str, Any]:
    """Measure and report."""
    async with seed_orders.open_seeded(count=count, folder=home) as ground, serve(ground.home) as served:
        caller = Caller(ground.api_key, await seed_orders.session_cookie(ground))
        ids = [order_id for (order_id,) in reading.sample(ground, "order_id", SAMPLES)]
        cases = [
            Case("API", [f"/api/v1/orders/{order_id}" for order_id in ids], API_MS),
            Case("page", [f"/c/bench/orders/{order_id}" for order_id in ids], PAGE_MS, is_page=True),
        ]
        figures = await reading.measure(ground, served, caller, cases, rounds=rounds)
        return reading.report("order_page", figures, orders=ground.count_orders())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=seed_orders.ORDERS)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    harness.run(lambda: measure(rounds=options.rounds, count=options.orders, home=options.home))
