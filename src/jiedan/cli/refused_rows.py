"""The refused rows of an import as a CSV file, beside the terminal."""

import itertools
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

from jiedan.base import files
from jiedan.base.db import Database, Scope
from jiedan.base.i18n import N_
from jiedan.cli import output
from jiedan.imports import queries, refused
from jiedan.imports.reader import Source
from jiedan.imports.values import ImportRun, RowError

_WRITTEN = N_("The refused rows are in {path}: correct them there and import that file.")
ERRORS_PER_PAGE = 1_000


async def write(
    database: Database, scope: Scope, done: ImportRun, path: Path, *, source: Source, encoding: str | None = None
) -> None:
    """Write the rows of a run that were refused to `path`, each with its problem. Raises FileNotWritten."""
    async with database.read(scope) as tx:
        pages = queries.row_error_pages(tx, import_id=done.import_id)
        await _write(refused.lines(source, pages, encoding=encoding), path)


async def write_tried(found: Sequence[RowError], path: Path, *, source: Source, encoding: str | None = None) -> None:
    """Write the rows that a dry run refused to `path`, each with its problem. Raises FileNotWritten."""
    await _write(refused.lines(source, _pages(found), encoding=encoding), path)


async def _pages(found: Iterable[RowError]) -> AsyncIterator[Sequence[RowError]]:
    rows = itertools.groupby(found, key=lambda error: error.row)
    while page := [error for _, reasons in itertools.islice(rows, ERRORS_PER_PAGE) for error in reasons]:
        yield page


async def _write(lines: AsyncIterator[str], path: Path) -> None:
    with files.explained(path), path.open("w", encoding="utf-8", newline="") as file:
        async for text in lines:
            file.write(text)
    output.tell(_WRITTEN, path=path)
