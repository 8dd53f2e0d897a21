"""P8, placed: 200 active promotions and 100,000 coupons cost an order next to nothing.

Claim: orders of three lines, one a request, are placed at least 0.9 times as fast by a merchant with 200 active
promotions (a cart meets six) and 100,000 coupon codes, of which every fourth order brings one, as by a merchant with
neither.
Method: two merchants with the same goods on one server, `jiedan serve` with two API processes and its worker; 64
connections place orders of the one, then of the other, in turns (A B A B …); the median of five pairs. A run counts
only if the outbox is empty within 2 s after the last request. Each code is used once.
"""

import argparse
import dataclasses
import functools
import itertools
from collections.abc import Iterator
from typing import Any

from benchmarks import harness, load, offers
from benchmarks.ground import PER_TRANSACTION, SKUS, Ground, Served, drained, open_ground, open_merchant, serve
from benchmarks.harness import Measured
from benchmarks.place_orders import CONNECTIONS, WARM_UP_S
from jiedan.base.db import Scope, Tx
from jiedan.catalog import service as catalog
from jiedan.catalog.values import ProductDraft
from jiedan.pricing import service as pricing
from jiedan.pricing.service import coupons
from jiedan.pricing.values.coupons import COUPONS_PER_BATCH_MAX, NewCoupons

TARGET = 0.9
PROMOTIONS = 200
CODES = 100_000
CODE_EVERY = 4


async def measure(
    *, pairs: int = harness.PAIRS, seconds: float = harness.SECONDS, skus: int = SKUS, codes: int = CODES
) -> dict[str, Any]:
    """Measure and report."""
    async with open_ground(skus=skus) as plain:
        tenant, location, api_key = await open_merchant(plain.database, slug="bench-offers", skus=skus)
        rich = dataclasses.replace(plain, tenant=tenant, location=location, api_key=api_key)
        await _offer(rich, skus, codes)
        rich.settle()
        bodies = _bodies(skus, _codes(rich))
        async with serve(plain.home) as served:
            await _place(plain, served, _bodies(skus, ()), WARM_UP_S)
            await _place(rich, served, bodies, WARM_UP_S)
            await drained(plain)
            measured = []
            for _ in range(pairs):
                without = await _place(plain, served, _bodies(skus, ()), seconds)
                with_all = await _place(rich, served, bodies, seconds)
                measured.append(
                    Measured(
                        without.count(201) / without.seconds,
                        with_all.count(201) / with_all.seconds,
                        {
                            "p50_ms": round(with_all.percentile_ms(0.5)),
                            "plain_p50_ms": round(without.percentile_ms(0.5)),
                        },
                    )
                )
        ((given, used),) = rich.query(
            "SELECT sum(discount_minor), count(*) FROM order_line WHERE tenant_id = %s AND discount_minor > 0",
            rich.tenant,
        )
        assert used, "no promotion was given"
        return harness.report(
            "place_promoted",
            target=TARGET,
            pairs=measured,
            promotions=PROMOTIONS,
            codes=codes,
            lines_reduced=int(str(used)),
            given_minor=int(str(given)),
        )


async def _offer(ground: Ground, skus: int, codes: int) -> None:
    """Give the goods their tags, publish the promotions, and make the codes."""
    scope = Scope(ground.tenant)
    for first in range(1, skus + 1, PER_TRANSACTION):
        numbers = range(first, min(first + PER_TRANSACTION, skus + 1))
        await ground.database.write(scope, functools.partial(_tag, numbers=numbers))

    async def publish(tx: Tx) -> None:
        for one in (*offers.promotions(PROMOTIONS - 1), offers.opened_by_code()):
            await pricing.create_rule(tx, kind="promotion", body=one)
        await pricing.publish(tx)

    await ground.database.write(scope, publish)
    for size in _sizes(codes):
        wish = NewCoupons(offers.CODES_PROMOTION, size=size)
        batch = await ground.database.write(scope, functools.partial(coupons.make_coupons, wish=wish))
        while batch.made < batch.size:
            batch = await ground.database.write(scope, functools.partial(coupons.make_more, batch_id=batch.batch_id))


async def _tag(tx: Tx, *, numbers: range) -> None:
    drafts = [ProductDraft(code=f"SKU-{n}", tags=(offers.tag_of(n),), must="update") for n in numbers]
    await catalog.upsert_products(tx, products=drafts)


def _sizes(codes: int) -> Iterator[int]:
    while codes > 0:
        yield min(codes, COUPONS_PER_BATCH_MAX)
        codes -= COUPONS_PER_BATCH_MAX


def _codes(ground: Ground) -> tuple[str, ...]:
    return tuple(str(code) for (code,) in ground.query("SELECT code FROM coupon WHERE tenant_id = %s", ground.tenant))


def _bodies(skus: int, codes: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Yield orders; every fourth brings the next code as long as there are any."""
    left = iter(codes)
    for number in itertools.count():
        body = harness.order_body(skus=skus)
        code = next(left, None) if number % CODE_EVERY == 0 else None
        yield body if code is None else {**body, "coupons": [code]}


async def _place(ground: Ground, served: Served, bodies: Iterator[dict[str, Any]], seconds: float) -> load.Tally:
    """Place orders by `CONNECTIONS` clients for `seconds`; every answer must be a new order, and its events go out."""
    tally = await load.closed_loop(
        served.port,
        connections=CONNECTIONS,
        seconds=seconds,
        request=lambda: harness.request(ground, "/api/v1/orders", next(bodies)),
    )
    assert set(tally.statuses) == {201}, (tally.statuses, tally.last_bodies)
    harness.check_drained(await drained(ground))
    return tally


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=harness.PAIRS)
    parser.add_argument("--seconds", type=float, default=harness.SECONDS)
    parser.add_argument("--skus", type=int, default=SKUS)
    parser.add_argument("--codes", type=int, default=CODES)
    options = parser.parse_args()
    harness.run(lambda: measure(pairs=options.pairs, seconds=options.seconds, skus=options.skus, codes=options.codes))
