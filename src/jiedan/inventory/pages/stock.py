"""Lists about stock: what lies at one location, what runs low, the ledger of movements."""

from typing import Any, NamedTuple

from litestar import Response, get

from jiedan.accounts import queries as accounts
from jiedan.base import paging
from jiedan.base.db import ReadTx
from jiedan.base.events import Actor
from jiedan.base.web import pages
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries as catalog
from jiedan.catalog.values import SellableSku, SkuId
from jiedan.inventory import queries
from jiedan.inventory.values import Location, MovementRow, StockRow, signs

ROWS = 50


class Named(NamedTuple):
    """Counters with what the SKU is called."""

    row: StockRow
    sku: SellableSku


class Entry(NamedTuple):
    """A movement with what the SKU is called, and who made it."""

    row: MovementRow
    sku: SellableSku
    actor: str


def chosen(unit: Unit, places: tuple[Location, ...]) -> Location | None:
    """Return the location that the address names, if there is one."""
    code = unit.request.query_params.get("location", "")
    return next((place for place in places if place.code == code), None)


@get("/stock/locations", permission="inventory:read")
async def at_location_page(unit: Unit) -> Response[str]:
    """Show what lies at one location; without one, the locations. Seven statements at most."""
    text = unit.request.query_params.get("q", "").strip()
    cursor = unit.request.query_params.get("cursor") or None
    page: paging.Page[Named] | None = None
    async with unit.read() as tx:
        places = await tx.load_one(queries.locations())
        place = chosen(unit, places)
        if place is not None:
            request = unit.page(
                "console-stock-at", filters={"q": text, "location": place.code}, limit=ROWS, cursor=cursor
            )
            among = [SkuId(x) for x in (await catalog.matching_skus(tx, text=text)).sku_ids] if text else None
            rows = await queries.stock_rows(tx, request=request, sku_ids=among, location_id=place.location_id)
            page = await _named(tx, rows)
    return pages.render(
        unit, "inventory/locations.html", page=page, places=places, place=place, text=text, signs=signs, tab="places"
    )


async def _named(tx: ReadTx, page: paging.Page[StockRow]) -> paging.Page[Named]:
    skus = await tx.load_one(catalog.skus_by_id({row.sku_id for row in page.items}))
    return page.each(lambda row: Named(row, skus[row.sku_id]))


@get("/stock/low", permission="inventory:read")
async def low_page(unit: Unit) -> Response[str]:
    """Show what is at or below its threshold, longest low first, with how much to order. Five statements."""
    cursor = unit.request.query_params.get("cursor") or None
    async with unit.read() as tx:
        places = await tx.load_one(queries.locations())
        place = chosen(unit, places)
        code = place.code if place is not None else None
        request = unit.page("console-stock-low", filters={"location": code}, limit=ROWS, cursor=cursor)
        location_id = place.location_id if place is not None else None
        page = await _named(tx, await queries.low_stock(tx, request=request, location_id=location_id))
    return pages.render(unit, "inventory/low.html", page=page, places=places, place=place, signs=signs, tab="low")


@get("/stock/movements", permission="inventory:read")
async def ledger_page(unit: Unit) -> Response[str]:
    """Show the ledger, latest first: of a SKU, of a location, of both, or all. Seven statements."""
    code = unit.request.query_params.get("sku", "").strip()
    cursor = unit.request.query_params.get("cursor") or None
    async with unit.read() as tx:
        known, places = await tx.load(catalog.sellable_skus({code} if code else ()), queries.locations())
        place = chosen(unit, places)
        sku = known.get(code)
        filters = {"sku": code or None, "location": place.code if place is not None else None}
        request = unit.page("console-movements", filters=filters, limit=ROWS, cursor=cursor)
        page: paging.Page[MovementRow] = paging.Page([], None, None)
        if sku is not None or not code:
            page = await queries.movements(
                tx,
                request=request,
                sku_id=sku.sku_id if sku is not None else None,
                location_id=place.location_id if place is not None else None,
            )
        entries = await _entries(tx, page.items)
    return pages.render(
        unit,
        "inventory/ledger.html",
        page=paging.Page(entries, page.next, page.previous),
        places=places,
        place=place,
        code=code,
        sku=sku,
        signs=signs,
        tab="ledger",
    )


async def _entries(tx: ReadTx, rows: list[MovementRow]) -> list[Entry]:
    actors = {Actor(row.movement.actor_kind, row.movement.actor_id) for row in rows}
    skus, names = await tx.load(catalog.skus_by_id({row.movement.sku_id for row in rows}), accounts.actor_names(actors))
    return [
        Entry(row, skus[row.movement.sku_id], names[Actor(row.movement.actor_kind, row.movement.actor_id)])
        for row in rows
    ]


HANDLERS: tuple[Any, ...] = (at_location_page, low_page, ledger_page)
