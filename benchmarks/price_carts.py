"""P8, prices alone: a cart under many promotions is priced in a few milliseconds of pure Python, and rules sit light.

Claim: a cart of 50 lines under 200 active promotions takes at most 5 ms, one of 3 lines under 20 at most 0.3 ms; the
compiled rules of 200 promotions that name 100,000 SKUs by code take `memory_mb` (told, not judged).
Method: `pricing.rules.quote` over goods that are known, no database, CPU time of this process, the mean of as many runs
as fit into `SECONDS`; each line of a cart has a tag of its own, so the large one meets a hundred promotions and the
small one three. Both in turns, five times; the median counts. The ratio is the target over the time, of the one that is
nearer to it, so that more is better. `few_ms` is what the large cart takes when its lines share five tags, so that it
meets ten. Memory is what `tracemalloc` counts for book and compiled form.
"""

import datetime as dt
import gc
import time
import tracemalloc
from collections.abc import Sequence
from typing import Any

from benchmarks import harness, offers
from benchmarks.harness import Measured
from jiedan.pricing.rules import QuoteRules, compile_book, quote
from jiedan.pricing.values.books import RuleBook
from jiedan.pricing.values.carts import Tier
from jiedan.pricing.values.lots import Place
from jiedan.pricing.values.promoted import Facts
from jiedan.pricing.values.quotes import Basket, BasketLine
from jiedan.pricing.values.units import SkuPrices, Wanted

LARGE_LINES, LARGE_PROMOTIONS, LARGE_MS_MAX = 50, 200, 5.0
SMALL_LINES, SMALL_PROMOTIONS, SMALL_MS_MAX = 3, 20, 0.3
FEW_TAGS = 5
NAMED_SKUS = 100_000
SECONDS = 1.0
AT = dt.datetime(2026, 11, 11, 4, tzinfo=dt.UTC)


def rules_of(count: int) -> QuoteRules:
    """Return the rules of so many promotions, compiled."""
    return compile_book(RuleBook(promotions=offers.promotions(count)), version=1, prices_include_tax=True)


def basket(lines: int, *, tags: int) -> tuple[Basket, dict[str, SkuPrices]]:
    """Return a cart of one to four pieces of `lines` SKUs, spread over so many tags, and what is known of them."""
    numbers = [offers.TAGS * n + n % tags for n in range(lines)]
    wanted = [Wanted(i, f"SKU-{n}", 1 + n % 4) for i, n in enumerate(numbers, start=1)]
    skus = {
        f"SKU-{n}": SkuPrices(
            frozenset({f"sku:SKU-{n}", f"product:SKU-{n}", f"tag:{offers.tag_of(n)}"}),
            catalog={"CNY": (Tier(1, 1_999 + n % 500),)},
        )
        for n in numbers
    }
    facts = Facts("CNY", AT, AT + dt.timedelta(hours=8), place=Place("CN"))
    return Basket(facts, tuple(BasketLine(one, "standard") for one in wanted)), skus


def price_ms(cart: tuple[Basket, dict[str, SkuPrices]], rules: QuoteRules, seconds: float) -> float:
    """Return the CPU that pricing a cart takes (ms), the mean of as many runs as fit into `seconds`."""
    wanted, skus = cart
    quote(wanted, skus, rules)
    runs, started = 0, time.process_time()
    while (spent := time.process_time() - started) < seconds:
        quote(wanted, skus, rules)
        runs += 1
    return spent * 1000 / runs


def memory_mb(named: int) -> float:
    """Return what a book takes whose promotions name so many SKUs, with its compiled form (MB)."""
    each = named // LARGE_PROMOTIONS
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        codes: Sequence[Sequence[str]] = [[f"SKU-{n * each + i}" for i in range(each)] for n in range(LARGE_PROMOTIONS)]
        book = RuleBook(promotions=offers.promotions(LARGE_PROMOTIONS, skus_each=codes))
        del codes
        kept = book, compile_book(book, version=1, prices_include_tax=True)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0] - before
        del kept
    finally:
        tracemalloc.stop()
    return held / 1_000_000


async def measure(*, pairs: int = harness.PAIRS, seconds: float = SECONDS, named: int = NAMED_SKUS) -> dict[str, Any]:
    """Measure and report."""
    many, few = rules_of(LARGE_PROMOTIONS), rules_of(SMALL_PROMOTIONS)
    large, small = basket(LARGE_LINES, tags=LARGE_LINES), basket(SMALL_LINES, tags=SMALL_LINES)
    few_met = basket(LARGE_LINES, tags=FEW_TAGS)
    measured = []
    for _ in range(pairs):
        large_ms, small_ms = price_ms(large, many, seconds), price_ms(small, few, seconds)
        nearest = min(LARGE_MS_MAX / large_ms, SMALL_MS_MAX / small_ms)
        measured.append(Measured(1.0, nearest, {"large_ms": round(large_ms, 3), "small_ms": round(small_ms, 3)}))
    return harness.report(
        "price_carts",
        target=1.0,
        pairs=measured,
        few_ms=round(price_ms(few_met, many, seconds), 3),
        memory_mb=round(memory_mb(named), 1),
        named_skus=named,
    )


if __name__ == "__main__":
    harness.run(measure)
