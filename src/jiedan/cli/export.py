"""`jiedan export ROWS FILE`: orders or their lines as CSV or XLSX."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Annotated, ClassVar

import cyclopts
import msgspec

from jiedan.base import failures, files
from jiedan.base.db import Database, Scope
from jiedan.base.i18n import N_, Phrase
from jiedan.base.web import bodies
from jiedan.cli import merchant as merchants
from jiedan.cli import output, runtime
from jiedan.exports import run, service
from jiedan.exports.values import FORMATS, FileFormat, Rows, Wanted
from jiedan.orders.values.lists import OrderFilter

_DONE = N_("{path} has {rows} rows.")
_READING = N_("Exporting")
_NOT_A_PAIR = Phrase("It is not of the form name=value.")
_SEVERAL = frozenset({"lifecycle", "payment", "fulfillment"})
"""Filters that take several values."""


@dataclasses.dataclass(eq=False)
class UnknownFormat(failures.Failure):
    """The name of the file does not tell how it is to be written."""

    message: ClassVar[str] = N_("{path} must end in .csv or .xlsx, which tells how it is written.")
    exit_code: ClassVar[int] = failures.EXIT_USAGE

    path: str


@dataclasses.dataclass(eq=False)
class BadFilter(failures.Failure):
    """A filter is not one of the list of orders, or its value is none it takes."""

    message: ClassVar[str] = N_("The filter {given} is not understood. {reason}")
    exit_code: ClassVar[int] = failures.EXIT_USAGE

    given: str
    reason: Phrase


async def export(
    rows: Rows,
    file: Path,
    *,
    merchant: str | None = None,
    filter_: Annotated[Sequence[str], cyclopts.Parameter(name="--filter", negative=())] = (),
) -> None:
    """Export orders, newest first, to a CSV or XLSX file; texts that look like formulas stay texts.

    Parameters
    ----------
    rows
        orders: a row for each order. lines: a row for each line.
    file
        The file to write; it must not exist, and ends in .csv or .xlsx.
    merchant
        The merchant; needed when there are several.
    filter_
        name=value, as the list of orders in the API takes it, like placed_from=2026-11-01; may be repeated.

    """
    file_format = _format(file)
    filters = _filters(filter_)
    async with runtime.running() as jiedan:
        scope = await merchants.chosen_scope(jiedan.database, merchant)
        count = await _written(jiedan.database, scope, Wanted(rows, file_format, filters, output.locale()), file)
    output.result({"path": str(file), "rows": count}, _DONE, path=file, rows=count)


async def _written(database: Database, scope: Scope, wanted: Wanted, path: Path) -> int:
    """Write the file and return how many rows it has; one that is not finished is removed."""
    with files.explained(path), files.drafted(path, overwrite=False, mode=files.SHARED) as file:
        await database.write(  # not before it is known that there can be a file, and before anything is read
            scope,
            lambda tx: service.record_export(tx, rows=wanted.rows, file_format=wanted.format, filters=wanted.filters),
        )
        return await _counted(database, scope, wanted, file)


async def _counted(database: Database, scope: Scope, wanted: Wanted, file: IO[bytes]) -> int:
    total = await run.count(database, scope, wanted.filters)
    with output.progress(_READING, total=None if total.is_capped else total.value) as advance:
        return await run.write(database, scope, wanted, file, advance=advance)


def _format(path: Path) -> FileFormat:
    for known in FORMATS:
        if path.suffix.lower() == f".{known}":
            return known
    raise UnknownFormat(path=str(path))


def _filters(given: Sequence[str]) -> OrderFilter:
    """Return the filters of `name=value` pairs; a name that comes again adds a value."""
    values: dict[str, list[str]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise BadFilter(given=text, reason=_NOT_A_PAIR)
        values.setdefault(name.strip().replace("-", "_"), []).append(value)
    asked = {name: found if name in _SEVERAL else found[-1] for name, found in values.items()}
    try:
        return msgspec.convert(asked, OrderFilter, strict=False)
    except msgspec.ValidationError as error:
        refusal = bodies.refusal_of(error)
        name = (refusal.field or "").partition("[")[0]
        raise BadFilter(
            given=next((text for text in given if text.replace("-", "_").startswith(name)), ""),
            reason=Phrase(refusal.message, **{key: getattr(refusal, key) for key in refusal.data()}),
        ) from error
