"""P3: one hot SKU sells as fast to many clients as to few, and not one unit too many.

Claim: with one SKU in every order, 64 clients get at least 0.9 × the throughput of 8 clients; raw PostgreSQL loses
about half. Nothing is oversold.
Method: `jiedan serve` with two API processes and its worker; runs with 8 and with 64 connections interleaved, median of
five pairs; then the SKU is restocked to fewer units than are asked for, and exactly those are sold. Raw PostgreSQL's
own ratio, on the same hot row, stands beside it.
"""

from typing import Any

from benchmarks import harness, load
from benchmarks.ground import Ground, Served, drained, open_ground, serve
from benchmarks.harness import Measured

FEW, MANY = 8, 64
TARGET = 0.9
WARM_UP_S = 3.0
LEFT = 500
"""Units left for the run that must not oversell."""


async def measure(*, pairs: int = harness.PAIRS, seconds: float = harness.SECONDS) -> dict[str, Any]:
    """Measure and report."""
    async with open_ground(skus=9) as ground, serve(ground.home) as served:
        await _orders(ground, served, WARM_UP_S, MANY)
        await drained(ground)
        measured = []
        for _ in range(pairs):
            few = await _orders(ground, served, seconds, FEW)
            await drained(ground)
            many = await _orders(ground, served, seconds, MANY)
            await drained(ground)
            notes = {"p99_ms_few": round(few.percentile_ms(0.99)), "p99_ms_many": round(many.percentile_ms(0.99))}
            measured.append(Measured(few.count(201) / few.seconds, many.count(201) / many.seconds, notes))
        oversold = await _sell_out(ground, served)
        with served.paused():
            raw = [harness.yardstick(ground, seconds=seconds, clients=clients, third=1) for clients in (FEW, MANY)]
        return harness.report(
            "hot_sku",
            target=TARGET,
            pairs=measured,
            is_fine=oversold == 0,
            oversold=oversold,
            raw_ratio=round(raw[1] / raw[0], 3),
        )


async def _orders(ground: Ground, served: Served, seconds: float, connections: int) -> load.Tally:
    tally = await load.closed_loop(
        served.port, connections=connections, seconds=seconds, request=lambda: _request(ground)
    )
    assert set(tally.statuses) == {201}, (tally.statuses, tally.last_bodies)
    return tally


async def _sell_out(ground: Ground, served: Served) -> int:
    """Leave `LEFT` units, ask for more at once, and return how many too many were promised."""
    ground.query(
        "UPDATE stock SET on_hand = reserved + %s WHERE sku_id = (SELECT sku_id FROM sku WHERE code = 'SKU-1')", LEFT
    )
    tally = await load.closed_loop(served.port, connections=MANY, seconds=5.0, request=lambda: _request(ground))
    assert set(tally.statuses) == {201, 409}, tally.statuses
    ((left,),) = ground.query(
        "SELECT on_hand - reserved FROM stock s JOIN sku k ON k.sku_id = s.sku_id WHERE k.code = 'SKU-1'"
    )
    ((unbacked,),) = ground.query(
        "SELECT s.reserved - (SELECT sum(quantity) FROM reservation r WHERE r.sku_id = s.sku_id)"
        " FROM stock s JOIN sku k ON k.sku_id = s.sku_id WHERE k.code = 'SKU-1'"
    )
    assert (left, unbacked) == (0, 0), (left, unbacked)
    return tally.count(201) - LEFT


def _request(ground: Ground) -> bytes:
    body = harness.order_body(skus=9, lines=1)
    body["lines"] = [{"sku": "SKU-1", "quantity": 1}]
    return harness.request(ground, "/api/v1/orders", body)


if __name__ == "__main__":
    harness.run(measure)
