"""Reading files of rows: CSV in the encodings people have, gzip of it, XLSX; bounded before anything is unpacked."""

import codecs
import contextlib
import csv
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from jiedan.base import lazy, reasons
from jiedan.base.i18n import Phrase
from jiedan.imports import errors, workbook

if TYPE_CHECKING:
    import charset_normalizer
else:  # most processes never see a file
    charset_normalizer = lazy.Deferred("charset_normalizer")

FILE_BYTES_MAX = 200_000_000
UNPACKED_BYTES_MAX = 1_000_000_000
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
_QUOTED = re.compile(r'"(?:[^"]|"")*"?')
_SEPARATOR_LINE = re.compile(r"\ufeff?sep=([,;\t|])\r?\n?", re.IGNORECASE)
"""A first line that tells Excel how cells are separated; it does not count as a row there."""

_BROKEN = (csv.Error, UnicodeDecodeError, OSError, EOFError, zlib.error)
"""What reading a damaged file raises."""

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
    """Return a text file in UTF-8, packed if it was; a workbook as it is, for it says itself what it is in.

    Raises FileUnreadable for an unknown encoding or a file that is not in it, FileTooLarge for what unpacks too far.
    """
    known = _known_encoding(encoding)
    if content.startswith((_ZIP, _OLD_EXCEL)):
        return content
    try:
        if content.startswith(_GZIP):
            return _packed_as_utf8(content, known)
        return content.decode(known).encode()
    except UnicodeError as error:
        raise errors.FileUnreadable(Phrase("it is not {encoding}", encoding=encoding)) from error
    except (OSError, EOFError, zlib.error) as error:
        raise errors.FileUnreadable(_said(error)) from error


def _packed_as_utf8(content: bytes, encoding: str) -> bytes:
    """Return gzip of a text in UTF-8, piece by piece; the same content packs to the same bytes."""
    packed = io.BytesIO()
    unpacked = io.BufferedReader(_Bounded(gzip.GzipFile(fileobj=io.BytesIO(content))))
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as out,
        io.TextIOWrapper(unpacked, encoding=encoding, newline="") as text,
    ):
        while block := text.read(SAMPLE_BYTES):
            out.write(block.encode())
    return packed.getvalue()


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
            raise errors.FileUnreadable(Phrase("it is a workbook of the old XLS format, or has a password"))
        if head.startswith(_ZIP):
            found = workbook.rows(file, rows_max=ROWS_MAX, columns_max=COLUMNS_MAX, bytes_max=FILE_BYTES_MAX)
            yield _table(found, "xlsx")
            return
        content: BinaryIO = file
        if head.startswith(_GZIP):
            content = io.BufferedReader(_Bounded(gzip.GzipFile(fileobj=file)))
        yield _csv_table(content, encoding)


def _table(rows: Iterator[list[str]], encoding: str) -> Table:
    try:
        header = [name.strip() for name in next(rows, [])]
    except _BROKEN as error:
        raise errors.FileUnreadable(_said(error)) from error
    while header and not header[-1]:
        header.pop()
    if not header:
        raise errors.HeaderInvalid(Phrase("it is empty"))
    if len(header) > COLUMNS_MAX:
        raise errors.TooManyRows(ROWS_MAX, COLUMNS_MAX)
    if "" in header:
        raise errors.HeaderInvalid(Phrase("column {column} has no name", column=header.index("") + 1))
    unstorable = next((place for place, name in enumerate(header, 1) if "\0" in name), None)
    if unstorable is not None:
        raise errors.HeaderInvalid(Phrase("the name of column {column} contains U+0000", column=unstorable))
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
    except _BROKEN as error:
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
    if _SEPARATOR_LINE.fullmatch(start):
        _start(text)
    return _table(csv.reader(text, dialect_of(start), strict=True), chosen)


def _start(text: io.TextIOWrapper) -> str:
    try:
        return text.readline(CELL_CHARACTERS_MAX)
    except _BROKEN as error:
        raise errors.FileUnreadable(_said(error)) from error


def _sample(file: BinaryIO) -> bytes:
    """Return the first piece of a file that tells its encoding: ASCII reads alike in all of them."""
    try:
        sample = file.read(SAMPLE_BYTES)
        while sample.isascii() and (more := file.read(SAMPLE_BYTES)):
            sample = more
    except _BROKEN as error:
        raise errors.FileUnreadable(_said(error)) from error
    return sample


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
    told = _SEPARATOR_LINE.match(sample)
    header = told[1] if told else _QUOTED.sub("", next(iter(sample.splitlines()), ""))
    counted = {delimiter: header.count(delimiter) for delimiter in _DELIMITERS}

    class Told(csv.excel):
        delimiter = max(_DELIMITERS, key=lambda d: counted[d]) if any(counted.values()) else ","

    return Told


def _said(error: Exception) -> str:
    """Return what is wrong with a file, as far as it can be said in any language."""
    if isinstance(error, UnicodeDecodeError):
        return reasons.of_text(error)
    if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile):
        return Phrase("it is packed, and the packing is damaged")
    text = str(error)
    if text.startswith("field larger than"):
        return Phrase("a cell has more than {characters_max} characters", characters_max=CELL_CHARACTERS_MAX)
    if text == "unexpected end of data":
        return Phrase("a quote is opened and never closed")
    if text.endswith("""expected after '"'"""):
        return Phrase("something stands behind a closing quote")
    return text or type(error).__name__


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
