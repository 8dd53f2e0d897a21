"""Keep docs/reference/invariants.md as the checks of modules say: `python -m tools.invariants check|write`."""

import difflib
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "src" / "jiedan"
REFERENCE = ROOT / "docs" / "reference" / "invariants.md"

INVARIANTS: Mapping[int, str] = {
    1: "Each cached total is the sum of its ledger entries.",
    2: "Issued numbers are unique and below their series' next number; gap-free series have no holes.",
    3: "Every allocated line quantity whose terms are met and that no hold stops is in exactly one open fulfillment "
    "request, and no other quantity is.",
    4: "The stored line count is the number of lines.",
    5: "Status and facts agree: shipped means that shipments cover the lines, canceled that nothing is reserved.",
    6: "An order's total is the sum of its lines' totals, exactly, in minor units; unit shares add up to the whole.",
    7: "Shipped is at most ordered less canceled; returned is at most shipped.",
    8: "Captured less refunded is the sum of the payment ledger, and the order's paid amount.",
    9: "Refunds of a capture are at most the capture; captures of an authorization at most the authorization.",
    10: "The balance of store credit or a gift card is the sum of its entries, and never negative.",
    11: "Received, less shipped and written off, plus returned and adjusted, with transfers both ways, is on hand; "
    "what is in transit is counted.",
    12: "On hand is at least reserved, which is at least 0 and the sum of the live reservations; those of a line are "
    "what it has allocated.",
    13: "No more units of a SKU are sold than there ever were, unless backorder is allowed.",
    14: "A key leads to one order at most, so does an external id of a channel; an operation key has one effect.",
    15: "Redemptions of a coupon stay within its limits, in all and per customer.",
    16: "Every committed change has its event; no outbox row is too old; dead letters are listed.",
    17: "Double entry: debits equal credits per currency and transaction.",
    18: "Every row belongs to the merchant its parent belongs to.",
    19: "The audit chain verifies from its beginning to the last checkpoint.",
    20: "No cart holds stock beyond its time; no payment is under way beyond the reconciliation window.",
    21: "Nothing personal is left of whom an erasure is done with; who is being erased is closed to everything.",
}
"""What must hold, by number. A number never changes its meaning: names of checks begin with it."""

_NAME = re.compile(r"^-- name: i(\d\d)_(\w+)\s*$", re.MULTILINE)

_HEAD = """\
# Invariants

What must hold of the books of every merchant, at every moment. `jiedan verify` asks the database, and so does
`GET /api/v1/verify`: each check below is one statement that only reads and returns the rows that break it. A module
keeps its checks in its `verify.sql`; each has a test that plants the fault and sees it found.

This page is made from those files by `python -m tools.invariants write`.
"""
_UNCHECKED = "*Not checked: what it speaks of is not part of Jiedan yet.*"


class Check(NamedTuple):
    """One check: the number of its invariant, the module whose tables it is about, its name, and what is said of it."""

    invariant: int
    module: str
    name: str
    comment: str


def checks(sources: Path = SOURCES) -> Iterator[Check]:
    """Yield every check of every module below `sources`. Raises ValueError for a number that is no invariant's."""
    for path in sorted([*sources.glob("*/verify.sql"), *sources.glob("*/verify/*.sql")]):
        where = path.relative_to(sources)
        _, *parts = _NAME.split(path.read_text(encoding="utf-8"))
        for number, name, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
            if int(number) not in INVARIANTS:
                message = f"{where.as_posix()}: i{number}_{name} has the number of no invariant"
                raise ValueError(message)
            yield Check(int(number), where.parts[0], name, _comment(body))


def _comment(body: str) -> str:
    """Return the lines of comment between the name of a statement and its text."""
    lines = []
    for line in body.strip().splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return " ".join(lines)


def rendered(found: Iterator[Check]) -> str:
    """Return the page of these checks."""
    every = sorted(found)
    parts = [_HEAD]
    for number, text in INVARIANTS.items():
        lines = [_line(check) for check in every if check.invariant == number]
        parts.append("\n".join([f"## {number}", "", text, "", *(lines or [_UNCHECKED])]) + "\n")
    return "\n".join(parts)


def _line(check: Check) -> str:
    comment = f": {check.comment}" if check.comment else ""
    return f"- `i{check.invariant:02}_{check.name}` ({check.module}){comment}"


def main(arguments: list[str]) -> int:
    """Check or write; 1 when the page is not what the files say, 2 for other arguments."""
    if arguments not in (["check"], ["write"]):
        print("Usage: python -m tools.invariants check|write")
        return 2
    made = rendered(checks())
    if arguments == ["write"]:
        REFERENCE.parent.mkdir(parents=True, exist_ok=True)
        REFERENCE.write_text(made, encoding="utf-8")
        return 0
    kept = REFERENCE.read_text(encoding="utf-8") if REFERENCE.exists() else ""
    changed = list(difflib.unified_diff(kept.splitlines(), made.splitlines(), str(REFERENCE.name), "the checks", n=0))
    if not changed:
        return 0
    print("\n".join(changed))
    print("The checks changed: run `python -m tools.invariants write` and commit docs/reference/invariants.md.")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
