"""Walk the big enumerations whole, soak the server, and write docs/reference/proof.json: commit, counts, time.

What stopped half way goes on where it was: a test that passed is not run again as long as all code and
what is installed are those it ran with, committed; `--anew` forgets all of that. The file tells in how many goes it was
walked.
`--workers N` walks with so many processes; most of what they do is to wait, so a core has room for two.
`--soak-seconds N` soaks for less than the twenty minutes that count, or not at all (0); the file tells how long it was.
"""

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tools.proof_notes import PASSED, RAN_WITH

ROOT = Path(__file__).resolve().parents[1]
SOAK = ROOT / "benchmarks" / "results" / "soak.json"
SOAK_S = 1_200.0
PROOF = ROOT / "docs" / "reference" / "proof.json"
STATE = ROOT / ".cache" / "proof"
"""Which tests passed, each with what it ran with, and what they counted."""

TOLD_EVERY_S = 30.0
NOTHING_LEFT = 5
"""How pytest says that no test was chosen."""

TREES = ("src", "tests", "tools", "benchmarks", "pyproject.toml")
LOCKS, RESULTS = "*.lock", "benchmarks/results"
"""What tests depend on, but for results; they import from each other's folders, so nothing less is enough for sure."""

UNCOMMITTED = "what was not committed"
"""What tests ran with that nobody can tell any more: they count in that go alone."""

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


class SoakFailed(RuntimeError):
    """The soak ended with an error, or has left no result: nothing is known of it."""


def passed(lines: Iterable[str]) -> dict[str, Passed]:
    """Return the tests that passed or were skipped, by node id, from the lines of `tools.proof_notes`."""
    told = [json.loads(line) for line in lines if line.endswith("\n")]
    return {each["test"]: Passed(each["ran_with"], each["seconds"], each["skipped"]) for each in told}


def ran_with(root: Path = ROOT) -> str:
    """Return a digest of what tests depend on, as it was committed, and the Python; `UNCOMMITTED` where it was not."""
    if _git("status", "--porcelain", "--", *TREES, LOCKS, f":(exclude){RESULTS}", root=root):
        return UNCOMMITTED
    kept = [*TREES, *sorted(path.name for path in root.glob(LOCKS))]
    listed = _git("ls-tree", "-r", "HEAD", "--", *kept, root=root).splitlines()
    told = "\n".join(line for line in listed if f"\t{RESULTS}/" not in line)
    return f"Python {platform.python_version()}, {hashlib.sha256(told.encode()).hexdigest()}"


class State:
    """What earlier goes of the proof have left."""

    def __init__(self, folder: Path, *, with_: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.report = folder / "report.jsonl"
        self.notes = folder / "passed.jsonl"
        self._file = folder / "passed.json"
        self._with = with_
        self.goes = 0
        self.passed: dict[str, Passed] = {}
        if self._file.exists():
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            known = {node: Passed(*each) for node, each in kept["passed"].items()}
            self.passed = {node: each for node, each in known.items() if each.ran_with == with_ != UNCOMMITTED}
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
        """Remember what was noted in a go, one that was killed too, as far as it ran with what there is now."""
        if self.notes.exists():
            noted = passed(self.notes.read_text(encoding="utf-8").splitlines(keepends=True))
            self.keep({node: each for node, each in noted.items() if each.ran_with == self._with})
            self.notes.unlink()

    def counts(self) -> list[Count]:
        """Return the enumerations of the tests that passed."""
        return [count for count in _read(self.report) if count.test in self.passed]


def _git(*arguments: str, root: Path = ROOT) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout.strip()


def _read(report: Path) -> list[Count]:
    return counts(report.read_text(encoding="utf-8").splitlines(keepends=True)) if report.exists() else []


def _walk(state: State, start: float, *, with_: str, workers: int) -> int:
    """Run the tests marked `proof` that have not passed, telling how far they are; return the exit code."""
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-n", f"{workers}", "--dist", "worksteal", "-m", "proof"]
    limits = ["-o", f"faulthandler_timeout={TEST_S_MAX}", "-p", "tools.proof_notes"]
    known = [f"--deselect={node}" for node in sorted(state.passed)]
    environment = {**os.environ, "PROOF_REPORT": str(state.report), PASSED: str(state.notes), RAN_WITH: with_}
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
    line = soaked([sys.executable, "-m", "benchmarks.soak", "--seconds", f"{seconds}"], SOAK)
    return {key: line[key] for key in ("seconds", "met", "growth", "growth_max", "memory_mb", "p99_ms")}


def soaked(command: Sequence[str], result: Path) -> dict[str, Any]:
    """Run a soak, and return what it has written to `result`. Raises SoakFailed; what lay there before is gone."""
    result.unlink(missing_ok=True)
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code:
        message = f"the soak ended with {code}"
        raise SoakFailed(message)
    if not result.exists():
        message = f"the soak has not written {result.name}"
        raise SoakFailed(message)
    line: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return line


def main() -> int:
    """Run the tests marked `proof`, then soak; write the file only when all of it holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--soak-seconds", type=float, default=SOAK_S)
    parser.add_argument("--workers", type=int, default=2 * (os.cpu_count() or 1))
    parser.add_argument("--anew", action="store_true", help="walk again what was walked")
    chosen = parser.parse_args()
    commit, with_ = _git("rev-parse", "HEAD"), ran_with()
    state = State(STATE, with_=with_)
    if chosen.anew or with_ == UNCOMMITTED:
        state.forget()
    state.gather()
    if state.passed:
        print(f"{len(state.passed)} tests passed before and are not run again", flush=True)
    code = _walk(state, time.monotonic(), with_=with_, workers=chosen.workers)
    state.gather()
    if code:
        return code
    try:
        soak = _soak(chosen.soak_seconds)
    except SoakFailed as failure:
        print(f"{failure}; the proof is not written", file=sys.stderr)
        return 1
    if soak is not None and not soak["met"]:
        return 1
    if ran_with() != with_:
        print("what the tests ran with was changed meanwhile; the proof is not written", file=sys.stderr)
        return 1
    found = state.counts()
    proof = {
        "commit": commit,
        "changed": with_ == UNCOMMITTED,
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
