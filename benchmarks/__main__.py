"""Run every benchmark, or those named: `python -m benchmarks [NAME …]`. Exits with 1 when one fell back.

Each runs in a process of its own. A ratio more than 20 % below the stored one is a loss; missing a target is told, and
is no loss.
"""

import json
import subprocess
import sys

from benchmarks.harness import RESULTS

NAMES = (
    "place_orders",
    "place_batches",
    "hot_sku",
    "sold_out",
    "price_carts",
    "place_promoted",
    "drain",
    "overload",
    "start_up",
    "order_page",
    "first_paint",
    "lists",
    "growth",
)
LOSS_MAX = 0.2


def main() -> int:
    """Run and compare."""
    names = sys.argv[1:] or list(NAMES)
    lost = []
    for name in names:
        before = _stored(name)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False)
        after = _stored(name)
        if after is None:
            lost.append(f"{name}: no result")
        elif before is not None and after < before * (1 - LOSS_MAX):
            lost.append(f"{name}: {after:.2f}, stored was {before:.2f}")
    for line in lost:
        print(f"LOST {line}")
    return 1 if lost else 0


def _stored(name: str) -> float | None:
    path = RESULTS / f"{name}.json"
    if not path.exists():
        return None
    ratio: float = json.loads(path.read_text(encoding="utf-8"))["ratio"]
    return ratio


if __name__ == "__main__":
    sys.exit(main())
