"""What the text of a cell says: numbers, amounts, moments, yes and no; and cells written again. Pure.

Each reader takes a row and a field and returns None for an empty cell, or raises the refusal that names the field.
"""

import csv
import io
import re
from datetime import datetime
from zoneinfo import ZoneInfo

from jiedan.base import money
from jiedan.base.i18n import Phrase
from jiedan.imports import errors
from jiedan.imports.values import Row

SHOWN_MAX = 100
NUMBER_MAX = 1e15

_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_INTEGER = re.compile(r"-?[0-9]{1,18}(\.0*)?")
_YES = frozenset({"1", "yes", "y", "true", "x", "on", "active", "是", "启用", "啟用", "有效"})
_NO = frozenset({"0", "no", "n", "false", "off", "inactive", "否", "停用", "无效", "無效"})


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
    try:
        found = datetime.fromisoformat(given.replace("/", "-"))
    except ValueError as error:
        raise errors.CellInvalid(given[:SHOWN_MAX], Phrase("a date like 2026-11-21 14:30"), field=field) from error
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def yes(row: Row, field: str) -> bool | None:
    """Return yes or no in the usual words. Raises CellInvalid."""
    given = row.values.get(field)
    if given is None:
        return None
    word = given.casefold()
    if word not in _YES | _NO:
        raise errors.CellInvalid(given[:SHOWN_MAX], Phrase("yes or no"), field=field)
    return word in _YES


def csv_line(*texts: str) -> str:
    """Return one line of CSV; what a spreadsheet would take for a formula is made a text by an apostrophe."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(
        [f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text for text in texts]
    )
    return line.getvalue()


def _ungrouped(given: str) -> str:
    """Return a number without separators of thousands; a comma anywhere else is not guessed about."""
    squeezed = given.replace(" ", "").replace("\u00a0", "").replace("，", ",")
    return squeezed.replace(",", "") if _GROUPED.fullmatch(squeezed) else squeezed
