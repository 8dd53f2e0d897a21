"""P7: a whole marketplace comes in at two thirds of the speed of the same rows by bare batched SQL, or better.

Claim: `jiedan import olist` brings 99,441 orders with payments, shipments and deliveries into an empty merchant in at
most 1.5 × the time that `raw_import.py` needs for the rows it leaves, in at most 120 s here, and in 400 MB.
Method: one run, as it takes minutes: the command as a process of its own on a new installation, its memory as the
system counts it; then the yardstick on the same server. The set lies beside the repository or at `JIEDAN_DATA`.
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import harness, raw_import
from benchmarks.ground import ground_folder
from benchmarks.harness import Measured
from jiedan.accounts import service as accounts
from jiedan.accounts.values import NewMerchant, NewStaff
from jiedan.base import clock, migrate, server
from jiedan.base.db import Database

ORDERS = 99_441
TARGET = 1 / 1.5
SECONDS_MAX = 120
MEMORY_MB_MAX = 400
SLUG = "olist"
DATA = Path(os.environ.get("JIEDAN_DATA", Path(__file__).parents[1].parent / "shared" / "data"))


async def measure() -> dict[str, Any]:
    """Measure and report."""
    with tempfile.TemporaryDirectory(prefix="jiedan-bench-", ignore_cleanup_errors=True) as folder:
        home = ground_folder(folder)
        running = await asyncio.to_thread(asyncio.run, server.start(home))
        try:
            migrate.migrate(running.owner_url)
            await _open_merchant(running.app_url)
            seconds, cpu_s, memory_mb = await asyncio.to_thread(_imported, home)
            await asyncio.to_thread(raw_import.prepare, running)
            raw = await asyncio.to_thread(raw_import.write_again, running)
        finally:
            await running.stop()
    notes = {"import_s": round(seconds), "cpu_s": round(cpu_s), "raw_s": round(raw.seconds), "rows": raw.rows}
    return harness.report(
        "import_olist",
        target=TARGET,
        pairs=[Measured(ORDERS / raw.seconds, ORDERS / seconds, notes)],
        is_fine=seconds <= SECONDS_MAX and memory_mb <= MEMORY_MB_MAX,
        seconds=round(seconds, 1),
        seconds_max=SECONDS_MAX,
        memory_mb=memory_mb,
        memory_mb_max=MEMORY_MB_MAX,
    )


async def _open_merchant(app_url: str) -> None:
    database = Database(app_url, clock=clock.SystemClock())
    try:
        await accounts.open_merchant(
            database,
            merchant=NewMerchant(slug=SLUG, name="Olist", country="BR", time_zone="America/Sao_Paulo", currency="BRL"),
            owner=NewStaff(email="bench@example.com", name="Bench"),
        )
    finally:
        await database.close()


def _imported(home: Path) -> tuple[float, float, int]:
    """Run the command; return how long it took, its processor time, and its memory in MB."""
    words = ["import", "olist", str(DATA / "olist"), "--merchant", SLUG, "--json"]
    started = time.monotonic()
    command = [sys.executable, "-c", "from jiedan.cli import main; main()", *words]
    quiet = [(os.POSIX_SPAWN_OPEN, sys.stdout.fileno(), os.devnull, os.O_WRONLY, 0)]
    environment = {**os.environ, "JIEDAN_HOME": str(home)}
    pid = os.posix_spawn(sys.executable, command, environment, file_actions=quiet)
    _, status, used = os.wait4(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, "the import did not come in whole"
    return time.monotonic() - started, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


if __name__ == "__main__":
    harness.run(measure)
