"""The steps of a preset: each derived file is an ordinary import; killed anywhere, the same command goes on."""

import asyncio
from collections.abc import Callable, Mapping
from typing import NamedTuple

from jiedan.accounts import queries as accounts
from jiedan.base import errands
from jiedan.base.db import Database, ReadTx, Scope, Tx
from jiedan.base.i18n import Series
from jiedan.imports import queries, reader, run, service
from jiedan.imports.presets import online_retail
from jiedan.imports.presets.online_retail import CANCEL_PREFIX, Derived
from jiedan.imports.presets.parity import Parity, parity
from jiedan.imports.reader import Source
from jiedan.imports.targets import target
from jiedan.imports.values import ImportRun, Trial
from jiedan.inventory import queries as inventory_queries
from jiedan.inventory import service as inventory
from jiedan.inventory.values import NewLocation
from jiedan.orders import errors as order_errors
from jiedan.orders import queries as orders
from jiedan.orders.values import CHANNEL_IMPORT

MAIN = NewLocation(code="MAIN", name="Main warehouse")
TRIED_ROWS_MAX = 100_000
"""A dry run is one transaction, and what it writes is locked as long; a month of a shop is well below."""


class Step(NamedTuple):
    """One derived file: the target that takes it, and how its columns are read."""

    kind: str
    source: Source
    mapping: Mapping[str, str]


class Taken(NamedTuple):
    """The import a step led to; `was_done_before` when the file had been through already, and nothing was read."""

    run: ImportRun
    was_done_before: bool


async def location_code(database: Database, scope: Scope) -> str:
    """Return where the goods of a file are put: the first active location; a merchant without any gets one.

    Raises CurrencyNotAccepted when the merchant does not sell in the file's currency.
    """
    return await database.write(scope, _location_code)


async def _location_code(tx: Tx) -> str:
    found = await _present_location(tx)
    return found if found is not None else (await inventory.create_location(tx, location=MAIN, key="import:main")).code


async def _present_location(tx: ReadTx) -> str | None:
    settings, found = await tx.load(accounts.settings(), inventory_queries.locations())
    if online_retail.CURRENCY not in settings.currencies:
        raise order_errors.CurrencyNotAccepted(online_retail.CURRENCY, Series(settings.currencies))
    active = sorted((x for x in found if x.is_active), key=lambda x: (x.priority, x.code))
    return str(active[0].code) if active else None


def steps(derived: Derived) -> list[Step]:
    """Return the imports that bring a file in, in their order: what is sold, to whom, what lies there, the orders."""
    made = []
    for kind, content in derived.files.items():
        source = reader.of_bytes(f"{kind}.csv", content)
        _, suggested = run.inspect(source, target(kind))
        made.append(Step(kind, source, online_retail.ORDER_MAPPING if kind == "orders" else suggested))
    return made


async def take(database: Database, scope: Scope, step: Step, *, locale: str, progress: errands.Progress) -> Taken:
    """Import one derived file, from where an earlier attempt stopped; one that is through is not done again.

    Orders are: they find themselves unchanged, and tell once more what is not to be had.
    """
    digest = await asyncio.to_thread(reader.file_hash, step.source)
    async with database.read(scope) as tx:
        begun = await queries.unfinished_run(tx, kind=step.kind, file_hash=digest)
        done = await queries.completed_run(tx, kind=step.kind, file_hash=digest) if begun is None else None
    if done is not None and step.kind != "orders":
        return Taken(done, was_done_before=True)
    if begun is None or begun.mapping != step.mapping:
        begun = await database.write(
            scope,
            lambda tx: service.create_run(
                tx, kind=step.kind, file_name=step.source.name, file_hash=digest, mapping=step.mapping
            ),
        )
    through = await run.run(
        database,
        scope,
        begun=begun,
        source=step.source,
        target=target(step.kind),
        locale=locale,
        progress=progress,
    )
    return Taken(through, was_done_before=False)


async def tried(
    database: Database, scope: Scope, derive: Callable[[str], Derived], *, locale: str, progress: errands.Progress
) -> dict[str, Trial]:
    """Try all steps, each upon what the ones before would have stored; nothing is. Returns the trials by kind.

    `derive` reads the file, given the code of the location where its goods are put.
    """
    trials: dict[str, Trial] = {}
    async with database.read(scope) as tx:
        location = await _present_location(tx)
    derived = await asyncio.to_thread(derive, location or MAIN.code)  # takes seconds, which no transaction waits for
    async with run.rolled_back(database, scope) as tx:
        await _location_code(tx)
        for step in steps(derived):
            trials[step.kind] = await run.tried(
                tx,
                source=step.source,
                target=target(step.kind),
                chosen=step.mapping,
                locale=locale,
                rows_max=TRIED_ROWS_MAX,
                progress=progress,
            )
    return trials


async def accounted(database: Database, scope: Scope, derived: Derived, done: ImportRun) -> Parity:
    """Return where everything in the file went, by what is stored now; `done` is the run of its orders."""
    documents = {line.invoice for line in derived.lines}
    cancellations = {document for document in documents if document.startswith(CANCEL_PREFIX)}
    async with database.read(scope) as tx:
        stored = await orders.external_totals(tx, channel=CHANNEL_IMPORT, external_ids=documents - cancellations)
        applied = await queries.applied_cancellations(tx, external_ids=cancellations)
        reported: dict[int, str] = {}
        async for found in queries.row_error_pages(tx, import_id=done.import_id):
            for error in found:
                reported.setdefault(error.row, error.code)
    rows = [(document, place) for document, of in applied.items() for place in of.places]
    return parity(derived.lines, stored, rows, list(reported.items()))
