"""Lists as PostgreSQL arrays, typed by the statement's own cast: `unnest(%(ids)s::uuid[])`.

The driver's own dumper looks at each element to find the array's type, and takes the smallest integer type that fits:
slow for the hot paths, and one prepared statement per combination of types. This one leaves the type to the statement.
Ids and moments go as they are in memory, all else as a literal: PostgreSQL reads 16 bytes at once, but 32 digits one by
one, and a date in words takes it longer than all else.
"""

import struct
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import pq
from psycopg.abc import AdaptContext, DumperKey
from psycopg.adapt import Buffer, Dumper, PyFormat
from psycopg.types.array import ListDumper

_NULL = "NULL"
_NULL_ELEMENT = b"\xff\xff\xff\xff"
_DAY_ZERO = datetime(2000, 1, 1, tzinfo=UTC)
"""PostgreSQL counts microseconds from here."""

_MOMENT = struct.Struct(">iq")
_MOMENT_BYTES = 8
_MOMENT_ARRAY = struct.pack(">iii", 1, 1, 1184)
"""One dimension; there may be nulls; elements of the type `timestamptz`."""

_UUID_ARRAY = struct.pack(">iii", 1, 1, 2950)
"""One dimension; there may be nulls; elements of the type `uuid`."""


class ArrayLiteral(Dumper):
    """Dump a list as text of unknown type. Every array parameter of a statement needs a cast, as the house form has."""

    def __init__(self, cls: type, context: AdaptContext | None = None) -> None:
        super().__init__(cls, context)
        self._general = ListDumper(cls, context)
        self._ids = UuidArray(cls, context)
        self._moments = MomentArray(cls, context)

    def get_key(self, obj: Any, format: PyFormat) -> DumperKey:  # noqa: A002 - the driver's name
        """Keep lists of plain values; lists of rows, which procrastinate sends, are the driver's own business."""
        first = obj[0] if obj else None
        if first is None and obj:
            first = next((x for x in obj if x is not None), None)
        if type(first) is UUID or type(first) is datetime:
            return (self.cls, type(first))
        return self._general.get_key(obj, format) if isinstance(first, tuple) else self.cls

    def upgrade(self, obj: Any, format: PyFormat) -> Dumper:  # noqa: A002 - the driver's name
        """Return this dumper, the one of ids or of moments, or the driver's for rows."""
        first = next((x for x in obj if x is not None), None)
        if type(first) is UUID:
            return self._ids
        if type(first) is datetime:
            return self._moments
        return self._general.upgrade(obj, format) if isinstance(first, tuple) else self

    def dump(self, obj: Any) -> Buffer:
        """Return the literal. Raises psycopg.DataError for U+0000 and psycopg.ProgrammingError for an unknown type."""
        return literal(obj).encode()


class UuidArray(Dumper):
    """Dump a list of ids in PostgreSQL's own form: dimensions, whether there are nulls, their type, the ids."""

    format = pq.Format.BINARY

    def dump(self, obj: Any) -> Buffer:
        """Return the array. Raises AttributeError for what is no id."""
        elements = [b"\0\0\0\x10" + x.int.to_bytes(16, "big") if x is not None else _NULL_ELEMENT for x in obj]
        return b"".join((_UUID_ARRAY, len(obj).to_bytes(4, "big"), b"\0\0\0\1", *elements))


class MomentArray(Dumper):
    """Dump a list of moments as PostgreSQL has them: microseconds."""

    format = pq.Format.BINARY

    def dump(self, obj: Any) -> Buffer:
        """Return the array. Raises TypeError for a moment without a time zone."""
        known: dict[datetime | None, bytes] = {None: _NULL_ELEMENT}  # what is saved together often happened together
        elements = []
        for x in obj:
            element = known.get(x)
            if element is None:
                since = x - _DAY_ZERO
                micros = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
                element = known[x] = _MOMENT.pack(_MOMENT_BYTES, micros)
            elements.append(element)
        return b"".join((_MOMENT_ARRAY, len(obj).to_bytes(4, "big"), b"\0\0\0\1", *elements))


def literal(elements: Sequence[Any]) -> str:
    """Return `elements`, all of one type or None, as an array literal."""
    kind = next((type(x) for x in elements if x is not None), None)
    if kind is None:
        return "{" + ",".join([_NULL] * len(elements)) + "}"
    if kind is str and None not in elements:
        return _texts(elements)
    write = _WRITERS.get(kind) or _writer_of(kind)
    return "{" + ",".join([_NULL if x is None else write(x) for x in elements]) + "}"


def _texts(elements: Sequence[str]) -> str:
    together = "".join(elements)
    if '"' not in together and "\\" not in together and "\0" not in together:
        return '{"' + '","'.join(elements) + '"}'
    return "{" + ",".join([_text(x) for x in elements]) + "}"


def _text(x: str) -> str:
    if "\0" in x:
        message = "PostgreSQL text cannot contain U+0000"
        raise psycopg.DataError(message)
    return '"' + x.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _writer_of(kind: type) -> Callable[[Any], str]:
    """Return the writer of a subclass, such as an enumeration of texts."""
    for known, write in _WRITERS.items():
        if issubclass(kind, known):
            return write
    message = f"an array of {kind.__name__} has no literal"
    raise psycopg.ProgrammingError(message)


_WRITERS: dict[type, Callable[[Any], str]] = {
    bool: lambda x: "t" if x else "f",
    int: int.__repr__,
    float: float.__repr__,
    str: _text,
    UUID: lambda x: f"{x.int:032x}",
    datetime: datetime.isoformat,
    date: date.isoformat,
    bytes: lambda x: f'"\\\\x{x.hex()}"',
    list: literal,
}
