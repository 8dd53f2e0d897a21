"""What the text of a cell says: numbers, amounts, moments, yes and no; and cells written again. Pure.

Each reader takes a row and a field and returns None for an empty cell, or raises the refusal that names the field.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from jiedan.base import money, spreadsheets
from jiedan.base.errors import Refusal, reasons_of
from jiedan.base.i18n import Phrase
from jiedan.imports import errors
from jiedan.imports.values import Row

T = TypeVar("T")

SHOWN_MAX = 100
NUMBER_MAX = 1e15

_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－＋", "0123456789.,-+")
_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?)? *(Z|[+-]\d{2}:?\d{2})?"
)
_LENGTH_MAX = re.compile(r"of length <= ([0-9]+)")
_BOUND = re.compile(r"[<>]=? -?[0-9]+$")
_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_INTEGER = re.compile(r"-?[0-9]{1,18}(\.0*)?")
_YES = frozenset({"1", "yes", "y", "true", "x", "on", "active", "是", "启用", "啟用", "有效"})
_NO = frozenset({"0", "no", "n", "false", "off", "inactive", "否", "停用", "无效", "無效"})


class Faults:
    """What is wrong with rows: everything is read, so that everything is told at once."""

    def __init__(self) -> None:
        self.by_row: dict[int, list[Refusal]] = {}

    def of(self, row: Row) -> tuple[Refusal, ...]:
        """Return every reason against a row."""
        return tuple(self.by_row.get(row.number, ()))

    def add(self, number: int, *reasons: Refusal) -> None:
        """Note reasons against a row."""
        self.by_row.setdefault(number, []).extend(reasons)

    def add_unnamed(self, row: Row, reasons: Sequence[Refusal]) -> None:
        """Note of the reasons of a second look those about fields that are not in question yet."""
        named = {known.field for known in self.of(row)}
        fresh = [reason for reason in reasons if reason.field not in named]
        if fresh:
            self.add(row.number, *fresh)

    def read(self, row: Row, reader: Callable[..., T], *arguments: object) -> T | None:
        """Return what `reader` makes of a row; None when it refuses, which is noted once for each field."""
        try:
            return reader(row, *arguments)
        except Refusal as refusal:
            self.add_unnamed(row, reasons_of(refusal))
            return None


def text(row: Row, field: str) -> str | None:
    """Return a text as it stands."""
    return row.values.get(field)


def needed(row: Row, field: str) -> str:
    """Return a text that must be there. Raises CellMissing."""
    given = row.values.get(field)
    if given is None:
        raise errors.CellMissing(field=field)
    return given


def integer(row: Row, field: str) -> int | None:
    """Return a whole number; `1,000` and `12.0` are whole. Raises CellInvalid."""
    given = row.values.get(field)
    if given is None:
        return None
    plain = _ungrouped(given)
    if not _INTEGER.fullmatch(plain):
        raise errors.CellInvalid(given[:SHOWN_MAX], Phrase("a whole number"), field=field)
    return int(plain.partition(".")[0])


def decimal(row: Row, field: str) -> float | None:
    """Return a number with decimals. Raises CellInvalid."""
    given = row.values.get(field)
    if given is None:
        return None
    try:
        number = float(_ungrouped(given))
    except ValueError as error:
        raise errors.CellInvalid(given[:SHOWN_MAX], Phrase("a number"), field=field) from error
    if not abs(number) < NUMBER_MAX:
        raise errors.CellInvalid(given[:SHOWN_MAX], Phrase("a number"), field=field)
    return number


def amount(row: Row, field: str, currency: str) -> int | None:
    """Return an amount like `1,299.50` in minor units of `currency`. Raises CellInvalid."""
    given = row.values.get(field)
    if given is None:
        return None
    try:
        return money.parse_amount(_ungrouped(given), currency)
    except ValueError as error:
        raise errors.CellInvalid(
            given[:SHOWN_MAX], Phrase("an amount in {currency}", currency=currency), field=field
        ) from error


def currency(row: Row, field: str, default: str) -> str:
    """Return a currency code, upper case. Raises CellInvalid."""
    code = row.values.get(field, default).upper()
    if not money.is_currency(code):
        raise errors.CellInvalid(code[:SHOWN_MAX], Phrase("an ISO 4217 currency"), field=field)
    return code


def moment(row: Row, field: str, zone: ZoneInfo) -> datetime | None:
    """Return a date with or without a time, year first; without an offset it is of `zone`. Raises CellInvalid."""
    given = row.values.get(field)
    if given is None:
        return None
    parts = _MOMENT.fullmatch(given.translate(_FULL_WIDTH))
    try:
        found = datetime.fromisoformat(given if parts is None else _iso(parts))
    except ValueError as error:
        raise errors.CellInvalid(given[:SHOWN_MAX], Phrase("a date like 2026-11-21 14:30"), field=field) from error
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def is_day(row: Row, field: str) -> bool:
    """Tell whether what `moment` reads is a whole day: a date without a time."""
    given = row.values.get(field, "")
    parts = _MOMENT.fullmatch(given.translate(_FULL_WIDTH))
    if parts is not None:
        return parts[4] is None
    try:
        date.fromisoformat(given)
    except ValueError:
        return False
    return True


def _iso(parts: re.Match[str]) -> str:
    year, month, day, hour, minute, second, fraction, offset = parts.groups()
    time = f"{hour or 0:0>2}:{minute or 0:0>2}:{second or 0:0>2}.{fraction or 0:0<6}"
    return f"{year}-{month:0>2}-{day:0>2}T{time}{offset or ''}"


def yes(row: Row, field: str) -> bool | None:
    """Return yes or no in the usual words. Raises CellInvalid."""
    given = row.values.get(field)
    if given is None:
        return None
    word = given.casefold()
    if word not in _YES | _NO:
        raise errors.CellInvalid(given[:SHOWN_MAX], Phrase("yes or no"), field=field)
    return word in _YES


def misfits(values: Mapping[str, object], kind: type[msgspec.Struct]) -> list[tuple[str, msgspec.ValidationError]]:
    """Return every text of `values` that does not fit its field of `kind`: its path, like `ship_to.country`, and why.

    Where there is one, `msgspec.convert` raises the first of them.
    """
    found = []
    for field in msgspec.structs.fields(kind):
        if field.name not in values:
            continue
        part = values[field.name]
        try:
            msgspec.convert(part, field.type)
        except msgspec.ValidationError as error:
            inner = _struct_in(field.type) if isinstance(part, Mapping) else None
            deeper = [] if inner is None or not isinstance(part, Mapping) else misfits(part, inner)
            found += [(f"{field.name}.{path}", why) for path, why in deeper] or [(field.name, error)]
    return found


def _struct_in(kind: object) -> type[msgspec.Struct] | None:
    """Return the struct that a field holds, if it holds one or none."""
    known = msgspec.inspect.type_info(kind)
    types = known.types if isinstance(known, msgspec.inspect.UnionType) else (known,)
    return next((each.cls for each in types if isinstance(each, msgspec.inspect.StructType)), None)


def misfit(error: msgspec.ValidationError, row: Row, field: str) -> errors.CellInvalid:
    """Return what is wrong with a text as the refusal of its cell."""
    problem = str(error).partition(" - at `")[0]
    length, bound = _LENGTH_MAX.search(problem), _BOUND.search(problem)
    if length is not None:
        wanted = Phrase("a text of at most {characters_max} characters", characters_max=int(length[1]))
    elif bound is not None:
        wanted = Phrase("a number {bound}", bound=bound[0])
    elif problem.startswith("Invalid enum value"):
        wanted = Phrase("one of the words that this field knows")
    else:
        wanted = Phrase("what this field holds")
    return errors.CellInvalid(row.values.get(field, "")[:SHOWN_MAX], wanted, field=field)


def csv_line(*texts: str) -> str:
    """Return one line of CSV that a spreadsheet opens without taking a text for a formula."""
    return spreadsheets.csv_lines([[spreadsheets.shielded_unless_number(text) for text in texts]])


def _ungrouped(given: str) -> str:
    """Return a number without separators of thousands; a comma anywhere else is not guessed about."""
    squeezed = given.translate(_FULL_WIDTH).replace(" ", "").replace("\u00a0", "")
    return squeezed.replace(",", "") if _GROUPED.fullmatch(squeezed) else squeezed
