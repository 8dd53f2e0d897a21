"""REST of products."""

from uuid import UUID

from litestar import Response, get, patch, post

from jiedan.base import once, paging
from jiedan.base.db import Tx
from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.catalog import queries, service
from jiedan.catalog.api import shapes
from jiedan.catalog.rules import tree
from jiedan.catalog.values import Product, ProductRow, ProductStatus, SkuKind

OPERATION = "catalog.create_product"


@get("/products", permission="catalog:read", summary="List and search products")
async def list_products(
    unit: Unit,
    *,
    q: str | None = None,
    status: ProductStatus | None = None,
    kind: SkuKind | None = None,
    category: str | None = None,
    limit: bodies.Limit = 50,
    cursor: str | None = None,
) -> Response[paging.Listing[ProductRow]]:
    """Return products, newest first; `q` finds by name, pinyin, initials, code or barcode, `category` by its code.

    A category counts with everything below it. A search that is too broad says so in `Jiedan-Search-Capped`.
    """
    filters = {"q": q, "status": status, "kind": kind, "category": category}
    request = unit.page("products", filters=filters, limit=limit, cursor=cursor)
    async with unit.read() as tx:
        matches = await queries.matching_skus(tx, text=q) if q else None
        inside = tree.inside(category, await queries.categories(tx)) if category else None
        page = await queries.product_rows(
            tx,
            request=request,
            status=status,
            kind=kind,
            category_ids=inside,
            among=matches.product_ids if matches else None,
        )
    return answers.capped(answers.listing(unit, page), shapes.looked_at(matches))


@get("/products/{product_id:uuid}", permission="catalog:read", summary="Get a product")
async def get_product(unit: Unit, product_id: UUID) -> Response[Product]:
    """Return a product whole: options, SKUs, prices, parts of kits."""
    async with unit.read() as tx:
        product = await queries.product(tx, product_id=product_id)
    return answers.versioned(product, product.version)


@post("/products", permission="catalog:write", idempotent=True, summary="Create a product")
async def create_product(unit: Unit, data: shapes.ProductBody) -> Response[Product]:
    """Create a product with its SKUs; without SKUs, one for each variant that its options span."""
    draft = shapes.product_draft(data, must="create")
    key = unit.idempotency_key

    async def work(tx: Tx) -> UUID:
        async def make() -> UUID:
            return (await service.save_product(tx, product=draft)).product_id

        return await once.created(tx, operation=OPERATION, key=key, body=data, make=make)

    product_id = await unit.write(work)
    async with unit.read() as tx:
        product = await queries.product(tx, product_id=product_id)
    return answers.created(product, f"/api/v1/products/{product_id}", version=product.version)


@post("/products/batch", permission="catalog:write", status_code=200, summary="Create or update many products")
async def upsert_products(unit: Unit, data: shapes.ProductsBody) -> list[shapes.SavedView]:
    """Save many products by code; one outcome each, in order. Sending the same again changes nothing."""
    drafts = [shapes.product_draft(body) for body in data.products]
    outcomes = await unit.write(lambda tx: service.upsert_products(tx, products=drafts))
    return shapes.saved_views(outcomes, list_name="products", locale=unit.locale)


@patch("/products/{product_id:uuid}", permission="catalog:write", versioned=True, summary="Change a product")
async def change_product(unit: Unit, product_id: UUID, data: shapes.ProductPatch) -> Response[Product]:
    """Change what is sent; with `If-Match` only if nobody changed the product meanwhile."""

    async def work(tx: Tx) -> Product:
        present = await queries.product(tx, product_id=product_id)
        draft = shapes.product_draft(data, code=present.code, must="update", expected_version=unit.if_match)
        await service.save_product(tx, product=draft)
        return await queries.product(tx, product_id=product_id)

    product = await unit.write(work)
    return answers.versioned(product, product.version)


@post(
    "/products/{product_id:uuid}/variants",
    permission="catalog:write",
    versioned=True,
    status_code=200,
    summary="Generate the missing variants of a product",
)
async def generate_variants(unit: Unit, product_id: UUID) -> Response[Product]:
    """Add a SKU for each variant that the options span and no SKU is yet; they have no price until one is set."""

    async def work(tx: Tx) -> Product:
        await service.generate_variants(tx, product_id=product_id, expected_version=unit.if_match)
        return await queries.product(tx, product_id=product_id)

    product = await unit.write(work)
    return answers.versioned(product, product.version)


HANDLERS = (list_products, get_product, create_product, upsert_products, change_product, generate_variants)
