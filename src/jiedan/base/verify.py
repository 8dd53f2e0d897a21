"""Verify: the books of a merchant, checked by read-only SQL that must return no rows.

Each module keeps its checks in `verify.sql`, or by theme in the files of its folder `verify`; the name of a check
begins with the number of its invariant (`i12_allocated_is_what_the_line_holds`). This is data, not code, so nothing is
imported from above.

What it costs: each check reads each table it names once, whole, for one merchant, and hashes what it compares; no check
asks per row. So the time grows with the rows, and only with them: 100,000 orders of two lines, with payment, events and
search terms, take eight seconds on two busy cores, a million a minute and a half. It holds no lock that anybody waits
for, only a snapshot for as long as one check takes.
"""

import dataclasses
from collections.abc import Callable, Sequence
from importlib import resources
from typing import Any

import msgspec

from jiedan.base import sql
from jiedan.base.db import ReadTx
from jiedan.base.sql import Statement

ROWS_SHOWN_MAX = 20
"""Diverging rows kept per check; their number is told in full."""

PATIENCE_S = 15 * 60

WHOLE_TABLES = (
    Statement("patience", f"SET LOCAL statement_timeout = '{PATIENCE_S}s'".encode()),
    # Everything else in the house goes by a key, and its connections plan for that; here whole tables are compared, and
    # under row-level security the planner thinks a merchant small and would look up a million rows one by one.
    Statement("read_whole_tables", b"SET LOCAL enable_seqscan = on"),
    Statement("compare_by_hashing", b"SET LOCAL enable_nestloop = off"),
    Statement("hash_in_memory", b"SET LOCAL work_mem = '64MB'"),
)
"""How the transaction of a run plans and waits."""


@dataclasses.dataclass(frozen=True, slots=True)
class Check:
    """One question to the books: `invariant` is its number, `module` whose tables it is about."""

    name: str
    invariant: int
    module: str
    statement: Statement


class Finding(msgspec.Struct, frozen=True):
    """What a check found: how many rows diverge, and the first of them by column."""

    check: str
    invariant: int
    module: str
    count: int
    rows: list[dict[str, Any]]


def checks() -> list[Check]:
    """Return every check of every module, by invariant and name."""
    found = [
        Check(statement.name, int(statement.name[1:3]), folder.name, statement)
        for folder in resources.files("jiedan").iterdir()
        if folder.is_dir()
        for statement in statements(folder.name).values()
    ]
    return sorted(found, key=lambda check: (check.invariant, check.name))


def statements(module: str) -> dict[str, Statement]:
    """Return the checks of one module by name. Raises ValueError for a name that stands twice."""
    folder = resources.files("jiedan").joinpath(module)
    files = ["verify.sql"] if folder.joinpath("verify.sql").is_file() else []
    themes = folder.joinpath("verify")
    if themes.is_dir():
        files += sorted(f"verify/{file.name}" for file in themes.iterdir() if file.name.endswith(".sql"))
    found: dict[str, Statement] = {}
    for file in files:
        read = sql.load(f"jiedan.{module}", file)
        if twice := found.keys() & read.keys():
            message = f"{module}/{file}: {', '.join(sorted(twice))} stands twice"
            raise ValueError(message)
        found |= read
    return found


async def run(
    tx: ReadTx, wanted: Sequence[Check], *, progress: Callable[[Check], None] = lambda _: None
) -> list[Finding]:
    """Run checks for the transaction's merchant, one after the other; return only those that found something.

    Each sees the books at one moment of its own. The transaction is planned for whole tables from here on.
    """
    tx.wait_for_answers(seconds=PATIENCE_S)
    await tx.sql_many([(statement, {}) for statement in WHOLE_TABLES])
    findings = []
    for check in wanted:
        columns, rows = await tx.table(check.statement, now=tx.now)
        if rows:
            shown = [dict(zip(columns, row, strict=True)) for row in rows[:ROWS_SHOWN_MAX]]
            findings.append(Finding(check.name, check.invariant, check.module, len(rows), shown))
        progress(check)
    return findings
