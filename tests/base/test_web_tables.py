"""Tables of pages: the amount that stays in sight at a row's end stays in sight below its own heading."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import jiedan

TABLE = re.compile(r'<table class="tbl cards.*?</table>', re.DOTALL)
HEADING, CELL = re.compile(r"<th\b[^>]*>"), re.compile(r"<td\b[^>]*>")


def tables() -> Iterator[tuple[str, str, str]]:
    """Yield where a table stands, its last heading, and the last cell of its first row."""
    root = Path(jiedan.__file__).parent
    for path in sorted(root.rglob("templates/**/*.html")):
        for number, found in enumerate(TABLE.findall(path.read_text(encoding="utf-8"))):
            head, _, body = found.partition("</thead>")
            headings, cells = HEADING.findall(head), CELL.findall(body.partition("</tr>")[0])
            if headings and cells:
                yield f"{path.relative_to(root)} {number}", headings[-1], cells[-1]


@pytest.mark.parametrize(("heading", "cell"), [pytest.param(*x, id=where) for where, *x in tables()])
def test_the_heading_of_an_amount_stays_where_the_amount_does(heading: str, cell: str) -> None:
    assert ("a-m" in heading) is ("a-m" in cell), (heading, cell)


def test_tables_are_found() -> None:
    assert sum("a-m" in cell for _, _, cell in tables()) >= 10
