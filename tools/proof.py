"""Walk the big enumerations whole, soak the server, and write docs/reference/proof.json: commit, counts, time.

`--soak-seconds N` soaks for less than the twenty minutes that count, or not at all (0); the file tells how long it was.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SOAK = ROOT / "benchmarks" / "results" / "soak.json"
SOAK_S = 1_200.0
PROOF = ROOT / "docs" / "reference" / "proof.json"
TOLD_EVERY_S = 30.0
TEST_S_MAX = 3 * 3600
"""An enumeration takes minutes; only what takes hours hangs."""


class Count(NamedTuple):
    """How far an enumeration was walked, as `tests/enumerations.py` tells it."""

    name: str
    cases: int
    seconds: float
    is_whole: bool


def counts(lines: Iterable[str]) -> list[Count]:
    """Return the last word on each enumeration, by name."""
    told = [Count(**json.loads(line)) for line in lines if line.endswith("\n")]
    return sorted({count.name: count for count in told}.values())


def skipped(report: str) -> list[str]:
    """Return which tests were skipped, and why, from pytest's report in JUnit's form."""
    tests = ET.fromstring(report).iter("testcase")  # noqa: S314 - pytest wrote it just now
    return sorted(f"{test.get('name')}: {reason.get('message')}" for test in tests for reason in test.iter("skipped"))


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.strip()


def _read(report: Path) -> list[Count]:
    return counts(report.read_text(encoding="utf-8").splitlines(keepends=True)) if report.exists() else []


def _walk(report: Path, results: Path, start: float) -> int:
    """Run the tests marked `proof`, telling now and then how far they are; return pytest's exit code."""
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-n", "2", "--dist", "worksteal", "-m", "proof"]
    limits = ["-o", f"faulthandler_timeout={TEST_S_MAX}", f"--junitxml={results}", "tests"]
    environment = {**os.environ, "JIEDAN_PROOF_REPORT": str(report)}
    with subprocess.Popen([*command, *limits], cwd=ROOT, env=environment) as running:
        while True:
            try:
                return running.wait(TOLD_EVERY_S)
            except subprocess.TimeoutExpired:
                found = _read(report)
                under_way = "".join(f"; {c.name}: {c.cases:,} so far" for c in found if not c.is_whole)
                whole = [c for c in found if c.is_whole]
                done = f"{sum(c.cases for c in whole):,} cases of {len(whole)} enumerations"
                print(f"[{time.monotonic() - start:.0f} s] {done}{under_way}", flush=True)


def _soak(seconds: float) -> dict[str, Any] | None:
    """Soak for so long; return what the benchmark says of it, None where nothing was asked for."""
    if not seconds:
        return None
    print(f"soaking for {seconds:.0f} s", flush=True)
    subprocess.run([sys.executable, "-m", "benchmarks.soak", "--seconds", f"{seconds}"], cwd=ROOT, check=False)
    line: dict[str, Any] = json.loads(SOAK.read_text(encoding="utf-8"))
    return {key: line[key] for key in ("seconds", "met", "growth", "growth_max", "memory_mb", "p99_ms")}


def main() -> int:
    """Run the tests marked `proof`, then soak; write the file only when all of it holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--soak-seconds", type=float, default=SOAK_S)
    soak_s: float = parser.parse_args().soak_seconds
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report, results = Path(folder, "report.jsonl"), Path(folder, "results.xml")
        code = _walk(report, results, start)
        if code:
            return code
        found = _read(report)
        left_out = skipped(results.read_text(encoding="utf-8"))
    seconds = round(time.monotonic() - start, 1)
    soak = _soak(soak_s)
    if soak is not None and not soak["met"]:
        return 1
    proof = {
        "commit": _git("rev-parse", "HEAD"),
        "changed": bool(_git("status", "--porcelain", "--", "src", "tests")),
        "python": platform.python_version(),
        "cases": sum(count.cases for count in found),
        "seconds": seconds,
        "skipped": left_out,
        "soak": soak,
        "enumerations": [{"name": c.name, "cases": c.cases, "seconds": c.seconds} for c in found],
    }
    PROOF.parent.mkdir(parents=True, exist_ok=True)
    PROOF.write_text(json.dumps(proof, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{proof['cases']:,} cases in {proof['seconds']} s: {PROOF.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
