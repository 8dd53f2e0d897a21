"""Big enumerations: all of one in `make proof`, a slice chosen by the commit in `make test`.

A test that walks an enumeration is marked `proof`, and takes its cases from `cases`, which counts them. The slice
changes with every commit, so the whole is walked over time even where nobody runs the proof.
"""

import functools
import json
import os
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

REPORT = "JIEDAN_PROOF_REPORT"
"""Environment variable: the file that `make proof` collects counts in; set means whole."""

SLICES = 16
TOLD_EVERY_S = 5.0
"""How often a proof hears how far an enumeration is."""


def cases(name: str, every: Iterable[T], *, slices: int = SLICES) -> Iterator[T]:
    """Yield the cases of the enumeration `name`: each one in a proof, else one in `slices`.

    The count is final when the last case has been taken, so a case that failed leaves no claim behind.
    """
    report = os.environ.get(REPORT)
    start = told = time.monotonic()
    count = 0
    for number, case in enumerate(every):
        if report or number % slices == seed() % slices:
            count += 1
            yield case
        if report and time.monotonic() - told > TOLD_EVERY_S:
            told = time.monotonic()
            _tell(report, name, count, told - start, is_whole=False)
    if report:
        _tell(report, name, count, time.monotonic() - start, is_whole=True)
    else:
        assert count, f"{name}: the slice is empty; the enumeration has fewer than {slices} cases"


def _tell(report: str, name: str, count: int, seconds: float, *, is_whole: bool) -> None:
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
    told = {"name": name, "cases": count, "seconds": round(seconds, 1), "is_whole": is_whole, "test": test}
    line = json.dumps(told)
    with Path(report).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


@functools.cache
def seed() -> int:
    """Return a number that is this commit's, for what is drawn rather than listed; 0 outside a repository."""
    command = ["git", "rev-parse", "HEAD"]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, check=False, text=True)
    return int(done.stdout.strip() or "0", 16)
