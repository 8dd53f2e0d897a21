"""P11: a page is seen soon on a slow machine.

Claim: with the CPU slowed 4 ×, a page is painted first (First Contentful Paint) within 1 s, though the browser has
nothing of it yet. That it weighs at most 60 kB and makes at most 6 requests is a test (`tests/browser/test_gates.py`).
Method: a seeded shop (`seed_orders`), `jiedan serve`, headless Chromium whose page process is slowed over CDP, a new
browser context for each look, so that nothing is cached; pages take turns. Each page is opened once before, at full
speed, so that its template is compiled. The ratio is that of the slowest page's median.
"""

import argparse
import re
import shutil
import statistics
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

from benchmarks import harness, seed_orders
from benchmarks.ground import Ground, Served, serve
from benchmarks.harness import Measured

PAINTED_S_MAX = 1.0
SLOWED = 4
ROUNDS = 9
SIZES = ((1440, 900), (390, 844))

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]+")

PAINTED = """() => new Promise(tell => new PerformanceObserver(list => {
    for (const entry of list.getEntriesByName('first-contentful-paint')) tell(entry.startTime);
}).observe({type: 'paint', buffered: true}))"""


async def measure(*, rounds: int = ROUNDS, count: int = seed_orders.ORDERS, home: Path | None = None) -> dict[str, Any]:
    """Measure and report."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert executable is not None, "Chromium is not on the PATH"
    async with (
        seed_orders.open_seeded(count=count, folder=home) as ground,
        serve(ground.home) as served,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        cookie = await seed_orders.session_cookie(ground)
        looks = [(path, size) for path in _paths(ground) for size in SIZES]
        painted: dict[tuple[str, tuple[int, int]], list[float]] = {look: [] for look in looks}
        for path in _paths(ground):
            await _first_paint_ms(browser, served, cookie, path, SIZES[0], slowed=1)
        for _ in range(rounds):
            for path, size in looks:
                painted[path, size].append(await _first_paint_ms(browser, served, cookie, path, size, slowed=SLOWED))
        await browser.close()
        return _report(painted, orders=ground.count_orders())


def _paths(ground: Ground) -> list[str]:
    ((order_id,),) = ground.query("SELECT order_id FROM orders ORDER BY placed_at DESC LIMIT 1")
    console = ("home", "orders", f"orders/{order_id}", "orders/new", "products", "customers", "fulfillment")
    return ["/sign-in", *(f"/c/bench/{page}" for page in console)]


async def _first_paint_ms(
    browser: Browser, served: Served, cookie: str, path: str, size: tuple[int, int], *, slowed: int
) -> float:
    """Return when a page was painted first, in milliseconds after the address was entered."""
    name, _, value = cookie.partition("=")
    address = f"http://localhost:{served.port}"
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, service_workers="block")
    try:
        await context.add_cookies([{"name": name, "value": value, "url": address}])
        page = await context.new_page()
        devtools = await context.new_cdp_session(page)
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
        answer = await page.goto(address + path, wait_until="commit")
        assert answer is not None
        assert answer.ok, (path, answer.status)
        return float(await page.evaluate(PAINTED))
    finally:
        await context.close()


def _report(painted: dict[tuple[str, tuple[int, int]], list[float]], **more: Any) -> dict[str, Any]:
    pairs, medians = [], {}
    for (path, (width, _)), taken in painted.items():
        page = _ID.sub("…", path)
        middle = statistics.median(taken)
        notes = {"page": page, "width": width, "ms": round(middle), "worst_ms": round(max(taken))}
        medians[f"{page} at {width}"] = notes["ms"]
        pairs.append(Measured(1 / PAINTED_S_MAX, 1000 / middle, notes))
    ratio = min(pair.ratio for pair in pairs)
    return harness.report("first_paint", target=1.0, pairs=pairs, ratio=ratio, painted_ms=medians, **more)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=seed_orders.ORDERS)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    harness.run(lambda: measure(rounds=options.rounds, count=options.orders, home=options.home))
