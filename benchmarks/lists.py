"""P6: a page of orders comes fast among a million, whatever is asked for.

Claim: every built-in view, searches by number, name, pinyin, phone, e-mail and SKU, filters at once (the worst pairs
too) and deep pages have p95 ≤ 50 ms, with the count, and send the same number of statements whatever they find.
Method: a shop of a million orders (`seed_orders`), `jiedan serve`, one request at a time through the API, and the
console's list; see `reading`. The ratio is that of the slowest case.
"""

import argparse
import urllib.parse
from pathlib import Path
from typing import Any

import httpx2

from benchmarks import harness, reading, seed_orders
from benchmarks.ground import Ground, Served, serve
from benchmarks.reading import Caller, Case
from jiedan.orders.values.lists import BUILT_IN_VIEWS

TARGET_MS = 50.0
ROUNDS = 60
SAMPLES = 30
DEEP_PAGES = 20
ROWS_OF_A_DEEP_PAGE = 200
ORDERS_PATH = "/api/v1/orders"


async def measure(*, rounds: int = ROUNDS, count: int = seed_orders.ORDERS, home: Path | None = None) -> dict[str, Any]:
    """Measure and report."""
    async with seed_orders.open_seeded(count=count, folder=home) as ground, serve(ground.home) as served:
        caller = Caller(ground.api_key, await seed_orders.session_cookie(ground))
        cases = [*_views(), *_searches(ground), *_filters(), *await _deep(served, caller), *_pages()]
        figures = await reading.measure(ground, served, caller, cases, rounds=rounds)
        return reading.report("lists", figures, orders=ground.count_orders())


def _views() -> list[Case]:
    return [Case(f"view {view}", [_path(view=view)], TARGET_MS) for view in BUILT_IN_VIEWS]


def _searches(ground: Ground) -> list[Case]:
    numbers, names, phones, emails, ids = zip(
        *reading.sample(ground, "number, contact_name, contact_phone, contact_email, external_id", SAMPLES), strict=True
    )
    skus = [str(code) for (code,) in ground.query("SELECT code FROM sku ORDER BY md5(code) LIMIT %s", SAMPLES)]
    return [
        Case("number", [_path(q=x) for x in numbers], TARGET_MS),
        Case("end of a number", [_path(q=x.rpartition("-")[2].lstrip("0")) for x in numbers], TARGET_MS),
        Case("name", [_path(q=x) for x in names], TARGET_MS),
        Case("surname", [_path(q=x) for x in ("王", "李", "miller", "emma")], TARGET_MS),
        Case("pinyin", [_path(q=x) for x in ("wangwei", "lixiuying", "zhangmin", "chen")], TARGET_MS),
        Case("initials", [_path(q=x) for x in ("ww", "lxy", "zm", "w")], TARGET_MS),
        Case("phone", [_path(q=x) for x in phones], TARGET_MS),
        Case("end of a phone", [_path(q=x[-4:]) for x in phones], TARGET_MS),
        Case("e-mail", [_path(q=x) for x in emails], TARGET_MS),
        Case("id of elsewhere", [_path(q=x) for x in ids], TARGET_MS),
        Case("SKU as a word", [_path(q=x) for x in skus], TARGET_MS),
        Case("SKU", [_path(sku=x) for x in skus], TARGET_MS),
        Case("word of every order", [_path(q=x) for x in ("so", "demo", "1", "tea", "customer")], TARGET_MS),
        Case("two words of every order", [_path(q=x) for x in ("so demo", "tea so", "1 3 demo")], TARGET_MS),
        Case("nothing", [_path(q="zzzzzz"), _path(q="so zzzzzz")], TARGET_MS),
    ]


def _filters() -> list[Case]:
    return [
        Case("rare tag", [_path(tag="vip")], TARGET_MS),
        Case("rare tag, common status", [_path(tag="vip", payment="paid", lifecycle="completed")], TARGET_MS),
        Case("common tag, rare status", [_path(tag="wholesale", payment="overpaid")], TARGET_MS),
        Case("rare status", [_path(lifecycle="canceled", payment="overpaid")], TARGET_MS),
        Case("common status", [_path(payment="paid", fulfillment="delivered")], TARGET_MS),
        Case("never meet", [_path(lifecycle="completed", fulfillment="waiting")], TARGET_MS),
        Case("common ones that never meet", [_path(channel="store", q="marketplace", held="true")], TARGET_MS),
        Case("channel", [_path(channel="marketplace")], TARGET_MS),
        Case("two common terms", [_path(channel="store", tag="gift", lifecycle="open")], TARGET_MS),
        Case("location", [_path(location="BJ-1"), _path(location="BJ-1", lifecycle="completed")], TARGET_MS),
        Case("not held", [_path(held="false"), _path(held="false", waiting="false")], TARGET_MS),
        Case("shown status", [_path(status="signed"), _path(status="reviewed")], TARGET_MS),
        Case("days", [_path(placed_from="2025-03-01", placed_to="2025-03-31")], TARGET_MS),
        Case("days long ago, word of every order", [_path(placed_to="2024-03-31", q="so")], TARGET_MS),
        Case("amounts nobody paid", [_path(total_min="1", total_max="2", currency="CNY")], TARGET_MS),
        Case("word in a status", [_path(q="wangwei", lifecycle="open"), _path(q="so", payment="refunded")], TARGET_MS),
    ]


async def _deep(served: Served, caller: Caller) -> list[Case]:
    """Return the last of `DEEP_PAGES` large pages of some lists, found by their cursors."""
    asked: dict[str, dict[str, str]] = {
        "deep: all": {},
        "deep: common status": {"payment": "paid"},
        "deep: word of every order": {"q": "so"},
        "deep: channel": {"channel": "web"},
    }
    cases = []
    async with httpx2.AsyncClient(base_url=f"http://localhost:{served.port}") as http:
        for name, wanted in asked.items():
            case = Case(name, [], TARGET_MS)
            path = _path(limit=str(ROWS_OF_A_DEEP_PAGE), **wanted)
            for _ in range(DEEP_PAGES):
                page = (await http.get(path, headers=caller.headers(case), timeout=60)).json()
                path = _path(limit=str(ROWS_OF_A_DEEP_PAGE), cursor=page["next"], **wanted)
            cases.append(case._replace(paths=[_path(cursor=page["next"], **wanted)]))
    return cases


def _pages() -> list[Case]:
    return [
        Case("console: all", ["/c/bench/orders"], TARGET_MS, is_page=True),
        Case("console: to ship", ["/c/bench/orders?view=to_ship"], TARGET_MS, is_page=True),
        Case("console: search", ["/c/bench/orders?q=wangwei", "/c/bench/orders?q=so"], TARGET_MS, is_page=True),
    ]


def _path(**wanted: str) -> str:
    return f"{ORDERS_PATH}?{urllib.parse.urlencode(wanted)}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=seed_orders.ORDERS)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    harness.run(lambda: measure(rounds=options.rounds, count=options.orders, home=options.home))
