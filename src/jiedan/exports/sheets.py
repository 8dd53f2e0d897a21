"""Tables as files: CSV that spreadsheets open as it is, and XLSX; both written as rows come."""

import abc
import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, Self

from jiedan.base import lazy, spreadsheets
from jiedan.exports import errors
from jiedan.exports.values import SHEET_ROWS_MAX, WORKBOOK_BYTES_MAX, Cell, Column, FileFormat, Row

if TYPE_CHECKING:
    import xlsxwriter
else:
    xlsxwriter = lazy.Deferred("xlsxwriter")

_CELL_CHARACTERS_MAX = 32_767
_CELL_BYTES = 64
"""What a cell takes in a workbook before it is packed, besides what stands in it."""

_NOT_IN_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32)])


class Sheet(abc.ABC):
    """A table being written; behind its `with` nothing is left of it but the file, however it ended."""

    def __enter__(self) -> Self:
        """Begin to write."""
        return self

    @abc.abstractmethod
    def __exit__(self, *_: object) -> None:
        """Delete what was only needed to write the file."""

    @abc.abstractmethod
    def write(self, rows: Iterable[Row]) -> None:
        """Add rows."""

    @abc.abstractmethod
    def close(self) -> None:
        """Write the end; the file is whole only then."""


class CsvSheet(Sheet):
    """CSV as RFC 4180 has it, in UTF-8 with its mark."""

    def __init__(self, file: IO[bytes], headings: Sequence[str]) -> None:
        self._file = file
        self._put(spreadsheets.BYTE_ORDER_MARK, [tuple(headings)])

    def write(self, rows: Iterable[Row]) -> None:
        """Add rows."""
        self._put("", rows)

    def close(self) -> None:
        """Do nothing: CSV has no end."""

    def __exit__(self, *_: object) -> None:
        """Do nothing: nothing else was written."""

    def _put(self, before: str, rows: Iterable[Row]) -> None:
        lines = spreadsheets.csv_lines([_plain(cell) for cell in row] for row in rows)
        self._file.write((before + lines).encode())


class XlsxSheet(Sheet):
    """XLSX with a line of headings that stays in sight; only one row is kept in memory, the others in a folder."""

    def __init__(self, file: IO[bytes], headings: Sequence[str], columns: Sequence[Column]) -> None:
        self._folder = tempfile.TemporaryDirectory()
        options = {
            "constant_memory": True,
            "tmpdir": self._folder.name,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd hh:mm:ss",
        }
        self._book = xlsxwriter.Workbook(file, options)
        self._bold = self._book.add_format({"bold": True})
        self._headings = headings
        self._columns = columns
        self._next_row = SHEET_ROWS_MAX
        self._size_bytes = 0
        self._sheet: Any = None
        self._begin()

    def write(self, rows: Iterable[Row]) -> None:
        """Add rows; beyond what a sheet holds they go on in another one. Raises FileTooLong."""
        for row in rows:
            if self._size_bytes > WORKBOOK_BYTES_MAX:
                raise errors.FileTooLong(WORKBOOK_BYTES_MAX)
            if self._next_row == SHEET_ROWS_MAX:
                self._begin()
            for index, cell in enumerate(row):
                self._put(index, cell)
            self._next_row += 1

    def close(self) -> None:
        """Pack what was written."""
        self._book.close()

    def __exit__(self, *_: object) -> None:
        """Delete the rows that wait to be packed."""
        self._folder.cleanup()

    def _begin(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        for index, column in enumerate(self._columns):
            self._sheet.set_column(index, index, column.width)
        for index, heading in enumerate(self._headings):
            self._sheet.write_string(0, index, heading, self._bold)
        self._next_row = 1

    def _put(self, index: int, cell: Cell) -> None:
        self._size_bytes += _CELL_BYTES
        match cell:
            case None | "":
                return
            case str():
                text = cell.translate(_NOT_IN_XML)[:_CELL_CHARACTERS_MAX]
                self._size_bytes += len(text.encode())
                self._sheet.write_string(self._next_row, index, text)
            case datetime():
                self._sheet.write_datetime(self._next_row, index, cell)
            case _:
                self._sheet.write_number(self._next_row, index, cell)


def sheet(file: IO[bytes], file_format: FileFormat, *, headings: Sequence[str], columns: Sequence[Column]) -> Sheet:
    """Begin a table in `file`, which is open for writing bytes."""
    return CsvSheet(file, headings) if file_format == "csv" else XlsxSheet(file, headings, columns)


def _plain(cell: Cell) -> str | int | Decimal:
    """Return a cell as CSV has it."""
    match cell:
        case None:
            return ""
        case str():
            return spreadsheets.shielded(cell)
        case datetime():
            return cell.isoformat(sep=" ")
        case _:
            return cell
