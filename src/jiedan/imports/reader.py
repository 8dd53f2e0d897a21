"""Reading files of rows: CSV in the encodings people have, gzip of it, XLSX; bounded before anything is unpacked."""

import codecs
import contextlib
import csv
import datetime as dt
import gzip
import hashlib
import io
import itertools
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from jiedan.base import lazy
from jiedan.base.i18n import Phrase
from jiedan.imports import errors

if TYPE_CHECKING:
    import charset_normalizer
    import python_calamine
else:  # most processes never see a file
    charset_normalizer = lazy.Deferred("charset_normalizer")
    python_calamine = lazy.Deferred("python_calamine")

FILE_BYTES_MAX = 200_000_000
UNPACKED_BYTES_MAX = 1_000_000_000
PACKED_RATIO_MAX = 200
"""A workbook packs its XML some twenty times smaller; what packs much better was made to fill memory."""

WORKBOOK_BYTES_MAX = 300_000_000
ROWS_MAX = 1_000_000
COLUMNS_MAX = 200
CELL_CHARACTERS_MAX = 100_000
SAMPLE_BYTES = 200_000

COMMONEST_LATIN = "cp1252"
"""Of Latin encodings that fit a file equally well, the one that most such files are in."""

_ZIP, _GZIP, _OLD_EXCEL = b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0"
_PUNCTUATION = re.compile(r"[\u2000-\u206f\u3000-\u303f\uff00-\uffef]")
_COMMON = range(0xB0, 0xD8)
_SECOND_BYTE_MIN = 0xA1
_KOREAN_MAX = 0xC8
COMMON_SHARE_MIN = 0.8
_DELIMITERS = ",;\t|"

csv.field_size_limit(CELL_CHARACTERS_MAX)


class Source(NamedTuple):
    """A file that can be opened again and again."""

    name: str
    open: Callable[[], BinaryIO]


class Table(NamedTuple):
    """What a file holds: the names of its columns, and its rows, each with its number; blank rows are left out."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[int, list[str]]]
    encoding: str


def of_bytes(name: str, content: bytes) -> Source:
    """Return bytes in memory as a source."""
    return Source(name, lambda: io.BytesIO(content))


def file_hash(source: Source) -> str:
    """Return the SHA-256 of a file, in hex. Raises FileTooLarge."""
    digest, size = hashlib.sha256(), 0
    with source.open() as file:
        while block := file.read(1 << 20):
            size += len(block)
            if size > FILE_BYTES_MAX:
                raise errors.FileTooLarge(FILE_BYTES_MAX)
            digest.update(block)
    return digest.hexdigest()


def as_utf8(content: bytes, encoding: str) -> bytes:
    """Return a text file in UTF-8. Raises FileUnreadable for an unknown encoding, or a file that is not in it."""
    try:
        return content.decode(_known_encoding(encoding)).encode()
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        raise errors.FileUnreadable(Phrase("it is not {encoding}", encoding=encoding)) from error


@contextlib.contextmanager
def opened(source: Source, *, encoding: str | None = None) -> Iterator[Table]:
    """Open a file and read its header; `encoding` names that of a CSV file which cannot be told.

    Raises FileTooLarge, FileUnreadable, EncodingUnknown or HeaderInvalid; reading rows raises TooManyRows, or
    FileUnreadable where the file breaks.
    """
    with source.open() as file:
        head = file.read(len(_ZIP))
        file.seek(0)
        if head.startswith(_OLD_EXCEL):
            raise errors.FileUnreadable(Phrase("it is a workbook of the old XLS format"))
        if head.startswith(_ZIP):
            yield _table(_workbook_rows(file), "xlsx")
            return
        content: BinaryIO = file
        if head.startswith(_GZIP):
            content = io.BufferedReader(_Bounded(gzip.GzipFile(fileobj=file)))
        yield _csv_table(content, encoding)


def _table(rows: Iterator[list[str]], encoding: str) -> Table:
    try:
        header = [name.strip() for name in next(rows, [])]
    except (csv.Error, UnicodeDecodeError, OSError, EOFError) as error:
        raise errors.FileUnreadable(_said(error)) from error
    while header and not header[-1]:
        header.pop()
    if not header:
        raise errors.HeaderInvalid(Phrase("it is empty"))
    if len(header) > COLUMNS_MAX:
        raise errors.TooManyRows(ROWS_MAX, COLUMNS_MAX)
    if "" in header:
        raise errors.HeaderInvalid(Phrase("column {column} has no name", column=header.index("") + 1))
    repeated = next((name for place, name in enumerate(header) if name in header[:place]), None)
    if repeated is not None:
        raise errors.HeaderInvalid(Phrase("{column} stands there twice", column=repeated))
    return Table(tuple(header), _numbered(rows), encoding)


def _numbered(rows: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    number = 1
    try:
        for number, cells in enumerate(rows, 2):
            if number > ROWS_MAX + 1:
                break
            if any(cell.strip() for cell in cells):
                yield number, cells
    except (csv.Error, UnicodeDecodeError, OSError, EOFError) as error:
        raise errors.FileUnreadable(Phrase("after row {row}: {problem}", row=number, problem=_said(error))) from error
    if number > ROWS_MAX + 1:
        raise errors.TooManyRows(ROWS_MAX, COLUMNS_MAX)


def _csv_table(file: BinaryIO, encoding: str | None) -> Table:
    sample = _sample(file)
    chosen = _known_encoding(encoding) if encoding else encoding_of(sample)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=chosen, newline="")
    start = _start(text)
    text.detach()  # else it would close the file when it goes
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=chosen, newline="")
    return _table(csv.reader(text, dialect_of(start), strict=True), chosen)


def _start(text: io.TextIOWrapper) -> str:
    try:
        return text.readline(CELL_CHARACTERS_MAX)
    except (UnicodeDecodeError, OSError, EOFError) as error:
        raise errors.FileUnreadable(_said(error)) from error


def _sample(file: BinaryIO) -> bytes:
    try:
        return file.read(SAMPLE_BYTES)
    except (OSError, EOFError) as error:
        raise errors.FileUnreadable(_said(error)) from error


def _known_encoding(name: str) -> str:
    try:
        io.TextIOWrapper(io.BytesIO(), encoding=name)  # refuses what is no encoding of texts, too
        return codecs.lookup(name).name
    except (LookupError, ValueError) as error:
        raise errors.FileUnreadable(Phrase("there is no encoding {encoding}", encoding=name[:40])) from error


def encoding_of(sample: bytes) -> str:
    """Return the encoding that the beginning of a file is in. Raises EncodingUnknown.

    UTF-8 and UTF-16 are certain. GB18030 is next, when what is not ASCII reads as Chinese; then the likeliest other.
    """
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    with contextlib.suppress(UnicodeDecodeError):
        codecs.getincrementaldecoder("utf-8")().decode(sample)
        return "utf-8"
    if _reads_as_chinese(sample):
        return "gb18030"
    matches = list(charset_normalizer.from_bytes(sample))
    if not matches:
        raise errors.EncodingUnknown
    as_likely = {m.encoding for m in matches if (m.chaos, -m.coherence) <= (matches[0].chaos, -matches[0].coherence)}
    return COMMONEST_LATIN if COMMONEST_LATIN in as_likely else matches[0].encoding


def _reads_as_chinese(sample: bytes) -> bool:
    """Tell whether bytes read as GB18030 are ordinary Chinese: mostly characters of GB 2312's first level.

    Japanese and Big5 read that way come out as rare characters. Korean comes out as common ones, but never from the
    second half of the level, which holds a quarter of any Chinese text.
    """
    try:
        text = codecs.getincrementaldecoder("gb18030")().decode(sample)
    except UnicodeDecodeError:
        return False
    places = [c.encode("gb18030") for c in text if not c.isascii() and not _PUNCTUATION.match(c)]
    common = [place for place in places if _COMMON[0] <= place[0] <= _COMMON[-1] and place[1] >= _SECOND_BYTE_MIN]
    has_second_half = any(place[0] > _KOREAN_MAX for place in common)
    return has_second_half and len(common) > len(places) * COMMON_SHARE_MIN


def dialect_of(sample: str) -> type[csv.Dialect]:
    """Return how a CSV text separates its cells: comma, semicolon, tab or bar; comma where it cannot be told."""
    header = next(iter(sample.splitlines()), "")
    counted = {delimiter: header.count(delimiter) for delimiter in _DELIMITERS}

    class Told(csv.excel):
        delimiter = max(_DELIMITERS, key=lambda d: counted[d]) if any(counted.values()) else ","

    return Told


def _workbook_rows(file: BinaryIO) -> Iterator[list[str]]:
    """Yield the rows of the first sheet. The size of each part is checked before it is unpacked."""
    _check_workbook(file)
    file.seek(0)
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(file.read(FILE_BYTES_MAX)))
        sheet = workbook.get_sheet_by_index(0)
    except (python_calamine.CalamineError, OSError, IndexError, ValueError) as error:
        raise errors.FileUnreadable(Phrase("it is no XLSX workbook, or it is damaged")) from error
    if sheet.total_height > ROWS_MAX + 1 or sheet.total_width > 10 * COLUMNS_MAX:
        raise errors.TooManyRows(ROWS_MAX, COLUMNS_MAX)
    return _texts(itertools.chain([[]] * sheet.start[0] if sheet.start else [], sheet.iter_rows()))


def _check_workbook(file: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise errors.FileUnreadable(Phrase("it is no XLSX workbook, or it is damaged")) from error
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if unpacked > WORKBOOK_BYTES_MAX or unpacked > max(packed, 1) * PACKED_RATIO_MAX:
        raise errors.FileTooLarge(WORKBOOK_BYTES_MAX)


def _texts(rows: Iterable[Sequence[Any]]) -> Iterator[list[str]]:
    for cells in rows:
        yield [_text(cell) for cell in cells]


def _text(cell: object) -> str:
    """Return what a cell of a workbook shows, in the form a CSV file would have."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def _said(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return Phrase("byte {position} is not {encoding}", position=error.start, encoding=error.encoding)
    return str(error) or type(error).__name__


class _Bounded(io.RawIOBase):
    """Unpack a stream up to a limit."""

    def __init__(self, packed: gzip.GzipFile) -> None:
        self._packed = packed

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._packed.seek(offset, whence)

    def tell(self) -> int:
        return self._packed.tell()

    def readinto(self, buffer: Any) -> int:
        block = self._packed.read(len(buffer))
        if self._packed.tell() > UNPACKED_BYTES_MAX:
            raise errors.FileTooLarge(UNPACKED_BYTES_MAX)
        buffer[: len(block)] = block
        return len(block)
