"""P4: whoever comes too late hears so at least twice as fast as orders are placed.

Claim: `POST /api/v1/orders` for goods that are sold out is refused at at least 2 × the rate at which the same request
places an order when there is stock, so a sale that is over does not slow the sales that go on.
Method: `jiedan serve` with two API processes and its worker, 64 connections, three lines of random SKUs, of which half
have stock and half have none; runs of both kinds interleaved, median of five pairs.
"""

from typing import Any

from benchmarks import harness, load
from benchmarks.ground import SKUS, Ground, Served, drained, open_ground, serve
from benchmarks.harness import Measured

CONNECTIONS = 64
TARGET = 2.0
WARM_UP_S = 3.0
IN_STOCK = SKUS // 2


async def measure(*, pairs: int = harness.PAIRS, seconds: float = harness.SECONDS) -> dict[str, Any]:
    """Measure and report."""
    async with open_ground() as ground, serve(ground.home) as served:
        ground.query(
            "UPDATE stock SET on_hand = 0 WHERE sku_id IN (SELECT sku_id FROM sku WHERE substr(code, 5)::integer > %s)",
            IN_STOCK,
        )
        await _asked(ground, served, WARM_UP_S, in_stock=True)
        await drained(ground)
        measured = []
        for _ in range(pairs):
            placed = await _asked(ground, served, seconds, in_stock=True)
            await drained(ground)
            refused = await _asked(ground, served, seconds, in_stock=False)
            notes = {
                "p99_ms_placed": round(placed.percentile_ms(0.99)),
                "p99_ms_refused": round(refused.percentile_ms(0.99)),
            }
            measured.append(Measured(placed.count(201) / placed.seconds, refused.count(422) / refused.seconds, notes))
        return harness.report("sold_out", target=TARGET, pairs=measured)


async def _asked(ground: Ground, served: Served, seconds: float, *, in_stock: bool) -> load.Tally:
    """Ask for orders; every answer must be the one that the stock allows."""
    shift = 0 if in_stock else IN_STOCK

    def request() -> bytes:
        body = harness.order_body(skus=IN_STOCK)
        for line in body["lines"]:
            line["sku"] = f"SKU-{int(line['sku'][4:]) + shift}"
        return harness.request(ground, "/api/v1/orders", body)

    tally = await load.closed_loop(served.port, connections=CONNECTIONS, seconds=seconds, request=request)
    assert set(tally.statuses) == {201 if in_stock else 422}, (tally.statuses, tally.last_bodies)
    return tally


if __name__ == "__main__":
    harness.run(measure)
