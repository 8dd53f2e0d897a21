"""Walk the big enumerations whole, soak the server, and write docs/reference/proof.json: commit, counts, time.

What stopped half way goes on where it was: a test that passed is not run again as long as `src` and its own folder of
tests are those it ran with, committed; `--anew` forgets all of that. The file tells in how many goes it was walked.
`--soak-seconds N` soaks for less than the twenty minutes that count, or not at all (0); the file tells how long it was.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tools.proof_notes import PASSED

ROOT = Path(__file__).resolve().parents[1]
SOAK = ROOT / "benchmarks" / "results" / "soak.json"
SOAK_S = 1_200.0
PROOF = ROOT / "docs" / "reference" / "proof.json"
STATE = ROOT / ".cache" / "proof"
"""Which tests passed, each with what it ran with, and what they counted."""

TOLD_EVERY_S = 30.0
NOTHING_LEFT = 5
"""How pytest says that no test was chosen."""

TEST_S_MAX = 3 * 3600
"""An enumeration takes minutes; only what takes hours hangs."""


class Count(NamedTuple):
    """How far an enumeration was walked, as `tests/enumerations.py` tells it."""

    name: str
    cases: int
    seconds: float
    is_whole: bool
    test: str = ""


def counts(lines: Iterable[str]) -> list[Count]:
    """Return the last word on each enumeration, by name."""
    told = [Count(**json.loads(line)) for line in lines if line.endswith("\n")]
    return sorted({count.name: count for count in told}.values())


class Passed(NamedTuple):
    """A test that passed or was skipped: what it ran with, how long it took, why it was skipped."""

    ran_with: str
    seconds: float
    skipped: str | None = None


def passed(lines: Iterable[str], ran_with: Callable[[str], str]) -> dict[str, Passed]:
    """Return the tests that passed or were skipped, by node id, from the lines of `tools.proof_notes`."""
    told = [json.loads(line) for line in lines if line.endswith("\n")]
    return {each["test"]: Passed(ran_with(each["test"]), each["seconds"], each["skipped"]) for each in told}


def ran_with(node: str) -> str:
    """Return what a test depends on, as Git names it: all of `src`, and its own folder of tests."""
    return _git("rev-parse", "HEAD:src", f"HEAD:{Path(node.partition('::')[0]).parent.as_posix()}").replace("\n", " ")


class State:
    """What earlier goes of the proof have left."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.report = folder / "report.jsonl"
        self.notes = folder / "passed.jsonl"
        self._file = folder / "passed.json"
        self.goes = 0
        self.passed: dict[str, Passed] = {}
        if self._file.exists():
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            known = {node: Passed(*each) for node, each in kept["passed"].items()}
            self.passed = {node: each for node, each in known.items() if _is_still(node, each)}
            self.goes = kept["goes"] if self.passed else 0

    def forget(self) -> None:
        """Begin anew."""
        for file in (self.report, self.notes, self._file):
            file.unlink(missing_ok=True)
        self.goes, self.passed = 0, {}

    def keep(self, more: Mapping[str, Passed]) -> None:
        """Remember what passed in this go."""
        self.goes += 1
        self.passed = {**self.passed, **more}
        self._file.write_text(json.dumps({"goes": self.goes, "passed": self.passed}), encoding="utf-8")

    def gather(self) -> None:
        """Remember what was noted in a go, one that was killed too."""
        if self.notes.exists():
            self.keep(passed(self.notes.read_text(encoding="utf-8").splitlines(keepends=True), ran_with))
            self.notes.unlink()

    def counts(self) -> list[Count]:
        """Return the enumerations of the tests that passed."""
        return [count for count in _read(self.report) if count.test in self.passed]


def _is_still(node: str, each: Passed) -> bool:
    try:
        return ran_with(node) == each.ran_with
    except subprocess.CalledProcessError:  # the folder is gone
        return False


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.strip()


def _read(report: Path) -> list[Count]:
    return counts(report.read_text(encoding="utf-8").splitlines(keepends=True)) if report.exists() else []


def _walk(state: State, start: float) -> int:
    """Run the tests marked `proof` that have not passed, telling how far they are; return the exit code."""
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-n", "2", "--dist", "worksteal", "-m", "proof"]
    limits = ["-o", f"faulthandler_timeout={TEST_S_MAX}", "-p", "tools.proof_notes"]
    known = [f"--deselect={node}" for node in sorted(state.passed)]
    environment = {**os.environ, "PROOF_REPORT": str(state.report), PASSED: str(state.notes)}
    with subprocess.Popen([*command, *limits, *known, "tests"], cwd=ROOT, env=environment) as running:
        while True:
            try:
                code = running.wait(TOLD_EVERY_S)
            except subprocess.TimeoutExpired:
                found = _read(state.report)
                under_way = "".join(f"; {c.name}: {c.cases:,} so far" for c in found if not c.is_whole)
                whole = [c for c in found if c.is_whole]
                done = f"{sum(c.cases for c in whole):,} cases of {len(whole)} enumerations"
                print(f"[{time.monotonic() - start:.0f} s] {done}{under_way}", flush=True)
            else:
                return 0 if code == NOTHING_LEFT and known else code


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
    parser.add_argument("--anew", action="store_true", help="walk again what was walked")
    chosen = parser.parse_args()
    is_clean = not _git("status", "--porcelain", "--", "src", "tests")
    state = State(STATE)
    if chosen.anew or not is_clean:  # nobody can tell what a test ran with that was not committed
        state.forget()
    state.gather()
    if state.passed:
        print(f"{len(state.passed)} tests passed before and are not run again", flush=True)
    code = _walk(state, time.monotonic())
    state.gather()
    if code:
        return code
    soak = _soak(chosen.soak_seconds)
    if soak is not None and not soak["met"]:
        return 1
    found = state.counts()
    proof = {
        "commit": _git("rev-parse", "HEAD"),
        "changed": not is_clean,
        "python": platform.python_version(),
        "cases": sum(count.cases for count in found),
        "seconds": round(sum(each.seconds for each in state.passed.values()), 1),
        "goes": state.goes,
        "skipped": sorted(f"{node}: {each.skipped}" for node, each in state.passed.items() if each.skipped),
        "soak": soak,
        "enumerations": [{"name": c.name, "cases": c.cases, "seconds": c.seconds} for c in found],
    }
    PROOF.parent.mkdir(parents=True, exist_ok=True)
    PROOF.write_text(json.dumps(proof, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{proof['cases']:,} cases in {proof['seconds']} s: {PROOF.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
