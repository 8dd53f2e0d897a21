"""Big enumerations: all of one in `make proof`, a slice chosen by the code in `make test`.

A test that walks an enumeration is marked `proof`, and takes its cases from `cases`, which counts them. The slice
changes with every change of the code, so the whole is walked over time even where nobody runs the proof. It is the same
wherever the same code is tested, committed or not: what passed before a commit is what is tried after it.
"""

import functools
import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

REPORT = "PROOF_REPORT"
"""Environment variable: the file that `make proof` collects counts in; set means whole."""

ROOT = Path(__file__).parents[1]
SOURCES, SUFFIXES = ("src/jiedan", "tests"), frozenset({".html", ".py", ".sql"})
"""Where the code is that slices and seeds are of, and what of the files there."""

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
    """Return a number that is this code's, for what is drawn rather than listed: of the sources, as they lie here."""
    code = hashlib.sha256()
    for path in sorted(path for folder in SOURCES for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES):
        code.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return int.from_bytes(code.digest()[:8])
