"""The refused rows of an import as a CSV file, beside the terminal."""

import asyncio
import dataclasses
from pathlib import Path
from typing import ClassVar

from jiedan.base import failures
from jiedan.base.db import Database, Scope
from jiedan.base.i18n import N_
from jiedan.cli import output
from jiedan.imports import queries
from jiedan.imports.cells import csv_line
from jiedan.imports.values import ImportRun

_WRITTEN = N_("The refused rows are in {path}.")
ERRORS_READ_MAX = 1_000_000
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Tells spreadsheets that the file is UTF-8."""


@dataclasses.dataclass(eq=False)
class CannotWrite(failures.Failure):
    """The file for the refused rows cannot be written."""

    message: ClassVar[str] = N_("{path} cannot be written: {reason}.")

    path: str
    reason: str


async def write(database: Database, scope: Scope, done: ImportRun, path: Path) -> None:
    """Write why rows of a run were refused to `path`. Raises CannotWrite."""
    async with database.read(scope) as tx:
        found = await queries.row_errors(tx, import_id=done.import_id, limit=ERRORS_READ_MAX)
    lines = [csv_line("row", "column", "value", "code", "problem")]
    lines += [csv_line(str(e.row), e.column or e.field, e.value, e.code, e.detail) for e in found]
    try:
        content = (BYTE_ORDER_MARK + "".join(lines)).encode()
        await asyncio.to_thread(path.write_bytes, content)
    except OSError as error:
        raise CannotWrite(path=str(path), reason=error.strerror or type(error).__name__) from error
    output.tell(_WRITTEN, path=path)
