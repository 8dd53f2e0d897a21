"""Lists of products and SKUs: keyset pages, newest first."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from jiedan.base import paging
from jiedan.base.db import ReadTx
from jiedan.catalog import tables as t
from jiedan.catalog.rules import variants
from jiedan.catalog.values import (
    ANY_QUANTITY,
    OrderQuantity,
    Price,
    ProductId,
    ProductRow,
    ProductStatus,
    SkuId,
    SkuKind,
    SkuRow,
)

PRODUCTS = paging.Keyset(columns=(t.Product.product_id,))
SKUS = paging.Keyset(columns=(t.Sku.sku_id,))


class Wanted(NamedTuple):
    """What a list of products is limited to."""

    status: ProductStatus | None = None
    kind: SkuKind | None = None
    category_ids: Collection[UUID] | None = None
    among: Collection[UUID] | None = None


async def product_rows(
    tx: ReadTx,
    *,
    request: paging.Request,
    status: ProductStatus | None = None,
    kind: SkuKind | None = None,
    category_ids: Collection[UUID] | None = None,
    among: Collection[UUID] | None = None,
) -> paging.Page[ProductRow]:
    """Return a page of products; `among` limits it to what a search found. Two statements."""
    statement: Any = _fitting(
        tx,
        sa.select(t.Product, t.Category.code.label("category_code")).outerjoin(
            t.Category,
            sa.and_(t.Category.tenant_id == t.Product.tenant_id, t.Category.category_id == t.Product.category_id),
        ),
        Wanted(status, kind, category_ids, among),
    )
    rows = (await tx.execute(PRODUCTS.apply(statement, request))).all()
    counts = await _sku_counts(tx, [row.product_id for row in rows])
    return PRODUCTS.page(
        rows,
        request,
        make=lambda row: ProductRow(
            ProductId(row.product_id),
            row.code,
            row.name,
            SkuKind(row.kind),
            ProductStatus(row.status),
            row.category_code,
            counts.get(row.product_id, 0),
            row.version,
            row.updated_at,
        ),
        position=lambda row: (row.product_id,),
    )


async def product_count(
    tx: ReadTx,
    *,
    status: ProductStatus | None = None,
    kind: SkuKind | None = None,
    category_ids: Collection[UUID] | None = None,
    among: Collection[UUID] | None = None,
) -> paging.Count:
    """Count the products that `product_rows` lists, up to a limit. One statement."""
    wanted = Wanted(status, kind, category_ids, among)
    return await paging.count(tx, _fitting(tx, sa.select(t.Product.product_id), wanted))


def _fitting(tx: ReadTx, statement: Any, wanted: Wanted) -> Any:
    statement = statement.where(t.Product.tenant_id == tx.tenant)
    if wanted.status is not None:
        statement = statement.where(t.Product.status == wanted.status)
    if wanted.kind is not None:
        statement = statement.where(t.Product.kind == wanted.kind)
    if wanted.category_ids is not None:
        statement = statement.where(t.Product.category_id == sa.any_(_uuids(wanted.category_ids)))
    if wanted.among is not None:
        statement = statement.where(t.Product.product_id == sa.any_(_uuids(wanted.among)))
    return statement


async def sku_rows(
    tx: ReadTx,
    *,
    request: paging.Request,
    is_active: bool | None = None,
    among: Collection[UUID] | None = None,
) -> paging.Page[SkuRow]:
    """Return a page of SKUs; one counts as active when its product and the parts of a kit are, too. Two statements."""
    statement: Any = (
        sa.select(t.Sku, t.Product.name, t.Product.kind, t.SkuBarcode.barcode)
        .join(t.Product, sa.and_(t.Product.tenant_id == t.Sku.tenant_id, t.Product.product_id == t.Sku.product_id))
        .outerjoin(
            t.SkuBarcode,
            sa.and_(
                t.SkuBarcode.tenant_id == t.Sku.tenant_id, t.SkuBarcode.sku_id == t.Sku.sku_id, t.SkuBarcode.is_main
            ),
        )
        .where(t.Sku.tenant_id == tx.tenant)
    )
    if is_active is not None:
        statement = statement.where(t.Sku.may_be_sold if is_active else sa.not_(t.Sku.may_be_sold))
    if among is not None:
        statement = statement.where(t.Sku.sku_id == sa.any_(_uuids(among)))
    rows = (await tx.execute(SKUS.apply(statement, request))).all()
    prices = await _first_prices(tx, [row.sku_id for row in rows])
    return SKUS.page(rows, request, make=lambda row: _sku_row(row, prices[row.sku_id]), position=_sku_position)


def _sku_row(row: Any, prices: list[Price]) -> SkuRow:
    quantities = OrderQuantity(row.order_minimum, row.order_maximum, row.order_step, row.order_pack)
    return SkuRow(
        SkuId(row.sku_id),
        row.code,
        ProductId(row.product_id),
        variants.sku_name(row.name, row.option_values),
        SkuKind(row.kind),
        row.may_be_sold,
        row.barcode,
        tuple(prices),
        None if quantities == ANY_QUANTITY else quantities,
    )


def _sku_position(row: Any) -> paging.Position:
    return (row.sku_id,)


async def _sku_counts(tx: ReadTx, product_ids: Collection[UUID]) -> dict[UUID, int]:
    statement = (
        sa.select(t.Sku.product_id, sa.func.count().label("skus"))
        .where(t.Sku.tenant_id == tx.tenant, t.Sku.product_id == sa.any_(_uuids(product_ids)))
        .group_by(t.Sku.product_id)
    )
    return {row.product_id: row.skus for row in await tx.execute(statement)}


async def _first_prices(tx: ReadTx, sku_ids: Collection[UUID]) -> dict[UUID, list[Price]]:
    """Return the price of the smallest quantity in each currency, by SKU."""
    statement = (
        sa.select(t.SkuPrice.sku_id, t.SkuPrice.currency, t.SkuPrice.unit_minor, t.SkuPrice.min_quantity)
        .ext(pg.distinct_on(t.SkuPrice.sku_id, t.SkuPrice.currency))
        .where(t.SkuPrice.tenant_id == tx.tenant, t.SkuPrice.sku_id == sa.any_(_uuids(sku_ids)))
        .order_by(t.SkuPrice.sku_id, t.SkuPrice.currency, t.SkuPrice.min_quantity)
    )
    prices: dict[UUID, list[Price]] = defaultdict(list)
    for row in await tx.execute(statement):
        prices[row.sku_id].append(Price(row.currency, row.unit_minor, row.min_quantity))
    return prices


def _uuids(ids: Collection[UUID]) -> sa.BindParameter[Any]:
    return sa.bindparam(None, sorted(ids), type_=sa.ARRAY(sa.UUID(as_uuid=True)))
