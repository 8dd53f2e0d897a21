"""Products whole, with everything people see and edit."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from jiedan.base import sql
from jiedan.base.db import ReadTx
from jiedan.catalog import errors
from jiedan.catalog.rules import barcodes
from jiedan.catalog.values import (
    KitPart,
    Option,
    Price,
    Product,
    ProductId,
    ProductStatus,
    Sku,
    SkuId,
    SkuKind,
)

SQL = sql.load("jiedan.catalog.queries", "products.sql")

_WHOLE = ("products", "options", "skus", "prices", "parts")


async def products_by_id(tx: ReadTx, *, product_ids: Collection[UUID]) -> dict[ProductId, Product]:
    """Return products whole, by id; unknown ids are absent. Five statements in one pipeline."""
    parameters = {"product_ids": sorted(product_ids)}
    products, options, skus, prices, parts = await tx.sql_many([(SQL[name], parameters) for name in _WHOLE])
    prices_by_sku: dict[UUID, list[Price]] = defaultdict(list)
    for sku_id, currency, unit_minor, min_quantity in prices:
        prices_by_sku[sku_id].append(Price(currency, unit_minor, min_quantity))
    parts_by_sku: dict[UUID, list[KitPart]] = defaultdict(list)
    for sku_id, code, quantity in parts:
        parts_by_sku[sku_id].append(KitPart(code, quantity))
    options_by_product: dict[UUID, list[Option]] = defaultdict(list)
    for product_id, name, choices in options:
        options_by_product[product_id].append(Option(name, tuple(choices)))
    skus_by_product: dict[UUID, list[Sku]] = defaultdict(list)
    for row in skus:
        skus_by_product[row[0]].append(_sku(row, tuple(prices_by_sku[row[1]]), tuple(parts_by_sku[row[1]])))
    return {
        ProductId(row[0]): _product(row, tuple(options_by_product[row[0]]), tuple(skus_by_product[row[0]]))
        for row in products
    }


async def product(tx: ReadTx, *, product_id: UUID) -> Product:
    """Return one product whole. Raises ProductNotFound."""
    found = await products_by_id(tx, product_ids=[product_id])
    if not found:
        raise errors.ProductNotFound(str(product_id))
    return found[ProductId(product_id)]


async def product_of_sku(tx: ReadTx, *, sku_id: UUID) -> tuple[Product, Sku]:
    """Return a SKU and its product whole. Raises SkuNotFound."""
    rows = await tx.sql(SQL["product_of_sku"], sku_id=sku_id)
    if not rows:
        raise errors.SkuNotFound(str(sku_id))
    whole = await product(tx, product_id=rows[0][0])
    return whole, next(sku for sku in whole.skus if sku.sku_id == sku_id)


async def sku_by_barcode(tx: ReadTx, *, barcode: str) -> tuple[Product, Sku]:
    """Return the SKU with a barcode, in whatever length the scanner gives it, and its product. Raises SkuNotFound."""
    canonical = barcodes.canonical_barcode(barcode)
    rows = await tx.sql(SQL["sku_by_barcode"], barcode=canonical) if canonical else []
    if not rows:
        raise errors.SkuNotFound(barcode, field="barcode")
    whole = await product(tx, product_id=rows[0][0])
    return whole, next(sku for sku in whole.skus if sku.sku_id == rows[0][1])


def _product(row: tuple[Any, ...], options: tuple[Option, ...], skus: tuple[Sku, ...]) -> Product:
    product_id, code, name, description, kind, status, category, tax_class, version = row
    return Product(
        product_id=ProductId(product_id),
        code=code,
        name=name,
        description=description,
        kind=SkuKind(kind),
        status=ProductStatus(status),
        category=category,
        tax_class=tax_class,
        options=options,
        skus=skus,
        version=version,
    )


def _sku(row: tuple[Any, ...], prices: tuple[Price, ...], parts: tuple[KitPart, ...]) -> Sku:
    _, sku_id, code, option_values, barcode, weight_g, length_mm, width_mm, height_mm, is_active, position, version = (
        row
    )
    return Sku(
        sku_id=SkuId(sku_id),
        code=code,
        option_values=tuple(option_values),
        barcode=barcode,
        weight_g=weight_g,
        length_mm=length_mm,
        width_mm=width_mm,
        height_mm=height_mm,
        is_active=is_active,
        position=position,
        version=version,
        prices=prices,
        parts=parts,
    )
