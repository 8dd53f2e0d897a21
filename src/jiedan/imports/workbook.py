"""Reading workbooks: the first sheet as rows of texts, each part's size checked before it is unpacked."""

import datetime as dt
import io
import itertools
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

from jiedan.base import lazy
from jiedan.base.i18n import Phrase
from jiedan.imports import errors

if TYPE_CHECKING:
    import python_calamine
else:  # most processes never see a file
    python_calamine = lazy.Deferred("python_calamine")

WORKBOOK_BYTES_MAX = 300_000_000
PACKED_RATIO_MAX = 200
"""A workbook packs its XML some twenty times smaller; what packs much better was made to fill memory."""

PARTS_MAX = 10_000
"""A workbook has a part for each sheet and each picture, and a dozen others."""

BLOCK_BYTES = 1 << 20
INDEX_BYTES_MAX = 1_000_000
"""The parts that name the sheets; they take a few kilobytes."""

NO_VALUE = "#N/A"
"""What stands for a formula that was never calculated; one that failed has its own sign, like `#DIV/0!`."""

FAILED = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})

_EXACT_DIGITS = 15
"""A spreadsheet keeps and shows so many digits of a number; what follows is rounding noise."""

_SHORTEST_NUMBER = 1e-9

_FIRST_SHEET = re.compile(rb'<(?:\w+:)?sheet\b[^>]*\b\w+:id="([^"]+)"')
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_ID, _TARGET = re.compile(rb'\bId="([^"]+)"'), re.compile(rb'\bTarget="([^"]+)"')
_CELL = re.compile(rb"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_VALUE = re.compile(rb"<v>([^<]*)</v>")


def rows(file: BinaryIO, *, rows_max: int, columns_max: int, bytes_max: int) -> Iterator[list[str]]:
    """Return the rows of the first sheet. Raises FileTooLarge, FileUnreadable or TooManyRows."""
    _check(file)
    file.seek(0)
    content = io.BytesIO(file.read(bytes_max))
    try:
        sheet = python_calamine.CalamineWorkbook.from_filelike(content).get_sheet_by_index(0)
        failed = _failed_formulas(content)
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, IndexError, KeyError, ValueError) as error:
        raise errors.FileUnreadable(Phrase("it is no XLSX workbook, or it is damaged")) from error
    if sheet.total_height > rows_max + 1 or sheet.total_width > 10 * columns_max:
        raise errors.TooManyRows(rows_max, columns_max)
    first_row, first_column = sheet.start or (0, 0)
    above: list[list[str]] = [[]] * first_row
    return itertools.chain(above, _texts(sheet.iter_rows(), failed, first_row, first_column))


def _check(file: BinaryIO) -> None:
    """Unpack every part and throw it away: what a part says of its own size is not believed."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            packed = sum(part.compress_size for part in parts)
            left = min(WORKBOOK_BYTES_MAX, max(packed, 1) * PACKED_RATIO_MAX)
            if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > left:
                raise errors.FileTooLarge(WORKBOOK_BYTES_MAX)
            for part in parts:
                left -= _unpacked(archive, part, left)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise errors.FileUnreadable(Phrase("it is no XLSX workbook, or it is damaged")) from error


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo, bytes_max: int) -> int:
    """Return how many bytes a part unpacks to. Raises FileTooLarge beyond `bytes_max`."""
    told, part.file_size = part.file_size, bytes_max + 1  # else reading stops where the part says that it ends
    count = 0
    with archive.open(part) as content:
        while block := content.read(BLOCK_BYTES):
            count += len(block)
            if count > bytes_max:
                raise errors.FileTooLarge(WORKBOOK_BYTES_MAX)
    part.file_size = told
    return count


def _texts(
    cells: Iterator[list[Any]], failed: Mapping[tuple[int, int], str], first_row: int, first_column: int
) -> Iterator[list[str]]:
    for number, row in enumerate(cells, first_row):
        texts = [_text(cell) for cell in row]
        for column in range(len(texts)) if failed else ():
            texts[column] = failed.get((number, first_column + column), texts[column])
        yield texts


def _text(cell: object) -> str:
    """Return what a cell shows, in the form a CSV file would have."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def _number(value: float) -> str:
    """Return a number with the digits that a spreadsheet shows of it; a long one as it shows that, `1.23E+17`."""
    if value.is_integer():
        return str(int(value)) if abs(value) < 10**_EXACT_DIGITS else f"{value:.14E}"
    shown = f"{value:.{_EXACT_DIGITS}g}"
    return f"{Decimal(shown):f}" if abs(value) >= _SHORTEST_NUMBER else shown


def _failed_formulas(content: BinaryIO) -> dict[tuple[int, int], str]:
    """Return the cells of the first sheet whose formula has no value, by row and column from 0; they read as empty."""
    with zipfile.ZipFile(content) as archive:
        part = _first_sheet(archive)
        sheet = archive.read(part) if part in archive.namelist() else b""
    if b't="e"' not in sheet and b"<f" not in sheet:
        return {}
    found = {}
    for match in _CELL.finditer(sheet):
        attributes, inside = match[1], match[2] or b""
        place = _PLACE.search(attributes)
        value = _VALUE.search(inside)
        if place is None:
            continue
        if b't="e"' in attributes:
            sign = value[1].decode("ascii", "replace") if value else NO_VALUE
        elif b"<f" in inside and value is None:
            sign = NO_VALUE
        else:
            continue
        found[int(place[2]) - 1, _column(place[1])] = sign if sign in FAILED else NO_VALUE
    return found


def _first_sheet(archive: zipfile.ZipFile) -> str:
    """Return the name of the part that holds the first sheet, empty where the workbook does not name one."""
    names, relations = (_index(archive, name) for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    sheet = _FIRST_SHEET.search(names)
    for relation in _RELATION.findall(relations):
        identity, target = _ID.search(relation), _TARGET.search(relation)
        if sheet is not None and identity is not None and target is not None and identity[1] == sheet[1]:
            path = target[1].decode()
            return path.removeprefix("/") if path.startswith("/") else f"xl/{path}"
    return ""


def _index(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a part that names others; empty where it is missing or far too large to be one."""
    is_there = name in archive.namelist() and archive.getinfo(name).file_size <= INDEX_BYTES_MAX
    return archive.read(name) if is_there else b""


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
