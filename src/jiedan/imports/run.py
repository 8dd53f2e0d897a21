"""A run: rows of a file into a target, chunk by chunk, going on where it stopped."""

import asyncio
import contextlib
import functools
import itertools
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import NamedTuple

from jiedan.base import errands, i18n
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.errors import Refusal, one_of
from jiedan.imports import errors, mapping, reader, service, workbook
from jiedan.imports.reader import Source, Table
from jiedan.imports.targets.protocol import Staged, Target, Whole
from jiedan.imports.values import Counts, ImportRun, Outcome, Row, RowError, Trial

ROWS_PER_CHUNK = 200
ROWS_TOGETHER_MAX = 1_000
"""Rows that belong together are not cut apart, up to this many."""

TRIED_ROWS_MAX = 20_000
"""A dry run is one transaction that is rolled back; of a longer file it tries the beginning, and says so."""

STAGE_ROWS = 10_000_000
"""A position counts through the stages of a target: row 5 of the second one is 10,000,005."""

VALUE_SHOWN_MAX = 200

_SHORTENED = re.compile(r"-?[0-9](\.[0-9]+)?E\+[0-9]{2,}")
"""How spreadsheets write numbers that are too long for them; the digits that are missing are lost."""


class Chunk(NamedTuple):
    """Rows that are saved together, those among them that could not even be read, and the last row's number."""

    rows: list[Row]
    unreadable: list[tuple[Row, tuple[Refusal, ...]]]
    position: int


def inspect(source: Source, target: Target, *, encoding: str | None = None) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the columns of a file and the mapping that can be told from their names.

    Raises what `reader.opened` raises.
    """
    with reader.opened(source, encoding=encoding) as table:
        return table.columns, mapping.suggest(table.columns, target.fields)


def row_count(source: Source, *, encoding: str | None = None) -> int:
    """Return how many rows a file has, by reading it through. Raises what `reader.opened` and its rows raise."""
    with reader.opened(source, encoding=encoding) as table:
        return sum(1 for _ in table.rows)


def check(chosen: Mapping[str, str], columns: Sequence[str], target: Target) -> None:
    """Raise what is wrong with a mapping: the one refusal, or Rejections."""
    found = mapping.refusals(chosen, columns, target.fields)
    if found:
        raise one_of(found)


async def run(
    database: Database,
    scope: Scope,
    *,
    begun: ImportRun,
    source: Source,
    target: Target,
    locale: str = i18n.ENGLISH,
    encoding: str | None = None,
    progress: errands.Progress = errands.silent,
) -> ImportRun:
    """Save the rows of a file behind the run's position, each chunk in a transaction, and return the run.

    `progress` is called with the number of rows after each chunk. Killed at any moment, it goes on with the next row
    when it is called again. Raises AlreadyImported, OtherFile, RunElsewhere, or what `reader.opened` raises.
    """
    digest = await asyncio.to_thread(reader.file_hash, source)
    at = await database.write(scope, lambda tx: service.start_run(tx, import_id=begun.import_id, file_hash=digest))
    if at.position > 1:
        progress(at.counts.read)
    async with _chunks(source, target, at.mapping, encoding=encoding, after=at.position) as chunks:
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            ready = await target.ready(database, scope, chunk.rows) if isinstance(target, Staged) else target
            at = await database.write(scope, functools.partial(_save, at=at, chunk=chunk, target=ready, locale=locale))
            progress(len(chunk.rows) + len(chunk.unreadable))
    return await database.write(scope, lambda tx: service.complete_run(tx, run=at))


async def try_out(
    database: Database,
    scope: Scope,
    *,
    source: Source,
    target: Target,
    chosen: Mapping[str, str],
    locale: str = i18n.ENGLISH,
    encoding: str | None = None,
    rows_max: int = TRIED_ROWS_MAX,
    progress: errands.Progress = errands.silent,
) -> Trial:
    """Do everything that `run` does, in one transaction that is rolled back. Nothing is stored."""
    async with rolled_back(database, scope) as tx:
        return await tried(
            tx,
            source=source,
            target=target,
            chosen=chosen,
            locale=locale,
            encoding=encoding,
            rows_max=rows_max,
            progress=progress,
        )


@contextlib.asynccontextmanager
async def rolled_back(database: Database, scope: Scope) -> AsyncIterator[Tx]:
    """Open a transaction for trials: nothing of it is stored."""
    with contextlib.suppress(_RolledBack):
        async with database.begin(scope) as tx:
            yield tx
            raise _RolledBack


async def tried(
    tx: Tx,
    *,
    source: Source,
    target: Target,
    chosen: Mapping[str, str],
    locale: str = i18n.ENGLISH,
    encoding: str | None = None,
    rows_max: int = TRIED_ROWS_MAX,
    progress: errands.Progress = errands.silent,
) -> Trial:
    """Save the rows of a file, `rows_max` at most, in the caller's transaction, which is to be rolled back."""
    counts, found, is_whole = Counts(), list[RowError](), True
    on_trial = target.trial() if isinstance(target, Staged) else target
    async with _chunks(source, target, chosen, encoding=encoding, after=1) as chunks:
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            if counts.read + len(chunk.rows) + len(chunk.unreadable) > rows_max:
                is_whole = False
                break
            outcomes = await _outcomes(tx, chunk, on_trial)
            counts = counts.plus(counted(outcomes))
            found += told(outcomes, chosen, locale)
            progress(len(outcomes))
    return Trial(counts, tuple(sorted(found, key=lambda error: (error.row, error.place))), is_whole)


class _RolledBack(Exception):
    """A trial is over: nothing of it is kept."""


async def _save(tx: Tx, *, at: ImportRun, chunk: Chunk, target: Target, locale: str) -> ImportRun:
    locked = await service.lock_run(tx, import_id=at.import_id, position=at.position)
    outcomes = await _outcomes(tx, chunk, target)
    return await service.record_chunk(
        tx,
        run=locked,
        position=chunk.position,
        counts=counted(outcomes),
        row_errors=told(outcomes, at.mapping, locale),
    )


async def _outcomes(tx: Tx, chunk: Chunk, target: Target) -> list[tuple[Row, Outcome]]:
    """Save the readable rows of a chunk and return what became of every row, in the order of the file."""
    saved = await target.save(tx, chunk.rows) if chunk.rows else []
    pairs: list[tuple[Row, Outcome]] = [*zip(chunk.rows, saved, strict=True)]
    pairs += chunk.unreadable
    return sorted(pairs, key=lambda pair: pair[0].number)


def counted(outcomes: Sequence[tuple[Row, Outcome]]) -> Counts:
    """Count outcomes by their kind."""
    kinds = [outcome if isinstance(outcome, str) else "refused" for _, outcome in outcomes]
    return Counts(
        len(kinds), kinds.count("created"), kinds.count("updated"), kinds.count("unchanged"), kinds.count("refused")
    )


def told(outcomes: Sequence[tuple[Row, Outcome]], chosen: Mapping[str, str], locale: str) -> list[RowError]:
    """Return the reasons of refused rows, each with its column and the text that stood there."""
    found = []
    for row, outcome in outcomes:
        for place, refusal in enumerate(() if isinstance(outcome, str) else outcome):
            field = refusal.field or ""
            value = row.values.get(field, "")[:VALUE_SHOWN_MAX]
            column = chosen.get(field, "")
            detail = i18n.say(locale, refusal)
            found.append(RowError(row.number, place, column, field, value, refusal.code, detail))
    return found


@contextlib.asynccontextmanager
async def _chunks(
    source: Source, target: Target, chosen: Mapping[str, str], *, encoding: str | None, after: int
) -> AsyncIterator[Iterator[Chunk]]:
    """Open a file in a thread and give its chunks behind row `after`."""
    with contextlib.ExitStack() as stack:
        opening = reader.opened(source, encoding=encoding)
        table = await asyncio.to_thread(stack.enter_context, opening)
        check(chosen, table.columns, target)
        if not isinstance(target, Staged):
            yield cut(table, target, chosen, after=after)
            return
    yield _through_stages(source, target, chosen, encoding=encoding, after=after)


def _through_stages(
    source: Source, target: Staged, chosen: Mapping[str, str], *, encoding: str | None, after: int
) -> Iterator[Chunk]:
    """Yield the chunks of every stage, each read from the beginning of the file."""
    first, row = divmod(after, STAGE_ROWS)
    for stage in range(first, target.stages):
        with reader.opened(source, encoding=encoding) as table:
            yield from cut(table, target, chosen, after=row if stage == first else 1, stage=stage)


def row_at(position: int) -> int:
    """Return the number of the row that a run's position stands for."""
    return position % STAGE_ROWS


def cut(
    table: Table, target: Target, chosen: Mapping[str, str], *, after: int, stage: int | None = None
) -> Iterator[Chunk]:
    """Yield chunks of about `ROWS_PER_CHUNK` rows behind row `after`; neighbors with the same key stay together.

    With `stage` only the rows of that stage of the target.
    """
    before = (stage or 0) * STAGE_ROWS
    chunk = Chunk([], [], before + after)
    key: str | None = None
    for number, cells in itertools.dropwhile(lambda pair: pair[0] <= after, table.rows):
        row = Row(number, mapping.values(cells, table.columns, chosen))
        if stage is not None and isinstance(target, Staged) and target.stage(row) != stage:
            continue
        refusals = (*_unreadable(cells, table.columns), *_lost(row, table.columns, chosen))
        next_key = target.key(row)
        size = len(chunk.rows) + len(chunk.unreadable)
        is_cut = size >= ROWS_PER_CHUNK and (next_key is None or next_key != key)
        if is_cut or size >= ROWS_TOGETHER_MAX:
            yield _untorn(chunk, target)
            chunk = Chunk([], [], chunk.position)
        key = next_key
        if refusals:
            chunk.unreadable.append((row, refusals))
        else:
            chunk.rows.append(row)
        chunk = chunk._replace(position=before + number)
    if chunk.rows or chunk.unreadable:
        yield _untorn(chunk, target)


def _untorn(chunk: Chunk, target: Target) -> Chunk:
    """Return a chunk without the rows whose thing would come in without a row that cannot be read."""
    if not chunk.unreadable or not isinstance(target, Whole):
        return chunk
    broken: dict[str | None, int] = {target.thing(row): row.number for row, _ in reversed(chunk.unreadable)}
    broken.pop(None, None)
    rows: list[Row] = []
    unreadable = list(chunk.unreadable)
    for row in chunk.rows:
        culprit = broken.get(target.thing(row))
        if culprit is None:
            rows.append(row)
        else:
            unreadable.append((row, (target.torn(culprit),)))
    return Chunk(rows, unreadable, chunk.position)


def _lost(row: Row, columns: Sequence[str], chosen: Mapping[str, str]) -> tuple[Refusal, ...]:
    """Return which cells do not say any more what stood in them: a formula failed, or a long number was shortened."""
    found: list[Refusal] = []
    for field, text in row.values.items():
        if chosen[field] not in columns:
            continue
        if text in workbook.FAILED:
            found.append(errors.FormulaFailed(text, field=field))
        if _SHORTENED.fullmatch(text):
            found.append(errors.NumberShortened(text, field=field))
    return tuple(found)


def _unreadable(cells: Sequence[str], columns: Sequence[str]) -> tuple[Refusal, ...]:
    found: list[Refusal] = []
    if any(cell.strip() for cell in cells[len(columns) :]):
        found.append(errors.CellsBeyondHeader(len(cells), len(columns)))
    if any("\0" in cell for cell in cells):
        found.append(errors.CharacterRefused("U+0000"))
    return tuple(found)
