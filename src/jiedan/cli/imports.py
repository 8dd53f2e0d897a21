"""`jiedan import KIND FILE`: rows of a CSV or XLSX file become products, customers, stock, orders and so on."""

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, ClassVar, NamedTuple

import cyclopts

from jiedan.base import failures, reasons
from jiedan.base.db import Database, Scope
from jiedan.base.i18n import N_
from jiedan.cli import import_olist, import_presets, output, refused_rows, runtime
from jiedan.cli import merchant as merchants
from jiedan.imports import queries, reader, run, service
from jiedan.imports.reader import Source
from jiedan.imports.targets import target
from jiedan.imports.targets.protocol import Target
from jiedan.imports.values import Counts, ImportRun, RowError

ERRORS_SHOWN_MAX = 20

_TRIED = N_(
    "Tried {read} rows: {created} would be created, {updated} updated, {unchanged} are unchanged, {refused} refused."
)
_TRIED_PART = N_("The file is longer: only its beginning was tried.")
_DONE = N_("Imported {read} rows: {created} created, {updated} updated, {unchanged} unchanged, {refused} refused.")
_RESUMED = N_("This file was begun before: going on after row {row}.")
_READING = N_("Importing")
_HEADINGS = {"row": N_("Row"), "column": N_("Column"), "value": N_("Value"), "detail": N_("Problem")}


@dataclasses.dataclass(eq=False)
class BadMapping(failures.Failure):
    """A `--map` is not written field=column."""

    message: ClassVar[str] = N_("{given} is not of the form field=column.")
    exit_code: ClassVar[int] = failures.EXIT_USAGE

    given: str


@dataclasses.dataclass(eq=False)
class NotWithPreset(failures.Failure):
    """An option was given that an import by a preset does not have."""

    message: ClassVar[str] = N_("{option} and --preset cannot be given together.")
    exit_code: ClassVar[int] = failures.EXIT_USAGE

    option: str


@dataclasses.dataclass(eq=False)
class OnlyWithPreset(failures.Failure):
    """An option was given that only an import by a preset has."""

    message: ClassVar[str] = N_("{option} can be given only together with --preset.")
    exit_code: ClassVar[int] = failures.EXIT_USAGE

    option: str


@dataclasses.dataclass(eq=False)
class NoSuchFile(failures.Failure):
    """The file is not there or cannot be read."""

    message: ClassVar[str] = N_("{path} cannot be read: {reason}.")
    exit_code: ClassVar[int] = failures.EXIT_USAGE

    path: str
    reason: str


async def import_file(
    kind: str,
    file: Path,
    *,
    merchant: str | None = None,
    map_: Annotated[Sequence[str], cyclopts.Parameter(name="--map", negative=())] = (),
    encoding: str | None = None,
    dry_run: Annotated[bool, cyclopts.Parameter(negative=())] = False,
    errors: Path | None = None,
    preset: str | None = None,
    month: str | None = None,
) -> int:
    """Import a CSV, gzip of CSV, or XLSX file; run again after a crash, it goes on where it stopped.

    Parameters
    ----------
    kind
        What the rows are: products, customers, opening-stock, postal-areas, tax-rates or orders; or olist, a whole
        marketplace.
    file
        The file; its first row names the columns. For olist the folder that holds the set.
    merchant
        The merchant; needed when there are several.
    map_
        field=column, where the column's name does not tell, or field==text for every row; may be repeated.
    encoding
        Encoding of a CSV file that is not recognized.
    dry_run
        Try everything, store nothing, and say what would be refused.
    errors
        A CSV file to write the refused rows to, each with its problem; corrected, it can be imported itself.
    preset
        The system that a file of orders is from: online-retail. Products, customers and stock are derived from it.
    month
        With a preset: only this month, like 2010-12.

    """
    if kind == import_olist.KIND:
        given = {"map": map_, "encoding": encoding, "dry-run": dry_run, "errors": errors, "preset": preset}
        return await import_olist.import_folder(file, merchant, {**given, "month": month})
    wanted = target(kind)
    _check_options(preset, is_mapped=bool(map_), month=month)
    source = _source(file)
    if preset is not None:
        import_presets.check(preset, kind)
        async with runtime.running() as jiedan:
            scope = await merchants.chosen_scope(jiedan.database, merchant)
            wanted_file = import_presets.WantedFile(source, month=month, encoding=encoding, errors=errors)
            do = import_presets.try_all if dry_run else import_presets.import_all
            return await do(jiedan.database, scope, wanted_file)
    columns, suggested = await asyncio.to_thread(run.inspect, source, wanted, encoding=encoding)
    chosen = suggested | _pairs(map_)
    run.check(chosen, columns, wanted)
    async with runtime.running() as jiedan:
        scope = await merchants.chosen_scope(jiedan.database, merchant)
        if dry_run:
            return await _try(jiedan.database, scope, _Work(source, wanted, chosen, encoding, errors))
        return await _import(jiedan.database, scope, _Work(source, wanted, chosen, encoding, errors))


def _check_options(preset: str | None, *, is_mapped: bool, month: str | None) -> None:
    """Raise what cannot be meant together: a preset knows the columns, and only a preset knows where months stand."""
    if preset is None and month is not None:
        raise OnlyWithPreset(option="--month")
    if preset is not None and is_mapped:
        raise NotWithPreset(option="--map")


class _Work(NamedTuple):
    """What is imported, and how."""

    source: Source
    target: Target
    chosen: Mapping[str, str]
    encoding: str | None
    errors: Path | None = None


async def _try(database: Database, scope: Scope, work: _Work) -> int:
    with output.progress(_READING, total=await _total(work)) as advance:
        trial = await run.try_out(
            database,
            scope,
            source=work.source,
            target=work.target,
            chosen=work.chosen,
            locale=output.locale(),
            encoding=work.encoding,
            progress=advance,
        )
    if work.errors is not None:
        await refused_rows.write_tried(trial.errors, work.errors, source=work.source, encoding=work.encoding)
    _show(trial.errors)
    if not trial.is_whole:
        output.tell(_TRIED_PART)
    output.result(trial, _TRIED, **dataclasses.asdict(trial.counts))
    return _exit_code(trial.counts)


async def _import(database: Database, scope: Scope, work: _Work) -> int:
    begun = await _begin(database, scope, work)
    with output.progress(_READING, total=await _total(work)) as advance:
        done = await run.run(
            database,
            scope,
            begun=begun,
            source=work.source,
            target=work.target,
            locale=output.locale(),
            encoding=work.encoding,
            progress=advance,
        )
    if work.errors is not None:
        await refused_rows.write(database, scope, done, work.errors, source=work.source, encoding=work.encoding)
    async with database.read(scope) as tx:
        _show(await queries.row_errors(tx, import_id=done.import_id, limit=ERRORS_SHOWN_MAX))
    output.result(done, _DONE, **dataclasses.asdict(done.counts))
    return _exit_code(done.counts)


async def _begin(database: Database, scope: Scope, work: _Work) -> ImportRun:
    """Return the unfinished run of this file, else a new one."""
    digest = await asyncio.to_thread(reader.file_hash, work.source)
    async with database.read(scope) as tx:
        present = await queries.unfinished_run(tx, kind=work.target.kind, file_hash=digest)
    if present is not None and present.mapping == work.chosen:
        if present.position > 1:
            output.tell(_RESUMED, row=run.row_at(present.position))
        return present
    return await database.write(
        scope,
        lambda tx: service.create_run(
            tx, kind=work.target.kind, file_name=work.source.name, file_hash=digest, mapping=work.chosen
        ),
    )


async def _total(work: _Work) -> int:
    return await asyncio.to_thread(run.row_count, work.source, encoding=work.encoding)


def _show(found: Sequence[RowError]) -> None:
    if found and not output.is_json():
        rows = [dataclasses.asdict(error) for error in found[:ERRORS_SHOWN_MAX]]
        output.table([row | {"column": row["column"] or row["field"]} for row in rows], _HEADINGS)


def _exit_code(counts: Counts) -> int:
    """Say by the exit code whether rows were refused."""
    return failures.EXIT_FAILURE if counts.refused else 0


def _pairs(given: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in given:
        field, equals, column = text.partition("=")
        if not (field and equals and column):
            raise BadMapping(given=text)
        pairs[field.strip()] = column.strip()
    return pairs


def _source(file: Path) -> Source:
    try:
        with file.open("rb"):
            return Source(file.name, lambda: file.open("rb"))
    except OSError as error:
        raise NoSuchFile(path=str(file), reason=reasons.of_system(error)) from error
