"""P10: Jiedan starts fast and sits light.

Claim: `jiedan serve` on an initialized folder answers `/readyz` within 3 s; the first start ever within 20 s; an idle
API process keeps at most 120 MB resident.
Method: a fresh home is served once (that start makes the database), then five times more; median of the five. The
ratio is the target over the time, so that more is better, as everywhere here. What a process has for itself alone
(`own_mb`), and not in common with the others, is told beside.
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import harness
from benchmarks.ground import ground_folder, serve
from benchmarks.harness import Measured

READY_S_MAX = 3.0
FIRST_S_MAX = 20.0
RESIDENT_MB_MAX = 120.0
IDLE_S = 1.0


async def measure(*, starts: int = harness.PAIRS) -> dict[str, Any]:
    """Measure and report."""
    with tempfile.TemporaryDirectory(prefix="jiedan-bench-", ignore_cleanup_errors=True) as folder:
        home = ground_folder(folder)
        async with serve(home) as served:
            first_s = served.ready_s
        measured, resident, owned = [], 0.0, 0.0
        for _ in range(starts):
            async with serve(home) as served:
                await asyncio.sleep(IDLE_S)
                processes = _api_processes(home)
                megabytes = max(_resident_mb(pid) for pid in processes)
                own = max(_own_mb(pid) for pid in processes)
                resident, owned = max(resident, megabytes), max(owned, own)
                notes = {"ready_s": round(served.ready_s, 2), "resident_mb": round(megabytes), "own_mb": round(own)}
                measured.append(Measured(1 / READY_S_MAX, 1 / served.ready_s, notes))
        return harness.report(
            "start_up",
            target=1.0,
            pairs=measured,
            is_fine=first_s <= FIRST_S_MAX and resident <= RESIDENT_MB_MAX,
            first_s=round(first_s, 2),
            resident_mb=round(resident, 1),
            own_mb=round(owned, 1),
        )


def _api_processes(home: Path) -> list[int]:
    """Return the API processes that serve `home`."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            name, environment = (folder / "comm").read_text(encoding="ascii"), (folder / "environ").read_bytes()
        except OSError:
            continue
        if name == "jiedan-api\n" and f"JIEDAN_HOME={home}\0".encode() in environment + b"\0":
            found.append(int(folder.name))
    assert found, "no API process found"
    return found


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _own_mb(pid: int) -> float:
    """Return what the process has for itself alone, rather than in common with the nursery it was forked from."""
    rows = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(row.split()[1]) for row in rows if row.startswith("Private_")) / 1024


if __name__ == "__main__":
    harness.run(measure)
