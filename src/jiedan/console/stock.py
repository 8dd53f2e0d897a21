"""Stock by SKU: what is there, promised, waited for and on its way; and all of it for one SKU."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get

from jiedan.accounts import queries as accounts
from jiedan.base import paging
from jiedan.base.db import ReadTx
from jiedan.base.events import Actor
from jiedan.base.web import pages
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.catalog.rules import variants
from jiedan.catalog.values import Product, Sku, SkuId, SkuRow
from jiedan.inventory import queries
from jiedan.inventory.values import Location, MovementRow, Reservation, StockRow, StockTotals, signs
from jiedan.orders import queries as orders
from jiedan.orders.queries import OrderOfLine, WaitingLine

ROWS = 50
PLACES_MAX = 200
HELD_MAX = 30
WAITING_MAX = 20
MOVEMENTS = 15
NOTHING = StockTotals(0, 0, 0, 0, 0, 0, 0)


class ShownSku(NamedTuple):
    """A SKU in the list; `totals` None for what has no stock: services and kits."""

    sku: SkuRow
    totals: StockTotals | None
    waiting: int


class SkuStock(NamedTuple):
    """Everything about the stock of one SKU; lists of orders are None where the reader may not see orders."""

    product: Product
    sku: Sku
    name: str
    totals: StockTotals
    places: list[StockRow]
    elsewhere: list[Location]
    """Locations that never had any of it."""
    held: list[tuple[Reservation, OrderOfLine | None]]
    waiting: list[WaitingLine] | None
    units_waiting: int
    movements: list[MovementRow]
    actors: Mapping[Actor, str]


@get("/stock", permission="inventory:read")
async def stock_page(unit: Unit) -> Response[str]:
    """Show the counters of each SKU over all locations. Seven statements at most."""
    text = unit.request.query_params.get("q", "").strip()
    cursor = unit.request.query_params.get("cursor") or None
    request = unit.page("console-stock", filters={"q": text}, limit=ROWS, cursor=cursor)
    async with unit.read() as tx:
        matches = await catalog.matching_skus(tx, text=text) if text else None
        page = await catalog.sku_rows(tx, request=request, among=matches.sku_ids if matches else None)
        shown = await _shown(tx, unit, page.items)
    return pages.render(
        unit,
        "console/stock.html",
        page=paging.Page(shown, page.next, page.previous),
        text=text,
        is_capped=matches is not None and matches.is_capped,
        tabs=signs.STOCK_TABS,
    )


async def _shown(tx: ReadTx, unit: Unit, rows: Sequence[SkuRow]) -> list[ShownSku]:
    ids = [row.sku_id for row in rows]
    if unit.may("orders:read"):
        totals, waiting = await tx.load(queries.stock_totals(ids), orders.waiting_units(ids))
    else:
        totals, waiting = await tx.load_one(queries.stock_totals(ids)), {}
    return [
        ShownSku(
            row,
            totals.get(row.sku_id, NOTHING) if row.kind == "goods" else None,
            waiting.get(row.sku_id, 0),
        )
        for row in rows
    ]


@get("/stock/skus/{sku_id:uuid}", permission="inventory:read")
async def sku_page(unit: Unit, sku_id: UUID) -> Response[str]:
    """Show the stock of one SKU: where it is, who has claimed it, who waits for it, what moved it."""
    async with unit.read() as tx:
        stock = await _stock_of(tx, unit, sku_id)
    return pages.render(
        unit,
        "console/stock_sku.html",
        stock=stock,
        signs=signs,
        names={place.location_id: place.code for place in stock.elsewhere}
        | {row.location_id: row.location for row in stock.places},
        held_max=HELD_MAX,
        waiting_max=WAITING_MAX,
    )


async def _stock_of(tx: ReadTx, unit: Unit, sku_id: UUID) -> SkuStock:
    product, sku = await catalog.product_of_sku(tx, sku_id=sku_id)
    key = SkuId(sku_id)
    totals, held, locations = await tx.load(
        queries.stock_totals([key]), queries.reservations_of_sku(key, limit=HELD_MAX), queries.locations()
    )
    of_sku = unit.page("console-stock-places", filters={"sku": sku.code}, limit=PLACES_MAX)
    places = (await queries.stock_rows(tx, request=of_sku, sku_ids=[key])).items
    latest = unit.page("console-stock-moves", filters={"sku": sku.code}, limit=MOVEMENTS)
    movements = (await queries.movements(tx, request=latest, sku_id=key)).items
    waiting, units, by_line = await _wanted(tx, unit, key, held)
    actors = {Actor(row.movement.actor_kind, row.movement.actor_id) for row in movements}
    known = {row.location_id for row in places}
    return SkuStock(
        product,
        sku,
        variants.sku_name(product.name, sku.option_values),
        totals.get(key, NOTHING),
        places,
        [place for place in locations if place.is_active and place.location_id not in known],
        [(one, by_line.get(one.owner.id)) for one in held],
        waiting,
        units,
        movements,
        await tx.load_one(accounts.actor_names(actors)) if actors else {},
    )


async def _wanted(
    tx: ReadTx, unit: Unit, sku_id: SkuId, held: Sequence[Reservation]
) -> tuple[list[WaitingLine] | None, int, Mapping[UUID, OrderOfLine]]:
    """Return who waits for a SKU, for how many units, and the orders of who holds it."""
    if not unit.may("orders:read"):
        return None, 0, {}
    lines = [one.owner.id for one in held if one.owner.kind == "order_line"]
    waiting, units, by_line = await tx.load(
        orders.lines_waiting_for(sku_id, limit=WAITING_MAX),
        orders.waiting_units([sku_id]),
        orders.orders_of_lines(lines),
    )
    return waiting, units.get(sku_id, 0), by_line


HANDLERS: tuple[Any, ...] = (stock_page, sku_page)
