"""CSV as spreadsheets open it: a mark that says UTF-8, and no text that runs as a formula. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Without it, spreadsheets take UTF-8 for something else."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-][0-9][0-9 .,]*")
_QUOTED_FORMULA = re.compile(r'="([^"]*)"')


def csv_lines(rows: Iterable[Sequence[object]]) -> str:
    """Return lines of CSV as RFC 4180 has it; the cells are written as they are."""
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\r\n").writerows(rows)
    return lines.getvalue()


def shielded(text: str) -> str:
    """Return a text so that a spreadsheet takes it for one: with an apostrophe where it looks like a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def shielded_unless_number(text: str) -> str:
    """Return a cell that is shielded, but for a number with its sign: of a file's cell nobody knows what it is."""
    return text if _NUMBER.fullmatch(text) else shielded(text)


def bare(cell: str) -> str:
    """Return the text that a cell means, without the apostrophe or formula that keeps it a text in a spreadsheet."""
    if cell.startswith("'") and cell[1:].startswith(_FORMULA_STARTS):
        return cell[1:]
    quoted = _QUOTED_FORMULA.fullmatch(cell)
    return quoted[1] if quoted is not None else cell
