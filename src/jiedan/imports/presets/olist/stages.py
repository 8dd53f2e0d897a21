"""The stages of an import, each a run of its own: sets in their order, each in a transaction with its position.

Killed anywhere, the same command goes on behind the last set that was stored; a stage that is through is not done
again. Stages that do not stand on each other go side by side, so that one set is decided while the database writes
another; so do orders, on three lanes: with two both waited for the database at once a quarter of the time.
"""

import asyncio
import functools
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from jiedan.accounts import queries as accounts
from jiedan.base import numbers
from jiedan.base.db import Database, Scope, Tx
from jiedan.base.errors import Refusal
from jiedan.base.i18n import Series
from jiedan.catalog import queries as catalog_queries
from jiedan.catalog import service as catalog
from jiedan.catalog.values import Refused
from jiedan.customers import service as customers
from jiedan.imports import queries, service
from jiedan.imports.presets.olist import files, goods, placing
from jiedan.imports.presets.olist.files import Olist, Progress, Told
from jiedan.imports.presets.olist.lives import life
from jiedan.imports.values import MARKETPLACE, Counts, ImportRun
from jiedan.inventory import queries as inventory_queries
from jiedan.inventory import service as inventory
from jiedan.inventory.values import LocationId, Receipt
from jiedan.orders import errors as order_errors
from jiedan.orders.values import NUMBER_SERIES
from jiedan.sourcing import service as sourcing

LANES = 3
ORDERS_PER_SET = 200
ROWS_PER_SET = 500
PRODUCTS_PER_SET = 200

T = TypeVar("T")

_LEASES = numbers.NumberLeases()


class Stage(NamedTuple, Generic[T]):
    """Items that are stored set by set. `ready` is asked for something before each transaction."""

    name: str
    items: Sequence[T]
    size: int
    save: Callable[[Tx, Sequence[T], Any], Awaitable[Counts]]
    ready: Callable[[Sequence[T]], Awaitable[Any]] | None = None


class Group(NamedTuple):
    """Stages that do not stand on each other: they are taken side by side."""

    name: str
    stages: Sequence[Stage[Any]]

    @property
    def size(self) -> int:
        """How many items all of them have."""
        return sum(len(stage.items) for stage in self.stages)


async def check_currency(database: Database, scope: Scope) -> None:
    """Raise CurrencyNotAccepted when the merchant does not sell in the currency of the set."""
    async with database.read(scope) as tx:
        settings = await tx.load_one(accounts.settings())
    if files.CURRENCY not in settings.currencies:
        raise order_errors.CurrencyNotAccepted(files.CURRENCY, Series(settings.currencies))


def digest(folder: Path) -> str:
    """Return what tells this set from another one: the SHA-256 of its files. Raises FileMissing."""
    found = hashlib.sha256()
    for name in files.FILES:
        with files.path(folder, name).open("rb") as file:
            found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()


def preparations(olist: Olist) -> list[Group]:
    """Return what comes before the orders, each group standing on the ones before."""
    names = goods.categories(olist)
    sellers = [goods.location(*pair, olist.coordinates) for pair in sorted(olist.sellers.items())]
    products = [olist.products[key] for key in sorted(olist.products)]
    openings = goods.openings(olist)
    return [
        Group(
            "sellers",
            [
                Stage("categories", sorted(names.items()), ROWS_PER_SET, _save_categories),
                Stage("sellers", sellers, len(sellers) or 1, _save_sellers),
            ],
        ),
        Group(
            "goods",
            [
                Stage("products", products, PRODUCTS_PER_SET, functools.partial(_save_products, names=names)),
                Stage("people", goods.people(olist), ROWS_PER_SET, _save_people),
                Stage("places", goods.areas(olist), ROWS_PER_SET, _save_areas),
            ],
        ),
        Group(
            "openings",
            [
                Stage(f"openings-{lane + 1}", openings[lane::LANES], ROWS_PER_SET, _save_openings)
                for lane in range(LANES)
            ],
        ),
    ]


async def lanes(database: Database, scope: Scope, olist: Olist) -> Group:
    """Return the stages of the orders; `preparations` are through."""
    async with database.read(scope) as tx:
        places = {x.code: x.location_id for x in await tx.load_one(inventory_queries.locations())}
    people = {customer_id: customer.person for customer_id, customer in olist.customers.items()}

    async def ready(told: Sequence[Told]) -> list[int]:
        return await _LEASES.take(database, scope.tenant, NUMBER_SERIES, len(told))

    save = functools.partial(_save_orders, olist=olist, people=people, places=places)
    return Group(
        "orders",
        [Stage(f"orders-{lane + 1}", olist.orders[lane::LANES], ORDERS_PER_SET, save, ready) for lane in range(LANES)],
    )


async def take(
    database: Database, scope: Scope, stage: Stage[Any], *, digest: str, file_name: str, progress: Progress
) -> ImportRun:
    """Store a stage from where an earlier attempt stopped; one that is through is not done again.

    `progress` is called with the number of items after each set. Raises what the doors refuse: the sets before stay.
    """
    kind = f"{MARKETPLACE}{stage.name}"
    async with database.read(scope) as tx:
        begun = await queries.unfinished_run(tx, kind=kind, file_hash=digest)
        done = await queries.completed_run(tx, kind=kind, file_hash=digest) if begun is None else None
    if done is not None:
        progress(len(stage.items))
        return done
    if begun is None:
        begun = await database.write(
            scope,
            lambda tx: service.create_run(tx, kind=kind, file_name=file_name, file_hash=digest, mapping={}),
        )
    import_id = begun.import_id
    at = await database.write(scope, lambda tx: service.start_run(tx, import_id=import_id, file_hash=digest))
    progress(at.position - 1)
    for start in range(at.position - 1, len(stage.items), stage.size):
        items = stage.items[start : start + stage.size]
        ready = await stage.ready(items) if stage.ready is not None else None
        at = await database.write(scope, functools.partial(_save_set, at=at, stage=stage, items=items, ready=ready))
        progress(len(items))
    return await database.write(scope, lambda tx: service.complete_run(tx, run=at))


async def take_side_by_side(
    database: Database, scope: Scope, group: Group, *, digest: str, file_name: str, progress: Progress
) -> list[ImportRun]:
    """Store the stages of a group; the first refusal ends them all."""
    try:
        async with asyncio.TaskGroup() as running:
            tasks = [
                running.create_task(take(database, scope, stage, digest=digest, file_name=file_name, progress=progress))
                for stage in group.stages
            ]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed
    return [task.result() for task in tasks]


async def _save_set(tx: Tx, *, at: ImportRun, stage: Stage[Any], items: Sequence[Any], ready: Any) -> ImportRun:
    locked = await service.lock_run(tx, import_id=at.import_id, position=at.position)
    counts = await stage.save(tx, items, ready)
    return await service.record_chunk(tx, run=locked, position=at.position + len(items), counts=counts, row_errors=())


async def _save_categories(tx: Tx, items: Sequence[tuple[str, str]], _: None) -> Counts:
    present = {found.code for found in await catalog_queries.categories(tx)}
    fresh = [(code, name) for code, name in items if code not in present]
    for code, name in fresh:
        await catalog.create_category(tx, code=code, name=name)
    return _counted(len(items), created=len(fresh))


async def _save_products(tx: Tx, items: Sequence[files.Product], _: None, *, names: Mapping[str, str]) -> Counts:
    saved = await catalog.upsert_products(tx, products=[goods.product(found, names) for found in items])
    for outcome in saved:
        if isinstance(outcome, Refused):
            raise outcome.reasons[0]
    return _counted(len(items), created=sum(getattr(x, "outcome", "") == "created" for x in saved))


async def _save_sellers(tx: Tx, items: Sequence[Any], _: None) -> Counts:
    present = {found.code for found in await tx.load_one(inventory_queries.locations())}
    fresh = [wish for wish in items if wish.code not in present]
    _check(await inventory.create_locations(tx, locations=fresh))
    return _counted(len(items), created=len(fresh))


async def _save_areas(tx: Tx, items: Sequence[sourcing.PostalAreaRow], _: None) -> Counts:
    _check(await sourcing.upsert_postal_areas(tx, rows=items))
    return _counted(len(items), created=len(items))


async def _save_people(tx: Tx, items: Sequence[str], _: None) -> Counts:
    saved = await customers.upsert_customers(
        tx, customers=[goods.person(person_id) for person_id in items], country=files.COUNTRY
    )
    _check(saved)
    return _counted(len(items), created=sum(getattr(x, "is_new", False) for x in saved))


async def _save_openings(tx: Tx, items: Sequence[goods.Opening], _: None) -> Counts:
    skus, locations = await tx.load(
        catalog_queries.sellable_skus({x.product_id for x in items}), inventory_queries.locations()
    )
    places = {x.code: x.location_id for x in locations}
    receipts = [
        Receipt(
            skus[x.product_id].sku_id,
            places[x.seller_id],
            x.quantity,
            f"opening_balance/{skus[x.product_id].sku_id}/{places[x.seller_id]}",
            reason="opening_balance",
        )
        for x in items
    ]
    moved = await inventory.receive_many(tx, receipts=receipts)
    _check(moved)
    return _counted(len(items), created=sum(not getattr(x, "repeated", True) for x in moved))


async def _save_orders(
    tx: Tx,
    items: Sequence[Told],
    leased: Sequence[int],
    *,
    olist: Olist,
    people: Mapping[str, str],
    places: Mapping[str, LocationId],
) -> Counts:
    lives = [life(told, olist) for told in items]
    return await placing.save(tx, lives, people=people, places=places, numbers=leased)


def _counted(read: int, *, created: int) -> Counts:
    return Counts(read=read, created=created, unchanged=read - created)


def _check(outcomes: Sequence[Any]) -> None:
    """Raise the first refusal."""
    for outcome in outcomes:
        if isinstance(outcome, Refusal):
            raise outcome
