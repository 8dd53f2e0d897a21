"""The refused rows of a file as a file of their own, with the reasons: to be corrected and imported again.

It has the columns of the file and two more, `jiedan_row` and `jiedan_problem`, which an import leaves alone.
"""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Iterator, Sequence

from jiedan.base import spreadsheets
from jiedan.imports import cells, reader
from jiedan.imports.reader import Source
from jiedan.imports.values import RowError

ROW_COLUMN, PROBLEM_COLUMN = "jiedan_row", "jiedan_problem"


async def lines(
    source: Source, pages: AsyncIterator[Sequence[RowError]], *, encoding: str | None = None
) -> AsyncIterator[str]:
    """Yield the text of the file, page by page; `pages` are the reasons in the order of the file.

    Raises what `reader.opened` and its rows raise.
    """
    with contextlib.ExitStack() as stack:
        table = await asyncio.to_thread(stack.enter_context, reader.opened(source, encoding=encoding))
        kept = [i for i, name in enumerate(table.columns) if name not in {ROW_COLUMN, PROBLEM_COLUMN}]
        width = len(table.columns)
        headings = cells.csv_line(*(table.columns[i] for i in kept), ROW_COLUMN, PROBLEM_COLUMN)
        yield spreadsheets.BYTE_ORDER_MARK + headings
        async for found in pages:
            yield await asyncio.to_thread(_some, table.rows, found, kept, width)


def _some(rows: Iterator[tuple[int, list[str]]], found: Sequence[RowError], kept: Sequence[int], width: int) -> str:
    """Return the lines of the rows that `found` is about; the rows before them are left behind."""
    written = []
    for number, reasons in itertools.groupby(found, key=lambda error: error.row):
        texts = next((texts for at, texts in rows if at == number), [])
        padded = [*texts, *[""] * (width - len(texts))]
        problem = " ".join(_told(reason) for reason in reasons)
        written.append(cells.csv_line(*(padded[i] for i in kept), str(number), problem, *padded[width:]))
    return "".join(written)


def _told(reason: RowError) -> str:
    """Return a reason with the column it is about."""
    return f"[{reason.column}] {reason.detail}" if reason.column else reason.detail
