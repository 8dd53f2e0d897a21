"""The list of products: with a picture, a price and, for who may see it, stock."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from litestar import Response, get

from jiedan.base import paging
from jiedan.base.db import ReadTx
from jiedan.base.web import pages
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries
from jiedan.catalog.rules import sources, tree
from jiedan.catalog.values import (
    KIND_LABELS,
    STATUS_SIGNS,
    Category,
    ProductId,
    ProductRow,
    ProductStatus,
    SkuKind,
    Source,
)
from jiedan.inventory import queries as stock
from jiedan.inventory.values import StockTotals

ROWS = 50


class Asked(NamedTuple):
    """What the address asks for; what is no status, kind or category there is not filtered by."""

    text: str
    status: ProductStatus | None
    kind: SkuKind | None
    category: str

    def filters(self) -> Mapping[str, object]:
        """Return what cursors of the list are good for."""
        return {"q": self.text, "status": self.status, "kind": self.kind, "category": self.category}


class ShownProduct(NamedTuple):
    """A product in the list; `totals` None where it has no stock, or the reader may not see it."""

    row: ProductRow
    image: Source | None
    price: queries.PriceRange | None
    totals: StockTotals | None


class Listed(NamedTuple):
    """Everything the list shows."""

    page: paging.Page[ShownProduct]
    number: paging.Count
    categories: list[Category]
    is_capped: bool


@get("/products", permission="catalog:read")
async def products_page(unit: Unit) -> Response[str]:
    """Show the products that fit, newest first. Nine statements at most."""
    asked = _asked(unit)
    async with unit.read() as tx:
        listed = await _listed(tx, unit, asked)
    return pages.render(
        unit,
        "console/products.html",
        listed=listed,
        asked=asked,
        signs=STATUS_SIGNS,
        kinds=KIND_LABELS,
        currency=unit.principal.currency,
        category_names={category.code: category.name for category in listed.categories},
    )


def _asked(unit: Unit) -> Asked:
    given = unit.request.query_params
    status = next((x for x in ProductStatus if x == given.get("status")), None)
    kind = next((x for x in SkuKind if x == given.get("kind")), None)
    return Asked(given.get("q", "").strip(), status, kind, given.get("category", ""))


async def _listed(tx: ReadTx, unit: Unit, asked: Asked) -> Listed:
    categories = await queries.categories(tx)
    known = asked.category in {category.code for category in categories}
    inside = tree.inside(asked.category, categories) if known else None
    matches = await queries.matching_skus(tx, text=asked.text) if asked.text else None
    among = matches.product_ids if matches else None
    cursor = unit.request.query_params.get("cursor") or None
    request = unit.page("console-products", filters=asked.filters(), limit=ROWS, cursor=cursor)
    page = await queries.product_rows(
        tx, request=request, status=asked.status, kind=asked.kind, category_ids=inside, among=among
    )
    number = await queries.product_count(tx, status=asked.status, kind=asked.kind, category_ids=inside, among=among)
    ids = [row.product_id for row in page.items]
    first = await queries.first_images(tx, product_ids=ids)
    pictures = {key: sources.source(image, f"/api/v1/images/{image.image_id}") for key, image in first.items()}
    prices = await tx.load_one(queries.price_ranges(ids, currency=unit.principal.currency))
    totals: dict[ProductId, StockTotals] = {}
    if unit.may("inventory:read"):
        totals = await tx.load_one(stock.product_totals(ids))
    shown = [
        ShownProduct(row, pictures.get(x), prices.get(x), totals.get(x)) for x, row in zip(ids, page.items, strict=True)
    ]
    is_capped = matches is not None and matches.is_capped
    return Listed(paging.Page(shown, page.next, page.previous), number, categories, is_capped)


HANDLERS: tuple[Any, ...] = (products_page,)
