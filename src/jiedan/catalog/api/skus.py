"""REST of SKUs and their prices."""

from uuid import UUID

import msgspec
from litestar import Response, get, patch, post

from jiedan.base import paging
from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries, service
from jiedan.catalog.api import shapes
from jiedan.catalog.rules import variants
from jiedan.catalog.values import Product, ProductId, ProductStatus, Sku, SkuKind, SkuRow


class SkuView(msgspec.Struct, frozen=True):
    """A SKU with what it takes from its product."""

    sku: Sku
    name: str
    product_id: ProductId
    product_code: str
    kind: SkuKind
    status: ProductStatus
    tax_class: str


class ScannedSkuView(SkuView, frozen=True):
    """A SKU that was found by a barcode, and how many `units` of it that stands for."""

    units: int


@get("/skus", permission="catalog:read", summary="List and search SKUs")
async def list_skus(
    unit: Unit,
    *,
    q: str | None = None,
    active: bool | None = None,
    limit: bodies.Limit = 50,
    cursor: str | None = None,
) -> Response[paging.Listing[SkuRow]]:
    """Return SKUs, newest first; `q` finds by name, pinyin, initials, code or barcode.

    `active` leaves those that may be sold, or may not: itself, its product and every part of a kit decide. A search
    that is too broad says so in `Jiedan-Search-Capped`.
    """
    request = unit.page("skus", filters={"q": q, "active": active}, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        matches = await queries.matching_skus(tx, text=q) if q else None
        page = await queries.sku_rows(tx, request=request, is_active=active, among=matches.sku_ids if matches else None)
    return answers.capped(answers.listing(unit, page), shapes.looked_at(matches))


@get("/skus/{sku_id:uuid}", permission="catalog:read", summary="Get a SKU")
async def get_sku(unit: Unit, sku_id: UUID) -> Response[SkuView]:
    """Return a SKU with its prices and, for a kit, its parts."""
    async with unit.read() as tx:
        product, sku = await queries.product_of_sku(tx, sku_id=sku_id)
    return answers.versioned(_view(product, sku), sku.version)


@get("/barcodes/{barcode:str}", permission="catalog:read", summary="Find a SKU by its barcode")
async def get_sku_by_barcode(unit: Unit, barcode: str) -> Response[ScannedSkuView]:
    """Return the SKU with a barcode and how many units that is; UPC-A, EAN-13 and GTIN-14 of one code are the same."""
    async with unit.read() as tx:
        product, sku, units = await queries.sku_by_barcode(tx, barcode=barcode)
    found = ScannedSkuView(**msgspec.structs.asdict(_view(product, sku)), units=units)
    return answers.versioned(found, sku.version)


@patch("/skus/{sku_id:uuid}", permission="catalog:write", versioned=True, summary="Change a SKU")
async def change_sku(unit: Unit, sku_id: UUID, data: shapes.SkuPatch) -> Response[SkuView]:
    """Change what is sent; with `If-Match` only if nobody changed the SKU meanwhile."""
    changes = shapes.sku_draft(data, code="", expected_version=unit.if_match)
    product, sku = await unit.write(lambda tx: service.edit_sku(tx, sku_id=sku_id, changes=changes))
    return answers.versioned(_view(product, sku), sku.version)


@post("/prices/batch", permission="catalog:write", status_code=200, summary="Set the prices of many SKUs")
async def set_prices(unit: Unit, data: shapes.PricesBody) -> list[shapes.SavedView]:
    """Set prices by SKU code; one outcome each, in order."""
    drafts = [shapes.sku_draft(body) for body in data.skus]
    outcomes = await unit.write(lambda tx: service.price_skus(tx, skus=drafts))
    return shapes.saved_views(outcomes, list_name="skus", locale=unit.locale)


def _view(product: Product, sku: Sku) -> SkuView:
    return SkuView(
        sku,
        variants.sku_name(product.name, sku.option_values),
        product.product_id,
        product.code,
        product.kind,
        product.status,
        product.tax_class,
    )


HANDLERS = (list_skus, get_sku, get_sku_by_barcode, change_sku, set_prices)
