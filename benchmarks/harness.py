"""What every benchmark does: measure in interleaved pairs against the yardstick, print a table and one line of JSON."""

import asyncio
import dataclasses
import json
import os
import random
import re
import statistics
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg.conninfo
import uvloop

from benchmarks.ground import DRAINED_S_MAX, SKUS, Ground

PAIRS = 5
SECONDS = 8.0
YARDSTICK_CLIENTS = 16
RESULTS = Path(__file__).parent / "results"
RAW_ORDER = Path(__file__).with_name("raw_order.sql")

_DICE = random.Random(20261121)
_TPS = re.compile(r"tps = ([0-9.]+)")


@dataclasses.dataclass(frozen=True)
class Measured:
    """One pair: the yardstick's orders per second and ours, with whatever else is worth telling."""

    yardstick: float
    ours: float
    notes: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Ours over the yardstick."""
        return self.ours / self.yardstick


def yardstick(
    ground: Ground, *, seconds: float = SECONDS, clients: int = YARDSTICK_CLIENTS, third: int = SKUS // 3
) -> float:
    """Return the orders per second of `raw_order.sql` by pgbench, prepared, as superuser.

    With `third` 1 every order is for the same three SKUs.
    """
    parts = psycopg.conninfo.conninfo_to_dict(ground.server.url("postgres"))
    environment = {**os.environ, "PGPASSWORD": str(parts["password"])}
    command = [
        str(ground.server.place.programs.program("pgbench")),
        "--no-vacuum",
        "--protocol=prepared",
        f"--client={clients}",
        "--jobs=2",
        f"--time={seconds:.0f}",
        f"--file={RAW_ORDER}",
        f"--define=tenant={ground.tenant}",
        f"--define=location={ground.location}",
        f"--define=third={third}",
        f"--host={parts['host']}",
        f"--port={parts.get('port', 5432)}",
        f"--username={parts['user']}",
        str(parts["dbname"]),
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    found = _TPS.search(done.stdout)
    assert done.returncode == 0, done.stderr
    assert found is not None, done.stdout
    return float(found[1])


def order_body(*, skus: int = SKUS, lines: int = 3) -> dict[str, Any]:
    """Return a guest's order of one piece each of `lines` random SKUs, with contact and address."""
    phone = f"+86139{_DICE.randrange(10**8):08d}"
    return {
        "lines": [{"sku": f"SKU-{n}", "quantity": 1} for n in _DICE.sample(range(1, skus + 1), lines)],
        "contact": {"name": "Li Lei", "phone": phone, "email": "li@example.com"},
        "ship_to": {
            "country": "CN",
            "name": "李雷",
            "phone": phone,
            "region": "北京市",
            "city": "北京市",
            "district": "东城区",
            "line1": "长安街1号",
            "postal_code": "100006",
        },
    }


def request(ground: Ground, path: str, body: object) -> bytes:
    """Return a POST request under a fresh key."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {ground.api_key}\r\n"
        f"content-type: application/json\r\nidempotency-key: {uuid4()}\r\ncontent-length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def check_drained(lag_s: float) -> None:
    """Refuse a run whose events were not handed out in time."""
    assert lag_s <= DRAINED_S_MAX, f"the outbox was not empty after {lag_s:.1f} s"


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def report(
    name: str,
    *,
    target: float,
    pairs: Sequence[Measured],
    ratio: float | None = None,
    is_fine: bool = True,
    **more: Any,
) -> dict[str, Any]:
    """Print a table and one line of JSON; write both into `results/` and return what the line says.

    `ratio` is the median of the pairs unless given. `is_fine` tells whether what the benchmark asks beside it was met.
    """
    if ratio is None:
        ratio = median([pair.ratio for pair in pairs])
    line = {
        "benchmark": name,
        "ratio": round(ratio, 3),
        "target": target,
        "met": ratio >= target and is_fine,
        "ours_per_s": round(median([pair.ours for pair in pairs]), 2),
        "yardstick_per_s": round(median([pair.yardstick for pair in pairs]), 2),
        "pairs": [[round(pair.yardstick, 2), round(pair.ours, 2)] for pair in pairs],
        **more,
    }
    rows = [f"{'pair':>4} {'yardstick/s':>12} {'ours/s':>10} {'ratio':>7}  notes"]
    rows += [
        f"{i:>4} {pair.yardstick:>12.2f} {pair.ours:>10.2f} {pair.ratio:>7.2f}  "
        + " ".join(f"{key}={value}" for key, value in pair.notes.items())
        for i, pair in enumerate(pairs, start=1)
    ]
    table = "\n".join(rows)
    print(f"{name}\n{table}\n{json.dumps(line)}", flush=True)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(line, indent=1) + "\n", encoding="utf-8")
    (RESULTS / f"{name}.txt").write_text(table + "\n", encoding="utf-8")
    return line


def run(measure: Callable[[], Awaitable[dict[str, Any]]]) -> None:
    """Run one benchmark and exit with 1 when it missed its target."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        line = runner.run(_awaited(measure))
    sys.exit(0 if line["met"] else 1)


async def _awaited(measure: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    return await measure()
